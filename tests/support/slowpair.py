# SPDX-License-Identifier: Apache-2.0
"""Two real nodes with a slow line between them, bulk in both directions, and alerts that are timed."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import slownode
from realnet import RealNode, found_network, until
from realofficer import RealOfficer
from slowline import Door, SlowLine, Terms

from fanal.v1.notice_pb2 import Urgency

A, B = "AZ-CUS", "GE-CUS"
TEXT = "Lorry with a false floor, seen at the crossing in the night from Friday to Saturday. "
SETTINGS = {
    "FANAL_RECEIPTS_BATCH_SECONDS": "1",
    "FANAL_CHECKPOINT_SECONDS": "5",
    "FANAL_REDIAL_SECONDS": "0.2",
    "FANAL_LIMITS_FLASH_PER_HOUR": "10000",
    "FANAL_LIMITS_ROUTINE_PER_HOUR": "1000000",
}
LOOK_EVERY = 0.01


@dataclass
class Pair:
    """Both nodes, the line, and its doors: `to_second` is where the first dials, `to_first` the other way."""

    nodes: dict[str, RealNode]
    line: SlowLine
    to_first: Door
    to_second: Door

    def run_as(self, *words: str, **settings: str) -> None:
        """Start both nodes anew, with something otherwise (see `slownode`), and wait for their link."""
        self.stop()
        for node in self.nodes.values():
            node.module = "slownode"
            node.settings = {**SETTINGS, **settings, slownode.VARIABLE: ",".join(words)}
            node.start()
        officer = RealOfficer(self.nodes[A].home)
        until(lambda: officer.status().peers_connected == 1, "a link over the slow line")
        officer.again()

    def stop(self) -> None:
        for node in self.nodes.values():
            if node.process is not None:
                node.end()


@contextmanager
def slow_pair(folder: Path, terms: Terms, seed: int = 1) -> Iterator[Pair]:
    """Two agencies that can reach each other over the line alone, founded and joined, not running."""
    with SlowLine(terms, seed) as line:
        to_second, to_first = line.door(at_first=True), line.door(at_first=False)
        told = {A: f"127.0.0.1:{to_first.port}", B: f"127.0.0.1:{to_second.port}"}
        nodes = found_network(folder, (A, B), SETTINGS, advertised=told)
        to_first.target, to_second.target = nodes[A].port, nodes[B].port
        pair = Pair(nodes, line, to_first, to_second)
        try:
            yield pair
        finally:
            pair.stop()


class Feeder:
    """An officer who keeps bulk waiting for the other side: sends while less than `backlog` is unsent."""

    def __init__(self, node: RealNode, to: str, size: int, ahead: int) -> None:
        self.sent = 0
        self._officer, self._to, self._size, self._ahead = RealOfficer(node.home), to, size, ahead
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._open: collections.deque[str] = collections.deque()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more, and wait until the other side has committed what was sent."""
        self._stop.set()
        self._thread.join()
        until(lambda: not self.waiting(), "the bulk to arrive", 300.0)
        self._officer.again()

    def waiting(self) -> int:
        """Notices that the other side has not committed: they arrive in order, so the oldest is asked for."""
        while self._open and self._officer.states(self._open[0])[self._to] != "QUEUED":
            self._open.popleft()
        return len(self._open)

    def _feed(self) -> None:
        text = (TEXT * (self._size // len(TEXT) + 1))[: self._size]
        while not self._stop.wait(0.1):
            while self.waiting() < self._ahead and not self._stop.is_set():
                self._open.append(self._officer.send(self._officer.prepared([self._to], text)).ref)
                self.sent += 1


@contextmanager
def saturated(pair: Pair, size: int = 7_500, ahead: int = 70) -> Iterator[tuple[Feeder, Feeder]]:
    """Bulk in both directions until the block ends; it begins once the line has carried some of it."""
    feeders = Feeder(pair.nodes[A], B, size, ahead), Feeder(pair.nodes[B], A, size, ahead)
    for one in feeders:
        one.start()
    try:
        until(lambda: min(one.sent for one in feeders) >= ahead, "bulk under way")
        yield feeders
    finally:
        for one in feeders:
            one.stop()


def alerts(node: RealNode, to: str, count: int, every: float, patience: float = 120.0) -> list[float]:
    """Seconds from `send` acknowledged to STORED as the sender's `track` shows it, of each of so many FLASH
    notices; the next one is sent `every` seconds later, but not before the last is STORED."""
    officer = RealOfficer(node.home)
    found = []
    pause = threading.Event()
    for _ in range(count):
        request = officer.prepared([to], TEXT, Urgency.FLASH)
        ref = officer.send(request).ref
        began = time.perf_counter()
        while officer.states(ref)[to] != "STORED":
            assert time.perf_counter() - began < patience, f"an alert was not stored in {patience} s"
            pause.wait(LOOK_EVERY)
        found.append(time.perf_counter() - began)
        pause.wait(every)
    officer.again()
    return found

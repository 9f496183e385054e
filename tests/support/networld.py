# SPDX-License-Identifier: Apache-2.0
"""Ten agencies of one channel, each a real process in its own network namespace.

Who sent what, and how soon it arrived, is read where people read it: senders' `track`, receivers' lists.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import netswitch
from netlab import Lab
from realnet import RealNode, found_network, until
from realofficer import RealOfficer

from fanal.node.service.errors import LINE_OVERLOADED
from fanal.v1.notice_pb2 import Urgency

NAMES = ("AZ-CUS", "GE-CUS", "TR-CUS", "KZ-CUS", "UZ-CUS", "BG-CUS", "RO-CUS", "UA-CUS", "PL-CUS", "TM-CUS")
CHANNEL = "CASPIAN"
SETTINGS = {
    "FANAL_RECEIPTS_BATCH_SECONDS": "0.5",
    "FANAL_CHECKPOINT_SECONDS": "2",
    "FANAL_REDIAL_SECONDS": "0.5",
    "FANAL_REDIAL_MOST_SECONDS": "4",
    "FANAL_LIMITS_SILENCE_SECONDS": "20",
    "FANAL_LIMITS_HEARTBEAT_SECONDS": "5",
    "FANAL_LIMITS_FLASH_PER_HOUR": "100000",
    "FANAL_LIMITS_ROUTINE_PER_HOUR": "1000000",
}
"""A minute of silence takes twenty seconds here; the rest is as a busy network would set it."""
LOOK_EVERY = 0.05


@dataclass(frozen=True)
class Sent:
    by: str
    ref: str
    began: float
    seen: dict[str, float] = field(default_factory=dict)
    """Recipient -> seconds until `track` said STORED, of those that were waited for."""


@dataclass
class World:
    """`sent` is everything acknowledged so far, `unsettled` what was not yet seen to be everywhere."""

    lab: Lab
    nodes: dict[str, RealNode]
    officers: dict[str, RealOfficer]
    sent: list[Sent] = field(default_factory=list)
    unsettled: list[Sent] = field(default_factory=list)

    def number(self, name: str) -> int:
        return NAMES.index(name) + 1

    def linked(self, names: Sequence[str], peers: int, patience: float = 90.0) -> None:
        until(
            lambda: all(self.officers[name].status().peers_connected >= peers for name in names),
            f"{peers} links at each of {len(names)} agencies",
            patience,
        )

    def restart(self, name: str, **settings: str) -> None:
        node = self.nodes[name]
        if node.process is not None:
            node.end()
        self.officers[name].again()
        node.settings = {**node.settings, **settings}
        node.start()

    def send(self, by: str, urgency: Urgency = Urgency.ROUTINE) -> Sent:
        officer = self.officers[by]
        began = time.monotonic()
        request = officer.prepared([f"group:{CHANNEL}"], f"Lorry {len(self.sent)} of {by}", urgency)
        sent = Sent(by, officer.send(request).ref, began)
        self.sent.append(sent)
        self.unsettled.append(sent)
        return sent

    def busy(self, senders: Sequence[str], timed: Sequence[str], seconds: float) -> list[float]:
        """Every sender sends FLASH and ROUTINE for so long. The seconds of each FLASH from one of `timed` to
        each other of them; a FLASH of anybody else is not waited for."""
        found: list[float] = []
        failed: list[BaseException] = []
        end = time.monotonic() + seconds
        pause = threading.Event()

        def work(by: str) -> None:
            try:
                while time.monotonic() < end:
                    self.send(by)
                    alert = self.send(by, Urgency.FLASH)
                    if by in timed:
                        found.extend(self._timed(alert, [name for name in timed if name != by]))
                    pause.wait(1.0)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed
        return found

    def _timed(self, sent: Sent, others: Sequence[str]) -> list[float]:
        """Seconds until `track` said STORED, for each of these."""
        until(lambda: self._look(sent, others), f"a FLASH of {sent.by} at {others}")
        return [sent.seen[name] for name in others]

    def _look(self, sent: Sent, others: Sequence[str]) -> bool:
        for name, told in self.officers[sent.by].states(sent.ref).items():
            if told == "STORED":
                sent.seen.setdefault(name, time.monotonic() - sent.began)
        threading.Event().wait(LOOK_EVERY)
        return all(name in sent.seen for name in others)

    def all_arrived(self, patience: float = 120.0) -> float:
        """Wait until senders see STORED for everybody; the seconds it took. What was seen so is not looked at
        again: a look is a call, and the wait would grow with all that was ever sent."""
        began = time.monotonic()

        def look() -> bool:
            while self.unsettled and self._everywhere(self.unsettled[-1]):
                self.unsettled.pop()
            return not self.unsettled

        until(look, "everything to arrive everywhere", patience)
        return time.monotonic() - began

    def _everywhere(self, sent: Sent) -> bool:
        states = self.officers[sent.by].states(sent.ref)
        return set(states) == set(NAMES) - {sent.by} and set(states.values()) == {"STORED"}

    def each_once(self) -> None:
        """Every inbox shows everything that the others sent, and nothing twice."""
        for name in NAMES:
            there = [row.ref for row in self.officers[name].every("inbox")]
            assert len(there) == len(set(there)), name
            assert {one.ref for one in self.sent if one.by != name} <= set(there), name

    def overloaded(self) -> list[str]:
        """Whose doctor says that more comes than its line carries."""
        said = {name: self.officers[name].status().findings for name in NAMES}
        return [name for name in NAMES if any(one.id == LINE_OVERLOADED.id for one in said[name])]


def figures(node: RealNode) -> tuple[float, int]:
    """MiB that a running node holds, and its open descriptors."""
    assert node.process is not None
    proc = Path("/proc", str(node.process.pid))
    pages = int((proc / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1024**2, len(list((proc / "fd").iterdir()))


@contextmanager
def network_world(folder: Path) -> Iterator[World]:
    """The agencies, founded, joined and running, each in a namespace of its own, on perfect lines."""
    with Lab(len(NAMES)) as lab:
        places = {name: (lab.inside(at), netswitch.address(at)) for at, name in enumerate(NAMES, start=1)}
        nodes = found_network(folder, NAMES, SETTINGS, CHANNEL, places=places)
        try:
            for name in NAMES[1:]:
                nodes[name].start()
            officers = {name: RealOfficer(node.home) for name, node in nodes.items()}
            world = World(lab, nodes, officers)
            world.linked(NAMES, len(NAMES) - 1)
            yield world
        finally:
            for node in nodes.values():
                if node.process is not None:
                    node.process.kill()
                    node.process.communicate()

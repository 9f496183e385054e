# SPDX-License-Identifier: Apache-2.0
"""A node behind one narrow line and nine peers that all send to it: grants, outboxes, the line's queue."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from fanal.node.gossip.actions import Priority
from fanal.node.service.credit import Allowance, Grants, RoundTrip
from fanal.node.service.inflow import Inflow
from fanal.node.service.outbox import Outbox
from fanal.v1.peer_pb2 import Credit, Entries, Frame

NAMES = tuple(f"X{letter}-{letter}" for letter in "ABCDEFGHI")
RATE, ONE_WAY = 8_000.0, 0.15


class Sender:
    """One peer with its stream: what it may send, and what the node behind the line grants it."""

    def __init__(self, name: str, inflow: Inflow) -> None:
        self.name = name
        trip = RoundTrip()
        trip.note(0.001, 0.0)  # the line was fast until now
        self.grants = Grants(name, trip, 0.0, inflow)
        self.own = Grants(name, RoundTrip(), 0.0)
        self.allowance, self.outbox = Allowance(name, 0.0), Outbox(max_bytes=1 << 40)


class SharedLine:
    """The node's line: all that nine peers send queues for it, in the order in which it was sent; what the
    node says comes back undelayed by anything but the distance. Virtual time."""

    def __init__(self, rate: float = RATE) -> None:
        self.rate = rate
        self.inflow = Inflow()
        self.inflow.on_crowded = self._regrant
        self.senders = [Sender(name, self.inflow) for name in NAMES]
        self.now = self.free = 0.0
        self.taken = 0
        self.queue_seconds: list[tuple[float, float]] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def offer(self, one: Sender, priority: Priority = Priority.ROUTINE) -> None:
        one.outbox.put(Frame(entries=Entries(envelopes=[bytes(1_600)])), priority)

    def run(self, until: float) -> None:
        for one in self.senders:
            self.turn(one)
        while self._events and self._events[0][0] <= until:
            self.now, _, call = heapq.heappop(self._events)
            call()
        self.now = until

    def turn(self, one: Sender) -> None:
        if one.grants.due(self.now):
            said = one.grants.credit(self.now)
            self._at(self.now + ONE_WAY, lambda: self._told(one, said))
        while (message := one.outbox.take(one.allowance)) is not None:
            size = len(message)
            self._down(size, lambda size=size: self._came(one, size))
        if len(one.outbox):
            one.own.hold(self.now, one.allowance.window)
        if one.own.due(self.now):
            answer = one.own.credit(self.now)
            self._down(100, lambda: self._answered(one, answer))

    def _down(self, size: int, arrives: Callable[[], None]) -> None:
        self.free = max(self.free, self.now) + size / self.rate
        self.queue_seconds.append((self.now, self.free - self.now))
        self._at(self.free + ONE_WAY, arrives)

    def _came(self, one: Sender, size: int) -> None:
        self.taken += size
        one.grants.took(size, self.now)
        self.turn(one)

    def _told(self, one: Sender, said: Credit) -> None:
        one.allowance.heard(said, self.now)
        one.own.heard(said, self.now)
        self.turn(one)

    def _answered(self, one: Sender, answer: Credit) -> None:
        one.grants.heard(answer, self.now)
        self.turn(one)

    def _regrant(self) -> None:
        for one in self.senders:
            self._at(self.now, lambda one=one: self.turn(one))

    def _at(self, when: float, call: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, call))

    def longest(self, since: float) -> float:
        return max(seconds for at, seconds in self.queue_seconds if at >= since)

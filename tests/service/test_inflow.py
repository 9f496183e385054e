# SPDX-License-Identifier: Apache-2.0
"""Many peers behind one narrow line: what they send together leaves no long queue, and fills the line."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import pytest

from fanal.node.gossip.actions import Priority
from fanal.node.service import credit as rules
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

    def __init__(self) -> None:
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
            self._turn(one)
        while self._events and self._events[0][0] <= until:
            self.now, _, call = heapq.heappop(self._events)
            call()
        self.now = until

    def _turn(self, one: Sender) -> None:
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
        self.free = max(self.free, self.now) + size / RATE
        self.queue_seconds.append((self.now, self.free - self.now))
        self._at(self.free + ONE_WAY, arrives)

    def _came(self, one: Sender, size: int) -> None:
        self.taken += size
        one.grants.took(size, self.now)
        self._turn(one)

    def _told(self, one: Sender, said: Credit) -> None:
        one.allowance.heard(said, self.now)
        one.own.heard(said, self.now)
        self._turn(one)

    def _answered(self, one: Sender, answer: Credit) -> None:
        one.grants.heard(answer, self.now)
        self._turn(one)

    def _regrant(self) -> None:
        for one in self.senders:
            self._at(self.now, lambda one=one: self._turn(one))

    def _at(self, when: float, call: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, call))

    def longest(self, since: float) -> float:
        return max(seconds for at, seconds in self.queue_seconds if at >= since)


def test_nine_peers_that_all_have_much_to_send_share_one_narrow_line() -> None:
    """Within half a minute the queue is two seconds and less (once 16 KiB a stream: 18 seconds), and the line
    stays in use."""
    line = SharedLine()
    for one in line.senders:
        for _ in range(200):
            line.offer(one)
    line.run(30.0)
    before = line.taken
    line.run(60.0)
    print(f"  queue {line.longest(30.0):.2f} s, used {(line.taken - before) / 30 / RATE:.0%}")
    assert line.longest(30.0) < 2.0
    assert (line.taken - before) / 30 > 0.75 * RATE


def test_an_alert_passes_what_waits_at_nine_peers() -> None:
    """It is there within the queue and half a round trip."""
    line = SharedLine()
    for one in line.senders:
        for _ in range(200):
            line.offer(one)
    line.run(30.0)
    sent, first = line.now, line.senders[0]
    before = first.grants.received
    line.offer(first, Priority.FLASH)
    line._turn(first)
    line.run(33.0)
    assert first.grants.received - before >= 1_600
    assert not first.outbox._queues[Priority.FLASH]
    assert line.longest(sent) < 2.5


def test_what_was_granted_is_taken_back_from_streams_on_which_nothing_comes() -> None:
    """Four peers find the line crowded: the five silent ones are told a narrow window, too."""
    line = SharedLine()
    for one in line.senders[:4]:
        for _ in range(200):
            line.offer(one)
    line.run(30.0)
    assert {one.allowance.window for one in line.senders[4:]} == {rules.NARROW}


@pytest.mark.parametrize(
    ("late", "prompt", "crowded"), [(3, 0, False), (4, 0, True), (4, 4, False), (5, 4, True)]
)
def test_the_line_is_crowded_when_most_peers_and_more_than_three_are_late(
    late: int, prompt: int, crowded: bool
) -> None:
    """One slow peer, or three, say nothing of it; for a minute after, then it is forgotten."""
    inflow, began = Inflow(), []
    inflow.on_crowded = lambda: began.append(1)
    for at in range(prompt):
        inflow.note(f"P{at}", 0.1, 100.0)
    for at in range(late):
        inflow.note(f"L{at}", 0.6, 101.0)
    assert inflow.crowded(160.0) is crowded
    assert not inflow.crowded(162.0)
    assert len(began) == crowded


def test_what_was_late_long_ago_makes_nothing_crowded() -> None:
    """Four late peers, half a minute apart."""
    inflow = Inflow()
    for at in range(4):
        inflow.note(f"L{at}", 5.0, 30.0 * at)
    assert not inflow.crowded(91.0)

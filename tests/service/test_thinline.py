# SPDX-License-Identifier: Apache-2.0
"""A node whose operator said how little its line carries: what all its peers may send together stays within
that from the first second, each can send at any time, and alerts beyond it are bounded in sum."""

from __future__ import annotations

import asyncio

import pytest
from sharedline import NAMES, RATE, Sender, SharedLine

from fanal.node.gossip.actions import Priority
from fanal.node.service.credit import MOST, Allowance, Grants, RoundTrip
from fanal.node.service.outbox import Outbox
from fanal.node.service.thinline import LEAST_SHARE, ThinLine
from fanal.node.service.turns import Turns
from fanal.v1.peer_pb2 import Credit, Entries, Frame


class DeclaredLine(SharedLine):
    """The same line of 64 kbit/s; its operator has said so."""

    def __init__(self) -> None:
        super().__init__()
        self.line = ThinLine(64, NAMES)
        for one in self.senders:
            one.grants = Grants(one.name, RoundTrip(), 0.0, self.inflow, self.line)
            one.own = Grants(one.name, RoundTrip(), 0.0, thin_peer=True)
            one.allowance = Allowance(one.name, 0.0, thin=True)


def busy(line: SharedLine, senders: list[Sender], priority: Priority = Priority.ROUTINE) -> None:
    for one in senders:
        for _ in range(200):
            line.offer(one, priority)


def test_from_the_first_second_nine_peers_share_what_the_line_brings() -> None:
    """The queue is never longer than two seconds and soon a second and a half; the line is in use. What they
    may send before they are told anything is all that goes beyond it."""
    line = DeclaredLine()
    busy(line, line.senders)
    line.run(20.0)
    print(f"  queue {line.longest(0.0):.2f} s, then {line.longest(5.0):.2f} s, {line.taken / 20 / RATE:.0%}")
    assert line.longest(0.0) < 2.5
    assert line.longest(5.0) < 1.25
    assert line.taken / 20 > 0.8 * RATE


def test_alerts_of_all_peers_at_once_are_bounded_in_sum() -> None:
    """Nine peers with nothing but alerts: the queue is that of two seconds, not of nine."""
    line = DeclaredLine()
    line.run(3.0)
    busy(line, line.senders, Priority.FLASH)
    line.run(20.0)
    print(f"  queue {line.longest(3.0):.2f} s")
    assert line.longest(3.0) < 2.25


def test_one_peer_alone_has_the_line() -> None:
    """Its window is what the others do not need."""
    line = DeclaredLine()
    busy(line, line.senders[:1])
    line.run(5.0)
    before = line.taken
    line.run(15.0)
    assert (line.taken - before) / 10 > 0.7 * RATE


def test_an_alert_of_a_silent_peer_passes_what_eight_others_send() -> None:
    """A small notice, of whom little was granted, is there within three seconds."""
    line = DeclaredLine()
    busy(line, line.senders[1:])
    line.run(10.0)
    first = line.senders[0]
    before = first.grants.received
    line.offer(first, Priority.FLASH)
    line.turn(first)
    line.run(line.now + 3.0)
    assert first.grants.received - before >= 1_600


@pytest.mark.parametrize("peers", [1, 9, 50])
def test_whatever_was_granted_a_frame_of_any_length_gets_through(peers: int) -> None:
    """A sender that waits for room has used so much that a new grant is due: none waits for ever."""
    for length in range(100, 2_000, 13):
        line = ThinLine(16, [f"P{at}" for at in range(peers)])
        grants, allowance = Grants("P0", RoundTrip(), 0.0, line=line), Allowance("P0", 0.0, thin=True)
        outbox, now = Outbox(), 0.0
        for _ in range(3):
            outbox.put(Frame(entries=Entries(envelopes=[bytes(length)])), Priority.ROUTINE)
        for _ in range(200):
            now += 3.0  # each time it had been silent for long
            if grants.due(now):
                allowance.heard(grants.credit(now), now)
            if (message := outbox.take(allowance)) is not None:
                grants.took(len(message), now)
        assert not len(outbox), length


def test_shares_are_small_but_for_who_sends_and_end_with_the_link() -> None:
    """In sum what the line brings in a second, however many send."""
    linked = list(NAMES)
    line = ThinLine(64, linked)
    assert {line.window(name, 1.0) for name in NAMES} == {LEAST_SHARE}
    for name in NAMES[:3]:
        line.took(name, LEAST_SHARE, 1.0)
    windows = [line.window(name, 1.5) for name in NAMES]
    assert sum(windows) in range(7_900, 8_001)
    assert windows[0] == windows[2] > 3 * windows[3]
    assert line.window(NAMES[0], 3.5) == LEAST_SHARE
    line.took(NAMES[3], 100, 4.0)  # a word now and then is no sending
    line.took(NAMES[3], 450, 7.0)
    assert line.window(NAMES[3], 7.0) == LEAST_SHARE
    del linked[1:]
    line.took(NAMES[0], 4_000, 8.0)
    assert line.window(NAMES[0], 8.0) == 8_000


def test_who_says_that_its_line_is_thin_and_grants_much_is_sent_what_anybody_is() -> None:
    """The claim opens nothing: a window counts to its usual bound, and beyond it no more than to others."""
    liar, other = Allowance("P", 0.0, thin=True), Allowance("Q", 0.0)
    for allowance in (liar, other):
        allowance.heard(Credit(window=16 << 20), 0.0)
    assert liar.room(urgent=False) == other.room(urgent=False)
    assert MOST < liar.room(urgent=True) < other.room(urgent=True)


def test_handshakes_behind_a_thin_line_come_one_after_the_other() -> None:
    """In the order in which they were asked for; one that takes too long holds up the next no longer, and
    elsewhere nobody waits."""
    asyncio.run(_handshakes())


async def _handshakes() -> None:
    turns, order = Turns(0.05), []

    async def dial(name: str, ends: bool) -> None:
        turn = await turns.take()
        order.append(name)
        if ends:
            turn.end()
            turn.end()

    first = await turns.take()
    waiting = [asyncio.ensure_future(dial(name, name == "b")) for name in "abc"]
    await asyncio.sleep(0)
    assert order == []
    first.end()
    await asyncio.wait(waiting, timeout=5.0)
    assert order == ["a", "b", "c"]
    free = Turns(0.0)
    await asyncio.wait_for(asyncio.gather(free.take(), free.take()), 1.0)

# SPDX-License-Identifier: Apache-2.0
"""Many peers behind one narrow line: what they send together leaves no long queue, and fills the line."""

from __future__ import annotations

import pytest
from sharedline import RATE, SharedLine

from fanal.node.gossip.actions import Priority
from fanal.node.service import credit as rules
from fanal.node.service.inflow import Inflow


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
    line.turn(first)
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


@pytest.mark.parametrize(("rate", "notices", "said"), [(RATE, 200, True), (4 * RATE, 300, False)])
def test_a_line_that_more_comes_to_than_it_carries_is_told_from_one_that_is_busy(
    rate: float, notices: int, said: bool
) -> None:
    """Nine peers send without a pause: 64 kbit/s are too few for that, and 256 well in use."""
    line = SharedLine(rate)
    for one in line.senders:
        for _ in range(notices):
            line.offer(one)
    line.run(20.0)
    before = line.taken
    line.run(21.0)
    assert line.taken - before > 0.75 * rate
    line.run(30.0)
    assert (line.inflow.stood_at > 0) is said


@pytest.mark.parametrize(("breaks", "said"), [((), True), ((7.0,), False), ((7.0, 14.0), False)])
def test_peers_that_are_late_now_and_then_say_nothing_of_the_line(
    breaks: tuple[float, ...], said: bool
) -> None:
    """Loss, a machine that was asleep, a cut: most are late, and prompt again before fifteen seconds."""
    inflow = Inflow()
    for tick in range(160):
        at = tick / 8
        for peer in range(5):
            prompt = any(begin <= at < begin + 1 for begin in breaks) or at > 18
            inflow.note(f"P{peer}", 0.1 if prompt else 3.0, at)
    assert (inflow.stood_at > 0) is said

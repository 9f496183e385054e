# SPDX-License-Identifier: Apache-2.0
"""Of those who announce an entry: how long it is waited for, and who is asked first."""

from memtree import FAR, NEAR, NOW, THIRD, announced, core_of, pushed, sent

from fanal.node.gossip import events

LARGEST = 68 * 1024
AFTER = 0.150


def test_attack_who_says_that_an_entry_is_large_does_not_hold_it_up():
    """One that says less and sends it is believed. The lie cost two seconds, twice."""
    core = core_of(NEAR, FAR, THIRD)
    pushed(core, THIRD, 0, NOW)
    announced(core, NEAR, 1, 2, NOW + 1, largest=LARGEST)
    assert sent(core.handle(events.Tick(), NOW + 1.1), "graft") == []
    announced(core, FAR, 1, 2, NOW + 1.1, largest=1500)
    assert len(sent(core.handle(events.Tick(), NOW + 1 + AFTER + 0.06), "graft")) == 1


def test_who_does_not_know_how_large_it_is_shortens_nothing():
    """No size at all is what an older version says, and what was announced in place of a push."""
    core = core_of(NEAR, FAR, THIRD)
    pushed(core, THIRD, 0, NOW)
    announced(core, NEAR, 1, 2, NOW + 1, largest=LARGEST)
    announced(core, FAR, 1, 2, NOW + 1.1)
    assert sent(core.handle(events.Tick(), NOW + 3), "graft") == []


def test_attack_who_brought_the_lane_and_now_only_announces_is_asked_last():
    """It would have sent it; it announced first all the same."""
    core = core_of(NEAR, FAR, THIRD)
    pushed(core, NEAR, 0, NOW)
    announced(core, NEAR, 1, 2, NOW + 1, largest=1500)
    announced(core, FAR, 1, 2, NOW + 1.1, largest=1500)
    assert sent(core.handle(events.Tick(), NOW + 1 + AFTER + 0.06), "graft") == [FAR]

# SPDX-License-Identifier: Apache-2.0
"""A node whose operator says that its line is thin waits for what is on its way, asks for one thing at a time
and passes nothing on that others have sooner; its peers send it their own entries and announce rarely."""

from __future__ import annotations

import itertools

import pytest
from memstore import BULK, FLASH, ROUTINE
from memtree import (
    FAR,
    INCARNATION,
    LANE,
    NAMES,
    NEAR,
    NOW,
    PEERS,
    THIRD,
    announced,
    core_of,
    graft,
    link,
    loads,
    meta,
    pushed,
    receives,
    sent,
    write,
)

from fanal.node.gossip import actions, events
from fanal.node.gossip.actions import Action
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.events import Place
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import ledger_pb2, peer_pb2


def thin_node(*peers: str, members: tuple[str, ...] = NAMES) -> GossipCore:
    """Its own line is thin."""
    return core_of(*(peers or PEERS), members=members, limits=GossipLimits(thin=True))


def ticks(core: GossipCore, start: float, stop: float) -> list[tuple[float, str]]:
    """Who is grafted when, from one second to the other."""
    found: list[tuple[float, str]] = []
    for step in range(round((stop - start) * 10) + 1):
        at = start + step / 10
        found += [(round(at - NOW, 1), peer) for peer in sent(core.handle(events.Tick(), at), "graft")]
    return found


def test_on_a_thin_line_what_was_announced_is_given_five_seconds():
    """Nobody has brought the lane so far, so then one is asked."""
    core = thin_node()
    announced(core, FAR, 0, 1, NOW + 1)
    assert ticks(core, NOW + 1, NOW + 7) == [(6.0, FAR)]


def test_who_brings_other_entries_of_the_lane_is_waited_for_three_quarters_of_a_minute():
    """One entry in five seconds: more that was pushed is on its way, and a copy would delay all of it."""
    core = thin_node()
    announced(core, FAR, 20, 21, NOW + 1)
    asked = []
    for seq in range(10):
        pushed(core, NEAR, seq, NOW + 1.5 + 5 * seq)
        asked += ticks(core, NOW + 1.6 + 5 * seq, NOW + 6.4 + 5 * seq)
    (first,) = asked
    assert 46 <= first[0] <= 48


def test_on_a_thin_line_an_alert_is_asked_for_after_two_seconds_whatever_else_is():
    """It is the first in every queue: who would bring it has failed."""
    core = thin_node()
    announced(core, FAR, 20, 21, NOW + 1)
    ticks(core, NOW + 1, NOW + 7)
    pushed(core, NEAR, 0, NOW + 7)
    announced(core, FAR, 5, 6, NOW + 8, alerts=True)
    assert ticks(core, NOW + 8, NOW + 11.5) == [(10.0, FAR)]


def test_a_parent_that_announces_does_not_push_and_is_not_waited_for():
    """It has been asked not to push, or spares its own line."""
    core = thin_node()
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, NEAR, 1, 2, NOW + 2)
    assert ticks(core, NOW + 2, NOW + 8) == [(7.0, NEAR)]


def test_on_a_thin_line_one_batch_is_asked_for_at_a_time_and_of_one_peer():
    """The second waits until the first has come; and after ten seconds one other peer is asked, not two."""
    core = thin_node()
    for peer in PEERS[:3]:
        announced(core, peer, 0, 1, NOW + 1)
    announced(core, FAR, 5, 6, NOW + 1.5)
    asked = ticks(core, NOW + 1, NOW + 30)
    assert [at for at, _ in asked] == sorted({at for at, _ in asked})
    apart = {round(later - at) for (at, _), (later, _) in itertools.pairwise(asked)}
    assert 10 in apart
    assert min(apart) >= 9


def test_on_a_thin_line_nobody_is_blamed_for_being_late():
    """A parent that lost its good name would not be waited for at all."""
    core = thin_node()
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, FAR, 1, 2, NOW + 12)
    assert ticks(core, NOW + 12, NOW + 18) == [(17.0, FAR)]
    pushed(core, FAR, 1, NOW + 19)
    announced(core, THIRD, 2, 3, NOW + 20)
    assert ticks(core, NOW + 20, NOW + 24.5) == []


def test_a_node_on_a_thin_line_passes_on_by_announcing():
    """What others brought is pushed to nobody and told after two seconds, but to those who told of it by
    then; what this node writes is pushed to one, who passes it on."""
    core = thin_node()
    out = pushed(core, NEAR, 0, NOW + 1) + core.handle(events.Tick(), NOW + 2.9)
    assert (loads(out), sent(out, "announce")) == (set(), [])
    announced(core, FAR, 0, 1, NOW + 2.9)
    told = sent(core.handle(events.Tick(), NOW + 3), "announce")
    assert set(told) == set(PEERS) - {NEAR, FAR}
    assert len(loads(write(core, 7, NOW + 4))) == 1


def told_only(peer: str) -> GossipCore:
    """The peer's line is crowded, and it has asked not to be pushed the lane."""
    core = core_of(*PEERS, thin=(peer,))
    write(core, 0, NOW)
    receives(core, peer, NOW, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    return core


def told_later(priority: int) -> list[float]:
    """When a peer on a thin line, which wants to be told only, is told of an entry."""
    core = told_only(FAR)
    write(core, 1, NOW + 1, priority)
    at = [NOW + 1 + step / 2 for step in range(24)]
    return [when - NOW - 1 for when in at if FAR in sent(core.handle(events.Tick(), when), "announce")]


def test_a_peer_on_a_thin_line_is_told_of_alerts_after_five_seconds_and_of_the_rest_after_ten():
    """All that gathered goes in one frame, and what it says to have by then is not named."""
    assert told_later(FLASH) == [5.0]
    assert told_later(ROUTINE) == [10.0]
    assert told_later(BULK) == []  # within the first moment, for it is to be asked for
    core = told_only(FAR)
    write(core, 1, NOW + 1)
    announced(core, FAR, 1, 2, NOW + 3)
    assert FAR not in sent(core.handle(events.Tick(), NOW + 12), "announce")


def test_on_a_thin_line_nothing_makes_rounds_more_frequent():
    """Ten digests of a peer in twenty seconds: one is compared and answered, not one for each."""
    core = thin_node()
    pushed(core, NEAR, 0, NOW + 1)
    out: list[Action] = []
    for at in range(32, 52, 2):
        digest = peer_pb2.Digest(sha256=bytes([at]) * 32, lanes=1)
        out += receives(core, NEAR, NOW + at, digest=digest)
    assert (sent(out, "digest").count(NEAR), sent(out, "clock").count(NEAR)) == (1, 1)


def test_an_acknowledgement_may_take_minutes_on_a_thin_line():
    """The entry stays under way for five, and nobody is told before that it failed."""
    core = core_of(FAR, thin=(FAR,))
    carried_out(core, core.handle(events.Committed((meta(0),)), NOW + 1), NOW + 1)
    carried_out(core, core.handle(events.Tick(), NOW + 1.1), NOW + 1.1)
    noted = [at for at in range(2, 400, 2) if failed(core, at)]
    assert noted
    assert 300 < noted[0] < 304


def failed(core: GossipCore, at: int) -> bool:
    """Whether the peer, which says no more than that it lives, is said not to acknowledge."""
    out = receives(core, FAR, NOW + at, heartbeat=peer_pb2.Heartbeat(reply=True))
    return any(isinstance(action, actions.Noted) for action in out)


def carried_out(core: GossipCore, out: list[Action], at: float) -> None:
    """The store gives what is asked for, until nothing is."""
    for load in [action for action in out if isinstance(action, actions.LoadEntries)]:
        places = [Place(*want.span[:2], seq) for want in load.wanted for seq in range(*want.span[2:])]
        found = [events.LoadedEntry(place, 1, ROUTINE, bytes(32), b"x" * 100) for place in places]
        carried_out(core, core.handle(events.Loaded(load.peer, load.request, tuple(found)), at), at)


def test_a_peer_on_a_thin_line_has_four_entries_under_way_and_alerts_beside_them():
    """The rest waits here, where what it turns out to have is taken out."""
    core = core_of(*PEERS, thin=(FAR,))
    for seq in range(20):
        carried_out(core, core.handle(events.Committed((meta(seq),)), NOW + 1), NOW + 1)
    carried_out(core, core.handle(events.Tick(), NOW + 1.1), NOW + 1.1)
    assert core.outstanding(FAR)[:2] == (16, 4)
    assert core.outstanding(NEAR)[:2] == (0, 20)
    announced(core, FAR, 10, 20, NOW + 1.2)
    assert core.outstanding(FAR)[:2] == (6, 4)
    carried_out(core, core.handle(events.Committed((meta(20, FLASH),)), NOW + 1.3), NOW + 1.3)
    assert core.outstanding(FAR)[:2] == (6, 5)


def waiting(core: GossipCore) -> set[str]:
    """An entry goes to all, and nobody acknowledges it; to whom the next one goes, two seconds later."""
    core.handle(events.Committed((meta(0),)), NOW + 1)
    carried_out(core, core.handle(events.Tick(), NOW + 1), NOW + 1)
    return loads(write(core, 1, NOW + 3))


def test_peers_on_thin_lines_that_wait_do_not_make_the_own_line_the_slow_one():
    """What is written goes to everybody still, not to one."""
    assert len(waiting(core_of(*PEERS))) == 1
    assert waiting(core_of(*PEERS, thin=PEERS)) == set(PEERS)


def clock(core: GossipCore, peer: str, at: float) -> list[Action]:
    row = ledger_pb2.LaneClock(lane=LANE.lane, incarnation=INCARNATION, next=4, head=b"h" * 32)
    return receives(core, peer, at, clock=peer_pb2.Clock(rows=[row], complete=True))


def test_on_a_thin_line_who_brings_the_lane_is_asked_first_for_what_is_missing():
    """What is on its way from it is not sent again; what it has not got it says, and another is asked."""
    core = thin_node()
    pushed(core, NEAR, 0, NOW + 1)
    assert sent(clock(core, FAR, NOW + 2), "want") == [NEAR]
    places = [peer_pb2.LaneSeq(lane=LANE.lane, incarnation=INCARNATION, seq=seq) for seq in range(1, 4)]
    absent = peer_pb2.NotFound(entries=places)
    assert sent(receives(core, NEAR, NOW + 3, not_found=absent), "want") == [FAR]


def test_on_a_thin_line_rounds_are_a_minute_apart():
    """A gap, or a digest that differs, is no hurry: clocks were a third of such a line."""
    core = thin_node()
    pushed(core, NEAR, 0, NOW + 1)
    pushed(core, NEAR, 5, NOW + 1.1)
    differs = peer_pb2.Digest(sha256=b"d" * 32, lanes=1)
    receives(core, NEAR, NOW + 2, digest=differs)
    rounds = [at for at in range(3, 70) if NEAR in sent(core.handle(events.Tick(), NOW + at), "digest")]
    assert rounds
    assert rounds[0] >= 60


def test_a_peer_on_a_thin_line_is_pushed_what_this_node_writes_and_what_it_grafted():
    """Of all else it is told: eight copies of each first entry of a lane are seconds of its line. What it has
    pruned again it is told of again."""
    core = core_of(*PEERS, thin=(FAR,))
    pushed(core, NEAR, 0, NOW + 1)
    out = core.handle(events.Tick(), NOW + 1.5)
    assert FAR not in loads(out)
    given = receives(core, FAR, NOW + 2, graft=graft(0, 1))
    carried_out(core, given, NOW + 2)
    assert FAR in loads(given)
    assert FAR in loads(brought(core, 1, NOW + 3))
    receives(core, FAR, NOW + 4, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    assert FAR not in loads(brought(core, 2, NOW + 5))
    assert FAR in loads(write(core_of(*PEERS, thin=(FAR,)), 0, NOW + 6))


def brought(core: GossipCore, seq: int, at: float) -> list[Action]:
    out = pushed(core, NEAR, seq, at) + core.handle(events.Tick(), at + 0.5)
    carried_out(core, out, at + 0.5)
    return out


def test_a_node_on_a_thin_line_prunes_second_copies_in_a_small_network_too():
    """Elsewhere all is pushed to all there."""
    for core, pruned in ((thin_node(NEAR, FAR, members=NAMES[:4]), [FAR]), (small(), [])):
        pushed(core, NEAR, 0, NOW + 1)
        assert sent(pushed(core, FAR, 0, NOW + 2, first=False), "prune") == pruned


def small() -> GossipCore:
    return core_of(NEAR, FAR, members=NAMES[:4])


def test_who_says_that_its_line_is_thin_is_late_alone():
    """What others are sent, and when, is the same whether all, some or none of the rest say it."""
    said = [core_of(*PEERS, thin=thin) for thin in ((), (FAR,), (FAR, THIRD))]
    for core in said:
        for seq in range(3):
            assert PEERS[3] in loads(brought(core, seq, NOW + seq))


def test_attack_a_peer_announces_inventions_to_a_node_on_a_thin_line_and_withholds_them():
    """One thing is asked for at a time, so they have their turns first, ten seconds each; what an honest peer
    announced is asked for a minute and a half later all the same, and an alert at once."""
    core = thin_node()
    for at in range(60):
        runs = [peer_pb2.LaneRuns(lane=bytes([at]) * 32, incarnation=INCARNATION, ranges=graft(0, 1).ranges)]
        receives(core, NEAR, NOW + 1, announce=peer_pb2.Announce(runs=runs, pushed=True))
    announced(core, FAR, 0, 1, NOW + 2)
    asked: list[tuple[float, str]] = []
    for step in range(10):
        at = NOW + 2.1 + 10 * step
        receives(core, FAR, at, heartbeat=peer_pb2.Heartbeat(reply=True))
        receives(core, NEAR, at, heartbeat=peer_pb2.Heartbeat(reply=True))
        asked += ticks(core, at, at + 9.9)
    honest = [when for when, peer in asked if peer == FAR]
    assert honest
    assert honest[0] < 2 + 2 * 45 + 3
    announced(core, FAR, 1, 2, NOW + 103, alerts=True)
    assert (105.0, FAR) in ticks(core, NOW + 103, NOW + 106)


def inventions(core: GossipCore, peer: str, lanes: range, at: float) -> None:
    """The peer announces an entry of each of so many lanes that nobody else knows."""
    for lane in lanes:
        runs = [peer_pb2.LaneRuns(lane=lane.to_bytes(32), incarnation=INCARNATION, ranges=graft(0, 1).ranges)]
        receives(core, peer, at, announce=peer_pb2.Announce(runs=runs, pushed=True))


@pytest.mark.parametrize("stop", [6, 1000])
def test_attack_who_announces_an_alert_beforehand_as_something_else_does_not_hold_it_up(stop: int):
    """Nor beside inventions, nor with all that the lane may ever hold: an honest word of an alert counts."""
    core = thin_node()
    inventions(core, NEAR, range(1, 13), NOW + 1)
    announced(core, NEAR, 5, stop, NOW + 7.9)
    announced(core, FAR, 5, 6, NOW + 8, alerts=True)
    assert (10.0, FAR) in ticks(core, NOW + 8, NOW + 11)


def test_an_alert_is_waited_for_beside_all_else_that_its_announcer_named():
    """Four of a lane wait for who brings it; they take no room from an alert."""
    core = thin_node()
    for seq in range(20, 28, 2):
        announced(core, FAR, seq, seq + 1, NOW + 7)
    announced(core, FAR, 5, 6, NOW + 8, alerts=True)
    assert ticks(core, NOW + 8, NOW + 11) == [(10.0, FAR)]


def test_attack_new_links_bring_no_new_room_for_inventions():
    """What an old link began and is still waited for counts."""
    core = thin_node()
    for at in range(1, 6):
        link(core, NEAR, at=NOW + at)
        inventions(core, NEAR, range(1000 * at, 1000 * at + 100), NOW + at)
    state = core._state
    assert sum(map(len, state.expected.values())) <= state.limits.expected_per_peer


def test_what_a_node_on_a_thin_line_writes_goes_first_to_peers_on_better_lines():
    """Who is sent it passes it on to all the others."""
    core = core_of(*PEERS, limits=GossipLimits(thin=True), thin=(NEAR, FAR))
    assert loads(write(core, 7, NOW + 1)) == {THIRD}
    assert loads(write(core, 8, NOW + 4, FLASH)) == {THIRD, PEERS[3]}

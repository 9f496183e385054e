# SPDX-License-Identifier: Apache-2.0
"""A node whose own line is full of what its peers send: it waits for what is on its way, asks for one thing
at a time, passes nothing on that others have sooner, and is told of little."""

from __future__ import annotations

import itertools

from memstore import BULK, FLASH, ROUTINE
from memtree import (
    FAR,
    INCARNATION,
    LANE,
    NEAR,
    NOW,
    PEERS,
    THIRD,
    announced,
    core_of,
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
from fanal.v1 import ledger_pb2, peer_pb2


def crowded(peer: str = "", members: tuple[str, ...] = PEERS) -> GossipCore:
    """The line of this node is full for a minute, or that of the peer."""
    core = core_of(*members)
    core.handle(events.LineCrowded(60.0, peer), NOW)
    return core


def ticks(core: GossipCore, start: float, stop: float) -> list[tuple[float, str]]:
    """Who is grafted when, from one second to the other."""
    found: list[tuple[float, str]] = []
    for step in range(round((stop - start) * 10) + 1):
        at = start + step / 10
        found += [(round(at - NOW, 1), peer) for peer in sent(core.handle(events.Tick(), at), "graft")]
    return found


def test_on_a_crowded_line_what_was_announced_is_given_five_seconds():
    """Nobody has brought the lane so far, so then one is asked."""
    core = crowded()
    announced(core, FAR, 0, 1, NOW + 1)
    assert ticks(core, NOW + 1, NOW + 7) == [(6.0, FAR)]


def test_who_brings_other_entries_of_the_lane_is_waited_for_half_a_minute():
    """One entry in five seconds: more that was pushed is on its way, and a copy would delay all of it."""
    core = crowded()
    announced(core, FAR, 20, 21, NOW + 1)
    asked = []
    for seq in range(7):
        pushed(core, NEAR, seq, NOW + 1 + 5 * seq)
        asked += ticks(core, NOW + 1.1 + 5 * seq, NOW + 5.9 + 5 * seq)
    (first,) = asked
    assert 31 <= first[0] <= 33


def test_on_a_crowded_line_an_alert_is_asked_for_after_five_seconds_whatever_else_is():
    """It is the first in every queue: who would bring it has failed."""
    core = crowded()
    announced(core, FAR, 20, 21, NOW + 1)
    ticks(core, NOW + 1, NOW + 7)
    pushed(core, NEAR, 0, NOW + 7)
    announced(core, FAR, 5, 6, NOW + 8, alerts=True)
    assert ticks(core, NOW + 8, NOW + 13.5) == [(13.0, FAR)]


def test_a_parent_that_announces_does_not_push_and_is_not_waited_for():
    """It has been asked not to push, or spares its own line."""
    core = crowded()
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, NEAR, 1, 2, NOW + 2)
    assert ticks(core, NOW + 2, NOW + 8) == [(7.0, NEAR)]


def test_on_a_crowded_line_one_batch_is_asked_for_at_a_time_and_of_one_peer():
    """The second waits until the first has come; and after ten seconds one other peer is asked, not two."""
    core = crowded()
    for peer in PEERS[:3]:
        announced(core, peer, 0, 1, NOW + 1)
    announced(core, FAR, 5, 6, NOW + 1.5)
    asked = ticks(core, NOW + 1, NOW + 30)
    assert [at for at, _ in asked] == sorted({at for at, _ in asked})
    apart = {round(later - at) for (at, _), (later, _) in itertools.pairwise(asked)}
    assert 10 in apart
    assert min(apart) >= 9


def test_on_a_crowded_line_nobody_is_blamed_for_being_late():
    """A parent that lost its good name would not be waited for at all."""
    core = crowded()
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, FAR, 1, 2, NOW + 12)
    assert ticks(core, NOW + 12, NOW + 18) == [(17.0, FAR)]
    pushed(core, FAR, 1, NOW + 19)
    announced(core, THIRD, 2, 3, NOW + 20)
    assert ticks(core, NOW + 20, NOW + 24.5) == []


def test_afterwards_all_is_as_before():
    """Once the line is crowded no more, what was announced is asked for after 150 ms."""
    core = core_of(*PEERS)
    core.handle(events.LineCrowded(0.5), NOW)
    announced(core, FAR, 0, 1, NOW + 1)
    assert [peer for _, peer in ticks(core, NOW + 1, NOW + 1.3)] == [FAR]


def test_a_node_on_a_crowded_line_passes_on_by_announcing():
    """What others brought is pushed to nobody and told after two seconds, but to those who told of it by
    then; what this node writes is pushed as ever."""
    core = crowded()
    out = pushed(core, NEAR, 0, NOW + 1) + core.handle(events.Tick(), NOW + 2.9)
    assert (loads(out), sent(out, "announce")) == (set(), [])
    announced(core, FAR, 0, 1, NOW + 2.9)
    told = sent(core.handle(events.Tick(), NOW + 3), "announce")
    assert set(told) == set(PEERS) - {NEAR, FAR}
    assert loads(write(core, 7, NOW + 4)) == set(PEERS)


def told_only(peer: str) -> GossipCore:
    """The peer's line is crowded, and it has asked not to be pushed the lane."""
    core = crowded(peer)
    write(core, 0, NOW)
    receives(core, peer, NOW, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    return core


def told_later(priority: int) -> list[float]:
    """When a peer on a crowded line, which wants to be told only, is told of an entry."""
    core = told_only(FAR)
    write(core, 1, NOW + 1, priority)
    at = [NOW + 1 + step / 2 for step in range(24)]
    return [when - NOW - 1 for when in at if FAR in sent(core.handle(events.Tick(), when), "announce")]


def test_a_peer_on_a_crowded_line_is_told_of_an_alert_after_two_seconds_and_of_the_rest_after_ten():
    """All that gathered goes in one frame, and what it says to have by then is not named."""
    assert told_later(FLASH) == [2.0]
    assert told_later(ROUTINE) == [10.0]
    assert told_later(BULK) == []  # within the first moment, for it is to be asked for
    core = told_only(FAR)
    write(core, 1, NOW + 1)
    announced(core, FAR, 1, 2, NOW + 3)
    assert FAR not in sent(core.handle(events.Tick(), NOW + 12), "announce")


def test_on_a_crowded_line_nothing_makes_rounds_more_frequent():
    """Ten digests of a peer in twenty seconds: one is compared and answered, not one for each."""
    core = crowded()
    pushed(core, NEAR, 0, NOW + 1)
    out: list[Action] = []
    for at in range(20, 40, 2):
        digest = peer_pb2.Digest(sha256=bytes([at]) * 32, lanes=1)
        out += receives(core, NEAR, NOW + at, digest=digest)
    assert (sent(out, "digest").count(NEAR), sent(out, "clock").count(NEAR)) == (1, 2)


def test_an_acknowledgement_may_take_minutes_on_a_crowded_line():
    """The entry stays under way and nobody is told that it failed; once the line is free, after a minute."""
    core = core_of(FAR)
    core.handle(events.LineCrowded(100.0, FAR), NOW)
    carried_out(core, core.handle(events.Committed((meta(0),)), NOW + 1), NOW + 1)
    carried_out(core, core.handle(events.Tick(), NOW + 1.1), NOW + 1.1)
    noted = [at for at in range(2, 150, 2) if failed(core, at)]
    assert noted
    assert 100 < noted[0] < 130


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


def test_a_peer_on_a_crowded_line_has_four_entries_under_way_and_alerts_beside_them():
    """The rest waits here, where what it turns out to have is taken out."""
    core = crowded(FAR)
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


def test_peers_on_crowded_lines_that_wait_do_not_make_the_own_line_the_slow_one():
    """What is written goes to everybody still, not to one."""
    assert len(waiting(core_of(*PEERS))) == 1
    core = core_of(*PEERS)
    for peer in PEERS:
        core.handle(events.LineCrowded(60.0, peer), NOW)
    assert waiting(core) == set(PEERS)


def clock(core: GossipCore, peer: str, at: float) -> list[Action]:
    row = ledger_pb2.LaneClock(lane=LANE.lane, incarnation=INCARNATION, next=4, head=b"h" * 32)
    return receives(core, peer, at, clock=peer_pb2.Clock(rows=[row], complete=True))


def test_on_a_crowded_line_who_brings_the_lane_is_asked_first_for_what_is_missing():
    """What is on its way from it is not sent again; what it has not got it says, and another is asked."""
    core = crowded()
    pushed(core, NEAR, 0, NOW + 1)
    assert sent(clock(core, FAR, NOW + 2), "want") == [NEAR]
    places = [peer_pb2.LaneSeq(lane=LANE.lane, incarnation=INCARNATION, seq=seq) for seq in range(1, 4)]
    absent = peer_pb2.NotFound(entries=places)
    assert sent(receives(core, NEAR, NOW + 3, not_found=absent), "want") == [FAR]


def test_on_a_crowded_line_rounds_are_half_a_minute_apart():
    """A gap, or a digest that differs, is no hurry: clocks were a third of such a line."""
    core = crowded()
    pushed(core, NEAR, 0, NOW + 1)
    pushed(core, NEAR, 5, NOW + 1.1)
    differs = peer_pb2.Digest(sha256=b"d" * 32, lanes=1)
    receives(core, NEAR, NOW + 2, digest=differs)
    rounds = [at for at in range(3, 40) if NEAR in sent(core.handle(events.Tick(), NOW + at), "digest")]
    assert rounds
    assert rounds[0] >= 31

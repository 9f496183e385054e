# SPDX-License-Identifier: Apache-2.0
"""Marks of the tree over reconnects and restarts, and how catch-up keeps out of the tree's way."""

from __future__ import annotations

from memrosters import roster_of
from memstore import FLASH
from memtree import (
    FAR,
    INCARNATION,
    LANE,
    LIMITS,
    NAMES,
    NEAR,
    NOW,
    PEERS,
    THIRD,
    announced,
    core_of,
    link,
    loads,
    pushed,
    receives,
    sent,
    write,
)

from fanal.node.gossip import actions, events
from fanal.node.gossip.core import GossipCore
from fanal.v1 import ledger_pb2, peer_pb2


def test_a_link_that_comes_up_announces_the_alerts_of_pruned_lanes():
    """The last hour's alerts come from the parent alone, however many peers somebody has."""
    core = core_of(*PEERS)
    write(core, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    core.handle(events.LinkDown(FAR), NOW + 3)
    write(core, 1, NOW + 4, FLASH)
    out = link(core, FAR, at=NOW + 5)
    assert FAR not in loads(out)
    assert sent(core.handle(events.Tick(), NOW + 5), "announce") == [FAR]


def test_a_pruned_edge_stays_pruned_over_a_reconnect_and_over_the_peers_restart():
    """The tree survives lines that flap and nodes that begin anew."""
    core = core_of(*PEERS)
    write(core, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    core.handle(events.LinkDown(FAR), NOW + 3)
    link(core, FAR, at=NOW + 4)
    assert FAR not in loads(write(core, 1, NOW + 5))
    core.handle(events.LinkDown(FAR), NOW + 6)
    link(core, FAR, b"t" * 16, NOW + 7)
    assert FAR not in loads(write(core, 2, NOW + 8))


def test_a_peer_that_began_anew_is_told_what_both_had_pruned():
    """Once, behind alerts; after a mere reconnect it is told nothing."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    pushed(core, FAR, 0, NOW + 1.1, first=False)
    receives(core, THIRD, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    for peer in (FAR, THIRD):
        core.handle(events.LinkDown(peer), NOW + 3)
        assert sent(link(core, peer, at=NOW + 4), "prune") == []
    told = {}
    for peer in (FAR, THIRD):
        core.handle(events.LinkDown(peer), NOW + 5)
        out = link(core, peer, b"t" * 16, NOW + 6)
        (send,) = [a for a in out if isinstance(a, actions.Send) and a.frame.HasField("prune")]
        told[peer] = (send.priority, list(send.frame.prune.lanes), list(send.frame.prune.kept))
        core.handle(events.LinkDown(peer), NOW + 7)
        assert sent(link(core, peer, b"t" * 16, NOW + 8), "prune") == []
    routine = actions.Priority.ROUTINE
    assert told == {FAR: (routine, [LANE.lane], []), THIRD: (routine, [], [LANE.lane])}


def test_a_node_that_began_anew_takes_its_own_marks_back():
    """What it is told it once pruned is no parent's edge, and is named again to a peer that begins anew."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(kept=[LANE.lane, b"?" * 32]))
    pushed(core, FAR, 1, NOW + 3)
    assert core._state.book.lanes[LANE.lane].parent == NEAR
    assert list(core._state.peers[FAR].pruned) == [LANE.lane]


def clock(start: int, stop: int) -> peer_pb2.Clock:
    assert start == 0
    row = ledger_pb2.LaneClock(lane=LANE.lane, incarnation=INCARNATION, next=stop, head=bytes(32))
    return peer_pb2.Clock(rows=[row])


def test_what_is_waited_for_is_not_asked_for_twice():
    """An announced entry that somebody pushes is no gap for catch-up."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, FAR, 1, 2, NOW + 2)
    assert sent(receives(core, THIRD, NOW + 2.05, clock=clock(0, 2)), "want") == []
    assert sent(receives(core, THIRD, NOW + 2.06, clock=clock(0, 3)), "want") == [THIRD]


def test_catch_up_asks_the_parent_of_the_lane_first():
    """Of peers that are as good: what is on its way from it is not sent a second time."""
    core = core_of(*PEERS)
    pushed(core, FAR, 0, NOW + 1)
    lane, stream = core._state.book.lanes[LANE.lane], (LANE.lane, INCARNATION)
    assert lane.parent == FAR
    for peer in (NEAR, FAR):
        core._state.peers[peer].note_held(stream, 0, 3)
    assert [a.peer for a in want_now(core, NOW + 2)] == [FAR]


def want_now(core: GossipCore, at: float) -> list[actions.Send]:
    out = receives(core, THIRD, at, clock=clock(0, 3))
    return [a for a in out if isinstance(a, actions.Send) and a.frame.HasField("want")]


def test_a_gap_behind_something_pushed_is_compared_later():
    """An alert overtakes what is less urgent on the same line; the rest follows."""
    core = core_of(*PEERS)
    receives(core, NEAR, NOW + 1, digest=peer_pb2.Digest(sha256=bytes(32)))
    core.handle(events.Tick(), NOW + 4)
    pushed(core, NEAR, 5, NOW + 10)
    assert NEAR not in sent(core.handle(events.Tick(), NOW + 13), "digest")
    assert NEAR in sent(core.handle(events.Tick(), NOW + 10 + LIMITS.fetch_patience), "digest")


def test_a_network_that_shrinks_to_eight_pushes_to_everybody_again():
    """Marks of the tree are forgotten."""
    core = core_of(*PEERS)
    write(core, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    core.handle(events.RosterChanged(roster_of(*NAMES[:8])), NOW + 3)
    assert FAR in loads(write(core, 1, NOW + 4))


def test_a_frame_after_a_long_silence_starts_catch_up():
    """Any contact, also on a link that never broke."""
    core = core_of(NEAR)
    receives(core, NEAR, NOW + 1, digest=peer_pb2.Digest(sha256=bytes(32)))
    core.handle(events.Tick(), NOW + 3)
    out = receives(core, NEAR, NOW + 20, heartbeat=peer_pb2.Heartbeat(reply=True))
    assert sent(out + core.handle(events.Tick(), NOW + 20), "digest") == []
    out = receives(core, NEAR, NOW + 59, heartbeat=peer_pb2.Heartbeat(reply=True))
    assert sent(out + core.handle(events.Tick(), NOW + 59), "digest") == [NEAR]

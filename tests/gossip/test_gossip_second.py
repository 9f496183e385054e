# SPDX-License-Identifier: Apache-2.0
"""A holder that brings nothing of what it was asked for: others are asked too, soon and for few at first."""

from __future__ import annotations

import pytest
from memnet import MemNet, ThinLine
from memrosters import CASPIAN, FOUR, roster_of
from memstore import channel_lane
from memtree import (
    FAR,
    INCARNATION,
    LANE,
    LIMITS,
    NAMES,
    NEAR,
    NOW,
    THIRD,
    core_of,
    link,
    meta,
    receives,
    sent,
)

from fanal.node.gossip import actions, events
from fanal.node.gossip.actions import Action
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.errors import WITHHOLDS
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import ledger_pb2, peer_pb2

ALONE, PATIENCE = LIMITS.graft_patience, LIMITS.fetch_patience
LAST = NAMES[5]


def claims(core: GossipCore, peer: str, following: int, at: float, *lanes: bytes) -> list[Action]:
    rows = [
        ledger_pb2.LaneClock(lane=lane, incarnation=INCARNATION, next=following, head=bytes(32))
        for lane in lanes or (LANE.lane,)
    ]
    return receives(core, peer, NOW + at, clock=peer_pb2.Clock(rows=rows))


def brings(core: GossipCore, peer: str, at: float, *seqs: int, known: bool = False) -> list[Action]:
    frame = peer_pb2.Entries(envelopes=[b"x"])
    (ingest,) = [a for a in receives(core, peer, NOW + at, entries=frame) if isinstance(a, actions.Ingest)]
    new = () if known else tuple(map(meta, seqs))
    old = tuple(meta(seq).place for seq in seqs) if known else ()
    return core.handle(events.Committed(new, peer, ingest.request, old), NOW + at)


def tick(core: GossipCore, at: float) -> list[Action]:
    return core.handle(events.Tick(), NOW + at)


def asked(out: list[Action]) -> list[tuple[str, list[tuple[int, int]]]]:
    wants = [a for a in out if isinstance(a, actions.Send) and a.frame.HasField("want")]
    return [(a.peer, [(run.start, run.stop) for run in a.frame.want.ranges]) for a in wants]


def blamed(out: list[Action]) -> list[str]:
    return [a.peer for a in out if isinstance(a, actions.Noted) and a.error.kind == WITHHOLDS]


def told(out: list[Action], peer: str) -> list[int]:
    acks = [a.frame.ack for a in out if isinstance(a, actions.Send) and a.peer == peer]
    return [place.seq for ack in acks for place in ack.stored]


def from_another(known: int = 10) -> GossipCore:
    """NEAR was asked for ten entries and is silent; FAR has brought them, in a tenth of a second each."""
    core = core_of(NEAR, FAR)
    assert asked(claims(core, NEAR, known, 0.0)) == [(NEAR, [(0, known)])]
    assert asked(claims(core, FAR, known, 0.1)) == []
    assert asked(tick(core, ALONE)) == [(FAR, [(0, 4)])]
    out = brings(core, FAR, ALONE + 0.1, 0, 1, 2, 3)
    assert told(out, NEAR) == [1, 2, 3]
    assert asked(tick(core, ALONE + 0.1)) == [(FAR, [(4, known)])]
    assert told(brings(core, FAR, ALONE + 0.2, *range(4, known)), NEAR) == list(range(4, known))
    return core


def test_attack_who_withholds_costs_a_moment_and_is_named_after_its_patience():
    """Another holder brings a few, then the rest; the first was left one to send, and has not."""
    core = from_another()
    assert core._state.fetches == {}
    assert blamed(tick(core, ALONE + 0.2 + PATIENCE - 0.1)) == []
    assert blamed(tick(core, ALONE + 0.2 + PATIENCE)) == [NEAR]
    assert asked(claims(core, NEAR, 12, 20.0)) == [(NEAR, [(10, 12)])]  # nobody else claims these
    assert asked(claims(core, FAR, 12, 20.5)) == [(FAR, [(10, 12)])]


def test_who_was_only_slow_is_not_blamed_and_is_waited_for_longer_from_then_on():
    """It sends the one of which it was not told: twice as long as that took nobody else is asked."""
    core = from_another()
    brings(core, NEAR, 3.0, 0, known=True)
    assert blamed(tick(core, 30.0)) == []
    claims(core, FAR, 12, 30.1)
    brings(core, FAR, 30.2, 10, 11)
    assert asked(claims(core, NEAR, 14, 31.0)) == [(NEAR, [(12, 14)])]
    claims(core, FAR, 14, 31.1)
    assert asked(tick(core, 31.0 + 5.9)) == []
    assert asked(tick(core, 31.0 + 6.0)) == [(FAR, [(12, 14)])]


def test_who_may_know_that_everything_is_here_owes_nothing():
    """A clock row tells a peer what it need not send any more; then its silence is no withholding."""
    core = from_another()
    out = receives(core, NEAR, NOW + 2.0, digest=peer_pb2.Digest(sha256=bytes(32), lanes=1))
    assert sent(out, "clock") == [NEAR]
    assert blamed(tick(core, 30.0)) == []


def test_who_answers_that_it_has_not_got_them_owes_nothing():
    """It was wrong in its clock and says so."""
    core = from_another()
    places = [peer_pb2.LaneSeq(lane=LANE.lane, incarnation=INCARNATION, seq=seq) for seq in range(10)]
    receives(core, NEAR, NOW + 2.0, not_found=peer_pb2.NotFound(entries=places))
    assert blamed(tick(core, 30.0)) == []


def test_one_that_claims_later_is_asked_at_once_when_the_first_is_silent():
    """A link that heals in the middle of a fetch need not wait for the end of somebody's patience."""
    core = core_of(NEAR, FAR)
    claims(core, NEAR, 10, 0.0)
    assert asked(tick(core, 2.0)) == []
    assert asked(claims(core, FAR, 10, 2.1)) == [(FAR, [(0, 4)])]


def test_one_more_holder_at_a_time_is_asked_and_who_is_silent_too_is_followed_by_the_next():
    """Each much later than the one before, and no one for more than a few entries."""
    core = core_of(NEAR, FAR, THIRD)
    for peer in (NEAR, FAR, THIRD):
        claims(core, peer, 100, 0.0)
    assert asked(tick(core, ALONE)) == [(FAR, [(0, 4)])]
    assert asked(tick(core, 4.9 * ALONE)) == []
    assert asked(tick(core, 5 * ALONE + 0.01)) == [(THIRD, [(0, 4)])]
    assert asked(tick(core, 9.9)) == []


def test_attack_who_earned_others_much_trust_by_silence_does_not_make_each_of_them_be_asked_for_much():
    """The second was fast so far and is silent too, or slow: of the next ones nothing is known."""
    core, other = from_another(20), bytes([7]) * 32
    assert asked(claims(core, NEAR, 1000, 3.0, other)) == [(NEAR, [(0, 1000)])]
    link(core, THIRD, at=NOW + 3.0)
    link(core, LAST, at=NOW + 3.0)
    for peer in (FAR, THIRD, LAST):
        claims(core, peer, 1000, 3.1, other)
    out = [one for tenths in range(95) for one in asked(tick(core, 3.1 + tenths / 10))]
    assert out == [(FAR, [(0, 16)]), (THIRD, [(0, 4)]), (LAST, [(0, 4)])]


@pytest.mark.parametrize("again", ["answers", "links"])
def test_attack_one_that_claims_what_it_has_not_got_keeps_nobody_else_from_being_asked(again: str):
    """Asked beside the silent one it says that it has nothing, or comes with a new link, each time."""
    core = core_of(NEAR, FAR, THIRD)
    for peer in (NEAR, FAR, THIRD):
        claims(core, peer, 100, 0.0)
    assert asked(tick(core, ALONE)) == [(FAR, [(0, 4)])]
    if again == "answers":
        places = [peer_pb2.LaneSeq(lane=LANE.lane, incarnation=INCARNATION, seq=seq) for seq in range(4)]
        receives(core, FAR, NOW + ALONE, not_found=peer_pb2.NotFound(entries=places))
    else:
        link(core, FAR, at=NOW + ALONE)
    assert asked(claims(core, FAR, 100, ALONE)) == [(THIRD, [(0, 4)])]


def test_what_others_are_asked_for_in_place_of_a_silent_peer_is_counted_over_all_its_streams():
    """Four entries at first, however many streams it leaves unanswered."""
    core, lanes = core_of(NEAR, FAR), [bytes([1 + number]) * 32 for number in range(40)]
    assert len(asked(claims(core, NEAR, 1, 0.0, *lanes))) == 40
    claims(core, FAR, 1, 0.1, *lanes)
    assert asked(tick(core, ALONE)) == [(FAR, [(0, 1)])] * 4


@pytest.mark.parametrize("which", ["own", "other"])
def test_over_a_line_that_is_told_to_be_thin_nobody_is_asked_beside_the_first(which: str):
    """Another copy would make its queue longer."""
    thin = {"own": (), "other": (FAR,)}[which]
    core = core_of(NEAR, FAR, limits=GossipLimits(thin=which == "own"), thin=thin)
    first = asked(claims(core, NEAR, 10, 0.0))
    claims(core, FAR, 10, 0.1)
    assert len(first) == 1
    assert [one for at in range(1, 10) for one in asked(tick(core, at))] == []


def test_attack_who_says_that_its_line_is_thin_is_not_spared_for_it():
    """Another copy does not come over that line."""
    core = core_of(NEAR, FAR, thin=(NEAR,))
    claims(core, NEAR, 10, 0.0)
    claims(core, FAR, 10, 0.1)
    assert asked(tick(core, ALONE)) == [(FAR, [(0, 4)])]


def test_catching_up_over_64_kbit_brings_a_few_entries_twice_at_first_and_blames_nobody():
    """A batch takes eight seconds there, and two others hold the same."""
    names = FOUR
    net, me = MemNet(names, roster_of(*names), 3), names[-1]
    net.hosts[me].crash()
    net.mesh()
    net.run(2.0)
    net.hosts[names[0]].write(channel_lane(names[0], CASPIAN), 300)
    net.run(20.0)
    net.thin[me] = ThinLine(net, 8_000.0, 0.15)
    net.hosts[me].start()
    copies = [0]
    net.watchers.append(lambda _, to, frame: copies.append(to == me and len(frame.entries.envelopes)))
    net.run_until(net.converged, 120.0)
    net.run(20.0)
    print(f"  {sum(copies)} copies of 301")
    assert 301 < sum(copies) <= 301 + 20
    assert [peer.score for peer, _ in net.hosts[me].core._state.linked()] == [0, 0, 0]

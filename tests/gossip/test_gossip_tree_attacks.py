# SPDX-License-Identifier: Apache-2.0
"""Peers that abuse the tree: they cost themselves, and bounded work; nobody else waits."""

from __future__ import annotations

from memnet import MemNet
from memrosters import CASPIAN, roster_of
from memspread import Setting, Spread
from memstore import channel_lane

from fanal.node.gossip import actions, events
from fanal.node.gossip.actions import Action
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.events import EntryMeta, Heads, Place
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import envelope_pb2, peer_pb2

NAMES = tuple(f"{letter}{letter}-{letter}" for letter in "ABCDEFGHIJKL")
ME, EVIL, FRIEND, THIRD, FOURTH = NAMES[:5]
LANE = channel_lane(NAMES[11], CASPIAN)
INCARNATION = b"i" * 16
NOW = 1_800_000_000.0
LIMITS = GossipLimits()


def metas(count: int) -> tuple[EntryMeta, ...]:
    places = (Place(LANE.lane, INCARNATION, seq) for seq in range(count))
    return tuple(EntryMeta(place, LANE, 1, 2, bytes(32), 1000) for place in places)


def core_with(held: int = 0) -> GossipCore:
    core = GossipCore(ME, roster_of(*NAMES), Heads(1, b"c" * 32))
    if held:
        core.handle(events.Committed(metas(held)), NOW)
    for peer in (EVIL, FRIEND, THIRD, FOURTH):
        core.handle(events.LinkUp(peer, b"s" * 16, Heads(1, b"c" * 32)), NOW)
    return core


def feed(core: GossipCore, peer: str, at: float, **frame: object) -> list[Action]:
    return core.handle(events.Received(peer, peer_pb2.Frame(**frame)), at)  # type: ignore[arg-type]


def announce(lane: bytes, start: int, stop: int) -> peer_pb2.Announce:
    runs = [envelope_pb2.SeqRange(start=start, stop=stop)]
    named = peer_pb2.LaneRuns(lane=lane, incarnation=INCARNATION, ranges=runs)
    return peer_pb2.Announce(runs=[named], pushed=True)


def graft(start: int, stop: int) -> peer_pb2.Graft:
    runs = [envelope_pb2.SeqRange(start=start, stop=stop)]
    return peer_pb2.Graft(lane=LANE.lane, incarnation=INCARNATION, ranges=runs)


def cuts(out: list[Action]) -> list[tuple[str, str]]:
    return [(a.peer, a.error.kind.id) for a in out if isinstance(a, actions.Cut)]


def rests(out: list[Action]) -> set[tuple[str, str]]:
    """Whom the core reads more slowly, and why; it cuts nobody for asking."""
    assert cuts(out) == []
    return {(a.peer, a.error.kind.id) for a in out if isinstance(a, actions.Rest)}


def grafts(out: list[Action]) -> list[str]:
    return [a.peer for a in out if isinstance(a, actions.Send) and a.frame.HasField("graft")]


def test_a_peer_that_prunes_everything_in_a_loop_is_told_only_and_then_metered():
    """Invented lanes are not remembered; a storm ends like any flood of frames."""
    core = core_with(held=3)
    lanes = [LANE.lane, *(number.to_bytes(32) for number in range(900))]
    out = feed(core, EVIL, NOW + 1, prune=peer_pb2.Prune(lanes=lanes))
    assert cuts(out) == []
    assert len(core._state.peers[EVIL].lazy) == 1
    for _ in range(3000):
        out += feed(core, EVIL, NOW + 1, prune=peer_pb2.Prune(lanes=lanes))
    assert rests(out) == {(EVIL, "FANAL-E0705")}


def test_the_marks_of_the_tree_are_bounded_for_each_peer():
    """The oldest is forgotten, and its lane is pushed again."""
    limits = GossipLimits(tree_lanes=10)
    core = GossipCore(ME, roster_of(*NAMES), Heads(1, b"c" * 32), limits=limits)
    core.handle(events.LinkUp(EVIL, b"s" * 16, Heads(1, b"c" * 32)), NOW)
    lanes = [channel_lane(name, CASPIAN) for name in NAMES]
    for lane in lanes:
        place = Place(lane.lane, INCARNATION, 0)
        core.handle(events.Committed((EntryMeta(place, lane, 1, 2, bytes(32), 10),)), NOW)
    feed(core, EVIL, NOW + 1, prune=peer_pb2.Prune(lanes=[lane.lane for lane in lanes]))
    assert len(core._state.peers[EVIL].lazy) == 10


def test_a_peer_that_grafts_everything_in_a_loop_gets_each_entry_once():
    """Until it acknowledges nothing is read again; the loop itself is metered."""
    core = core_with(held=64)
    out: list[Action] = []
    for _ in range(3000):
        out += feed(core, EVIL, NOW + 1, graft=graft(0, 64))
    assert sum(isinstance(a, actions.LoadEntries) and a.peer == EVIL for a in out) <= 1
    assert rests(out) == {(EVIL, "FANAL-E0705")}


def test_a_peer_that_acknowledges_and_asks_again_in_a_loop_is_metered():
    """What it said it holds costs a token each time: two thousand entries, not an endless stream."""
    core = core_with(held=64)
    places = [peer_pb2.LaneSeq(lane=LANE.lane, incarnation=INCARNATION, seq=n) for n in range(64)]
    out: list[Action] = []
    rounds = 0
    while not rests(out) and rounds < 1000:
        rounds += 1
        out = feed(core, EVIL, NOW + 1, graft=graft(0, 64))
        for load in [a for a in out if isinstance(a, actions.LoadEntries)]:
            core.handle(events.Loaded(EVIL, load.request, ()), NOW + 1)
        out += feed(core, EVIL, NOW + 1, ack=peer_pb2.Acknowledgement(stored=places))
    assert rests(out) == {(EVIL, "FANAL-E0705")}
    assert rounds <= LIMITS.requests_burst / 64 + 1


def test_a_graft_of_more_than_a_batch_is_no_graft():
    """Malformed: catch-up is asked for by Want."""
    assert cuts(feed(core_with(100), EVIL, NOW + 1, graft=graft(0, 65))) == [(EVIL, "FANAL-E0701")]


def test_a_peer_that_prunes_and_grafts_in_turns_changes_nothing_for_others():
    """Its own edge flaps, every frame is paid for."""
    core = core_with(held=3)
    out: list[Action] = []
    for _ in range(500):
        out += feed(core, EVIL, NOW + 1, prune=peer_pb2.Prune(lanes=[LANE.lane]))
        out += feed(core, EVIL, NOW + 1, graft=graft(0, 1))
    assert cuts(out) == []
    assert {a.peer for a in out if isinstance(a, actions.Send)} <= {EVIL}
    assert all(len(core._state.peers[name].lazy) == 0 for name in (FRIEND, THIRD))


def test_a_peer_that_announces_what_does_not_exist_is_asked_once_and_what_is_waited_for_is_bounded():
    """A thousand invented lanes: 256 waited for, each asked of the inventor once, then forgotten."""
    core = core_with(held=3)
    for number in range(1000):
        feed(core, EVIL, NOW + 1, announce=announce(number.to_bytes(32), 0, 5))
    waiting = sum(len(batches) for batches in core._state.expected.values())
    assert waiting == LIMITS.expected_per_peer
    out: list[Action] = []
    for tenth in range(11, 60):
        out += core.handle(events.Tick(), NOW + tenth / 10)
    assert grafts(out) == [EVIL] * waiting
    assert core._state.expected == {}


def test_an_absurd_announcement_is_catch_up_and_no_graft():
    """Two to the fifty-second entries at once: a slice of them is asked for, by Want."""
    core = core_with(held=3)
    feed(core, EVIL, NOW + 1, announce=announce(LANE.lane, 0, 1 << 52))
    out = core.handle(events.Tick(), NOW + 4)
    assert grafts(out) == []
    (want,) = [a.frame.want for a in out if isinstance(a, actions.Send) and a.frame.HasField("want")]
    assert sum(run.stop - run.start for run in want.ranges) == LIMITS.fetch_slice


def test_a_peer_that_fills_a_lane_with_inventions_does_not_keep_honest_announcements_out():
    """Its share of what is waited for in one stream is small."""
    core = core_with(held=3)
    for number in range(100):
        feed(core, EVIL, NOW + 1, announce=announce(LANE.lane, 1000 + 2 * number, 1001 + 2 * number))
    feed(core, FRIEND, NOW + 1, announce=announce(LANE.lane, 3, 4))
    assert FRIEND in grafts(core.handle(events.Tick(), NOW + 1.3))


def test_a_peer_that_announces_and_withholds_is_passed_over_and_asked_last_from_then_on():
    """The next announcers are asked within the patience; the liar's score says so to the next entry."""
    core = core_with(held=3)
    for peer in (EVIL, FRIEND, THIRD):
        feed(core, peer, NOW + 1, announce=announce(LANE.lane, 3, 4))
    assert grafts(core.handle(events.Tick(), NOW + 1.3)) == [EVIL]
    later = NOW + 1.3 + LIMITS.graft_patience
    assert grafts(core.handle(events.Tick(), later)) == [FRIEND]
    later += LIMITS.graft_patience
    assert grafts(core.handle(events.Tick(), later)) == [THIRD]
    for peer in (EVIL, FRIEND, THIRD):
        feed(core, peer, later, announce=announce(LANE.lane, 4, 5))
    assert EVIL not in grafts(core.handle(events.Tick(), later + 0.3))


def test_acknowledging_what_it_is_sent_does_not_mend_the_name_of_a_peer_that_withholds():
    """Only news it brings does."""
    core = core_with(held=3)
    feed(core, EVIL, NOW + 1, announce=announce(LANE.lane, 3, 4))
    core.handle(events.Tick(), NOW + 1.3)
    core.handle(events.Tick(), NOW + 1.3 + LIMITS.graft_patience)
    assert core._state.peers[EVIL].score < 0
    core.handle(events.Committed(metas(4)[3:]), NOW + 3)
    place = peer_pb2.LaneSeq(lane=LANE.lane, incarnation=INCARNATION, seq=3)
    feed(core, EVIL, NOW + 3, ack=peer_pb2.Acknowledgement(stored=[place]))
    assert core._state.peers[EVIL].score < 0


def test_a_peer_that_pushes_on_over_a_pruned_edge_is_metered():
    """A window of copies that were on their way is forgiven, a flood is not."""
    core = core_with(held=64)
    known = tuple(meta.place for meta in metas(64))
    core._state.book.lanes[LANE.lane].parent = FRIEND
    out: list[Action] = []
    rounds = 0
    while not rests(out) and rounds < 1000:
        rounds += 1
        envelopes = peer_pb2.Entries(envelopes=[b"x"] * 64, pushed=True)
        got = [a for a in feed(core, EVIL, NOW + 1, entries=envelopes) if isinstance(a, actions.Ingest)]
        out = core.handle(events.Committed((), EVIL, got[0].request, known), NOW + 1)
    assert rests(out) == {(EVIL, "FANAL-E0705")}
    assert LIMITS.window_entries / 64 < rounds <= LIMITS.requests_burst / 64 + 2


def test_two_peers_that_prune_and_graft_everything_delay_others_no_more_than_those_that_withhold():
    """Whom they forwarded to grafts another edge: in a network of twenty nobody waits for two seconds."""
    run = Spread(Setting(20, seed=5))
    run.write(2)
    evil = [name for name in run.honest if name not in run.authors][:2]
    run.honest = [name for name in run.honest if name not in evil]
    for turn in range(100):
        run.net.at(turn / 10, lambda: _storm(run.net, evil))
    run.clear()
    run.write(4)
    assert run.missing() == 0
    assert max(run.seconds()) <= 2.0
    run.net.check_safety()


def _storm(net: MemNet, evil: list[str]) -> None:
    for name in evil:
        for peer in net.hosts[name].core.linked:
            for lane, incarnation in net.hosts[name].store.last:
                net.transmit(name, peer, peer_pb2.Frame(prune=peer_pb2.Prune(lanes=[lane])))
                runs = [envelope_pb2.SeqRange(start=0, stop=4)]
                again = peer_pb2.Graft(lane=lane, incarnation=incarnation, ranges=runs)
                net.transmit(name, peer, peer_pb2.Frame(graft=again))

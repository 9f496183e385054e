# SPDX-License-Identifier: Apache-2.0
"""What a hostile peer sends too much of: bounded, charged, and cut only for garbage."""

import pytest
from evilframes import (
    EVIL,
    HUGE,
    INCARNATION,
    NOW,
    SECRET,
    Frame,
    core_with_evil_peer,
    cuts,
    feed,
    place,
    sent,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from memrosters import LANE_A
from memstore import meta_of, stub_envelope

from fanal.node.gossip import actions, events
from fanal.node.gossip.events import Closed, EntryMeta, Place
from fanal.v1 import envelope_pb2, ledger_pb2, peer_pb2


def test_a_predecessor_that_never_was_is_asked_for_once():
    """The peer has none of it: it is not asked for the next slice, and so on up to the claimed end."""
    core = core_with_evil_peer()
    claim = EntryMeta(
        Place(LANE_A.lane, b"j" * 16, 0), LANE_A, 1, 2, bytes(32), 100, closes=Closed(b"k" * 16, 10**15)
    )
    core.handle(events.Committed((claim,), EVIL, 1), NOW + 1)
    absent = [peer_pb2.LaneSeq(lane=LANE_A.lane, incarnation=b"k" * 16, seq=n) for n in range(1000)]
    out = feed(core, Frame(not_found=peer_pb2.NotFound(entries=absent)))
    out += core.handle(events.Tick(), NOW + 30)
    assert sent(out, "want") == []


def test_a_flood_of_large_clocks_is_metered_long_before_its_burst_of_frames():
    """Frames are paid for by their size: sixteen megabytes of rows are not two dozen small requests."""
    core = core_with_evil_peer()
    rows = [
        ledger_pb2.LaneClock(lane=n.to_bytes(32), incarnation=bytes(16), next=10**6, holes=range(500))
        for n in range(900)
    ]
    out = feed(core, Frame(clock=peer_pb2.Clock(rows=rows)), times=25)
    assert cuts(out) == []
    rests = [action for action in out if isinstance(action, actions.Rest)]
    assert rests
    assert all(0 < one.seconds <= 5.0 and one.error.kind.id == "FANAL-E0705" for one in rests)


def test_a_flood_of_acknowledgements_of_nothing_is_metered():
    """What was never sent may be acknowledged by mistake; by the hundred thousand it is not listened to."""
    core = core_with_evil_peer()
    ack = peer_pb2.Acknowledgement(stored=[place(LANE_A.lane, n) for n in range(1000)])
    few = feed(core, Frame(ack=ack), times=10)
    assert not [action for action in few if isinstance(action, actions.Cut | actions.Rest)]
    out = feed(core, Frame(ack=ack), times=200)
    assert cuts(out) == []
    assert 70 <= len([action for action in out if isinstance(action, actions.Rest)]) <= 90


SEQ = st.sampled_from([0, 1, 5, 99, 100, 101, 10**6, (1 << 53), HUGE])
LANES = st.sampled_from([LANE_A.lane, SECRET.lane, b"?" * 32, b"short", b""])
PLACES = st.lists(
    st.builds(peer_pb2.LaneSeq, lane=LANES, incarnation=st.just(INCARNATION), seq=SEQ), max_size=5
)
ROWS = st.lists(
    st.builds(
        ledger_pb2.LaneClock,
        lane=LANES,
        incarnation=st.just(INCARNATION),
        next=SEQ,
        floor=SEQ,
        holes=st.lists(SEQ, max_size=4, unique=True).map(sorted),
    ),
    max_size=3,
)
RANGES = st.lists(st.builds(envelope_pb2.SeqRange, start=SEQ, stop=SEQ), max_size=4)
RUNS = st.lists(
    st.builds(peer_pb2.LaneRuns, lane=LANES, incarnation=st.just(INCARNATION), ranges=RANGES), max_size=3
)
FRAMES = st.one_of(
    st.builds(lambda p: Frame(ack=peer_pb2.Acknowledgement(stored=p)), PLACES),
    st.builds(lambda p: Frame(not_found=peer_pb2.NotFound(entries=p)), PLACES),
    st.builds(
        lambda a, pushed: Frame(announce=peer_pb2.Announce(runs=a, pushed=pushed)), RUNS, st.booleans()
    ),
    st.builds(lambda lanes: Frame(prune=peer_pb2.Prune(lanes=lanes)), st.lists(LANES, max_size=3)),
    st.builds(
        lambda lane, r: Frame(graft=peer_pb2.Graft(lane=lane, incarnation=INCARNATION, ranges=r)),
        LANES,
        RANGES,
    ),
    st.builds(lambda r: Frame(clock=peer_pb2.Clock(rows=r)), ROWS),
    st.builds(
        lambda lane, r: Frame(want=peer_pb2.Want(lane=lane, incarnation=INCARNATION, ranges=r)), LANES, RANGES
    ),
    st.builds(
        lambda d: Frame(digest=peer_pb2.Digest(sha256=d)), st.sampled_from([bytes(32), b"x" * 32, b""])
    ),
    st.builds(lambda e: Frame(entries=peer_pb2.Entries(envelopes=e)), st.lists(st.binary(), max_size=3)),
    st.builds(
        lambda k: Frame(want_wraps=peer_pb2.WantWraps(key_manifest_sha256=k)),
        st.sampled_from([bytes(32), b""]),
    ),
    st.builds(lambda n: Frame(want_documents=peer_pb2.WantDocuments(charters_after=n)), SEQ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAMES, max_size=20))
def test_no_sequence_of_frames_raises_or_names_a_foreign_lane(frames):
    """Whatever comes, the core answers with actions, and none of them tells of a lane EVIL may not hold."""
    core = core_with_evil_peer()
    named: list[bytes] = []
    for frame in frames:
        for action in feed(core, frame):
            if isinstance(action, actions.Send):
                named += [row.lane for row in action.frame.clock.rows]
                named += [action.frame.want.lane, action.frame.graft.lane, *action.frame.prune.lanes]
                named += [runs.lane for runs in action.frame.announce.runs]
            if isinstance(action, actions.LoadEntries):
                named += [wanted.span.lane for wanted in action.wanted]
    core.handle(events.Tick(), NOW + 1000)
    assert SECRET.lane not in named


def test_stub_envelopes_of_the_test_network_refuse_a_changed_byte():
    """The stand-in signature of the tests is one: a changed envelope is no envelope."""
    data, _ = stub_envelope(envelope_pb2.Header(author="AA-A"), b"body")
    meta_of(data)
    with pytest.raises(ValueError, match=r"signature|envelope"):
        meta_of(data.replace(b"AA-A", b"AB-A"))

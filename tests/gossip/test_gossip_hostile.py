# SPDX-License-Identifier: Apache-2.0
"""Frames of a peer that means ill: no exception, no unbounded memory, no lane it may not hold."""

import tracemalloc

import pytest
from evilframes import (
    EVIL,
    FRIEND,
    HUGE,
    INCARNATION,
    NOW,
    SECRET,
    Frame,
    announce,
    core_with_evil_peer,
    cuts,
    feed,
    place,
    sent,
    want,
)
from memrosters import LANE_A

from fanal.node.gossip import actions, events
from fanal.node.gossip.events import Closed, EntryMeta, Heads, Place
from fanal.v1 import envelope_pb2, identity_pb2, ledger_pb2, peer_pb2


def test_a_foreign_lane_and_an_unknown_lane_get_the_same_answer():
    """NotFound for both, nothing is read, and nothing tells that one of them exists."""
    core = core_with_evil_peer()
    foreign = feed(core, want(SECRET.lane, (0, 3)))
    unknown = feed(core, want(b"?" * 32, (0, 3)))
    assert not [a for a in foreign + unknown if isinstance(a, actions.LoadEntries)]
    answers = [[e.seq for e in frame.entries] for frame in sent(foreign + unknown, "not_found")]
    assert answers == [[0, 1, 2], [0, 1, 2]]


def test_an_absurd_range_is_clamped_to_what_is_held_and_answered_with_a_bounded_not_found():
    """Ten to the eighteenth entries asked for: one batch is read, at most 1,000 places are named."""
    core = core_with_evil_peer()
    out = feed(core, want(LANE_A.lane, (0, 10**18)))
    loads = [a for a in out if isinstance(a, actions.LoadEntries)]
    assert [w.span.stop - w.span.start for load in loads for w in load.wanted] == [64]
    assert [len(frame.entries) for frame in sent(out, "not_found")] == [1000]


def test_the_same_request_a_thousand_times_queues_it_once():
    """Requests merge; reading waits for acknowledgements."""
    core = core_with_evil_peer()
    out = feed(core, want(LANE_A.lane, (0, 100)), 1000)
    assert len([a for a in out if isinstance(a, actions.LoadEntries)]) == 1
    assert core.outstanding(EVIL)[:2] == (100, 64)


MALFORMED = {
    "short lane": want(b"x", (0, 1)),
    "reversed range": want(LANE_A.lane, (5, 5)),
    "too many ranges": want(LANE_A.lane, *[(2 * n, 2 * n + 1) for n in range(1001)]),
    "65 envelopes": Frame(entries=peer_pb2.Entries(envelopes=[b"x"] * 65)),
    "empty envelope": Frame(entries=peer_pb2.Entries(envelopes=[b""])),
    "oversize envelope": Frame(entries=peer_pb2.Entries(envelopes=[b"x" * 70_000])),
    "1,001 acknowledgements": Frame(
        ack=peer_pb2.Acknowledgement(stored=[place(LANE_A.lane, n) for n in range(1001)])
    ),
    "endless reason": Frame(
        ack=peer_pb2.Acknowledgement(refused=[peer_pb2.Refused(entry=place(LANE_A.lane, 0), reason="x" * 65)])
    ),
    "absurd seq": announce(LANE_A.lane, (0, HUGE)),
    "short digest": Frame(digest=peer_pb2.Digest(sha256=b"x")),
    "absurd next": Frame(
        clock=peer_pb2.Clock(rows=[ledger_pb2.LaneClock(lane=bytes(32), incarnation=bytes(16), next=HUGE)])
    ),
    "hole beyond next": Frame(
        clock=peer_pb2.Clock(
            rows=[ledger_pb2.LaneClock(lane=bytes(32), incarnation=bytes(16), next=3, holes=[10**9])]
        )
    ),
    "holes out of order": Frame(
        clock=peer_pb2.Clock(
            rows=[ledger_pb2.LaneClock(lane=bytes(32), incarnation=bytes(16), next=9, holes=[5, 4])]
        )
    ),
    "1,001 holes": Frame(
        clock=peer_pb2.Clock(
            rows=[
                ledger_pb2.LaneClock(
                    lane=bytes(32), incarnation=bytes(16), next=10**6, holes=list(range(1001))
                )
            ]
        )
    ),
    "1,001 rows": Frame(
        clock=peer_pb2.Clock(rows=[ledger_pb2.LaneClock(lane=bytes(32), incarnation=bytes(16))] * 1001)
    ),
    "giant wrap": Frame(
        wraps=peer_pb2.Wraps(wraps=[envelope_pb2.WrapProof(key_manifest_sha256=bytes(32), wrap=b"x" * 2049)])
    ),
    "endless path": Frame(
        wraps=peer_pb2.Wraps(
            wraps=[envelope_pb2.WrapProof(key_manifest_sha256=bytes(32), path=[bytes(32)] * 17)]
        )
    ),
    "201 wraps": Frame(
        wraps=peer_pb2.Wraps(wraps=[envelope_pb2.WrapProof(key_manifest_sha256=bytes(32))] * 201)
    ),
    "endless name": Frame(
        want_wraps=peer_pb2.WantWraps(key_manifest_sha256=bytes(32), recipients=["x" * 17])
    ),
    "501 identities": Frame(want_documents=peer_pb2.WantDocuments(identities_of=["x"] * 501)),
    "giant charter": Frame(
        documents=peer_pb2.Documents(charters=[identity_pb2.SignedDocument(body=b"x" * 900_001)])
    ),
    "giant identity": Frame(
        documents=peer_pb2.Documents(identities=[identity_pb2.SignedDocument(body=b"x" * 300_000)])
    ),
    "501 charters": Frame(
        documents=peer_pb2.Documents(charters=[identity_pb2.SignedDocument(body=b"x")] * 501)
    ),
    "1,001 not found": Frame(not_found=peer_pb2.NotFound(entries=[place(bytes(32), 0)] * 1001)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_frame_no_honest_node_sends_cuts_the_link_and_names_the_field(name):
    """One past each limit: the link is cut, with the peer and the field in the sentence."""
    core = core_with_evil_peer()
    out = feed(core, MALFORMED[name])
    assert cuts(out) == ["FANAL-E0701"]
    assert core.linked == ()
    (cut,) = [a for a in out if isinstance(a, actions.Cut)]
    assert EVIL in str(cut.error)
    assert "{" not in cut.error.sentence + cut.error.hint
    assert not [a for a in out if isinstance(a, actions.Ingest | actions.TakeDocuments)]


def test_a_clock_of_a_trillion_entries_costs_a_slice_and_the_liar_its_turn():
    """A billion-entry promise is one request for a slice; after its patience the friend is asked."""
    core = core_with_evil_peer()
    row = ledger_pb2.LaneClock(
        lane=LANE_A.lane, incarnation=INCARNATION, next=10**12, head=b"h" * 32, holes=range(100, 1100)
    )
    out = feed(core, Frame(clock=peer_pb2.Clock(rows=[row], complete=True)))
    (request,) = sent(out, "want")
    assert sum(run.stop - run.start for run in request.ranges) <= 1024
    core.handle(events.LinkUp(FRIEND, b"f" * 16, Heads(1, b"c" * 32)), NOW + 1)
    honest = ledger_pb2.LaneClock(lane=LANE_A.lane, incarnation=INCARNATION, next=120, head=b"h" * 32)
    friendly = Frame(clock=peer_pb2.Clock(rows=[honest]))
    core.handle(events.Received(FRIEND, friendly), NOW + 2)
    out = core.handle(events.Tick(), NOW + 20)
    wants = [a for a in out if isinstance(a, actions.Send) and a.frame.HasField("want")]
    assert [(a.peer, a.frame.want.ranges[0].start) for a in wants] == [(FRIEND, 100)]


def test_acknowledgements_of_what_was_never_sent_release_nothing_and_tell_nothing():
    """Foreign, unknown and future places change no window and reach no record of delivery."""
    core = core_with_evil_peer()
    lies = [place(SECRET.lane, 1), place(b"?" * 32, 1), place(LANE_A.lane, 10**9)]
    out = feed(core, Frame(ack=peer_pb2.Acknowledgement(stored=lies)))
    refusal = peer_pb2.Refused(entry=place(SECRET.lane, 1), reason="NO")
    out += feed(core, Frame(ack=peer_pb2.Acknowledgement(refused=[refusal])))
    assert not [a for a in out if isinstance(a, actions.RecordHeld | actions.RecordRefused)]


def test_a_flood_of_entries_without_waiting_for_answers_is_cut():
    """Bounded by what the incoming story has not answered, not by time."""
    core = core_with_evil_peer()
    frame = Frame(entries=peer_pb2.Entries(envelopes=[b"x" * 100] * 64))
    out = feed(core, frame, 40)
    assert cuts(out) == ["FANAL-E0702"]
    assert len([a for a in out if isinstance(a, actions.Ingest)]) == 16


def test_what_a_peer_sends_again_while_the_own_store_hangs_is_no_flood():
    """A minute without an answer: it is left unread, and the link stands."""
    core = core_with_evil_peer()
    frame = Frame(entries=peer_pb2.Entries(envelopes=[b"x" * 100] * 64))
    feed(core, frame, 16)
    core.handle(events.Received(EVIL, Frame(heartbeat=peer_pb2.Heartbeat(reply=True))), NOW + 30.0)
    out = [one for _ in range(40) for one in core.handle(events.Received(EVIL, frame), NOW + 61.0)]
    assert cuts(out) == []
    assert not [a for a in out if isinstance(a, actions.Ingest)]


def test_a_flood_of_documents_is_cut():
    """Sixteen frames unanswered are enough."""
    core = core_with_evil_peer()
    frame = Frame(documents=peer_pb2.Documents(charters=[identity_pb2.SignedDocument(body=b"1")]))
    out = feed(core, frame, 40)
    assert cuts(out) == ["FANAL-E0702"]
    assert len([a for a in out if isinstance(a, actions.TakeDocuments)]) == 16


def test_a_flood_of_requests_is_metered_after_its_burst_and_never_cut():
    """Heartbeats, digests and requests are paid from one bucket; who asks faster is read more slowly, as a
    link is cut only for garbage, on proof or by its operator."""
    core = core_with_evil_peer()
    out = feed(core, Frame(heartbeat=peer_pb2.Heartbeat()), 3000)
    assert cuts(out) == []
    assert 990 <= len([action for action in out if isinstance(action, actions.Rest)]) <= 1010
    assert EVIL in core.linked


def test_a_flood_of_document_requests_reads_a_bounded_number_at_a_time():
    """What is over the number outstanding is dropped; an honest node asks again."""
    core = core_with_evil_peer()
    out = feed(core, Frame(want_documents=peer_pb2.WantDocuments(identities_of=["X"])), 100)
    assert len([a for a in out if isinstance(a, actions.LoadDocuments)]) == 16


def test_a_frame_of_a_newer_protocol_is_ignored():
    """Peers one version apart still talk."""
    core = core_with_evil_peer()
    assert cuts(feed(core, Frame.FromString(b"\xfa\x06\x01x"))) == []


def test_the_wraps_of_a_foreign_lane_are_not_given():
    """The lane is judged after the store has named it; an unknown key and a foreign one look the same."""
    core = core_with_evil_peer()
    for view in (SECRET, None):
        out = feed(core, Frame(want_wraps=peer_pb2.WantWraps(key_manifest_sha256=b"k" * 32)))
        (load,) = [a for a in out if isinstance(a, actions.LoadWraps)]
        proof = envelope_pb2.WrapProof(key_manifest_sha256=b"k" * 32)
        answer = events.LoadedWraps(EVIL, load.request, view, (proof,) if view else ())
        assert not [a for a in core.handle(answer, NOW + 2) if isinstance(a, actions.Send)]


def test_an_announcement_of_a_foreign_lane_is_not_followed():
    """Asking for it would name a lane to a peer that may not hold it."""
    core = core_with_evil_peer()
    out = feed(core, announce(SECRET.lane, (200, 201)))
    assert sent(out, "want") == []


def test_sixteen_thousand_invented_lanes_cost_a_bounded_amount_of_memory():
    """Clock rows beyond what a peer may tell of are forgotten."""
    core = core_with_evil_peer()
    tracemalloc.start()
    for page in range(40):
        rows = [
            ledger_pb2.LaneClock(
                lane=b"L" * 28 + (1000 * page + n).to_bytes(4, "big"), incarnation=bytes(16), next=10
            )
            for n in range(1000)
        ]
        feed(core, Frame(clock=peer_pb2.Clock(rows=rows)))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 40_000_000
    assert len(core._state.peers[EVIL].held) == 16_000
    assert len(core._state.fetches) <= 64


def test_invented_lanes_do_not_hold_up_what_an_honest_peer_has():
    """The inventor's turn is busy for long; the friend's entries are asked for at once."""
    core = core_with_evil_peer()
    rows = [
        ledger_pb2.LaneClock(lane=b"L" * 28 + n.to_bytes(4, "big"), incarnation=bytes(16), next=10)
        for n in range(1000)
    ]
    feed(core, Frame(clock=peer_pb2.Clock(rows=rows)))
    core.handle(events.LinkUp(FRIEND, b"f" * 16, Heads(1, b"c" * 32)), NOW + 1)
    real = ledger_pb2.LaneClock(lane=LANE_A.lane, incarnation=INCARNATION, next=120, head=b"h" * 32)
    out = core.handle(events.Received(FRIEND, Frame(clock=peer_pb2.Clock(rows=[real]))), NOW + 2)
    assert [a.peer for a in out if isinstance(a, actions.Send) and a.frame.HasField("want")] == [FRIEND]


def test_a_flood_of_digests_is_compared_once_a_second():
    """The answer to a digest can be a large clock; a flood does not multiply it."""
    core = core_with_evil_peer()
    out = feed(core, Frame(digest=peer_pb2.Digest(sha256=bytes(32))), 1000)
    assert len(sent(out, "clock")) == 1


def test_a_link_to_a_stranger_is_cut_at_once():
    """Not a member: no state is kept."""
    core = core_with_evil_peer()
    out = core.handle(events.LinkUp("ZZ-Z", b"z" * 16, Heads()), NOW)
    assert cuts(out) == ["FANAL-E0704"]
    assert "ZZ-Z" not in core._state.peers


def test_answers_of_the_driver_after_the_link_is_gone_are_ignored():
    """Loaded, committed and refused for a link that was cut have no effect on the wire."""
    core = core_with_evil_peer()
    (load,) = [a for a in feed(core, want(LANE_A.lane, (0, 5))) if isinstance(a, actions.LoadEntries)]
    core.handle(events.LinkDown(EVIL), NOW + 1)
    out = core.handle(events.Loaded(EVIL, load.request, ()), NOW + 1)
    out += core.handle(events.Committed(source=EVIL, request=1, known=(Place(*b"ab", 0),)), NOW + 1)
    out += core.handle(events.Refused(EVIL, ((Place(LANE_A.lane, INCARNATION, 1), "X"),)), NOW + 1)
    out += core.handle(events.LoadedWraps(EVIL, 1, None, ()), NOW + 1)
    out += core.handle(events.LoadedDocuments(EVIL, 1, (), ()), NOW + 1)
    assert not [a for a in out if isinstance(a, actions.Send)]


def test_a_predecessor_that_names_a_billion_entries_is_asked_for_in_slices():
    """A member may claim any end of its old incarnation; it costs runs, not numbers."""
    core = core_with_evil_peer()
    claim = EntryMeta(
        Place(LANE_A.lane, b"j" * 16, 0), LANE_A, 1, 2, bytes(32), 100, closes=Closed(b"k" * 16, 10**15)
    )
    out = core.handle(events.Committed((claim,), EVIL, 1), NOW + 1)
    (request,) = sent(out, "want")
    assert (request.ranges[0].start, request.ranges[0].stop) == (0, 1000)


def rests(out):
    return [action for action in out if isinstance(action, actions.Rest)]


def test_what_a_peer_brings_again_over_one_link_is_paid_for():
    """Every first copy is free, taken or refused; two thousand repeats, and it is read more slowly."""
    core = core_with_evil_peer()
    first = [Place(LANE_A.lane, INCARNATION, seq) for seq in range(100)]
    known = events.Committed(source=EVIL, request=1, known=tuple(first))
    refused = events.Refused(EVIL, ((Place(b"?" * 32, INCARNATION, 0), "refused"),))
    assert rests([a for _ in range(20) for a in core.handle(known, NOW + 1)]) == []
    assert len(rests([a for _ in range(120) for a in core.handle(refused, NOW + 1)])) == 19


def test_many_first_copies_cost_a_peer_nothing():
    """In a small network everybody pushes everything to everybody."""
    core = core_with_evil_peer()
    for seq in range(5000):
        known = events.Committed(source=EVIL, request=1, known=(Place(LANE_A.lane, INCARNATION, seq),))
        assert rests(core.handle(known, NOW + 1)) == []

# SPDX-License-Identifier: Apache-2.0
"""Agencies that never share a network: files only, and everything that a link would have done."""

from __future__ import annotations

import hashlib
import os

import pytest
from agencies import Agency
from courierkit import carry, export, forged, hand_in, parts, words
from nodenet import NodeHost, NodeNet, some_notice

from fanal.config.settings import Limits
from fanal.envelope.verify import bound_and_decode
from fanal.errors import FanalError
from fanal.keys.charter import RelayView
from fanal.node.courier.errors import FILE_TOO_LARGE, NOT_TO_ONESELF
from fanal.node.courier.form import LEAST_BYTES
from fanal.node.courier.remembered import load
from fanal.node.gossip.errors import NOT_A_PEER
from fanal.notices import answers
from fanal.notices.compose import revise
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority
from fanal.v1.notice_pb2 import Notice, Urgency, WithdrawalReason
from fanal.v1.peer_pb2 import Frame

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"


@pytest.fixture
def net() -> NodeNet:
    """Three agencies without any line."""
    return NodeNet(A, B, C, linked=False)


def test_a_notice_its_receipt_and_its_reading_come_and_go_by_file(net: NodeNet) -> None:
    """QUEUED, then SENT and STORED with the first answer, READ with the next."""
    a, b = net.nodes[A], net.nodes[B]
    sent = a.send(some_notice(A), [B])
    assert a.states(sent.ref) == {B: "QUEUED"}
    there = carry(net, A, B)
    assert (there.sender, there.number, there.refused, there.waiting) == (A, 1, 0, 0)
    assert there.entries == 2  # the lane key and the notice
    assert [one.ref for one in b.inbox()] == [sent.ref]
    assert a.states(sent.ref) == {B: "QUEUED"}
    carry(net, B, A)
    assert a.states(sent.ref) == {B: "STORED"}
    b.read(sent.ref)
    carry(net, B, A)
    assert a.states(sent.ref) == {B: "READ"}


def test_the_clock_alone_makes_it_sent(net: NodeNet) -> None:
    """A file whose receipts are taken out still tells that the other side has committed it."""
    a, b = net.nodes[A], net.nodes[B]
    sent = a.send(some_notice(A), [B])
    carry(net, A, B)
    header, frames = parts(export(b, A))
    quiet = [one for one in frames if one.WhichOneof("frame") not in ("entries", "wraps")]
    hand_in(a, forged(header, quiet, b.agency.node))
    assert a.states(sent.ref) == {B: "SENT"}


def test_what_the_other_side_told_it_holds_is_not_sent_again(net: NodeNet) -> None:
    """Until it has, every file has everything; then only what is new; with --all everything again."""
    a = net.nodes[A]
    for _ in range(3):
        a.send(some_notice(A), [B])
    first, again = export(a, B), export(a, B)
    assert _entries(first) == _entries(again) == 4
    hand_in(net.nodes[B], again)
    carry(net, B, A)
    assert _entries(export(a, B)) == 0
    a.send(some_notice(A), [B])
    assert _entries(export(a, B)) == 1
    assert _entries(export(a, B, everything=True)) == 7  # and the receipts of B with their lane key


def test_a_lost_file_costs_nothing_and_an_older_one_after_a_newer_changes_nothing(net: NodeNet) -> None:
    """Files in any order, twice, or never: what arrives is there once, and nothing is taken back."""
    a, b = net.nodes[A], net.nodes[B]
    refs, files = [], []
    for _ in range(3):
        refs.append(a.send(some_notice(A), [B]).ref)
        files.append(export(a, B))
        net.run(60)
    newer, again = hand_in(b, files[2]), hand_in(b, files[2])
    assert (newer.entries, newer.older, again.entries, again.known) == (4, False, 0, 4)
    older = hand_in(b, files[1])
    assert (older.entries, older.older) == (0, True)
    assert {one.ref for one in b.inbox()} == set(refs)
    assert load(b.node, A).heard == 3
    carry(net, B, A)
    assert {state for ref in refs for state in a.states(ref).values()} == {"STORED"}


def test_an_older_answer_after_a_newer_one_takes_nothing_back(net: NodeNet) -> None:
    """The clock of the newest file stands, so what it told is not sent again."""
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [B])
    early = export(b, A)
    net.run(60)
    carry(net, A, B)
    carry(net, B, A)
    assert hand_in(a, early).older
    assert _entries(export(a, B)) == 0


def test_revision_and_withdrawal_travel_by_file_in_any_order(net: NodeNet) -> None:
    """The last revision shows; a withdrawal takes effect, and what comes late stays withdrawn."""
    a, b = net.nodes[A], net.nodes[B]
    sent = a.send(some_notice(A, "first"), [B])
    one = export(a, B)
    hand_in(b, one)
    notice = Notice.FromString(a.show(sent.ref).notice)
    previous = hashlib.sha256(a.show(sent.ref).statement).hexdigest()
    change = revise(notice, A, previous, "Colour of the lorry", int(net.now))
    change.texts[0].text = "second"
    a.send(change)
    two = export(a, B)
    net.run(1)
    gone = answers.withdraw(
        notice, A, WithdrawalReason.ERROR, int(net.now), os.urandom, delete_required=False, forwarded_to=()
    )
    a.send(gone)
    hand_in(b, export(a, B))
    assert b.show(sent.ref).summary.status == "WITHDRAWN"
    hand_in(b, two)
    hand_in(b, one)
    shown = b.show(sent.ref)
    assert shown.summary.status == "WITHDRAWN"
    assert Notice.FromString(shown.notice).texts[0].text == "second"
    carry(net, B, A)
    assert a.states(sent.ref) == {B: "WITHDRAWN"}


def test_a_new_lane_key_for_a_new_reader_travels_by_file(net: NodeNet) -> None:
    """A member that joins a channel later reads what is sent from then on, by files alone."""
    net = NodeNet(A, B, C, linked=False, channels={"CASPIAN": (A, B)})
    a = net.nodes[A]
    before = a.send(some_notice(A, "before"), ["group:CASPIAN"])
    carry(net, A, B)
    carry(net, A, C)
    a.next_charter(channels={"CASPIAN": (A, B, C)})
    after = a.send(some_notice(A, "after"), ["group:CASPIAN"])
    assert carry(net, A, C).documents
    carry(net, A, B)
    assert [one.ref for one in net.nodes[C].inbox()] == [after.ref]
    assert {one.ref for one in net.nodes[B].inbox()} == {before.ref, after.ref}


def test_a_newcomer_is_taken_in_by_the_documents_of_the_file(net: NodeNet) -> None:
    """Charter and identity travel first, so a sender that nobody here has heard of proves itself."""
    a, b = net.nodes[A], net.nodes[B]
    late = Agency("KZ-CUS")
    a.next_charter(add=late)
    a.node.take_documents((), (late.document,))
    d = _member(net, late, a)
    sent = d.send(some_notice("KZ-CUS"), [B])
    assert not b.node.directory.newest.is_member("KZ-CUS")
    reply = carry(net, "KZ-CUS", B)
    assert reply.documents
    assert [one.ref for one in b.inbox()] == [sent.ref]
    carry(net, B, "KZ-CUS")
    assert d.states(sent.ref) == {B: "STORED"}


def _member(net: NodeNet, agency: Agency, of: NodeHost) -> NodeHost:
    """A node that joined, with the documents of its inviter."""
    newcomer = NodeHost(agency, net, of.documents[0], of.documents[1:])
    net.hosts[agency.name] = newcomer  # type: ignore[assignment]
    newcomer.start(locked=True)
    charters = [view.document for view in of.node.directory.charters()]
    newcomer.node.take_documents(charters, [agency.document])
    newcomer.node.unlock(newcomer.keys())
    newcomer.host.start()
    return newcomer


def test_a_relay_is_given_what_it_may_hold_and_carries_it_on(net: NodeNet) -> None:
    """A direct relay between two agencies that never meet: it reads nothing, and both get everything."""
    relays = {C: RelayView(C, direct=True, serves=(A, B))}
    net = NodeNet(A, B, C, linked=False, relays=relays)
    a, b, c = (net.nodes[name] for name in (A, B, C))
    sent = a.send(some_notice(A), [B])
    assert carry(net, A, C).entries == 2
    assert c.inbox("all") == []
    carry(net, C, B)
    assert [one.ref for one in b.inbox()] == [sent.ref]
    carry(net, C, A)
    assert a.states(sent.ref) == {B: "RELAYED"}
    carry(net, B, C)
    carry(net, C, A)
    assert a.states(sent.ref) == {B: "STORED"}


def test_a_relay_asks_on_for_the_lane_key_that_a_file_asks_it_for() -> None:
    """It serves the author alone and has no wrap for the reader whom its files reach: the author has it."""
    net = NodeNet(A, B, C, linked=False, relays={C: RelayView(C, direct=True, serves=(A,))})
    a, b = net.nodes[A], net.nodes[B]
    net.connect(A, C)
    net.run(2)
    sent = a.send(some_notice(A), [B])
    net.run(2)
    assert carry(net, C, B).entries == 2
    assert b.inbox() == []  # the lane key was not for the relay to have
    carry(net, B, C)
    keys = len(a.ledger.entries.since(0, 100))
    carry(net, C, B)
    assert [one.ref for one in b.inbox()] == [sent.ref]
    carry(net, B, C)
    net.run(20)
    assert a.states(sent.ref) == {B: "STORED"}
    assert [row.author for row in a.ledger.entries.since(0, 100)[keys:]].count(A) == 0


def test_nothing_that_the_charter_does_not_entitle_leaves_in_a_file(net: NodeNet) -> None:
    """Neither entry, nor clock row, nor wrap of a lane of others; not even with --all."""
    a = net.nodes[A]
    a.send(some_notice(A), [C])
    carry(net, A, C)
    for everything in (False, True):
        _, frames = parts(export(a, B, everything=everything))
        kinds = {str(frame.WhichOneof("frame")) for frame in frames}
        assert kinds <= {"documents", "witnessed", "checkpoint"}


def test_a_file_and_a_link_go_together(net: NodeNet) -> None:
    """What a file brought is forwarded at once to linked peers that may hold it."""
    net = NodeNet(A, B, C, linked=False, channels={"CASPIAN": (A, B, C)})
    net.connect(B, C)
    net.run(2)
    sent = net.nodes[A].send(some_notice(A), ["group:CASPIAN"])
    hand_in(net.nodes[B], export(net.nodes[A], B))
    net.run(20)
    assert [one.ref for one in net.nodes[C].inbox()] == [sent.ref]
    carry(net, C, A)
    assert net.nodes[A].states(sent.ref) == {B: "QUEUED", C: "STORED"}


def test_incarnations_that_ended_are_not_sent_again(net: NodeNet) -> None:
    """A closed one leaves the clock, and that it is held follows from what closed it."""
    a, b = net.nodes[A], net.nodes[B]
    for _ in range(4):
        a.send(some_notice(A), [B])
        a.crash()
        a.start()
    assert carry(net, A, B).entries >= 5
    rows = [row for _, frame in _kinds(export(b, A)) for row in frame.clock.rows]
    assert len([row for row in rows if row.lane == next(iter(rows)).lane]) < 4
    carry(net, B, A)
    assert _entries(export(a, B)) == 0
    assert {state for one in a.inbox("sent") for state in a.states(one.ref).values()} == {"STORED"}
    assert len(b.inbox()) == 4


def _kinds(data: bytes) -> list[tuple[str, Frame]]:
    return [(str(frame.WhichOneof("frame")), frame) for frame in parts(data)[1]]


def test_an_agency_that_lost_its_store_is_sent_everything_again(net: NodeNet) -> None:
    """Its next file says that it holds nothing."""
    a, b = net.nodes[A], net.nodes[B]
    sent = a.send(some_notice(A), [B])
    carry(net, A, B)
    carry(net, B, A)
    assert _entries(export(a, B)) == 0
    net.run(60)
    fresh = NodeHost(b.agency, net, b.documents[0], b.documents[1:])
    net.hosts[B] = fresh  # type: ignore[assignment]
    fresh.start()
    carry(net, B, A)
    carry(net, A, B)
    assert sent.ref in [one.ref for one in fresh.inbox()]


def test_a_limit_leaves_the_rest_for_the_next_file(net: NodeNet) -> None:
    """A file is never larger than was said; the answer to it lets the next one go on."""
    a, b = net.nodes[A], net.nodes[B]
    count, large = 70, "\N{DELIVERY TRUCK}" * 8_000
    for _ in range(count):
        a.send(some_notice(A, large), [B])
    with pytest.raises(FanalError) as refused:
        export(a, B, limit=LEAST_BYTES - 1)
    assert refused.value.kind is FILE_TOO_LARGE
    data = export(a, B, limit=LEAST_BYTES)
    assert LEAST_BYTES - 100_000 < len(data) <= LEAST_BYTES
    hand_in(b, data)
    first = len(b.inbox())
    assert 0 < first < count
    carry(net, B, A)
    hand_in(b, export(a, B, limit=LEAST_BYTES))
    assert len(b.inbox()) == count


def test_witnesses_agree_over_files(net: NodeNet) -> None:
    """A node signs no checkpoint before somebody told what it holds; files tell, and bring cosignatures."""
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(30)
    assert a.ledger.head().checkpoint is None
    carry(net, A, B)
    carry(net, B, A)
    net.run(30)
    assert a.ledger.head().checkpoint is not None
    assert not a.node.witnessed()
    carry(net, A, B)
    carry(net, B, A)
    assert a.node.witnessed()


def test_a_reader_without_its_wrap_asks_for_it_by_file(net: NodeNet) -> None:
    """A file that lost its wraps leaves the notice waiting; the next exchange mends it."""
    a, b = net.nodes[A], net.nodes[B]
    sent = a.send(some_notice(A), [B])
    header, frames = parts(export(a, B))
    hand_in(b, forged(header, [one for one in frames if not one.HasField("wraps")], a.agency.node))
    assert b.inbox() == []
    asking = export(b, A)
    assert "want_wraps" in [kind for kind, _ in _kinds(asking)]
    hand_in(a, asking)
    carry(net, A, B)
    assert [one.ref for one in b.inbox()] == [sent.ref]


def test_both_ways_are_in_the_log_with_the_person(net: NodeNet) -> None:
    """One leaf an export and one an import, each with the SHA-256 of the file."""
    data = export(net.nodes[A], B)
    hand_in(net.nodes[B], data)
    digest = hashlib.sha256(data).hexdigest()
    [gone], [come] = words(net.nodes[A], "courier-export"), words(net.nodes[B], "courier-import")
    for leaf in (gone, come):
        assert f"detail={digest}" in leaf
        assert "actor=-" not in leaf


@pytest.mark.parametrize("to", [A, "KZ-CUS"])
def test_no_file_is_made_for_oneself_or_a_stranger(net: NodeNet, to: str) -> None:
    """Refused by name, and nothing is logged."""
    before = net.nodes[A].ledger.head().size
    with pytest.raises(FanalError) as refused:
        export(net.nodes[A], to)
    assert refused.value.kind in (NOT_TO_ONESELF, NOT_A_PEER)
    assert net.nodes[A].ledger.head().size == before


def _entries(data: bytes) -> int:
    return sum(len(frame.entries.envelopes) for frame in parts(data)[1])


def test_alerts_stand_ahead_of_everything_else_in_a_file() -> None:
    """Of every stream the FLASH notices with the lane keys that open them, then what was sent before."""
    net = NodeNet(A, B, C, linked=False, duty=True)
    a, b = net.nodes[A], net.nodes[B]
    refs = [a.send(some_notice(A), to).ref for to in ([B], [B, C], [B], [B, C])]
    alerts = []
    for to in ([B], [B, C]):
        notice = some_notice(A)
        notice.urgency = Urgency.FLASH
        alerts.append(a.send(notice, to).ref)
    header, frames = parts(export(a, B))
    order = [
        (at, EnvelopeClass.Code.Name(header.envelope_class), EnvelopePriority.Code.Name(header.priority))
        for at, frame in enumerate(frames)
        for header in (bound_and_decode(one).header for one in frame.entries.envelopes)
    ]
    ahead = [("KEY", "ROUTINE"), ("NOTICE", "FLASH")] * 2
    assert [tuple(one[1:]) for one in order] == [*ahead, *[("NOTICE", "ROUTINE")] * 4]
    last = max(at for at, _klass, priority in order if priority == "FLASH")
    hand_in(b, forged(header, frames[: last + 1], a.agency.node))
    assert {one.ref for one in b.inbox()} == set(alerts)
    carry(net, A, B)
    assert {one.ref for one in b.inbox()} == {*alerts, *refs}


def test_what_is_over_a_quota_is_left_out_and_comes_with_a_later_file() -> None:
    """The import says how many wait; the answer asks for nothing, and the next file has the rest."""
    net = NodeNet(A, B, linked=False, policy={B: Limits(routine_per_hour=2)})
    a, b = net.nodes[A], net.nodes[B]
    refs = [a.send(some_notice(A), [B]).ref for _ in range(4)]
    first = carry(net, A, B)
    assert (first.waiting, len(b.inbox())) == (2, 2)
    assert words(b, "refusal") == []
    carry(net, B, A)
    states = [state for ref in refs for state in a.states(ref).values()]
    assert sorted(states) == ["QUEUED"] * 2 + ["STORED"] * 2
    net.run(3600)
    again = carry(net, A, B)
    assert (again.waiting, again.refused) == (0, 0)
    assert {one.ref for one in b.inbox()} == set(refs)

# SPDX-License-Identifier: Apache-2.0
"""Recall, forwarding, erasure and retention on whole nodes in memory."""

from __future__ import annotations

import hashlib
import os

import pytest
from nodenet import NodeHost, NodeNet
from recalling import TEXT, body_of, hold, leaves, release, sent_to, three, tracked, withdraw, withdrawal
from restating import restated
from waiting import DAY, later

from fanal.envelope.statement import compose_signed, decode
from fanal.errors import FanalError, VerificationError
from fanal.keys.charter import RelayView
from fanal.node.retention.errors import (
    GONE_ALREADY,
    NOT_RECALLED,
    RESTATES_NOTHING,
    RESTATES_WITHDRAWN,
)
from fanal.notices import answers
from fanal.notices.compose import revise
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import RecallOutcome
from fanal.v1.notice_pb2 import AckStatus, Notice


@pytest.fixture
def net() -> NodeNet:
    return three()


def answer(host: NodeHost, ref: str, outcome: RecallOutcome.Code, reason: str = "") -> str:
    request = api.AnswerRecallRequest(notice=ref, outcome=outcome, reason=reason)
    return host.desk.answer_recall(host.officer, request).outcome


# --- recall ---------------------------------------------------------------------------------------


def test_a_withdrawal_without_deletion_is_marked_and_complied_with(net: NodeNet) -> None:
    """The text stays, marked; every holder says COMPLIED by itself and the leaves on both sides say so."""
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    withdraw(net, sent, delete=False)
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    assert tracked(sender, sent.ref) == dict.fromkeys(("TR-CUS", "AZ-CUS"), ("WITHDRAWN", "COMPLIED"))
    assert reader.show(sent.ref).summary.status == "WITHDRAWN"
    assert TEXT.encode() in reader.show(sent.ref).notice
    assert any(b"kind=complied" in one for one in leaves(reader, "receipt-out"))
    assert any(b"kind=complied" in one for one in leaves(sender, "receipt-in"))


def test_a_withdrawal_with_deletion_erases_at_every_holder_and_at_the_sender(net: NodeNet) -> None:
    """Body, text and key are gone on all nodes; each logged why; COMPLIED follows the erasure."""
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    withdraw(net, sent, delete=True)
    for host in net.nodes.values():
        assert body_of(host, sent) is None
        shown = host.show(sent.ref)
        assert (shown.notice, shown.statement, shown.erasure_basis) == (b"", b"", "withdrawal")
        assert any(sent.envelope_id.hex().encode() in one for one in leaves(host, "erasure"))
    assert set(tracked(net.nodes["GE-CUS"], sent.ref).values()) == {("WITHDRAWN", "COMPLIED")}


def test_a_notice_taken_back_before_a_reader_had_it_leaves_no_hole_in_its_lane(net: NodeNet) -> None:
    """AZ-CUS was away, and the sender is all it meets: the manifest comes before the withdrawal that explains
    it, and is taken with the next round, over the same link."""
    late = net.nodes["AZ-CUS"]
    late.crash()
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    withdraw(net, sent, delete=True)
    net.nodes["TR-CUS"].crash()
    late.start()
    net.mesh()
    net.run(90)
    row = late.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    assert row.body is None
    assert [one.holes for one in late.ledger.lanes.clock()] == [()] * len(late.ledger.lanes.clock())
    assert set(tracked(net.nodes["GE-CUS"], sent.ref).values()) == {("WITHDRAWN", "COMPLIED")}


def test_behind_a_relay_that_was_away_the_withdrawal_comes_now_and_the_place_when_it_expires() -> None:
    """The relay cannot read why the content is gone, so it takes the bare manifest only past its expiry."""
    relays = {"TR-CUS": RelayView("TR-CUS", direct=True, serves=("GE-CUS", "AZ-CUS"))}
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False, relays=relays)
    net.connect("GE-CUS", "TR-CUS")
    net.connect("TR-CUS", "AZ-CUS")
    relay, reader = net.nodes["TR-CUS"], net.nodes["AZ-CUS"]
    relay.crash()
    sent = sent_to(net, "AZ-CUS")
    withdraw(net, sent, delete=True)
    relay.start()
    net.run(90)
    assert tracked(net.nodes["GE-CUS"], sent.ref) == {"AZ-CUS": ("WITHDRAWN", "COMPLIED")}
    assert reader.ledger.entries.get(envelope_id=sent.envelope_id) is None
    row = net.nodes["GE-CUS"].ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    later(net, (row.expires - net.now) / DAY + 1)
    net.run(90)
    assert body_of(reader, sent) is None
    assert [one.holes for one in reader.ledger.lanes.clock()] == [()] * len(reader.ledger.lanes.clock())


def test_a_legal_hold_answers_held_and_its_end_complies(net: NodeNet) -> None:
    """Held before the withdrawal: HELD with the reason; lifted: erased, and COMPLIED at the sender."""
    sent = sent_to(net, "TR-CUS")
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    hold(reader, sent.ref)
    assert reader.show(sent.ref).hold_reason == "COURT_ORDER"
    withdraw(net, sent, delete=True)
    assert tracked(sender, sent.ref) == {"TR-CUS": ("HELD", "COURT_ORDER")}
    assert body_of(reader, sent) is not None
    release(reader, sent.ref)
    net.run(20)
    assert tracked(sender, sent.ref) == {"TR-CUS": ("WITHDRAWN", "COMPLIED")}
    assert body_of(reader, sent) is None


def test_an_operator_refuses_and_may_comply_later(net: NodeNet) -> None:
    """REFUSED with its reason; the copy is kept through the next run; then COMPLIED ends it."""
    sent = sent_to(net, "TR-CUS")
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    hold(reader, sent.ref)
    withdraw(net, sent, delete=True)
    assert answer(reader, sent.ref, RecallOutcome.REFUSED, "OWN_PROCEEDINGS") == "REFUSED"
    release(reader, sent.ref)
    later(net, 0.5)
    assert tracked(sender, sent.ref) == {"TR-CUS": ("REFUSED", "OWN_PROCEEDINGS")}
    assert body_of(reader, sent) is not None
    assert answer(reader, sent.ref, RecallOutcome.COMPLIED) == "COMPLIED"
    net.run(20)
    assert tracked(sender, sent.ref) == {"TR-CUS": ("WITHDRAWN", "COMPLIED")}


def test_what_is_erased_can_no_longer_be_refused_and_what_is_not_recalled_not_answered(net: NodeNet) -> None:
    """Both are told with the next step."""
    kept, gone = sent_to(net, "TR-CUS"), sent_to(net, "TR-CUS")
    withdraw(net, gone, delete=True)
    reader = net.nodes["TR-CUS"]
    for ref, kind in ((gone.ref, GONE_ALREADY), (kept.ref, NOT_RECALLED)):
        with pytest.raises(FanalError) as refused:
            answer(reader, ref, RecallOutcome.REFUSED, "OWN_PROCEEDINGS")
        assert refused.value.kind is kind


def test_a_silent_holder_is_named_and_overdue_after_the_settable_time(net: NodeNet) -> None:
    """AZ-CUS is away when the notice is withdrawn: silent at first, overdue a day later, computed only."""
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    net.nodes["AZ-CUS"].crash()
    withdraw(net, sent, delete=False)
    sender = net.nodes["GE-CUS"]
    assert tracked(sender, sent.ref)["AZ-CUS"] == ("STORED", "RECALL_SILENT")
    net.now += sender.settings.recall_seconds
    assert tracked(sender, sent.ref)["AZ-CUS"] == ("STORED", "RECALL_OVERDUE")
    assert tracked(sender, sent.ref)["TR-CUS"] == ("WITHDRAWN", "COMPLIED")


def test_who_never_had_the_notice_answers_like_everybody(net: NodeNet) -> None:
    """A withdrawal of something never received reveals nothing, and its late content is not taken in."""
    net.nodes["AZ-CUS"].crash()
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    withdraw(net, sent, delete=True)
    net.nodes["AZ-CUS"].start()
    net.run(120)
    assert tracked(net.nodes["GE-CUS"], sent.ref)["AZ-CUS"] == ("WITHDRAWN", "COMPLIED")
    row = net.nodes["AZ-CUS"].ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is None or row.body is None


@pytest.mark.parametrize(("delete", "how"), [(False, "--reason ERROR"), (True, "--reason ERROR --delete")])
def test_attack_a_withdrawal_signed_before_the_notice_was_handed_on_leaves_nobody_unnamed(
    net: NodeNet, delete: bool, how: str
) -> None:
    """Whom a withdrawal does not name is named by track, and asked like the others once it is told so."""
    sent = sent_to(net, "TR-CUS")
    sender, newcomer = net.nodes["GE-CUS"], net.nodes["AZ-CUS"]
    signed = sender.draft(withdrawal(net, sent, delete=delete))
    sender.hand_in(restated(sender, sender.show(sent.ref), "AZ-CUS"))
    net.run(20)
    sender.hand_in(signed)
    net.run(30)
    assert tracked(sender, sent.ref) == {
        "TR-CUS": ("WITHDRAWN", "COMPLIED"),
        "AZ-CUS": ("STORED", "RECALL_NOT_NAMED"),
    }
    reply = sender.desk.track(sender.officer, api.TrackRequest(notice=sent.ref))
    assert [dict(one.facts) for one in reply.deliveries if one.facts] == [{"notice": sent.ref, "how": how}]
    again = sender.send(withdrawal(net, sent, delete=delete), ("AZ-CUS",))
    assert tracked(sender, sent.ref)["AZ-CUS"] == ("STORED", "RECALL_SILENT")
    net.run(30)
    assert set(tracked(sender, sent.ref).values()) == {("WITHDRAWN", "COMPLIED")}
    assert newcomer.show(sent.ref).summary.status == "WITHDRAWN"
    assert bool(newcomer.show(sent.ref).notice) is not delete
    assert not newcomer.show(again.ref).problems


def test_who_has_left_the_channel_is_still_asked_to_give_its_copy_back() -> None:
    """A withdrawal names whoever was sent the notice when its channel has other members, or is gone."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", channels={"NORTH": ("AZ-CUS", "GE-CUS", "TR-CUS")})
    net.run(1)
    first, second = (sent_to(net, "group:NORTH") for _ in range(2))
    sender = net.nodes["GE-CUS"]
    assert not sender.show(first.ref).sent_to
    sender.next_charter(channels={"NORTH": ("GE-CUS", "TR-CUS")})
    net.run(10)
    withdraw(net, first, delete=True)
    sender.next_charter(channels={"SOUTH": ("GE-CUS", "TR-CUS")})
    net.run(10)
    withdraw(net, second, delete=True)
    for sent in (first, second):
        assert tracked(sender, sent.ref) == dict.fromkeys(("AZ-CUS", "TR-CUS"), ("WITHDRAWN", "COMPLIED"))
        assert net.nodes["AZ-CUS"].show(sent.ref).notice == b""


def test_a_withdrawal_meant_for_one_reader_leaves_the_others_named(net: NodeNet) -> None:
    """They hold the notice and nobody asked them: track says so; nobody accuses them of silence."""
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    sender = net.nodes["GE-CUS"]
    sender.send(withdrawal(net, sent, delete=False), ("TR-CUS",))
    net.run(30)
    assert tracked(sender, sent.ref) == {
        "TR-CUS": ("WITHDRAWN", "COMPLIED"),
        "AZ-CUS": ("STORED", "RECALL_NOT_NAMED"),
    }


def test_nobody_is_said_not_to_be_asked_once_the_withdrawal_is_no_longer_kept(net: NodeNet) -> None:
    """AZ-CUS was asked while it was away; whom an erased withdrawal named is not known any more."""
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    sender = net.nodes["GE-CUS"]
    net.nodes["AZ-CUS"].crash()
    sender.send(withdrawal(net, sent, delete=False), ("AZ-CUS",))
    net.run(5)
    sender.send(withdrawal(net, sent, delete=False), ("TR-CUS",))
    later(net, 360)
    first, *_second = sender.vault.notices.withdrawn_in(sent.notice_id, "GE-CUS")
    record = sender.vault.notices.get(int(net.now), envelope_id=first, author="GE-CUS")
    assert record is not None
    sender.vault.erase([record.manifest_sha256], int(net.now))
    assert tracked(sender, sent.ref)["AZ-CUS"] == ("STORED", "RECALL_OVERDUE")


# --- forwarding -------------------------------------------------------------------------------------


def test_a_forwarded_notice_is_the_same_notice_with_every_revision(net: NodeNet) -> None:
    """The newcomer gets both revisions, shows one notice, and may answer; track names it."""
    sent = sent_to(net, "TR-CUS")
    sender, newcomer = net.nodes["GE-CUS"], net.nodes["AZ-CUS"]
    shown = sender.show(sent.ref)
    previous = hashlib.sha256(shown.statement).hexdigest()
    sender.send(revise(Notice.FromString(shown.notice), "GE-CUS", previous, "Colour", int(net.now)))
    net.run(20)
    for revision in (1, 2):
        one = sender.desk.show(sender.officer, api.ShowRequest(notice=sent.ref, revision=revision))
        sender.hand_in(restated(sender, one, "AZ-CUS"))
    net.run(30)
    assert [(one.ref, one.revision, one.status) for one in newcomer.inbox()] == [(sent.ref, 2, "UPDATED")]
    assert not newcomer.show(sent.ref).problems
    assert tracked(sender, sent.ref)["AZ-CUS"] == ("STORED", "")
    assert list(sender.show(sent.ref).restated_to) == ["AZ-CUS"]
    parent = Notice.FromString(newcomer.show(sent.ref).notice)
    newcomer.send(answers.ack(parent, "AZ-CUS", AckStatus.ACCEPTED, int(net.now), os.urandom))
    net.run(20)
    assert tracked(sender, sent.ref)["AZ-CUS"] == ("ANSWERED", "")


def test_a_withdrawal_reaches_whom_a_notice_was_forwarded_to(net: NodeNet) -> None:
    """Everybody who holds it is asked, not only whom the notice names."""
    sent = sent_to(net, "TR-CUS")
    sender = net.nodes["GE-CUS"]
    sender.hand_in(restated(sender, sender.show(sent.ref), "AZ-CUS"))
    net.run(20)
    withdraw(net, sent, delete=True)
    assert set(tracked(sender, sent.ref).values()) == {("WITHDRAWN", "COMPLIED")}
    assert net.nodes["AZ-CUS"].show(sent.ref).notice == b""


def test_only_the_originator_restates_and_only_its_own_bytes(net: NodeNet) -> None:
    """A recipient, other bytes, and a withdrawn notice are refused."""
    sent = sent_to(net, "TR-CUS")
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    shown = sender.show(sent.ref)
    with pytest.raises(FanalError) as foreign:
        restated(reader, reader.show(sent.ref), "AZ-CUS")
    other = Notice.FromString(shown.notice)
    other.change_note = "another"
    with pytest.raises(FanalError) as changed:
        restated(sender, shown, "AZ-CUS", other.SerializeToString(deterministic=True))
    withdraw(net, sent, delete=False)
    with pytest.raises(FanalError) as withdrawn:
        restated(sender, shown, "AZ-CUS")
    kinds = [one.value.kind for one in (foreign, changed, withdrawn)]
    assert kinds == [RESTATES_NOTHING, RESTATES_NOTHING, RESTATES_WITHDRAWN]


def test_a_restatement_in_anothers_name_is_not_even_signed(net: NodeNet) -> None:
    """A statement's author must be the notice's originator: every reader checks it."""
    sent = sent_to(net, "TR-CUS")
    reader = net.nodes["TR-CUS"]
    shown = reader.show(sent.ref)
    statement = decode(shown.statement)
    with pytest.raises(VerificationError):
        compose_signed(
            shown.notice,
            network=reader.node.network,
            charter=reader.node.charter_ref,
            envelope_id=os.urandom(16),
            author="TR-CUS",
            audience=statement.audience,
            handling=statement.handling,
            officer_seed=reader.agency.officer,
            now=reader.node.now,
            restates=hashlib.sha256(shown.statement).digest(),
        )


# --- retention --------------------------------------------------------------------------------------


def test_delete_by_erases_at_every_holder_and_keeps_the_place(net: NodeNet) -> None:
    """A year and a day later: content gone at reader and sender, header and signature kept, lane gap-free."""
    sent = sent_to(net, "TR-CUS")
    reader = net.nodes["TR-CUS"]
    before = reader.ledger.entries.get(envelope_id=sent.envelope_id)
    later(net, 366)
    for host in (reader, net.nodes["GE-CUS"]):
        row = host.ledger.entries.get(envelope_id=sent.envelope_id)
        assert row is not None
        assert before is not None
        assert (row.body, row.own_wrap, row.manifest, row.signature) == (
            None,
            b"",
            before.manifest,
            before.signature,
        )
        assert host.ledger.lanes.row(row.lane, row.incarnation).holes == ()  # type: ignore[union-attr]
        assert host.show(sent.ref).erasure_basis == "delete-by"
    assert all(one.ref != sent.ref for one in reader.inbox())

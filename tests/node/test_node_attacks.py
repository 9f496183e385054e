# SPDX-License-Identifier: Apache-2.0
"""What others try on the incoming story: nothing unverified is stored, one bad item stops nothing else."""

from __future__ import annotations

import os

import pytest
from agencies import Agency
from nodenet import NodeHost, NodeNet, some_notice
from sealing import Delivery, sealed, sealed_receipts

from fanal.envelope import receipts as wire
from fanal.errors import FanalError
from fanal.node import incoming
from fanal.node.arrival import filing, judging, opening
from fanal.node.errors import DISK_FULL
from fanal.node.gossip.events import Received
from fanal.node.incoming import NOT_ENTITLED, REFUSED, Outcome
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.retention import erasing
from fanal.notices import answers
from fanal.v1.envelope_pb2 import Envelope, ReadReceipt, Receipts, WrapProof
from fanal.v1.notice_pb2 import Notice, WithdrawalReason
from fanal.v1.peer_pb2 import Entries, Frame


def pair() -> NodeNet:
    """GE-CUS and TR-CUS, linked."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    return net


def delivered(net: NodeNet, to: str, delivery: Delivery, peer: str = "GE-CUS") -> Outcome:
    """Hand a delivery to the incoming story of ``to`` and open what it took."""
    node = net.nodes[to].node
    outcome = incoming.receive(node, peer, delivery.envelopes, delivery.wraps)
    opening.open_arrived(node, [w.key_manifest_sha256 for w in outcome.wraps])
    judging.judge(node)
    return outcome


def leaves(net: NodeNet, name: str, word: str) -> list[bytes]:
    """The leaves of a node that hold a word."""
    return [leaf for leaf in net.nodes[name].ledger.log.leaves(0, 1000) if word.encode() in leaf]


def test_garbage_is_a_strike_and_leaves_nothing_but_a_refusal() -> None:
    """Bytes that are no envelope are not stored; the log says so once."""
    net = pair()
    outcome = delivered(net, "TR-CUS", Delivery((b"garbage", b"\xff" * 100), ()))
    assert len(outcome.strikes) == 2
    assert outcome.entries == ()
    assert net.nodes["TR-CUS"].ledger.head().entries == 0
    assert leaves(net, "TR-CUS", " refusal ")


def test_a_forged_signature_is_refused_and_struck() -> None:
    """One bit of the signature: refused without a reason, and counted against the link."""
    net = pair()
    delivery = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    envelope = Envelope.FromString(delivery.envelopes[-1])
    envelope.signature = bytes([envelope.signature[0] ^ 1]) + envelope.signature[1:]
    forged = envelope.SerializeToString(deterministic=True)
    outcome = delivered(net, "TR-CUS", Delivery((forged,), ()))
    assert [reason for _, reason in outcome.refused] == [REFUSED]
    assert len(outcome.strikes) == 1


def test_a_lane_that_is_not_ours_is_not_kept() -> None:
    """A notice to AZ-CUS that a peer pushes to TR-CUS is refused: TR-CUS neither reads nor relays it."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    delivery = sealed(net.nodes["GE-CUS"], ("AZ-CUS",), some_notice("GE-CUS"))
    outcome = delivered(net, "TR-CUS", delivery)
    assert {reason for _, reason in outcome.refused} == {NOT_ENTITLED}
    assert net.nodes["TR-CUS"].ledger.head().entries == 0


def test_an_envelope_of_an_unknown_charter_waits_instead_of_being_refused() -> None:
    """The author is one charter ahead: the reader asks for the charter and refuses nothing."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    net.nodes["GE-CUS"].next_charter(add=Agency("KZ-CUS"))
    outcome = delivered(net, "TR-CUS", sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS")))
    assert outcome.missing_charter
    assert outcome.refused == []


def test_an_envelope_of_another_network_is_refused() -> None:
    """The same agencies in another network: their envelopes mean nothing here."""
    net, other = pair(), NodeNet("GE-CUS", "TR-CUS", seed=9)
    outcome = delivered(net, "TR-CUS", sealed(other.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS")))
    assert {reason for _, reason in outcome.refused} == {REFUSED}


def test_a_replayed_envelope_is_known_and_has_no_second_effect() -> None:
    """The same delivery twice: acknowledged again, one entry, one notice."""
    net = pair()
    delivery = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    first, second = delivered(net, "TR-CUS", delivery), delivered(net, "TR-CUS", delivery)
    assert len(first.entries) == len(second.known) == 2
    assert len(net.nodes["TR-CUS"].inbox()) == 1


def test_two_manifests_at_one_place_are_a_fork_kept_as_proof() -> None:
    """The second is not taken; both are kept, and an incident stands in the log."""
    net = pair()
    author = net.nodes["GE-CUS"]
    one = sealed(author, ("TR-CUS",), some_notice("GE-CUS", "one"))
    other = sealed(author, ("TR-CUS",), some_notice("GE-CUS", "other"))
    delivered(net, "TR-CUS", one)
    outcome = delivered(net, "TR-CUS", other)
    assert {reason for _, reason in outcome.refused} == {REFUSED}
    assert net.nodes["TR-CUS"].ledger.entries.forks()
    assert leaves(net, "TR-CUS", "what=fork")


def test_a_manifest_that_names_another_predecessor_is_an_incident() -> None:
    """Entries 0 and 1 of one history, entry 2 of another: all are kept, and the break is written down."""
    net = pair()
    author = net.nodes["GE-CUS"]
    delivered(net, "TR-CUS", sealed(author, ("TR-CUS",), some_notice("GE-CUS", "in one history")))
    author.send(some_notice("GE-CUS", "in the other"), ["TR-CUS"])
    delivered(net, "TR-CUS", sealed(author, ("TR-CUS",), some_notice("GE-CUS", "third")))
    assert leaves(net, "TR-CUS", "what=chain-broken")


def test_a_swapped_wrap_is_struck_and_the_right_one_still_opens() -> None:
    """A wrap altered on the way is not stored; when the true one comes, the notice opens."""
    net = pair()
    delivery = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    spoilt = []
    for proof in delivery.wraps:
        bad = WrapProof()
        bad.CopyFrom(proof)
        bad.wrap = proof.wrap[:-1] + bytes([proof.wrap[-1] ^ 1])
        spoilt.append(bad)
    outcome = delivered(net, "TR-CUS", Delivery(delivery.envelopes, tuple(spoilt)))
    assert len(outcome.strikes) == len(spoilt)
    assert net.nodes["TR-CUS"].inbox() == []
    delivered(net, "TR-CUS", Delivery((), delivery.wraps))
    assert len(net.nodes["TR-CUS"].inbox()) == 1


def test_a_wrap_of_an_unknown_key_envelope_is_ignored() -> None:
    """Nothing can be checked against it, so nothing is kept and nobody is blamed."""
    net = pair()
    delivery = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    outcome = delivered(net, "TR-CUS", Delivery((), delivery.wraps))
    assert outcome.strikes == []
    assert outcome.wraps == ()


def test_a_reader_whose_key_was_unknown_gets_the_lane_key_after_all() -> None:
    """GE-CUS sealed without TR-CUS's identity: HELD, then announced again, then STORED and open."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    sender = net.nodes["GE-CUS"]
    sender.restart_without("TR-CUS")
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    net.mesh()
    net.run(20)
    assert net.nodes["TR-CUS"].inbox() == []
    net.run(90)
    assert [one.ref for one in net.nodes["TR-CUS"].inbox()] == [sent.ref]
    assert sender.states(sent.ref) == {"TR-CUS": "STORED", "AZ-CUS": "STORED"}


def test_a_notice_against_the_rules_is_kept_marked_and_answered_rejected() -> None:
    """A cheating author's bad ref: the reader files it as REJECTED, and the author is told code and field."""
    net = pair()
    author = net.nodes["GE-CUS"]

    def spoil(notice: Notice) -> None:
        notice.ref = notice.ref[:-2] + "00"

    delivery = sealed(author, ("TR-CUS",), some_notice("GE-CUS"), spoil)
    delivered(net, "TR-CUS", delivery)
    shown = net.nodes["TR-CUS"].inbox()[0]
    assert shown.status == "REJECTED"
    problems = net.nodes["TR-CUS"].show(shown.notice_id).problems
    assert [(one.code, one.field) for one in problems] == [("CHECK_DIGIT", "ref")]
    assert leaves(net, "TR-CUS", "kind=rejected")


def test_a_withdrawal_of_what_only_others_issued_withdraws_nothing() -> None:
    """AZ-CUS withdraws a rejected notice of GE-CUS: filed as REJECTED, answered, and nothing else stops."""
    net = NodeNet("AZ-CUS", "GE-CUS", "TR-CUS")

    def spoil(notice: Notice) -> None:
        notice.ref = notice.ref[:-2] + "00"

    delivered(net, "TR-CUS", sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"), spoil))
    target = Notice.FromString(net.nodes["TR-CUS"].show(net.nodes["TR-CUS"].inbox()[0].notice_id).notice)
    target.originator, target.ref = "AZ-CUS", ""
    withdrawal = answers.withdraw(target, "AZ-CUS", WithdrawalReason.ERROR, int(net.now), os.urandom)
    delivered(net, "TR-CUS", sealed(net.nodes["AZ-CUS"], ("TR-CUS",), withdrawal), "AZ-CUS")
    statuses = {one.kind: one.status for one in net.nodes["TR-CUS"].inbox()}
    assert statuses == {"MODUS_OPERANDI": "REJECTED", "WITHDRAWAL": "REJECTED"}


def test_the_author_sees_the_code_and_field_of_a_rejection() -> None:
    """REJECTED with its reason stands in the author's track."""
    net = pair()
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    manifest = author.ledger.entries.get(envelope_id=sent.envelope_id).manifest_sha256
    told = Receipts(rejected=[wire.rejected(manifest, [("CHECK_DIGIT", "ref")])])
    delivered(net, "GE-CUS", sealed_receipts(reader, "GE-CUS", told), "TR-CUS")
    assert author.states(sent.ref) == {"TR-CUS": "REJECTED"}


def test_a_coverage_over_a_lane_of_somebody_else_is_an_incident() -> None:
    """AZ-CUS claims to have stored what was never sent to it: no state moves."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    author = net.nodes["GE-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    row = author.ledger.entries.get(envelope_id=sent.envelope_id)
    told = Receipts(stored=[wire.coverage(row.lane, row.incarnation, [(0, 2)], row.manifest_sha256)])
    delivered(net, "GE-CUS", sealed_receipts(net.nodes["AZ-CUS"], "GE-CUS", told), "AZ-CUS")
    assert author.states(sent.ref) == {"TR-CUS": "QUEUED"}
    assert leaves(net, "GE-CUS", "what=receipt-does-not-fit")


def test_a_coverage_with_another_head_is_an_incident() -> None:
    """A reader that signs for other bytes than ours has not stored our notice."""
    net = pair()
    author = net.nodes["GE-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    row = author.ledger.entries.get(envelope_id=sent.envelope_id)
    told = Receipts(stored=[wire.coverage(row.lane, row.incarnation, [(0, 2)], bytes(32))])
    delivered(net, "GE-CUS", sealed_receipts(net.nodes["TR-CUS"], "GE-CUS", told), "TR-CUS")
    assert author.states(sent.ref) == {"TR-CUS": "QUEUED"}


def test_a_read_receipt_without_the_officers_signature_is_not_a_reading() -> None:
    """The node alone cannot say that a person read it."""
    net = pair()
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    row = author.ledger.entries.get(envelope_id=sent.envelope_id)
    true = wire.sign_read(
        author.node.network, "TR-CUS", row.manifest_sha256, author.node.now, reader.agency.officer
    )
    forged = ReadReceipt(body=true.body, officer_signature=bytes(64))
    delivered(net, "GE-CUS", sealed_receipts(reader, "GE-CUS", Receipts(read=[forged])), "TR-CUS")
    assert author.states(sent.ref) == {"TR-CUS": "QUEUED"}
    assert leaves(net, "GE-CUS", "what=receipt-does-not-fit")


def test_a_receipt_on_nothing_of_ours_is_an_incident() -> None:
    """A rejection of a manifest that we never signed tells nothing."""
    net = pair()
    told = Receipts(rejected=[wire.rejected(os.urandom(32), [("FORMAT", "ref")])])
    delivered(net, "GE-CUS", sealed_receipts(net.nodes["TR-CUS"], "GE-CUS", told), "TR-CUS")
    assert leaves(net, "GE-CUS", "what=receipt-does-not-fit")


@pytest.mark.parametrize("restarts", [0, 3])
def test_an_envelope_under_a_retired_key_waits_until_a_current_key_vouches_for_it(restarts: int) -> None:
    """Whoever stole a retired key gets nothing opened; the true author's next notice opens both, whatever
    incarnations its restarts left between the two."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    firsts = [author.send(some_notice("GE-CUS"), ["TR-CUS"])]
    for _ in range(restarts):
        author.crash()
        author.start()
        firsts.append(author.send(some_notice("GE-CUS"), ["TR-CUS"]))
    old = everything(author)
    new_identity = author.new_node_key()
    reader.node.take_documents([], [new_identity])
    delivered(net, "TR-CUS", old)
    assert reader.inbox() == []
    second = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    delivered(net, "TR-CUS", everything(author))
    assert len(author.ledger.facts.incarnations()) == restarts + 2
    assert {one.ref for one in reader.inbox()} == {*(one.ref for one in firsts), second.ref}


def everything(host: NodeHost) -> Delivery:
    """All that a node has written, as a peer would hand it over."""
    rows = host.ledger.entries.since(0, 100)
    wraps = [wrap for row in rows for wrap in host.ledger.entries.wraps(row.manifest_sha256)]
    return Delivery(
        tuple(envelope_bytes(row) for row in rows),
        tuple(
            WrapProof(key_manifest_sha256=w.key_manifest_sha256, index=w.index, wrap=w.wrap, path=w.path)
            for w in wraps
        ),
    )


def test_so_much_garbage_cuts_the_link() -> None:
    """Three unreadable envelopes within ten minutes end the link; the peer may dial again later."""
    net = pair()
    reader = net.nodes["TR-CUS"]
    frame = Frame(entries=Entries(envelopes=[b"garbage", b"more garbage", b"and more"]))
    reader.host.handle(Received("GE-CUS", frame))
    net.run(1)
    assert [peer for peer, _reason in reader.cuts] == ["GE-CUS"]


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the ledger cannot store, the sender keeps it QUEUED; when it can again, the notice arrives."""
    net = pair()
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]

    def full(_batch: object) -> None:
        raise FanalError(DISK_FULL, path="ledger.db")

    monkeypatch.setattr(reader.ledger, "append", full)
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(30)
    assert sender.states(sent.ref) == {"TR-CUS": "QUEUED"}
    monkeypatch.undo()
    net.run(300)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}


def test_one_entry_that_breaks_us_is_set_aside_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own in one notice: an incident, and the notices after it are filed."""
    net = pair()
    true = filing.file_notice

    def broken(node: object, row: object, opened: object, cursor: object) -> object:
        if b"poison" in opened.notice_bytes and node.agency == "TR-CUS":  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return true(node, row, opened, cursor)  # type: ignore[arg-type]

    monkeypatch.setattr(filing, "file_notice", broken)
    net.nodes["GE-CUS"].send(some_notice("GE-CUS", "poison"), ["TR-CUS"])
    good = net.nodes["GE-CUS"].send(some_notice("GE-CUS", "harmless"), ["TR-CUS"])
    net.run(30)
    assert [one.ref for one in net.nodes["TR-CUS"].inbox()] == [good.ref]
    assert leaves(net, "TR-CUS", "what=entry-set-aside")


def test_an_id_that_an_insider_signed_first_keeps_nothing_of_its_author_out() -> None:
    """Whoever saw a header signs its id in its own lane and is there first: both are stored, opened, read."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    author, reader, insider = (net.nodes[name] for name in ("GE-CUS", "TR-CUS", "AZ-CUS"))
    taken = os.urandom(16)
    first = sealed(insider, ("TR-CUS",), some_notice("AZ-CUS"), envelope_id=taken)
    true = sealed(author, ("TR-CUS",), some_notice("GE-CUS"), envelope_id=taken)
    assert not delivered(net, "TR-CUS", first, "AZ-CUS").refused
    assert not delivered(net, "TR-CUS", true).refused
    assert {one.originator for one in reader.inbox()} == {"GE-CUS", "AZ-CUS"}
    mine, other = (reader.ledger.entries.get(envelope_id=taken, author=who) for who in ("GE-CUS", "AZ-CUS"))
    assert (mine.author, other.author) == ("GE-CUS", "AZ-CUS")
    assert reader.vault.notices.get(0, envelope_id=taken, author="GE-CUS").summary.originator == "GE-CUS"


def test_erasing_under_a_shared_id_erases_one_of_them() -> None:
    """The insider's notice is erased: the true author's keeps its content."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    taken = os.urandom(16)
    for name in ("AZ-CUS", "GE-CUS"):
        delivery = sealed(net.nodes[name], ("TR-CUS",), some_notice(name), envelope_id=taken)
        delivered(net, "TR-CUS", delivery, name)
    reader = net.nodes["TR-CUS"]
    spoiled = reader.ledger.entries.get(envelope_id=taken, author="AZ-CUS")
    assert erasing.erase(reader.node, [spoiled], "expired").count == 1
    assert reader.ledger.entries.get(envelope_id=taken, author="GE-CUS").body
    assert reader.ledger.entries.get(envelope_id=taken, author="AZ-CUS").body is None
    kept = reader.vault.notices.get(0, envelope_id=taken, author="GE-CUS")
    gone = reader.vault.notices.get(0, envelope_id=taken, author="AZ-CUS")
    assert (bool(kept.notice), bool(gone.notice)) == (True, False)

# SPDX-License-Identifier: Apache-2.0
"""Keys and rights that are gone: nothing is shown, counted or sealed under them."""

from __future__ import annotations

from typing import Any

import pytest
from agencies import Agency, MemoryReservations
from nodenet import NodeHost, NodeNet, some_notice
from sealing import sealed_receipts

from fanal.envelope import receipts as wire
from fanal.envelope.officer import CheckedDraft
from fanal.envelope.verify import decode_manifest_only
from fanal.errors import FanalError
from fanal.keys import charter as charters
from fanal.keys.errors import KEY_NOT_CURRENT
from fanal.keys.revocation import sign_revocation
from fanal.keys.trust import KeyStatus
from fanal.node import incoming, outgoing
from fanal.node.arrival import opening
from fanal.node.errors import CHARTER_MOVED, LOCKED
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.retention import applying
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Receipts, WrapProof
from fanal.v1.identity_pb2 import KeyUse


def decided(net: NodeNet, changes: charters.Changes, *names: str) -> None:
    """The governor's next charter is put in force at these nodes."""
    governor = net.nodes["GE-CUS"]
    draft = charters.draft_next(governor.node.directory.newest, changes)
    document = charters.sign_charter(governor.agency.root, draft, MemoryReservations())
    for name in names:
        net.nodes[name].desk.apply_charter(net.nodes[name].officer, api.ApplyCharterRequest(charter=document))


def revoked_officer(net: NodeNet, name: str) -> charters.Changes:
    """The key of an agency's officer is revoked."""
    agency = net.nodes[name].agency
    document = sign_revocation(
        agency.root, name, 1, agency.officer_key_id, int(net.now), "compromised", int(net.now)
    )
    return charters.Changes(created=int(net.now), revocations=(document,))


def hand_over(sender: NodeHost, reader: NodeHost) -> None:
    """All that the sender has written, stored and opened at the reader."""
    rows = sender.ledger.entries.since(0, 100)
    proofs = [
        WrapProof(key_manifest_sha256=w.key_manifest_sha256, index=w.index, wrap=w.wrap, path=w.path)
        for row in rows
        for w in sender.ledger.entries.wraps(row.manifest_sha256)
    ]
    incoming.receive(reader.node, sender.name, [envelope_bytes(row) for row in rows], proofs)
    opening.open_arrived(reader.node)


def test_a_notice_signed_under_a_revoked_officers_key_is_not_shown() -> None:
    """Its envelope is in order, the person's key is not: it is kept and waits as a suspect."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    decided(net, revoked_officer(net, "GE-CUS"), "TR-CUS")
    hand_over(sender, reader)
    assert reader.inbox() == []
    assert [one.reason for one in reader.vault.pending(10)] == ["SUSPECT"]


def test_a_reading_signed_under_a_revoked_officers_key_does_not_count() -> None:
    """Whoever stole the key cannot say that it was read."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    manifest = author.ledger.entries.get(envelope_id=sent.envelope_id).manifest_sha256
    read = wire.sign_read(author.node.network, "TR-CUS", manifest, author.node.now, reader.agency.officer)
    told = sealed_receipts(reader, "GE-CUS", Receipts(read=[read]))
    decided(net, revoked_officer(net, "TR-CUS"), "GE-CUS")
    incoming.receive(author.node, "TR-CUS", told.envelopes, told.wraps)
    opening.open_arrived(author.node)
    assert author.states(sent.ref) == {"TR-CUS": "QUEUED"}
    assert any(b"receipt-does-not-fit" in leaf for leaf in author.ledger.log.leaves(0, 100))


def test_who_has_left_a_channel_writes_nothing_into_it_under_an_older_charter() -> None:
    """Still a member of the network, and its envelope names a charter that let it write: kept, not shown."""
    readers = ("AZ-CUS", "GE-CUS", "TR-CUS")
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", channels={"BLACKSEA": readers}, linked=False)
    left = charters.ChannelView("BLACKSEA", ("GE-CUS", "TR-CUS"))
    decided(net, charters.Changes(created=int(net.now), channels={"BLACKSEA": left}), "GE-CUS", "TR-CUS")
    former, reader = net.nodes["AZ-CUS"], net.nodes["TR-CUS"]
    former.send(some_notice("AZ-CUS"), ["group:BLACKSEA"])
    hand_over(former, reader)
    assert reader.inbox() == []
    assert {one.reason for one in reader.vault.pending(10)} == {"SUSPECT"}


def test_nothing_is_sealed_under_a_key_that_has_run_out() -> None:
    """Every reader would keep it unopened; the officer is told before it is sent."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    sender = net.nodes["GE-CUS"]
    keys = sender.node.keys
    sender.new_node_key()
    sender.node._keys = keys
    with pytest.raises(FanalError) as refused:
        sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    assert refused.value.kind is KEY_NOT_CURRENT
    assert sender.ledger.head().entries == 0


def test_a_notice_that_is_sent_while_a_new_key_is_taken_up_waits_for_it() -> None:
    """The document that names the key is taken before the key: nobody is refused in between."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    sender = net.nodes["GE-CUS"]
    newer = between_document_and_key(sender)
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    row = sender.ledger.entries.get(envelope_id=sent.envelope_id)
    assert decode_manifest_only(row.manifest, row.signature).header.author_key_id == newer


def test_a_notice_that_was_checked_before_another_charter_came_is_checked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The new charter may have made others of its readers: it is refused, and nothing is sealed."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    sender, check, later = net.nodes["GE-CUS"], outgoing.check_draft, [Agency("AZ-CUS")]
    draft = sender.draft(some_notice("GE-CUS"), ["TR-CUS"])

    def checked(*given: Any) -> CheckedDraft:
        found = check(*given)
        while later:
            sender.next_charter(add=later.pop())
        return found

    monkeypatch.setattr(outgoing, "check_draft", checked)
    with pytest.raises(FanalError) as refused:
        sender.hand_in(draft)
    assert refused.value.kind is CHARTER_MOVED
    assert sender.node.directory.newest.version == 2
    assert sender.ledger.head().entries == 0


def test_nobody_reads_in_a_vault_from_which_what_was_erased_has_yet_to_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is a restored one, say; the node is locked until that is done."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    host, apply, seen = net.nodes["GE-CUS"], applying.to_vault, list[FanalError]()
    host.crash()
    host.start(locked=True)

    def applied(*given: Any) -> None:
        with pytest.raises(FanalError) as refused:
            host.states("anything")
        seen.append(refused.value)
        apply(*given)

    monkeypatch.setattr(applying, "to_vault", applied)
    host.node.unlock(host.keys())
    assert [one.kind for one in seen] == [LOCKED]


def test_whoever_judges_a_key_while_a_document_comes_judges_by_one_state() -> None:
    """The key stands in the document of before and in the new one: it was never out of use."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    sender = net.nodes["GE-CUS"]
    directory, newer = sender.node.directory, sender.agency.sign(sender.agency.next_draft())
    revoked = directory.revoked

    def meanwhile(agency: str, identifier: bytes) -> int | None:
        assert sender.node.take_documents((), [newer])
        return revoked(agency, identifier)

    directory.revoked = meanwhile  # type: ignore[method-assign]
    own = (sender.name, sender.node.keys.signer.key_id, KeyUse.NODE_SIGN)
    assert directory.signing_key(*own).status is KeyStatus.CURRENT
    assert sender.node.identity.serial == 2


def between_document_and_key(sender: NodeHost) -> bytes:
    """Somebody holds the writing lock who has taken the new document and not yet the key it names; they
    take it before they let go. Returns the key's id."""
    old, lock = sender.node.keys, sender.node.writing
    sender.new_node_key()
    newer = sender.node.keys
    sender.node._keys = old

    class Held:
        def __enter__(self) -> None:
            lock.acquire()
            sender.node.replace_keys(newer)

        def __exit__(self, *_: Any) -> None:
            lock.release()

    sender.node.writing = Held()  # type: ignore[assignment]
    identifier: bytes = newer.signer.key_id
    return identifier

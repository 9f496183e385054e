# SPDX-License-Identifier: Apache-2.0
"""Charters and identities in a node that is refused by its disk, or shown two where one may be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from agencies import MemoryReservations
from nodenet import NodeNet, some_notice
from sealing import sealed

from fanal.errors import FanalError
from fanal.keys import charter as charters
from fanal.keys.documents import decode_document
from fanal.keys.errors import ForkError
from fanal.keys.identity import parse_identity
from fanal.keys.trust import Directory
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.errors import DISK_FULL
from fanal.node.gossip.actions import TakeDocuments
from fanal.node.inbox.interface import Filing
from fanal.node.node import Node
from fanal.v1 import officer_pb2 as api
from fanal.v1.identity_pb2 import SignedDocument


def restarted(node: Node, *founding: SignedDocument) -> Directory:
    """What a restart makes of the documents in the ledger, and of those the node was founded with."""
    stored = [decode_document(row.document) for row in node.ledger.facts.documents()]
    return Directory.restore(node.network, [*founding, *stored])


def next_of(net: NodeNet, name: str, label: str = "Test") -> SignedDocument:
    """A charter that the governor signs on the newest of a node."""
    view = net.nodes[name].node.directory.newest
    draft = charters.draft_next(view, charters.Changes(created=int(net.now), name=label))
    return charters.sign_charter(net.nodes["GE-CUS"].agency.root, draft, MemoryReservations())


def test_a_charter_that_could_not_be_stored_is_not_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk refuses charter 2. In force all the same, charter 3 would be stored on it: no start after."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    node = net.nodes["TR-CUS"].node
    two = next_of(net, "GE-CUS")

    def full(_batch: object) -> None:
        raise FanalError(DISK_FULL, path="ledger.db")

    with monkeypatch.context() as broken:
        broken.setattr(node.ledger, "append", full)
        with pytest.raises(FanalError):
            node.take_documents((two,), ())
    assert node.directory.newest.version == 1
    assert node.take_documents((two,), ())
    assert restarted(node, *net.nodes["TR-CUS"].documents).newest.version == 2


def test_two_identities_at_one_serial_are_an_incident_and_the_node_starts_again() -> None:
    """A root that signs two stories is written down with both documents; nobody's restart fails by it."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    node, author = net.nodes["TR-CUS"].node, net.nodes["GE-CUS"].agency
    other = parse_identity(author.document)
    other.duty = True
    node.take_documents((), (author.sign(other),), "GE-CUS")
    assert any(b"what=identity-fork" in leaf for leaf in node.ledger.log.leaves(0, 1000))
    again = restarted(node, *net.nodes["TR-CUS"].documents)
    assert again.identity("GE-CUS").document == author.document


def test_an_officer_who_applies_a_second_charter_two_freezes_the_membership() -> None:
    """It is refused as a fork; both are stored, so that the fork is still known after a restart."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    host = net.nodes["TR-CUS"]
    one, other = next_of(net, "GE-CUS", "One"), next_of(net, "GE-CUS", "Other")
    host.desk.apply_charter(host.officer, api.ApplyCharterRequest(charter=one))
    with pytest.raises(ForkError):
        host.desk.apply_charter(host.officer, api.ApplyCharterRequest(charter=other))
    assert host.node.directory.fork is not None
    assert restarted(host.node, *host.documents).fork == host.node.directory.fork


def test_an_identity_document_of_another_has_only_that_looked_at_again_which_depends_on_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two entries wait, for a key and for a document; a charter has both looked at."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    reader, looked = net.nodes["TR-CUS"], list[int]()
    net.run(1)
    waits = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    incoming.receive(reader.node, "GE-CUS", waits.envelopes)
    opening.open_arrived(reader.node)
    key, notice = reader.node.vault.pending(10)
    assert {key.reason, notice.reason} == {opening.WAITS_FOR_KEY}
    reader.node.vault.file(Filing(pending=(replace(key, reason=opening.WAITS_FOR_IDENTITY),)))
    true = opening._open_row
    monkeypatch.setattr(
        opening, "_open_row", lambda *a, **more: looked.append(a[1].arrival) or true(*a, **more)
    )
    third = net.nodes["AZ-CUS"].agency
    reader.host.take_documents(TakeDocuments("GE-CUS", 1, (), (third.sign(third.next_draft()),)))
    net.run(1)
    assert looked == [key.arrival]
    looked.clear()
    reader.host.take_documents(TakeDocuments("GE-CUS", 1, (next_of(net, "GE-CUS", "One"),), ()))
    net.run(1)
    assert looked == [key.arrival, notice.arrival]


def test_the_proof_of_a_fork_offered_again_changes_nothing() -> None:
    """Whoever sends it every second does not have every peer judged and every waiting entry tried again."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    node, author = net.nodes["TR-CUS"].node, net.nodes["GE-CUS"].agency
    other = parse_identity(author.document)
    other.duty = True
    assert not node.take_documents((), (author.sign(other),), "GE-CUS")
    one, two = next_of(net, "GE-CUS", "One"), next_of(net, "GE-CUS", "Other")
    assert node.take_documents((one,), ())
    assert node.take_documents((two,), ())
    assert not node.take_documents((one, two), ())

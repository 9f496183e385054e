# SPDX-License-Identifier: Apache-2.0
"""A charter, identity document or revocation that the disk has changed is mended from its second copy, or
from peers by hash; nothing damaged is believed, and nothing older in its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from agencies import NOW, Agency, following, found, signed
from nodenet import NodeHost, NodeNet, some_notice

from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys import charter as charters
from fanal.keys.documents import body_sha256, decode_document, encode_document
from fanal.keys.file_errors import FILE_UNREADABLE
from fanal.keys.identity import parse_identity
from fanal.node import documents
from fanal.node.damage import doccopies, docdamage
from fanal.node.damage.doccopies import DocumentCopies
from fanal.node.damage.docdamage import Lost
from fanal.node.damage.docerrors import DOCUMENT_LOST
from fanal.node.ledger.memory import MemoryLedger
from fanal.node.ledger.rows import Batch, DocumentRow
from fanal.proof.leaf import decode
from fanal.v1.identity_pb2 import SignedDocument

GE, TR = Agency("GE-CUS"), Agency("TR-CUS")
CHARTER = signed(found([GE], [TR]), GE)
SECOND = following(charters.view_of(CHARTER), 1, GE)
STORED = (CHARTER, SECOND, GE.document, TR.document)
NAMES = ("charter 1", "charter 2", "own identity", "other identity")


def next_identity(agency: Agency) -> SignedDocument:
    """The same agency's second document."""
    draft = parse_identity(agency.document)
    draft.serial, draft.previous_sha256, draft.duty = 2, body_sha256(agency.document), True
    return agency.sign(draft)


def row_of(document: SignedDocument) -> DocumentRow:
    return documents._row(document, NOW)


def flipped(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def in_signature(row: DocumentRow) -> DocumentRow:
    document = decode_document(row.document)
    for one in document.signatures:
        one.signature = flipped(one.signature, 20)
    return replace(row, document=encode_document(document))


SPOIL: dict[str, Callable[[DocumentRow], DocumentRow]] = {
    "body": lambda row: replace(row, document=flipped(row.document, 90)),
    "first byte": lambda row: replace(row, document=flipped(row.document, 0)),
    "signature": in_signature,
    "hash": lambda row: replace(row, sha256=flipped(row.sha256, 3)),
    "number": lambda row: replace(row, serial=row.serial ^ 64),
    "agency": lambda row: replace(row, agency="GE-CUR"),
    "kind": lambda row: replace(row, kind="adentity"),
}


@pytest.fixture
def copies(tmp_path: Path) -> DocumentCopies:
    return DocumentCopies(tmp_path / "documents")


def ledger_of(*stored: SignedDocument) -> MemoryLedger:
    ledger = MemoryLedger(now=NOW, random=os.urandom)
    ledger.append(Batch(documents=tuple(map(row_of, stored))))
    return ledger


def load(ledger: MemoryLedger, tmp_path: Path, copies: DocumentCopies) -> tuple[documents.Directory, Lost]:
    return documents.load(ledger, Home(tmp_path), "GE-CUS", NOW, copies)


def said(ledger: MemoryLedger, what: str) -> int:
    leaves = map(decode, ledger._tables.leaves)
    return sum(leaf.type.value == "incident" and leaf["what"] == what for leaf in leaves)


@pytest.mark.parametrize("what", SPOIL)
@pytest.mark.parametrize("index", range(4), ids=NAMES)
def test_a_damaged_document_is_mended_from_its_second_copy(
    tmp_path: Path, copies: DocumentCopies, index: int, what: str
) -> None:
    """Whatever bit of it: the node starts with all that it knew, the row is as before, and the log tells."""
    ledger = ledger_of(*STORED)
    rows = list(ledger.facts.documents())
    copies.keep(rows)
    ledger._tables.documents[index] = SPOIL[what](rows[index])
    directory, lost = load(ledger, tmp_path, copies)
    assert (directory.newest.version, directory.agencies()) == (2, ["GE-CUS", "TR-CUS"])
    assert ledger.facts.documents() == rows
    assert not lost.rows
    assert said(ledger, "document-mended") == 1


@pytest.mark.parametrize("index", range(3), ids=NAMES[:3])
def test_without_a_second_copy_nothing_is_trusted_and_the_refusal_names_what_brings_it_back(
    tmp_path: Path, copies: DocumentCopies, index: int
) -> None:
    """A charter or an own document: no start, and the file that any member has makes the next one good."""
    ledger = ledger_of(*STORED)
    row = ledger._tables.documents[index]
    ledger._tables.documents[index] = SPOIL["body"](row)
    with pytest.raises(FanalError) as refused:
        load(ledger, tmp_path, copies)
    assert refused.value.kind is DOCUMENT_LOST
    assert (refused.value.facts["kind"], refused.value.facts["number"]) == (row.kind, row.serial)
    assert refused.value.facts["name"] == row.sha256.hex()
    copies.keep([row])
    assert load(ledger, tmp_path, copies)[0].newest.version == 2


def test_the_second_copy_of_a_new_document_costs_no_look_at_the_others(
    copies: DocumentCopies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are looked at once in each run of the node; then what came since."""
    ledger, read = ledger_of(*STORED), list[int]()
    true = ledger.facts.documents

    def counted(*which: str, **more: int) -> list[DocumentRow]:
        rows = true(*which, **more)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(ledger.facts, "documents", counted)
    docdamage.copy(ledger, copies)
    newer = next_identity(TR)
    ledger.append(Batch(documents=(row_of(newer),)))
    docdamage.copy(ledger, copies)
    docdamage.copy(ledger, copies)
    assert read == [len(STORED), 1, 0]
    assert [copies.get(body_sha256(one)) for one in (*STORED, newer)] == [*STORED, newer]


def test_a_damaged_copy_is_written_anew_by_the_next_look(tmp_path: Path, copies: DocumentCopies) -> None:
    """And it is never used: its bytes are compared with its name."""
    ledger = ledger_of(*STORED)
    rows = ledger.facts.documents()
    copies.keep(rows)
    file = tmp_path / "documents" / f"{rows[1].sha256.hex()}.doc"
    file.write_bytes(flipped(file.read_bytes(), 90))
    assert copies.get(rows[1].sha256) is None
    copies.mend(rows)
    assert copies.get(rows[1].sha256) == SECOND


def test_an_older_identity_is_left_out_and_the_newest_counts(tmp_path: Path, copies: DocumentCopies) -> None:
    """Keys that only the lost one names are unknown; the agency is not."""
    ledger = ledger_of(*STORED, next_identity(TR))
    ledger._tables.documents[3] = SPOIL["body"](ledger._tables.documents[3])
    directory, lost = load(ledger, tmp_path, copies)
    assert [view.serial for view in directory.identities("TR-CUS")] == [2]
    assert (len(lost.rows), lost.agencies) == (1, set())


def test_attack_an_older_identity_in_place_of_the_lost_newest_is_not_taken(
    tmp_path: Path, copies: DocumentCopies
) -> None:
    """A peer that offers what was replaced brings no retired key back; the lost one itself is taken."""
    newest = next_identity(TR)
    ledger = ledger_of(*STORED, newest)
    ledger._tables.documents[4] = SPOIL["body"](ledger._tables.documents[4])
    directory, lost = load(ledger, tmp_path, copies)
    assert directory.agencies() == ["GE-CUS"]
    offered = (TR.document, newest)
    taken = [
        documents.take(directory, ledger, (one,), "TR-CUS", NOW, NOW, lost.admits)[1] and one.body
        for one in offered
    ]
    assert taken == [False, newest.body]


def damaged_at(host: NodeHost, lost: Agency, what: str) -> None:
    """The host starts again, and of one agency its disk has changed the only document."""
    rows = tuple(map(row_of, host.documents))
    host.ledger.append(Batch(documents=rows))
    index = next(at for at, row in enumerate(rows) if row.agency == lost.name)
    stored = host.ledger._tables.documents
    good = stored[index]
    host.crash()
    stored[index] = SPOIL[what](good)
    host.documents = [one for one in host.documents if row_of(one).agency != lost.name]
    host.start()
    host.node.lost = Lost(stored, [stored[index]] if what == "body" else [])


def test_what_no_copy_can_mend_comes_from_peers_and_entries_wait_for_it() -> None:
    """The agency is unknown, so its notice waits; a peer's copy mends the row, and the notice opens."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    host, author = net.nodes["TR-CUS"], net.nodes["AZ-CUS"]
    good = row_of(author.agency.document)
    damaged_at(host, author.agency, "body")
    sent = author.send(some_notice("AZ-CUS"), ["TR-CUS"])
    assert "AZ-CUS" not in host.node.directory.agencies()
    net.mesh()
    net.run(30)
    assert not host.node.lost.rows
    assert good in host.ledger.facts.documents()
    assert said(host.ledger, "document-mended") == 1
    assert [one.ref for one in host.inbox()] == [sent.ref]


def test_a_running_node_writes_anew_what_it_holds_verified() -> None:
    """The look at everything compares the stored rows with what was verified, without any peer."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    host = net.nodes["TR-CUS"]
    rows = tuple(map(row_of, host.documents))
    host.ledger.append(Batch(documents=rows))
    for what, spoil in SPOIL.items():
        host.ledger._tables.documents[1] = spoil(host.ledger._tables.documents[1])
        docdamage.look(host.node.directory, host.node.ledger, host.node.copies, host.node.now)
        assert tuple(host.ledger.facts.documents()) == rows, what


def test_a_second_copy_that_the_disk_did_not_take_is_written_at_the_next_contact(
    copies: DocumentCopies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only at the daily look or the next start: a link that comes up is enough, whoever it is with."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    host, author = net.nodes["TR-CUS"], net.nodes["AZ-CUS"]
    host.node.copies = copies
    net.run(1)
    tried: list[Path] = []

    def refused(path: Path, *_data: object, **_how: object) -> None:
        tried.append(path)
        raise FanalError(FILE_UNREADABLE, path=str(path), reason="Input/output error")

    document = next_identity(author.agency)
    with monkeypatch.context() as failing:
        failing.setattr(doccopies, "write_private", refused)
        assert author.node.take_documents((), [document])
        author.host.roster_changed()
        net.run(5)
    assert len(tried) == 1
    assert body_sha256(document) in [row.sha256 for row in host.ledger.facts.documents()]
    net.run(600)
    assert copies.get(body_sha256(document)) is None
    net.drop("GE-CUS", "TR-CUS")
    net.run(10)
    assert copies.get(body_sha256(document)) == document
    assert copies.missing(host.ledger.facts.documents()) == []

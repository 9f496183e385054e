# SPDX-License-Identifier: Apache-2.0
"""The audit of a data folder: an honest ledger passes, and each way of changing one is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from agencies import NOW, Agency, found, signed
from sqlcipher3 import dbapi2 as driver

from fanal.envelope import audience
from fanal.envelope.seal import Lane, Position, Signer, seal_content, seal_key
from fanal.envelope.verify import bound_and_decode
from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519, xwing
from fanal.keys.documents import body_sha256, encode_document
from fanal.keys.errors import CHARTER_UNKNOWN, UnknownCharter
from fanal.keys.trust import Directory
from fanal.node import errors
from fanal.node.lanes.leaves import entry_leaf
from fanal.node.lanes.rows import lane_of, row_of
from fanal.node.ledger.audit import audit_folder, failures
from fanal.node.ledger.interface import Batch, Checkpoint, DocumentRow, IncarnationRow, LeafRow, WrapRow
from fanal.node.ledger.readonly import open_readonly
from fanal.node.ledger.sqlite import SqliteLedger, open_ledger
from fanal.node.witness import names
from fanal.proof import checkpoint as checkpoints
from fanal.proof.audit import AuditReport, Status
from fanal.proof.cosignature import CosignatureSigner
from fanal.proof.leaf import Leaf, LeafType, encode
from fanal.proof.note_key import Ed25519Signer
from fanal.v1.envelope_pb2 import Content, EnvelopeClass, EnvelopePriority

GE, TR = Agency("GE-CUS"), Agency("TR-CUS")
CHARTER = signed(found([GE], [TR]), GE)
DIRECTORY = Directory.founded(CHARTER)
for agency in (GE, TR):
    DIRECTORY.take_identity(agency.document)
NETWORK = body_sha256(CHARTER)


def envelopes() -> list[tuple[bytes, tuple[WrapRow, ...]]]:
    """A KEY envelope with its wraps, and two receipts after it in the lane."""
    lane = Lane(DIRECTORY.newest, audience.explicit(GE.name, [TR.name]))
    common = {
        "lane": lane,
        "priority": EnvelopePriority.ROUTINE,
        "created": NOW,
        "expires": NOW + 1000,
        "signer": Signer(GE.name, GE.node_key_id, GE.node),
    }
    readers = {one.name: (one.encrypt_key_id, xwing.public_of(one.encrypt)) for one in (GE, TR)}
    key = seal_key(readers, position=Position(b"i" * 16, 0, b""), **common)
    wraps = tuple(
        WrapRow(key.manifest_sha256, w.index, name, w.wrap, tuple(w.path))
        for name, w in zip(sorted(readers), key.wraps, strict=True)
    )
    made, previous = [(key.envelope_bytes, wraps)], key.manifest_sha256
    for seq in (1, 2):
        sealed = seal_content(
            Content(content_salt=bytes(32), control=b"sealed"),
            EnvelopeClass.CONTROL,
            lane_key=key.lane_key,
            position=Position(b"i" * 16, seq, previous),
            envelope_id=bytes([seq]) * 16,
            **common,
        )
        made.append((sealed.envelope_bytes, ()))
        previous = sealed.manifest_sha256
    return made


ENVELOPES = envelopes()


def fill(ledger: SqliteLedger, name: str = "fanal/net/GE-CUS/log1") -> None:
    """Documents, three envelopes with their leaves, another leaf, and a checkpoint over all."""
    documents = [("charter", "", 1, CHARTER), *(("identity", one.name, 1, one.document) for one in (GE, TR))]
    rows = tuple(
        DocumentRow(kind, who, serial, body_sha256(document), encode_document(document), NOW)
        for kind, who, serial, document in documents
    )
    incarnation = IncarnationRow(b"i" * 16, ledger.head().incarnation, "rolled-back", NOW)
    ledger.append(Batch(documents=rows, incarnation=incarnation))
    for raw, wraps in ENVELOPES:
        received = bound_and_decode(raw)
        leaf = entry_leaf(LeafType.ENVELOPE_OUT, received, "", NOW, 0)
        ledger.append(
            Batch(
                lanes=(lane_of(received.header),),
                entries=(row_of(received, "", NOW),),
                wraps=wraps,
                leaves=(leaf,),
            )
        )
    fact = {"time": NOW, "what": "keys-added", "detail": bytes(32)}
    ledger.append(Batch(leaves=(LeafRow(encode(Leaf.of(LeafType.ADMIN, fact))),)))
    head = ledger.head()
    signer = Ed25519Signer(name, GE.log, ed25519.public_of(GE.log))
    witness = names.name_of(DIRECTORY.identity(TR.name).root, TR.name, names.WITNESS)
    cosigner = CosignatureSigner(witness, TR.witness, ed25519.public_of(TR.witness), NOW)
    note = checkpoints.sign(checkpoints.Checkpoint(name, head.size, head.root), signer, [cosigner])
    ledger.append(Batch(checkpoint=Checkpoint(head.size, head.root, note)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A stopped node's data folder."""
    ledger = open_ledger(tmp_path / "data", now=NOW)
    fill(ledger)
    ledger.close()
    return tmp_path / "data"


def report_of(folder: Path) -> AuditReport:
    return audit_folder(folder, agency=GE.name, network=NETWORK)


def change(folder: Path, *statements: str) -> None:
    """By root, with any SQLite tool."""
    connection = driver.connect(str(folder / "ledger.db"), isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def failed(report: AuditReport) -> set[str]:
    return {check.name for check in report.checks if check.status is Status.FAILED}


def test_an_honest_ledger_passes_every_check(folder: Path) -> None:
    """Every check is made, counts what it passed, and the report becomes JSON."""
    report = report_of(folder)
    assert {check.name: check.status for check in failures(report)} == {}
    assert (report.verdict, report.size, report.first_bad) == (Status.PASSED, 4, None)
    counted = {check.name: check.found for check in report.checks}
    assert counted["entries.signature"] == counted["entries.leaf"] == counted["leaves.entry"] == "3"
    assert (counted["lanes.heads"], counted["documents"], counted["marker"]) == ("1", "3", "4/3")
    json.dumps(report.facts())


def test_a_running_node_can_be_audited(tmp_path: Path) -> None:
    """While the writer holds the folder, the audit reads one committed state and takes no lock."""
    ledger = open_ledger(tmp_path, now=NOW)
    fill(ledger)
    view = open_readonly(tmp_path)
    ledger.append(Batch(leaves=(LeafRow(b"later"),)))
    assert view.size() == 4
    view.close()
    assert report_of(tmp_path).size == 5
    ledger.append(Batch(meta=(("still", b"writing"),)))
    ledger.close()


def test_an_audit_changes_no_byte_of_the_database(folder: Path) -> None:
    """Read-only means the files are the same afterwards."""
    before = {name: (folder / name).read_bytes() for name in ("ledger.db", "marker")}
    report_of(folder)
    assert {name: (folder / name).read_bytes() for name in before} == before


CHANGES = {
    "UPDATE leaves SET data = CAST(replace(data, 'keys-a', 'keys-b') AS BLOB) WHERE idx = 3": (
        "tree.nodes checkpoints.root"
    ),
    "DELETE FROM leaves WHERE idx = 3": "ledger.tail marker",
    "UPDATE nodes SET hash = zeroblob(32) WHERE level = 2": "tree.nodes",
    "UPDATE checkpoints SET note = CAST(replace(note, 'net', 'ten') AS BLOB)": "checkpoints.signature",
    "UPDATE entries SET body = zeroblob(length(body)) WHERE seq = 1": "entries.signature",
    "UPDATE entries SET signature = zeroblob(64) WHERE seq = 2": "entries.signature",
    "UPDATE entries SET envelope_id = zeroblob(16) WHERE seq = 1": "entries.signature entries.leaf",
    "UPDATE entries SET previous = zeroblob(32) WHERE seq = 2": "entries.signature lanes.chain",
    "UPDATE entries SET klass = 2 WHERE seq = 1": "entries.signature",
    "UPDATE entries SET leaf = 0 WHERE seq = 1": "entries.leaf leaves.entry",
    "UPDATE entries SET leaf = NULL WHERE seq = 1": "entries.leaf leaves.entry",
    "UPDATE entries SET leaf = 3 WHERE seq = 1": "entries.leaf leaves.entry",
    "DELETE FROM entries WHERE seq = 2": "leaves.entry lanes.heads marker",
    "UPDATE streams SET next = 9": "lanes.heads",
    "UPDATE streams SET head = zeroblob(32)": "lanes.heads",
    "INSERT INTO holes VALUES (1, 0, 1)": "lanes.heads",
    "UPDATE wraps SET wrap = zeroblob(length(wrap)) WHERE idx = 1": "entries.signature",
    "UPDATE wraps SET recipient = 'IT-CGD' WHERE idx = 1": "entries.signature",
    "UPDATE incarnations SET incarnation = zeroblob(16) WHERE n = 2": "marker incarnations",
    "UPDATE incarnations SET predecessor = zeroblob(16) WHERE n = 2": "incarnations",
    "DELETE FROM incarnations WHERE n = 1": "incarnations",
    "UPDATE entries SET source = 'TR-CUS' WHERE seq = 1": "entries.leaf",
    "UPDATE entries SET arrived = arrived - 1 WHERE seq = 1": "entries.leaf",
    "UPDATE documents SET agency = 'IT-CGD' WHERE agency = 'TR-CUS'": "documents",
    "UPDATE documents SET serial = 7 WHERE kind = 'charter'": "documents",
    "DELETE FROM nodes WHERE level = 0 AND idx = 1": "tree.nodes",
    "UPDATE documents SET document = zeroblob(9) WHERE kind = 'identity'": "documents",
    "UPDATE documents SET sha256 = zeroblob(32) WHERE kind = 'identity' AND agency = 'TR-CUS'": "documents",
    "UPDATE entries SET priority = 1 WHERE seq = 1": "entries.signature",
    "UPDATE entries SET created = created - 1 WHERE seq = 1": "entries.signature",
    "UPDATE entries SET expires = expires + 1 WHERE seq = 1": "entries.signature",
    "UPDATE lanes SET audience = CAST('nobody' AS BLOB)": "lanes.audience",
    "UPDATE lanes SET channel = 'CASPIAN'": "lanes.audience",
    "UPDATE checkpoints SET size = size - 1": "checkpoints.row",
    "UPDATE checkpoints SET root = zeroblob(32)": "checkpoints.row",
}


@pytest.mark.parametrize(("statement", "names"), CHANGES.items())
def test_each_change_by_hand_is_named(folder: Path, statement: str, names: str) -> None:
    """Whoever edits the stopped database makes at least these checks fail."""
    change(folder, statement)
    report = report_of(folder)
    assert report.verdict is Status.FAILED
    assert set(names.split()) <= failed(report)


def test_the_first_bad_leaf_is_named(folder: Path) -> None:
    """A changed leaf is found by its index."""
    change(folder, "UPDATE leaves SET data = (SELECT data FROM leaves WHERE idx = 3) WHERE idx = 2")
    assert report_of(folder).first_bad == 2


@pytest.mark.parametrize("index", range(4))
def test_a_leaf_of_either_side_of_a_pair_is_named(folder: Path, index: int) -> None:
    """The hash of each single leaf is kept, so that its neighbour is not accused."""
    change(folder, f"UPDATE leaves SET data = CAST(data || ' ' AS BLOB) WHERE idx = {index}")
    assert report_of(folder).first_bad == index


def test_a_tail_cut_off_with_its_checkpoint_leaves_its_nodes(folder: Path) -> None:
    """Nodes of leaves that are gone name the end, also without a marker."""
    change(folder, "DELETE FROM leaves WHERE idx = 3", "DELETE FROM checkpoints")
    (folder / "marker").unlink()
    report = report_of(folder)
    assert "tree.beyond" in failed(report)
    assert report.first_bad == 3


def test_a_dangling_row_is_named(folder: Path) -> None:
    """What SQLite's own checks find is reported as such."""
    change(folder, "UPDATE entries SET stream = 77 WHERE seq = 2")
    assert "database.references" in failed(report_of(folder))


def test_a_damaged_page_fails_its_checks_and_stops_no_other(folder: Path) -> None:
    """Pages overwritten with noise: the audit still ends with a report."""
    connection = driver.connect(str(folder / "ledger.db"))
    roots = "SELECT rootpage FROM sqlite_master WHERE name IN ('entries', 'leaves', 'streams', 'documents')"
    pages = [row[0] - 1 for row in connection.execute(roots)]
    connection.close()
    data = bytearray((folder / "ledger.db").read_bytes())
    for page in pages:
        data[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    (folder / "ledger.db").write_bytes(data)
    report = report_of(folder)
    assert report.verdict is Status.FAILED
    assert "database.integrity" in failed(report)


def test_another_network_is_refused(folder: Path) -> None:
    """The id the auditor brings decides; without one it is undecided, for anybody can found a network."""
    report = audit_folder(folder, agency=GE.name, network=bytes(32))
    assert "network" in failed(report)
    unpaired = audit_folder(folder)
    check = next(check for check in unpaired.checks if check.name == "network")
    assert (check.status, check.found) == (Status.UNDECIDED, NETWORK.hex())
    assert "paper" in check.detail


def test_without_documents_nothing_is_believed(tmp_path: Path) -> None:
    """No charter, no keys: signatures and checkpoints are undecided, never passed."""
    ledger = open_ledger(tmp_path, now=NOW)
    fill(ledger)
    ledger.close()
    change(tmp_path, "DELETE FROM documents")
    report = audit_folder(tmp_path)
    undecided = {check.name for check in report.checks if check.status is Status.UNDECIDED}
    assert {"documents", "entries.signature", "checkpoints.key"} <= undecided
    assert report.verdict is Status.UNDECIDED


def test_a_checkpoint_under_a_name_of_no_identity_is_not_believed(tmp_path: Path) -> None:
    """The log's name comes from the agency's identity document, never from the checkpoint itself."""
    ledger = open_ledger(tmp_path, now=NOW)
    fill(ledger, checkpoints.origin(NETWORK, GE.name, 1))
    ledger.close()
    assert report_of(tmp_path).verdict is Status.FAILED


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (VerificationError(errors.ROW_MISMATCH, field="x"), Status.FAILED),
        (UnknownCharter(CHARTER_UNKNOWN, version=9), Status.UNDECIDED),
    ],
)
def test_another_check_of_entries_can_be_given(folder: Path, error: FanalError, status: Status) -> None:
    """The hook is called for every entry with its wraps; what is not known yet is undecided."""
    seen = []

    def verify(row: object, wraps: object) -> None:
        seen.append((row, wraps))
        raise error

    report = audit_folder(folder, agency=GE.name, network=NETWORK, verify_entry=verify)
    check = next(check for check in report.checks if check.name == "entries.signature")
    assert (check.status, len(seen), [len(w) for _, w in seen]) == (status, 3, [2, 0, 0])


def test_a_missing_marker_is_undecided(folder: Path) -> None:
    """Without the marker nobody can tell a rollback."""
    (folder / "marker").unlink()
    check = next(check for check in report_of(folder).checks if check.name == "marker")
    assert check.status is Status.UNDECIDED


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda path: path.unlink(), errors.STORE_MISSING),
        (lambda path: path.write_bytes(b""), errors.STORE_MISSING),
        (lambda path: path.write_bytes(b"x" * 5000), errors.NOT_A_STORE),
    ],
)
def test_what_is_no_ledger_is_refused(folder: Path, spoil: Callable[[Path], object], kind: object) -> None:
    """A folder without a ledger gets a refusal, not a report."""
    spoil(folder / "ledger.db")
    with pytest.raises(FanalError) as caught:
        report_of(folder)
    assert caught.value.kind is kind


def test_a_kept_body_is_checked_against_its_hash(folder: Path) -> None:
    """A body that is gone needs a leaf that says so: its manifest passes, its absence does not."""
    change(folder, "UPDATE entries SET body = NULL, own_wrap = x'' WHERE seq = 1")
    assert failed(report_of(folder)) == {"entries.body"}

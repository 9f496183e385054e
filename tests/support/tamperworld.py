# SPDX-License-Identifier: Apache-2.0
"""Three real nodes with some dozens of notices on disk, and what a ledger says: all that matters in it.

``said`` reads the evidence of a folder with plain SQL, without a line of the audit's own code.
``OPERATIONAL`` lists every column that it leaves out, with the reason; docs/THREATS.md says so in words.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from agencies import Agency
from audited import A, B, C, stored
from nodenet import NodeNet, some_notice

from fanal.node.auditing.compare import Difference, compare
from fanal.node.auditing.views import side_of_ledger
from fanal.node.ledger.audit import audit_folder
from fanal.node.ledger.readonly import open_readonly
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.sqlite import open_ledger
from fanal.proof.audit import AuditReport

OPERATIONAL: Mapping[str, Mapping[str, str]] = {
    "store": {"*": "the identity of this copy and counters of its writer"},
    "meta": {"*": "cursors and settings of the node"},
    "deliveries": {
        "*": "what this agency believes of others; receipts and their leaves are the evidence, and only what "
        "claims more than they say is found"
    },
    "held": {"*": "what peers are believed to hold, so that it is not offered again"},
    "joins": {"*": "invitations under way"},
    "refs": {"*": "the counter of human references"},
    "erasures": {"*": "the work list of the erasure job; the erasure leaves are the evidence"},
    "attachments": {"*": "the work list of fetching; names are in signed manifests, files verify by them"},
    "_sqlite_migrations": {"*": "when this file's format was made"},
    "leaves": {"key": "keeps a repeated fact from being logged twice; nothing is read from it"},
    "entries": {
        "arrival": "a row number; the order that it gives is compared, the number is not",
        "erase_at": "when the erasure job looks again; the header's date is signed",
    },
    "forks": {
        "n": "a row number",
        "arrived": "by the holder's clock; two signed manifests at one place are the proof",
        "source": "who brought it; two signed manifests at one place are the proof",
    },
    "lanes": {"id": "a row number"},
    "streams": {
        "id": "a row number",
        "floor": "below it nothing is asked of peers any more",
        "closed": "whether gossip still offers it",
    },
    "successors": {"*": "what first entries say, which are signed: for finding them"},
    "owing": {"*": "the work list of receipts; their leaves are the evidence"},
    "unreached": {"*": "the work list of fetching what lies below an end that a signed first entry names"},
    "incarnations": {
        "n": "a row number; the order that it gives is compared",
        "reason": "a note to the operator; the incident leaf is the evidence",
        "started": "by the own clock; the first leaf after it has a time",
    },
    "documents": {"n": "a row number", "arrived": "by the own clock; documents carry their own dates"},
    "peer_checkpoints": {"seen": "by the own clock; the leaf of the head has the time"},
    "checkpoints": {
        "note": "lines of witnesses below the signed text: they say who saw it, as do their logs"
    },
}
"""Table -> column ("*": all) -> why an audit does not look at it."""

MAY_LACK = frozenset({"checkpoints", "wraps"})
"""Rows that may be missing: an earlier checkpoint says nothing that the newest does not, the newest is at
the peers; a wrap is offered anew by whoever holds it, and its hash stays under the signed root."""

_COLUMNS = "envelope_id, manifest_sha256, klass, priority, created, expires, previous, key_envelope"
_PLACE = "JOIN streams s ON s.id = e.stream JOIN lanes l ON l.id = s.lane"
_SAID = {
    "leaves": "SELECT idx, data FROM leaves ORDER BY idx",
    "nodes": "SELECT level, idx, hash FROM nodes ORDER BY level, idx",
    "checkpoints": "SELECT size, root, note FROM checkpoints",
    "lanes": "SELECT lane, author, audience, channel FROM lanes ORDER BY lane",
    "streams": "SELECT l.lane, s.incarnation, s.next, s.head FROM streams s JOIN lanes l ON l.id = s.lane "
    "ORDER BY 1, 2",
    "holes": "SELECT l.lane, s.incarnation, h.start, h.stop FROM holes h JOIN streams s ON s.id = h.stream "
    "JOIN lanes l ON l.id = s.lane ORDER BY 1, 2, 3",
    "entries": f"SELECT l.lane, s.incarnation, e.seq, e.leaf, {_COLUMNS}, source, arrived, signature, "
    f"manifest, own_wrap, body FROM entries e {_PLACE} ORDER BY e.arrival",
    "forks": "SELECT kept, envelope_id, manifest_sha256, klass, priority, created, expires, previous, "
    "key_envelope, signature, manifest, own_wrap, body FROM forks ORDER BY manifest_sha256",
    "wraps": "SELECT e.manifest_sha256, w.idx, w.recipient, w.wrap, w.path FROM wraps w "
    "JOIN entries e ON e.arrival = w.entry",
    "incarnations": "SELECT incarnation, predecessor FROM incarnations ORDER BY n",
    "documents": "SELECT kind, agency, serial, sha256, document FROM documents ORDER BY sha256",
    "peer_checkpoints": "SELECT origin, agency, size, root, note FROM peer_checkpoints ORDER BY origin",
}
_UNREFERENCED = "SELECT count(*) FROM {0} x LEFT JOIN {1} y ON y.{2} = x.{3} WHERE y.{2} IS NULL"
_REFERENCES = (("wraps", "entries", "arrival", "entry"), ("entries", "streams", "id", "stream"))

Said = dict[str, list[tuple[Any, ...]]]


def said(folder: Path) -> Said | None:
    """What the ledger in a folder says; None when that cannot even be read."""
    connection = sqlite3.connect(folder / "ledger.db")
    try:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'view'").fetchone():
            return None  # it can compute without end
        found: Said = {name: connection.execute(query).fetchall() for name, query in _SAID.items()}
        for table, to, key, column in _REFERENCES:
            lost = connection.execute(_UNREFERENCED.format(table, to, key, column)).fetchall()
            found[f"{table} of nothing"] = lost
        for name in ("checkpoints", "peer_checkpoints"):
            found[name] = [(*row[:-1], row[-1].partition(b"\n\n")[0]) for row in found[name]]
    except (sqlite3.Error, UnicodeDecodeError, AttributeError, TypeError):
        return None
    finally:
        connection.close()
    return found


def changed(before: Said, after: Said | None) -> bool:
    """Whether a ledger says something else than before."""
    if after is None:
        return True
    for name, rows in before.items():
        if name in MAY_LACK:
            if not set(after[name]) <= set(rows):
                return True
        elif repr(after[name]) != repr(rows):
            return True
    return False


def first_changed(before: Said, after: Said | None) -> int | None:
    """The index of the first leaf that differs, was added or is missing; None when all are the same."""
    if after is None or (after["leaves"] == before["leaves"]):
        return None
    if after["nodes"] != before["nodes"]:
        return None
    old, new = dict(before["leaves"]), dict(after["leaves"])
    return min(index for index in {*old, *new} if old.get(index) != new.get(index))


@dataclass(frozen=True)
class World:
    """The folders of three agencies, closed; copies of the first one's made earlier; its stolen log key."""

    folders: dict[str, Path]
    backups: tuple[Path, ...]
    network: bytes
    victim: Agency
    said: Said
    differences: frozenset[Difference]
    net: NodeNet

    @property
    def folder(self) -> Path:
        return self.folders[A]

    def audit(self, folder: Path) -> AuditReport:
        return audit_folder(folder, agency=A, network=self.network)

    def exchange(self, folder: Path) -> list[Difference]:
        """What one honest peer, B, finds when it is shown this ledger: beyond what it found before."""
        return [one for one in _differences(folder, self.folders[B]) if one not in self.differences]


def _differences(folder: Path, peer: Path) -> list[Difference]:
    mine, other = open_readonly(folder), open_readonly(peer)
    try:
        return compare(side_of_ledger(A, mine), side_of_ledger(B, other)).differences
    finally:
        mine.close()
        other.close()


def made(base: Path, notices: int = 24) -> World:
    """A and B write to each other and to C, read, and cosign each other's checkpoints over some hours."""
    folders: list[Path] = []

    def on_disk(**given: Any) -> object:
        folders.append(base / f"n{len(folders)}")
        return open_ledger(folders[-1], **given)

    with mock.patch("nodenet.MemoryLedger", on_disk):
        net = NodeNet(A, B, C)
    for host in net.nodes.values():
        host.ledger.append(Batch(documents=tuple(stored(one) for one in host.documents)))
    a, b = net.nodes[A], net.nodes[B]
    backups = []
    net.run(30)
    for number in range(notices):
        author, reader = (a, b) if number % 3 else (b, a)
        to = [reader.name, C] if number % 2 else [reader.name]
        sent = author.send(some_notice(author.name, f"Notice {number}"), to)
        net.run(120)
        if number % 4 == 0:
            reader.read(sent.ref)
        if number in (notices // 3, notices // 2):
            backups.append(base / f"backup{number}")
            shutil.copytree(folders[0], backups[-1])
    net.run(7200)
    for host in net.nodes.values():
        host.ledger.close()
    named = dict(zip(net.nodes, folders, strict=True))
    before = said(named[A])
    assert before is not None
    differences = frozenset(_differences(named[A], named[B]))
    return World(named, tuple(backups), a.node.network, a.agency, before, differences, net)

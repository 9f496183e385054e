# SPDX-License-Identifier: Apache-2.0
"""Storing a batch's facts: documents, deliveries, peers' holdings, checkpoints, invitations, settings."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from fanal.errors import FanalError
from fanal.node.errors import CHECKPOINT_ROOT, JOIN_STATE
from fanal.node.ledger import rules, settings
from fanal.node.ledger.database import Connection
from fanal.node.ledger.rows import (
    Batch,
    Checkpoint,
    DeliveryFact,
    ErasureRow,
    IncarnationRow,
    JoinChange,
    LaneRange,
    PeerCheckpoint,
    State,
)
from fanal.node.ledger.sqlrows import SELECT_DELIVERY, delivery_of
from fanal.node.ledger.tree_reads import node_of
from fanal.proof.tree import Frontier, root_at


class FactsStored(NamedTuple):
    moved: tuple[bool, ...]
    ref_number: int | None


def store_facts(db: Connection, frontier: Frontier, batch: Batch) -> FactsStored:
    """Everything of the batch but entries, wraps and leaves. Raises FanalError for this batch alone."""
    db.executemany(
        "INSERT OR IGNORE INTO documents (kind, agency, serial, sha256, document, arrived) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [(d.kind, d.agency, d.serial, d.sha256, d.document, d.arrived) for d in batch.documents],
    )
    db.executemany(
        "UPDATE OR REPLACE documents SET kind = ?, agency = ?, serial = ?, sha256 = ?, document = ? "
        "WHERE n = ?",
        [(d.kind, d.agency, d.serial, d.sha256, d.document, d.number) for d in batch.mended_documents],
    )
    moved = tuple([_delivery(db, fact) for fact in batch.deliveries])
    db.executemany("DELETE FROM held WHERE peer = ?", [(peer,) for peer in batch.forget_peers])
    for held in batch.held:
        _held(db, held)
    db.executemany(
        "UPDATE attachments SET length = ? WHERE attachment = ?",
        [(length, attachment) for attachment, length in batch.arrived],
    )
    for erasure in batch.erased:
        _erase(db, erasure)
    db.executemany(
        "UPDATE entries SET erase_at = ? WHERE manifest_sha256 = ? AND erase_at > 0",
        [(when, manifest) for manifest, when in batch.postponed],
    )
    for manifest in batch.destroyed:
        _destroy(db, manifest)
    if batch.checkpoint is not None:
        _checkpoint(db, frontier, batch.checkpoint)
    for head in batch.peer_checkpoints:
        _peer_checkpoint(db, head)
    for change in batch.joins:
        _join(db, change)
    rows = [(name, settings.stored(value)) for name, value in batch.meta]
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
    if batch.incarnation is not None:
        put_incarnation(db, batch.incarnation)
    return FactsStored(moved, None if batch.ref_year is None else _ref(db, batch.ref_year, batch.ref_above))


def put_incarnation(db: Connection, row: IncarnationRow) -> None:
    """Begin a new incarnation of our own."""
    db.execute(
        "INSERT INTO incarnations (incarnation, predecessor, reason, started) VALUES (?, ?, ?, ?)",
        (row.incarnation, row.predecessor, row.reason, row.started),
    )


def _delivery(db: Connection, fact: DeliveryFact) -> bool:
    where = "WHERE envelope_id = ? AND recipient = ?"
    key = (fact.envelope_id, fact.recipient)
    row = db.execute(SELECT_DELIVERY + where, key).fetchone()
    old = delivery_of(row) if row else None
    reached = -1
    if old is not None:
        reached = db.execute(f"SELECT reached FROM deliveries {where}", key).fetchone()[0]  # noqa: S608
        if replace(fact, since=old.since) == old:
            return False
    if not rules.moves(old.state if old else None, reached, fact.state, fact.reason):
        return False
    db.execute(
        "INSERT OR REPLACE INTO deliveries (envelope_id, recipient, state, reached, since, reason, via) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*key, fact.state.value, max(reached, rules.rank(fact.state)), fact.since, fact.reason, fact.via),
    )
    change = _waits(fact.state) - (_waits(old.state) if old else 0)
    if change:
        db.execute("UPDATE store SET waiting = waiting + ?", (change,))
    return True


def _waits(state: State) -> int:
    return int(state in rules.WAITING)


def _held(db: Connection, held: LaneRange) -> None:
    """Add a range and join it with those it overlaps or touches."""
    if held.start >= held.stop:
        return
    key = (held.peer, held.lane, held.incarnation)
    where = "WHERE peer = ? AND lane = ? AND incarnation = ?"
    start, stop = held.start, held.stop
    # Ranges are disjoint, so only the last one that begins before ours can reach into it from the left.
    before = db.execute(
        f"SELECT start, stop FROM held {where} AND start < ? ORDER BY start DESC LIMIT 1",  # noqa: S608
        (*key, start),
    ).fetchone()
    if before and before[1] >= start:
        start, stop = before[0], max(stop, before[1])
    last = db.execute(
        f"SELECT max(stop) FROM held {where} AND start >= ? AND start <= ?",  # noqa: S608
        (*key, start, stop),
    ).fetchone()[0]
    stop = max(stop, last or 0)
    db.execute(f"DELETE FROM held {where} AND start >= ? AND start < ?", (*key, start, stop))  # noqa: S608
    db.execute("INSERT INTO held VALUES (?, ?, ?, ?, ?)", (*key, start, stop))


def _erase(db: Connection, row: ErasureRow) -> None:
    """The content goes, and with it what a fork offered for the same place; secure_delete overwrites both."""
    gone = "SET body = NULL, own_wrap = x''"
    db.execute(f"UPDATE entries {gone}, erase_at = 0 WHERE manifest_sha256 = ?", (row.manifest_sha256,))
    db.execute(
        f"UPDATE forks {gone} WHERE kept = (SELECT arrival FROM entries WHERE manifest_sha256 = ?)",  # noqa: S608
        (row.manifest_sha256,),
    )
    db.execute(
        "DELETE FROM attachments WHERE entry = (SELECT arrival FROM entries WHERE manifest_sha256 = ?)",
        (row.manifest_sha256,),
    )
    db.execute(
        "INSERT INTO erasures VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (manifest_sha256) DO UPDATE SET final = max(final, excluded.final)",
        (row.envelope_id, row.manifest_sha256, row.key_envelope, row.basis, row.at, int(row.final)),
    )


def _destroy(db: Connection, manifest: bytes) -> None:
    db.execute(
        "DELETE FROM wraps WHERE entry IN (SELECT arrival FROM entries WHERE manifest_sha256 = ? "
        "UNION SELECT arrival FROM entries WHERE klass = 3 AND key_envelope <> x'' AND key_envelope = ?)",
        (manifest, manifest),
    )


def _checkpoint(db: Connection, frontier: Frontier, checkpoint: Checkpoint) -> None:
    root = b""
    if checkpoint.size == frontier.size:
        root = frontier.root()
    elif checkpoint.size < frontier.size:
        root = root_at(checkpoint.size, lambda level, index: node_of(db, level, index))
    if root != checkpoint.root:
        expected = root.hex() or "no leaf yet at that size"
        raise FanalError(
            CHECKPOINT_ROOT, size=checkpoint.size, found=checkpoint.root.hex(), expected=expected
        )
    db.execute(
        "INSERT OR REPLACE INTO checkpoints (size, root, note) VALUES (?, ?, ?)",
        (checkpoint.size, checkpoint.root, checkpoint.note),
    )


def _peer_checkpoint(db: Connection, head: PeerCheckpoint) -> None:
    query = "SELECT size, root FROM peer_checkpoints WHERE origin = ?"
    rules.check_peer_grows(head, db.execute(query, (head.origin,)).fetchone())
    db.execute(
        "INSERT OR REPLACE INTO peer_checkpoints (origin, agency, size, root, note, seen) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (head.origin, head.agency, head.size, head.root, head.note, head.seen),
    )


def _join(db: Connection, change: JoinChange) -> None:
    row = change.row
    known = db.execute("SELECT state FROM joins WHERE token_id = ?", (row.token_id,)).fetchone()
    found = known[0] if known else None
    if found != (change.expected.value if change.expected else None):
        raise FanalError(
            JOIN_STATE,
            token=row.token_id.hex(),
            found=found or "unknown",
            expected=change.expected or "unknown",
        )
    db.execute(
        "INSERT INTO joins (token_id, agency, state, expires, verifier, identity, arrived) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (token_id) DO UPDATE SET agency = excluded.agency, "
        "state = excluded.state, expires = excluded.expires, verifier = excluded.verifier, "
        "identity = excluded.identity, arrived = excluded.arrived",
        (row.token_id, row.agency, row.state.value, row.expires, row.verifier, row.identity, row.arrived),
    )


def _ref(db: Connection, year: int, above: int) -> int:
    db.execute(
        "INSERT INTO refs VALUES (?1, ?2 + 1) ON CONFLICT (year) DO UPDATE SET number = MAX(number, ?2) + 1",
        (year, above),
    )
    return int(db.execute("SELECT number FROM refs WHERE year = ?", (year,)).fetchone()[0])

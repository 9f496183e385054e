# SPDX-License-Identifier: Apache-2.0
"""Between SQL rows and the ledger's values. Column lists stand once, so that writing and reading agree."""

from __future__ import annotations

from typing import Any

from fanal.node.ledger.rows import DeliveryFact, EntryRow, LaneRow, Range, State

Row = tuple[Any, ...]

ENTRY_COLUMNS = (
    "envelope_id",
    "manifest_sha256",
    "klass",
    "priority",
    "created",
    "expires",
    "previous",
    "key_envelope",
    "source",
    "arrived",
    "signature",
    "manifest",
    "own_wrap",
    "body",
)
"""Columns that an entry and the offered half of a fork have in common, named as in EntryRow."""

# The statements below are joined from constants; values only ever go in as parameters.
INSERT_ENTRY = (
    f"INSERT INTO entries (arrival, stream, seq, erase_at, {', '.join(ENTRY_COLUMNS)}) "  # noqa: S608
    f"VALUES ({', '.join('?' * (len(ENTRY_COLUMNS) + 4))})"
)
INSERT_FORK = (
    f"INSERT OR IGNORE INTO forks (kept, {', '.join(ENTRY_COLUMNS)}) "  # noqa: S608
    f"VALUES ({', '.join('?' * (len(ENTRY_COLUMNS) + 1))})"
)
SELECT_ENTRY = (
    f"SELECT l.lane, s.incarnation, e.seq, l.author, e.arrival, e.leaf, e.{', e.'.join(ENTRY_COLUMNS)} "  # noqa: S608
    "FROM entries e JOIN streams s ON s.id = e.stream JOIN lanes l ON l.id = s.lane "
)
SELECT_FORK = (
    "SELECT l.lane, s.incarnation, e.seq, l.author, 0 AS arrival, NULL AS leaf, "  # noqa: S608
    f"f.{', f.'.join(ENTRY_COLUMNS)} FROM forks f JOIN entries e ON e.arrival = f.kept "
    "JOIN streams s ON s.id = e.stream JOIN lanes l ON l.id = s.lane "
)
SELECT_REF = (
    "SELECT e.arrival, e.envelope_id, e.manifest_sha256, e.seq, e.klass, e.priority, "
    "length(e.manifest) + length(e.signature) + length(e.own_wrap) + ifnull(length(e.body), 0) "
    "FROM entries e JOIN streams s ON s.id = e.stream JOIN lanes l ON l.id = s.lane "
)
INSERT_ATTACHMENT = (
    "INSERT INTO attachments SELECT ?, arrival, ? FROM entries WHERE manifest_sha256 = ? "
    "AND body IS NOT NULL ON CONFLICT DO NOTHING"
)
SELECT_ATTACHMENT = (
    "SELECT a.attachment, e.manifest_sha256, a.length, l.lane, e.arrival FROM attachments a "
    "JOIN entries e ON e.arrival = a.entry JOIN streams s ON s.id = e.stream JOIN lanes l ON l.id = s.lane "
)
SELECT_DELIVERY = "SELECT envelope_id, recipient, state, since, reason, via FROM deliveries "


def values_of(entry: EntryRow) -> Row:
    """The values of ENTRY_COLUMNS."""
    return tuple(getattr(entry, name) for name in ENTRY_COLUMNS)


def entry_of(row: Row) -> EntryRow:
    """From a row of SELECT_ENTRY or SELECT_FORK."""
    lane, incarnation, seq, author, arrival, leaf, *rest = row
    return EntryRow(
        lane=lane,
        incarnation=incarnation,
        seq=seq,
        author=author,
        arrival=arrival,
        leaf=leaf,
        **dict(zip(ENTRY_COLUMNS, rest, strict=True)),
    )


def lane_of(row: Row, holes: tuple[Range, ...]) -> LaneRow:
    """From (lane, incarnation, floor, next, head, closed)."""
    lane, incarnation, floor, following, head, closed = row
    return LaneRow(lane, incarnation, floor, following, head, holes, bool(closed))


def delivery_of(row: Row) -> DeliveryFact:
    """From a row of SELECT_DELIVERY."""
    envelope_id, recipient, state, since, reason, via = row
    return DeliveryFact(envelope_id, recipient, State(state), since, reason, via)


def split_path(data: bytes) -> tuple[bytes, ...]:
    """A stored wrap path: 32-byte hashes end to end."""
    return tuple(data[i : i + 32] for i in range(0, len(data), 32))

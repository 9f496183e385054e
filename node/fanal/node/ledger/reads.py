# SPDX-License-Identifier: Apache-2.0
"""Reading ledger.db on connections of its own: no reader waits for the writer, every query has an index."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.errors import FIELD_SIZE, STORE_CLOSED
from fanal.node.ledger.database import Connection, connect_readonly, translated
from fanal.node.ledger.rows import (
    AttachmentRow,
    Checkpoint,
    EntryRef,
    EntryRow,
    Fork,
    LaneEnd,
    LaneInfo,
    LaneRow,
    Range,
    Successor,
    WrapRow,
)
from fanal.node.ledger.sqlrows import (
    SELECT_ATTACHMENT,
    SELECT_ENTRY,
    SELECT_FORK,
    SELECT_REF,
    Row,
    entry_of,
    lane_of,
    split_path,
)
from fanal.node.ledger.tree_reads import node_of

KEPT = 4
"""Idle connections that a pool keeps, as many as the node has workers: each holds half a megabyte, schema and
pages. One more that many readers at once need is opened in half a millisecond and closed after use."""


class Readers:
    """A pool of read-only connections; one thread uses one at a time, inside one read transaction."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self.path = path
        self._key = key
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one committed state throughout."""
        with translated(self.path):
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._give(connection)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> Connection:
        with self._lock:
            if self._closed:
                raise FanalError(STORE_CLOSED, path=str(self.path))
            if self._idle:
                return self._idle.pop()
        return connect_readonly(self.path, self._key)

    def _give(self, connection: Connection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < KEPT:
                self._idle.append(connection)
                return
        connection.close()


class SqliteEntries:
    """See interface.Entries."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def get(
        self, *, envelope_id: bytes = b"", author: str = "", manifest_sha256: bytes = b""
    ) -> EntryRow | None:
        if envelope_id:
            where = "WHERE e.envelope_id = ? AND (l.author = ? OR ? = '') ORDER BY e.arrival LIMIT 1"
            return self._one(where, (envelope_id, author, author))
        return self._one("WHERE e.manifest_sha256 = ?", (manifest_sha256,))

    def at(self, lane: bytes, incarnation: bytes, seq: int) -> EntryRow | None:
        return self._one("WHERE l.lane = ? AND s.incarnation = ? AND e.seq = ?", (lane, incarnation, seq))

    def range(self, lane: bytes, incarnation: bytes, start: int, stop: int, limit: int) -> list[EntryRow]:
        where = "WHERE l.lane = ? AND s.incarnation = ? AND e.seq >= ? AND e.seq < ? ORDER BY e.seq LIMIT ?"
        with self._readers.read() as db:
            rows = db.execute(SELECT_ENTRY + where, (lane, incarnation, start, stop, limit)).fetchall()
        return [entry_of(row) for row in rows]

    def refs(self, lane: bytes, incarnation: bytes, start: int, stop: int, limit: int) -> list[EntryRef]:
        where = "WHERE l.lane = ? AND s.incarnation = ? AND e.seq >= ? AND e.seq < ? ORDER BY e.seq LIMIT ?"
        with self._readers.read() as db:
            rows = db.execute(SELECT_REF + where, (lane, incarnation, start, stop, limit)).fetchall()
        return [EntryRef(*row) for row in rows]

    def keys(self, lane: bytes, incarnation: bytes, limit: int) -> list[EntryRef]:
        # klass = 3 stands in the query so that the partial index serves it.
        where = "WHERE e.klass = 3 AND l.lane = ? AND s.incarnation = ? ORDER BY e.seq DESC LIMIT ?"
        with self._readers.read() as db:
            rows = db.execute(SELECT_REF + where, (lane, incarnation, limit)).fetchall()
        return [EntryRef(*row) for row in reversed(rows)]

    def since(self, arrival: int, limit: int) -> list[EntryRow]:
        with self._readers.read() as db:
            rows = db.execute(
                SELECT_ENTRY + "WHERE e.arrival > ? ORDER BY e.arrival LIMIT ?", (arrival, limit)
            ).fetchall()
        return [entry_of(row) for row in rows]

    def wraps(self, key_manifest_sha256: bytes, recipients: Collection[str] | None = None) -> list[WrapRow]:
        query = (
            "SELECT w.idx, w.recipient, w.wrap, w.path FROM wraps w JOIN entries e ON e.arrival = w.entry "
            "WHERE e.manifest_sha256 = ? ORDER BY w.idx"
        )
        with self._readers.read() as db:
            rows = db.execute(query, (key_manifest_sha256,)).fetchall()
        return [
            WrapRow(key_manifest_sha256, index, recipient, wrap, split_path(path))
            for index, recipient, wrap, path in rows
            if recipients is None or recipient in recipients
        ]

    def attached(self, attachment: bytes) -> list[AttachmentRow]:
        where = "WHERE a.attachment = ? ORDER BY a.entry"
        with self._readers.read() as db:
            return [AttachmentRow(*row) for row in db.execute(SELECT_ATTACHMENT + where, (attachment,))]

    def missing(self, limit: int, after: tuple[int, bytes] = (0, b"")) -> list[AttachmentRow]:
        where = (
            "WHERE a.length = 0 AND (a.entry, a.attachment) > (?, ?) ORDER BY a.entry, a.attachment LIMIT ?"
        )
        with self._readers.read() as db:
            return [AttachmentRow(*row) for row in db.execute(SELECT_ATTACHMENT + where, (*after, limit))]

    def due(self, now: int, limit: int) -> list[EntryRow]:
        where = "WHERE e.erase_at > 0 AND e.erase_at <= ? ORDER BY e.erase_at, e.arrival LIMIT ?"
        with self._readers.read() as db:
            rows = db.execute(SELECT_ENTRY + where, (now, limit)).fetchall()
        return [entry_of(row) for row in rows]

    def forks(self, after: int = 0, limit: int = 1000) -> list[Fork]:
        where = "WHERE f.n > ? ORDER BY f.n LIMIT ?"  # no row goes, so they count from 1
        with self._readers.read() as db:
            offered = [entry_of(row) for row in db.execute(SELECT_FORK + where, (after, limit))]
            kept = [
                db.execute(
                    SELECT_ENTRY + "WHERE l.lane = ? AND s.incarnation = ? AND e.seq = ?",
                    (one.lane, one.incarnation, one.seq),
                ).fetchone()
                for one in offered
            ]
        return [Fork(entry_of(row), one) for row, one in zip(kept, offered, strict=True)]

    def _one(self, where: str, values: Row) -> EntryRow | None:
        with self._readers.read() as db:
            row = db.execute(SELECT_ENTRY + where, values).fetchone()
        return entry_of(row) if row else None


_OWING = "WHERE s.id IN (SELECT stream FROM owing)"


class SqliteLanes:
    """See interface.Lanes."""

    _ROWS = (
        "SELECT s.id, l.lane, s.incarnation, s.floor, s.next, s.head, s.closed "
        "FROM streams s JOIN lanes l ON l.id = s.lane "
    )

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def clock(self, lanes: Collection[bytes] | None = None, closed: bool = False) -> list[LaneRow]:
        # The condition is written out so that the partial index serves this query.
        query = self._ROWS + ("WHERE true " if closed else "WHERE s.closed = 0 ")
        with self._readers.read() as db:
            if lanes is None:
                rows = _lane_rows(db, query, ())
            else:
                rows = [row for one in set(lanes) for row in _lane_rows(db, query + "AND l.lane = ?", (one,))]
        return sorted(rows, key=lambda row: (row.lane, row.incarnation))

    def owing(self) -> list[LaneRow]:
        with self._readers.read() as db:
            rows = _lane_rows(db, self._ROWS + _OWING, ())
        return sorted(rows, key=lambda row: (row.lane, row.incarnation))

    def open_ends(self) -> list[LaneEnd]:
        # The order of a CROSS JOIN stands: from what is unreached, however many were closed.
        query = (
            "SELECT l.lane, u.incarnation, max(x.stop) FROM unreached u CROSS JOIN successors x "
            "ON x.lane = u.lane AND x.predecessor = u.incarnation JOIN lanes l ON l.id = u.lane "
            "GROUP BY u.lane, u.incarnation ORDER BY 1, 2"
        )
        with self._readers.read() as db:
            return [LaneEnd(*row) for row in db.execute(query)]

    def successors(self, lane: bytes, incarnation: bytes) -> list[Successor]:
        query = (
            "SELECT l.lane, x.predecessor, x.incarnation, x.stop, x.head FROM successors x "
            "JOIN lanes l ON l.id = x.lane WHERE l.lane = ? AND x.predecessor = ? ORDER BY x.incarnation"
        )
        with self._readers.read() as db:
            return [Successor(*row) for row in db.execute(query, (lane, incarnation))]

    def row(self, lane: bytes, incarnation: bytes) -> LaneRow | None:
        where = "WHERE l.lane = ? AND s.incarnation = ?"
        with self._readers.read() as db:
            rows = _lane_rows(db, self._ROWS + where, (lane, incarnation))
        return rows[0] if rows else None

    def info(self, lane: bytes) -> LaneInfo | None:
        query = "SELECT lane, author, audience, channel FROM lanes WHERE lane = ?"
        with self._readers.read() as db:
            row = db.execute(query, (lane,)).fetchone()
        return LaneInfo(*row) if row else None

    def infos(self) -> list[LaneInfo]:
        with self._readers.read() as db:
            rows = db.execute("SELECT lane, author, audience, channel FROM lanes ORDER BY lane").fetchall()
        return [LaneInfo(*row) for row in rows]

    def own_before(self, lane: bytes) -> LaneRow | None:
        query = self._ROWS + (  # noqa: S608
            "LEFT JOIN incarnations i ON i.incarnation = s.incarnation "
            "WHERE l.lane = ? AND s.closed = 0 AND s.next > 0 "
            "AND s.incarnation <> (SELECT incarnation FROM incarnations ORDER BY n DESC LIMIT 1) "
            "ORDER BY i.n IS NULL, i.n DESC, s.incarnation LIMIT 1"
        )
        with self._readers.read() as db:
            rows = _lane_rows(db, query, (lane,))
        return rows[0] if rows else None


class SqliteLog:
    """See interface.Log."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def leaves(self, start: int, stop: int) -> list[bytes]:
        query = "SELECT data FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx"
        with self._readers.read() as db:
            return [row[0] for row in db.execute(query, (start, stop))]

    def node(self, level: int, index: int) -> bytes:
        with self._readers.read() as db:
            return node_of(db, level, index)

    def leaf_index(self, key: bytes) -> int | None:
        with self._readers.read() as db:
            row = db.execute("SELECT idx FROM leaves WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        with self._readers.read() as db:
            return checkpoint_of(db, size)


def checkpoint_of(db: Connection, size: int | None = None) -> Checkpoint | None:
    """The newest checkpoint, or the newest at most ``size`` leaves large."""
    query = "SELECT size, root, note FROM checkpoints WHERE size <= ? ORDER BY size DESC LIMIT 1"
    row = db.execute(query, (2**63 - 1 if size is None else size,)).fetchone()
    return Checkpoint(*row) if row else None


def check_pair(lane: bytes, incarnation: bytes) -> None:
    """A lane is asked for with its incarnation or not at all."""
    if bool(lane) != bool(incarnation):
        raise FanalError(FIELD_SIZE, field="incarnation", expected="given with the lane", found="one of them")


def _lane_rows(db: Connection, query: str, values: Row) -> list[LaneRow]:
    found = db.execute(query, values).fetchall()
    holes = "SELECT start, stop FROM holes WHERE stream = ? ORDER BY start"
    return [
        lane_of(row, () if row[-1] else tuple(Range(*hole) for hole in db.execute(holes, (stream,))))
        for stream, *row in found
    ]

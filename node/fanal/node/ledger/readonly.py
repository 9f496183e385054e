# SPDX-License-Identifier: Apache-2.0
"""One committed state of a ledger for an auditor: read-only, in streams, also while its node writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fanal.errors import FanalError
from fanal.node.errors import DAMAGED, STORE_MISSING
from fanal.node.ledger import marker
from fanal.node.ledger.database import Connection, check_plain, connect_readonly, translated
from fanal.node.ledger.formats import check_format
from fanal.node.ledger.marker import Mark
from fanal.node.ledger.rows import (
    Checkpoint,
    DeliveryFact,
    DocumentRow,
    EntryRow,
    ErasureRow,
    LaneInfo,
    LaneRow,
    PeerCheckpoint,
    Range,
    WrapRow,
)
from fanal.node.ledger.schema import APPLICATION, MIGRATIONS
from fanal.node.ledger.sqlite import DATABASE, MARKER
from fanal.node.ledger.sqlrows import (
    SELECT_DELIVERY,
    SELECT_ENTRY,
    SELECT_FORK,
    delivery_of,
    entry_of,
    lane_of,
    split_path,
)
from fanal.node.ledger.typed import NUMBER, Reader, check_tables
from fanal.v1.envelope_pb2 import EnvelopeClass


class Place(NamedTuple):
    """An entry within its lane, without its bytes."""

    seq: int
    manifest_sha256: bytes
    previous: bytes


class Digests(NamedTuple):
    """What stands for the parts of an envelope that an export leaves out."""

    body_sha256: bytes
    body_length: int
    own_wrap_sha256: bytes


class Claim(NamedTuple):
    """A row of the working table of deliveries, as it is stored."""

    envelope_id: bytes
    recipient: str
    state: str
    reached: int
    reason: str
    via: str


class LedgerView:
    """See the module docstring. Everything read comes from one snapshot, taken when it was opened."""

    bodiless = False
    """Bodies and wraps are left out here, and only their hashes can be compared: an export."""

    def __init__(self, path: Path, connection: Connection, mark: Mark | None) -> None:
        self.path = path
        self.db = connection
        self.mark = mark
        self.reader = Reader(path, connection)
        self._rows, self._row = self.reader.rows, self.reader.row

    def close(self) -> None:
        self.db.close()

    def size(self) -> int:
        """How many leaves there are."""
        row = self._row("SELECT max(idx) AS most FROM leaves")
        return row[0] + 1 if row and row[0] is not None else 0

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """Index and bytes of each leaf, ascending."""
        yield from self._rows("SELECT idx, data FROM leaves ORDER BY idx")

    def node(self, level: int, index: int) -> bytes | None:
        """The stored hash of a complete subtree, of a single leaf too; None when the row is missing."""
        query = "SELECT hash FROM nodes WHERE level = ? AND idx = ?"
        row = self._row(query, (level, index))
        return row[0] if row else None

    def nodes_beyond(self, size: int) -> int:
        """How many stored nodes stand for leaves that a log of this size does not have."""
        query = "SELECT count(*) AS count FROM nodes WHERE ((idx + 1) << level) > ?"
        return sum(row[0] for row in self._rows(query, (size,)))

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Ascending by size."""
        rows = self._rows("SELECT size, root, note FROM checkpoints ORDER BY size")
        return (Checkpoint(*row) for row in rows)

    def checkpoints_down(self) -> Iterator[Checkpoint]:
        """Descending by size."""
        rows = self._rows("SELECT size, root, note FROM checkpoints ORDER BY size DESC")
        return (Checkpoint(*row) for row in rows)

    def entries(self) -> Iterator[EntryRow]:
        """In order of arrival."""
        return (entry_of(row) for row in self._rows(SELECT_ENTRY + "ORDER BY e.arrival"))

    def arrivals(self) -> int:
        """The highest arrival number; 0 for none."""
        row = self._row("SELECT max(arrival) AS most FROM entries")
        return row[0] or 0 if row else 0

    def wraps(self, arrival: int) -> list[WrapRow]:
        """The wraps stored with the KEY envelope of this arrival number."""
        rows = self._rows(
            "SELECT e.manifest_sha256, w.idx, w.recipient, w.wrap, w.path "
            "FROM wraps w JOIN entries e ON e.arrival = w.entry WHERE w.entry = ? ORDER BY w.idx",
            (arrival,),
        )
        return [WrapRow(key, index, to, wrap, split_path(path)) for key, index, to, wrap, path in rows]

    def arrived_attachments(self, arrival: int) -> set[bytes]:
        """Attachments of an entry of which this ledger says that all is here."""
        query = "SELECT attachment FROM attachments WHERE entry = ? AND length > 0"
        return {row[0] for row in self._rows(query, (arrival,))}

    def leaf_of(self, manifest_sha256: bytes) -> int | None:
        """The leaf that the entry with this manifest names; None without such an entry."""
        query = "SELECT leaf FROM entries WHERE manifest_sha256 = ?"
        row = self._row(query, (manifest_sha256,))
        return row[0] if row else None

    def leaf(self, index: int) -> bytes | None:
        """One leaf's bytes."""
        row = self._row("SELECT data FROM leaves WHERE idx = ?", (index,))
        return row[0] if row else None

    def lanes(self) -> Iterator[tuple[LaneRow, Iterator[Place]]]:
        """Each kept head with the entries that it stands for, ascending by seq."""
        rows = self._rows(
            "SELECT s.id, l.lane, s.incarnation, s.floor, s.next, s.head, s.closed "
            "FROM streams s JOIN lanes l ON l.id = s.lane ORDER BY l.lane, s.incarnation"
        )
        holes = "SELECT start, stop FROM holes WHERE stream = ? ORDER BY start"
        places = "SELECT seq, manifest_sha256, previous FROM entries WHERE stream = ? ORDER BY seq"
        for stream, *row in rows:
            found = tuple(Range(*hole) for hole in self._rows(holes, (stream,)))
            yield lane_of(tuple(row), found), (Place(*one) for one in self._rows(places, (stream,)))

    def audiences(self) -> Iterator[LaneInfo]:
        """Each lane with its author and audience, as gossip believes them."""
        query = "SELECT lane, author, audience, channel FROM lanes ORDER BY lane"
        return (LaneInfo(*row) for row in self._rows(query))

    def documents(self) -> Iterator[DocumentRow]:
        """In order of arrival."""
        query = "SELECT kind, agency, serial, sha256, document, arrived FROM documents ORDER BY n"
        return (DocumentRow(*row) for row in self._rows(query))

    def entry(
        self, *, envelope_id: bytes | None = None, author: str = "", manifest_sha256: bytes | None = None
    ) -> EntryRow | None:
        """The entry with this manifest hash, or of this author (any: the first) with this envelope id; None
        when there is none."""
        where, values = "WHERE e.manifest_sha256 = ?", (manifest_sha256,)
        if envelope_id:
            where = "WHERE e.envelope_id = ? AND (l.author = ? OR ? = '') ORDER BY e.arrival LIMIT 1"
            values = (envelope_id, author, author)  # type: ignore[assignment]
        row = self._row(SELECT_ENTRY + where, values)
        return entry_of(row) if row else None

    def at(self, lane: bytes, incarnation: bytes, seq: int) -> bytes | None:
        """The manifest hash of the entry at a place; None when there is none."""
        row = self._row(
            "SELECT e.manifest_sha256 FROM entries e JOIN streams s ON s.id = e.stream "
            "JOIN lanes l ON l.id = s.lane WHERE l.lane = ? AND s.incarnation = ? AND e.seq = ?",
            (lane, incarnation, seq),
        )
        return row[0] if row else None

    def told(self, envelope_id: bytes, author: str = "") -> tuple[int, str, bytes] | None:
        """Class, author and canonical audience of an author's envelope (of anybody's: the first) that is
        held; None when it is not."""
        row = self._row(
            "SELECT e.klass, l.author, l.audience FROM entries e JOIN streams s ON s.id = e.stream "
            "JOIN lanes l ON l.id = s.lane WHERE e.envelope_id = ? ORDER BY l.author <> ?, e.arrival LIMIT 1",
            (envelope_id, author),
        )
        return (row[0], row[1], row[2]) if row else None

    def bodies(self) -> Iterator[tuple[int, bytes, bytes, int, bool]]:
        """Arrival, envelope id, manifest hash, class, and whether its body is held, in order of arrival."""
        query = (
            "SELECT arrival, envelope_id, manifest_sha256, klass, body IS NOT NULL AS held "
            "FROM entries ORDER BY arrival"
        )
        return ((*row, bool(held)) for *row, held in self._rows(query))

    def stream(self, lane: bytes, incarnation: bytes, start: int, stop: int) -> Iterator[EntryRow]:
        """The entries of a lane's incarnation with ``start <= seq < stop``, ascending."""
        where = "WHERE l.lane = ? AND s.incarnation = ? AND e.seq >= ? AND e.seq < ? ORDER BY e.seq"
        rows = self._rows(SELECT_ENTRY + where, (lane, incarnation, start, stop))
        return (entry_of(row) for row in rows)

    def has_body(self, row: EntryRow) -> bool:
        """Whether the content of an entry is held (in an export: was held where it comes from)."""
        return row.body is not None

    def at_row(self, lane: bytes, incarnation: bytes, seq: int) -> EntryRow | None:
        """The entry at one place of a lane."""
        return next(self.stream(lane, incarnation, seq, seq + 1), None)

    def find(self, prefix: str) -> list[tuple[bytes, bytes]]:
        """Envelope id and manifest hash of the first few entries of which one begins with these digits."""
        like = prefix.upper() + "%"
        rows = self._rows(
            "SELECT envelope_id, manifest_sha256 FROM entries "
            "WHERE hex(envelope_id) LIKE ? OR hex(manifest_sha256) LIKE ? ORDER BY arrival LIMIT 5",
            (like, like),
        )
        return [(row[0], row[1]) for row in rows]

    def firsts(self) -> Iterator[EntryRow]:
        """The entry with number 0 of each incarnation of each lane, where it is held."""
        rows = self._rows(SELECT_ENTRY + "WHERE e.seq = 0 ORDER BY e.arrival")
        return (entry_of(row) for row in rows)

    def digests(self, arrival: int) -> Digests | None:
        """The hashes of the parts that an export leaves out; None when they are here themselves."""
        assert arrival
        return None

    def peer_checkpoints(self) -> Iterator[PeerCheckpoint]:
        """The newest head held of each other log."""
        query = "SELECT origin, agency, size, root, note, seen FROM peer_checkpoints ORDER BY origin"
        return (PeerCheckpoint(*row) for row in self._rows(query))

    def erasures(self) -> Iterator[ErasureRow]:
        """What was erased here, in order of time."""
        query = (
            "SELECT envelope_id, manifest_sha256, key_envelope, basis, at, final FROM erasures "
            "ORDER BY at, manifest_sha256"
        )
        for envelope_id, manifest, key, basis, at, final in self._rows(query):
            yield ErasureRow(envelope_id, manifest, key, basis, at, bool(final))

    def forks(self) -> Iterator[EntryRow]:
        """The offered half of each fork that is kept as proof."""
        return (entry_of(row) for row in self._rows(SELECT_FORK + "ORDER BY f.n"))

    def deliveries(self, envelope_id: bytes) -> list[DeliveryFact]:
        """What this agency believes of one envelope at each recipient."""
        rows = self._rows(SELECT_DELIVERY + "WHERE envelope_id = ? ORDER BY recipient", (envelope_id,))
        try:
            return [delivery_of(row) for row in rows]
        except ValueError as error:
            raise FanalError(DAMAGED, path=str(self.path), reason="a value of state") from error

    def claims(self) -> Iterator[Claim]:
        """What this agency believes of every envelope at every recipient."""
        query = (
            "SELECT envelope_id, recipient, state, max(reached, 0) AS reached, reason, via FROM deliveries "
            "ORDER BY envelope_id, recipient"
        )
        return (Claim(*row) for row in self._rows(query, reached=NUMBER))

    def place(self, envelope_id: bytes, author: str) -> tuple[bytes, bytes, int] | None:
        """Lane, incarnation and number of an author's (any: "") envelope; None when it is not held."""
        row = self._row(
            "SELECT l.lane, s.incarnation, e.seq FROM entries e JOIN streams s ON s.id = e.stream "
            "JOIN lanes l ON l.id = s.lane WHERE e.envelope_id = ? AND (l.author = ? OR ? = '') LIMIT 1",
            (envelope_id, author, author),
        )
        return (row[0], row[1], row[2]) if row else None

    def wrote_notice(self, author: str) -> bool:
        """Whether any notice of this author is held."""
        query = (
            "SELECT e.seq FROM lanes l JOIN streams s ON s.lane = l.id JOIN entries e ON e.stream = s.id "
            "WHERE l.author = ? AND e.klass = ? LIMIT 1"
        )
        return self._row(query, (author, EnvelopeClass.NOTICE)) is not None

    def rows(self, table: str, columns: Sequence[str], order: str) -> Iterator[tuple[Any, ...]]:
        """A table as it is stored, for an export; the names are constants of ``export_tables``."""
        others = {} if table == "lanes" else {"lane": NUMBER}  # elsewhere a lane's row
        return self._rows(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}", **others)  # noqa: S608

    def meta(self, key: str) -> bytes | None:
        """A setting of the node."""
        row = self._row("SELECT value FROM meta WHERE key = ?", (key,))
        return row[0] if row else None

    def own_incarnations(self, agency: str) -> list[bytes]:
        """Those in which an agency's lanes have entries that were written here. What peers brought back after
        a restore is of a run that this database knows nothing of."""
        query = (
            "SELECT DISTINCT s.incarnation FROM streams s JOIN lanes l ON l.id = s.lane WHERE l.author = ? "
            "AND EXISTS (SELECT 1 FROM entries e WHERE e.stream = s.id AND e.source = '')"
        )
        return [row[0] for row in self._rows(query, (agency,))]

    def incarnations(self) -> list[bytes]:
        """Our own, oldest first."""
        return [row[0] for row in self._rows("SELECT incarnation FROM incarnations ORDER BY n")]


def open_readonly(folder: Path) -> LedgerView:
    """A snapshot of the ledger in a data folder. Takes no lock and writes nothing.

    Raises FanalError: STORE_MISSING, NOT_A_STORE, NEWER_FORMAT, DAMAGED.
    """
    path = folder / DATABASE
    with translated(path):
        if not path.exists():
            raise FanalError(STORE_MISSING, path=str(path))
        check_plain(path)
        # The marker first: a running node only ever moves it to what is committed.
        mark = marker.read(folder / MARKER)
        connection = connect_readonly(path)
        try:
            version = check_format(connection, path, APPLICATION, len(MIGRATIONS))
            if version == 0:
                raise FanalError(STORE_MISSING, path=str(path))
            connection.execute("BEGIN")
            connection.execute("SELECT commits FROM store").fetchone()
            check_tables(connection, path, version)
        except BaseException:
            connection.close()
            raise
    return LedgerView(path, connection, mark)

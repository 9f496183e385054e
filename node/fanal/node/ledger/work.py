# SPDX-License-Identifier: Apache-2.0
"""Storing one batch within the writer's open transaction: lanes, entries, wraps, leaves and tree nodes.

The caller wraps it in a savepoint. What the writer remembers of the store (tree edge, counts) is a value: a
batch that is rolled back leaves the old one good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fanal.errors import FanalError
from fanal.node.errors import LANE_UNKNOWN, ROW_CONFLICT, WRAP_WITHOUT_KEY
from fanal.node.ledger.database import Connection
from fanal.node.ledger.rows import Appended, Batch, Checkpoint, EntryRow, Fork, LaneInfo, LeafRow, WrapRow
from fanal.node.ledger.rules import erase_at
from fanal.node.ledger.sqlrows import (
    ENTRY_COLUMNS,
    INSERT_ATTACHMENT,
    INSERT_ENTRY,
    INSERT_FORK,
    SELECT_ENTRY,
    entry_of,
    values_of,
)
from fanal.node.ledger.taken import Taken
from fanal.node.ledger.work_facts import store_facts
from fanal.proof.tree import Frontier, leaf_hash


@dataclass(frozen=True)
class StoreState:
    """What the writer remembers of the committed store. ``commits`` tells whether a commit took place."""

    store_id: bytes
    incarnation: bytes
    frontier: Frontier
    entries: int
    commits: int
    checkpoint: Checkpoint | None


def store_batch(connection: Connection, state: StoreState, batch: Batch) -> tuple[StoreState, Appended]:
    """Store everything; the state after it and the result. Raises FanalError for this batch alone."""
    work = _Work(connection, state)
    for info in batch.lanes:
        work.lane(info)
    for entry in batch.mended:
        work.mend(entry)
    taken = [work.entry(entry) for entry in batch.entries]
    connection.executemany(
        "DELETE FROM wraps WHERE entry = (SELECT arrival FROM entries WHERE manifest_sha256 = ?) AND idx = ?",
        batch.dropped_wraps,
    )
    for wrap in batch.wraps:
        work.wrap(wrap)
    for row in batch.attached:
        connection.execute(INSERT_ATTACHMENT, (row.attachment, row.length, row.manifest_sha256))
    indexes = tuple([work.leaf(leaf, taken) for leaf in batch.leaves])
    work.closings(batch)
    facts = store_facts(connection, work.frontier, batch)
    work.owing(batch)
    after = replace(
        state,
        frontier=work.frontier,
        entries=work.entries,
        checkpoint=_newer(state.checkpoint, batch.checkpoint),
        incarnation=batch.incarnation.incarnation if batch.incarnation else state.incarnation,
    )
    return after, Appended(
        first_leaf=state.frontier.size,
        size=work.frontier.size,
        root=work.frontier.root(),
        fresh=tuple(one.fresh for one in taken),
        stored=tuple(one.stored for one in taken),
        arrivals=tuple(one.arrival for one in taken),
        leaf_indexes=indexes,
        moved=facts.moved,
        ref_number=facts.ref_number,
        forks=tuple(one.fork for one in taken if one.fork is not None),
    )


_ENDED = """(next = ifnull((SELECT max(stop) FROM successors x
    WHERE x.lane = streams.lane AND x.predecessor = streams.incarnation), -1)
    AND NOT EXISTS (SELECT 1 FROM holes WHERE holes.stream = streams.id))"""


class _Work:
    def __init__(self, connection: Connection, state: StoreState) -> None:
        self._db = connection
        self.frontier = state.frontier
        self.entries = state.entries

    def lane(self, info: LaneInfo) -> None:
        query = "SELECT author, audience, channel FROM lanes WHERE lane = ?"
        known = self._db.execute(query, (info.lane,)).fetchone()
        row = (info.author, info.audience, info.channel)
        if known is None:
            self._db.execute(
                "INSERT INTO lanes (lane, author, audience, channel) VALUES (?, ?, ?, ?)", (info.lane, *row)
            )
        elif known != row:
            raise FanalError(ROW_CONFLICT, subject="Lane", id=info.lane.hex())

    def entry(self, entry: EntryRow) -> Taken:
        stream, following = self._stream(entry)
        known = self._db.execute(
            SELECT_ENTRY + "WHERE e.stream = ? AND e.seq = ?", (stream, entry.seq)
        ).fetchone()
        if known is not None:
            return self._known(entry_of(known), entry)
        self._check_unused(entry)
        self.entries += 1
        self._db.execute(INSERT_ENTRY, (self.entries, stream, entry.seq, erase_at(entry), *values_of(entry)))
        self._advance(stream, following, entry)
        return Taken(True, True, self.entries)

    def mend(self, entry: EntryRow) -> None:
        """Put a good copy in the place of a damaged one."""
        stream, _ = self._stream(entry)
        columns = [name for name in ENTRY_COLUMNS if name not in ("source", "arrived")]
        values = [getattr(entry, name) for name in columns]
        update = f"UPDATE entries SET {', '.join(f'{name} = ?' for name in columns)} "  # noqa: S608
        self._db.execute(update + "WHERE stream = ? AND seq = ?", (*values, stream, entry.seq))

    def _known(self, kept: EntryRow, offered: EntryRow) -> Taken:
        if kept.manifest_sha256 == offered.manifest_sha256:
            return Taken(False, False, kept.arrival)
        added = self._db.execute(INSERT_FORK, (kept.arrival, *values_of(offered)))
        return Taken(False, added.rowcount > 0, 0, Fork(kept, offered))

    def _check_unused(self, entry: EntryRow) -> None:
        query = (
            "SELECT 1 FROM entries e JOIN streams s ON s.id = e.stream JOIN lanes l ON l.id = s.lane "
            "WHERE e.envelope_id = ? AND l.author = ? UNION ALL "
            "SELECT 1 FROM entries WHERE manifest_sha256 = ?"
        )
        key = (entry.envelope_id, entry.author, entry.manifest_sha256)
        if self._db.execute(query, key).fetchone():
            raise FanalError(ROW_CONFLICT, subject="Envelope", id=entry.envelope_id.hex())

    def _stream(self, entry: EntryRow) -> tuple[int, int]:
        row = self._db.execute(
            "SELECT l.id, l.author, s.id, s.next FROM lanes l "
            "LEFT JOIN streams s ON s.lane = l.id AND s.incarnation = ? WHERE l.lane = ?",
            (entry.incarnation, entry.lane),
        ).fetchone()
        if row is None:
            raise FanalError(LANE_UNKNOWN, lane=entry.lane.hex())
        lane, author, stream, following = row
        if author != entry.author:
            raise FanalError(ROW_CONFLICT, subject="Lane", id=entry.lane.hex())
        if stream is not None:
            return stream, following
        added = self._db.execute(
            "INSERT INTO streams (lane, incarnation, floor, next, head, closed) VALUES (?, ?, 0, 0, x'', 0)",
            (lane, entry.incarnation),
        )
        return added.lastrowid, 0

    def _advance(self, stream: int, following: int, entry: EntryRow) -> None:
        if entry.seq < following:
            self._fill(stream, entry.seq)
            return
        if entry.seq > following:
            self._db.execute("INSERT INTO holes VALUES (?, ?, ?)", (stream, following, entry.seq))
        self._db.execute(
            "UPDATE streams SET next = ?, head = ? WHERE id = ?",
            (entry.seq + 1, entry.manifest_sha256, stream),
        )

    def _fill(self, stream: int, seq: int) -> None:
        """Take one number out of the hole it lies in. Below the floor there is none."""
        query = "SELECT start, stop FROM holes WHERE stream = ? AND start <= ? ORDER BY start DESC LIMIT 1"
        hole = self._db.execute(query, (stream, seq)).fetchone()
        if hole is None or seq >= hole[1]:
            return
        start, stop = hole
        self._db.execute("DELETE FROM holes WHERE stream = ? AND start = ?", (stream, start))
        for left, right in ((start, seq), (seq + 1, stop)):
            if left < right:
                self._db.execute("INSERT INTO holes VALUES (?, ?, ?)", (stream, left, right))

    def wrap(self, wrap: WrapRow) -> None:
        key = self._db.execute(
            "SELECT arrival FROM entries WHERE manifest_sha256 = ?", (wrap.key_manifest_sha256,)
        ).fetchone()
        if key is None:
            raise FanalError(WRAP_WITHOUT_KEY, manifest=wrap.key_manifest_sha256.hex())
        query = "SELECT recipient, wrap, path FROM wraps WHERE entry = ? AND idx = ?"
        known = self._db.execute(query, (key[0], wrap.index)).fetchone()
        row = (wrap.recipient, wrap.wrap, b"".join(wrap.path))
        if known is None:
            self._db.execute("INSERT INTO wraps VALUES (?, ?, ?, ?, ?)", (key[0], wrap.index, *row))
        elif known != row:
            raise FanalError(
                ROW_CONFLICT, subject="Wrap", id=f"{wrap.key_manifest_sha256.hex()}/{wrap.index}"
            )

    def leaf(self, leaf: LeafRow, taken: list[Taken]) -> int | None:
        owner = taken[leaf.entry] if leaf.entry is not None else None
        if owner is not None and not owner.fresh:
            query = "SELECT leaf FROM entries WHERE arrival = ?"
            found = self._db.execute(query, (owner.arrival,)).fetchone()
            return found[0] if found else None
        if leaf.key is not None:
            found = self._db.execute("SELECT idx FROM leaves WHERE key = ?", (leaf.key,)).fetchone()
            if found:
                return int(found[0])
        index = self.frontier.size
        self._db.execute("INSERT INTO leaves VALUES (?, ?, ?)", (index, leaf.data, leaf.key))
        self.frontier, nodes = self.frontier.append(leaf_hash(leaf.data))
        self._db.executemany(
            "INSERT INTO nodes VALUES (?, ?, ?)", [(n.level, n.index, n.hash) for n in nodes]
        )
        if owner is not None:
            self._db.execute("UPDATE entries SET leaf = ? WHERE arrival = ?", (index, owner.arrival))
        return index

    def closings(self, batch: Batch) -> None:
        where = "WHERE lane = (SELECT id FROM lanes WHERE lane = ?) AND incarnation = ?"
        self._db.executemany(
            "INSERT OR IGNORE INTO successors (lane, predecessor, incarnation, stop, head) "
            "SELECT id, ?, ?, ?, ? FROM lanes WHERE lane = ?",
            [(s.predecessor, s.incarnation, s.stop, s.head, s.lane) for s in batch.successors],
        )
        # Beyond its end it was closed by one who did not know of that entry, and is live again.
        touched = {(one.lane, one.incarnation) for one in batch.entries}
        touched |= {(one.lane, one.predecessor) for one in batch.successors}
        self._db.executemany(
            f"UPDATE streams SET closed = NOT closed {where} AND closed <> {_ENDED}",  # noqa: S608
            sorted(touched),
        )
        for stream in sorted(touched):
            self._unreached(*stream)
        for lane, incarnation, floor in batch.floors:
            stream = self._db.execute(
                f"SELECT id FROM streams {where} AND floor < ? AND next >= ?",  # noqa: S608
                (lane, incarnation, floor, floor),
            ).fetchone()
            if stream:
                self._raise_floor(stream[0], floor)

    def _unreached(self, lane: bytes, incarnation: bytes) -> None:
        """Keep whether the stream was closed somewhere else than where it is held to."""
        row = self._db.execute(
            "SELECT l.id, EXISTS (SELECT 1 FROM successors x WHERE x.lane = l.id AND x.predecessor = ?2) "
            "AND NOT EXISTS (SELECT 1 FROM streams s "
            "WHERE s.lane = l.id AND s.incarnation = ?2 AND s.closed = 1) FROM lanes l WHERE l.lane = ?1",
            (lane, incarnation),
        ).fetchone()
        if row is not None:
            left = "INSERT OR IGNORE INTO unreached VALUES (?, ?)"
            done = "DELETE FROM unreached WHERE lane = ? AND incarnation = ?"
            self._db.execute(left if row[1] else done, (row[0], incarnation))

    def owing(self, batch: Batch) -> None:
        """Keep which streams our receipts do not cover: of those that grew, and that receipts were given of.
        What is covered wholly is one range, for ranges are joined."""
        touched = {(one.lane, one.incarnation) for one in batch.entries}
        touched |= {(one.lane, one.incarnation) for one in batch.held if not one.peer}
        for stream in sorted(touched):
            row = self._db.execute(
                "SELECT s.id, EXISTS (SELECT 1 FROM held h WHERE h.peer = '' AND h.lane = l.lane "
                "AND h.incarnation = s.incarnation AND h.start = 0 AND h.stop >= s.next) "
                "FROM lanes l JOIN streams s ON s.lane = l.id WHERE l.lane = ? AND s.incarnation = ?",
                stream,
            ).fetchone()
            if row is not None:
                left, done = "INSERT OR IGNORE INTO owing VALUES (?)", "DELETE FROM owing WHERE stream = ?"
                self._db.execute(done if row[1] else left, (row[0],))

    def _raise_floor(self, stream: int, floor: int) -> None:
        self._db.execute("UPDATE streams SET floor = ? WHERE id = ?", (floor, stream))
        query = "SELECT stop FROM holes WHERE stream = ? AND start < ? AND stop > ?"
        cut = self._db.execute(query, (stream, floor, floor)).fetchone()
        self._db.execute("DELETE FROM holes WHERE stream = ? AND start < ?", (stream, floor))
        if cut:
            self._db.execute("INSERT INTO holes VALUES (?, ?, ?)", (stream, floor, cut[0]))


def _newer(old: Checkpoint | None, new: Checkpoint | None) -> Checkpoint | None:
    if old is None or new is None:
        return new or old
    return new if new.size >= old.size else old

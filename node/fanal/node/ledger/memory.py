# SPDX-License-Identifier: Apache-2.0
"""The ledger's twin in memory, for tests and the simulator. Same promises as on disk, except that it forgets.

A batch is applied step by step with an undo journal: a refusal half-way leaves no trace.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fanal.errors import FanalError
from fanal.node.errors import (
    CHECKPOINT_ROOT,
    JOIN_STATE,
    LANE_UNKNOWN,
    ROW_CONFLICT,
    STORE_CLOSED,
    WRAP_WITHOUT_KEY,
)
from fanal.node.ledger import rules, settings
from fanal.node.ledger.interface import ForkFound
from fanal.node.ledger.memory_reads import MemoryEntries, MemoryFacts, MemoryLanes, MemoryLog, Tables
from fanal.node.ledger.ranges import subtract, union
from fanal.node.ledger.rows import (
    Appended,
    AttachmentRow,
    Batch,
    Checkpoint,
    DeliveryFact,
    DocumentRow,
    EntryRow,
    ErasureRow,
    Fork,
    Head,
    IncarnationRow,
    JoinChange,
    LaneInfo,
    LaneRange,
    LaneRow,
    LeafRow,
    Opened,
    WrapRow,
)
from fanal.node.ledger.taken import Taken
from fanal.proof.tree import Frontier, leaf_hash, root_at

NAME = "the ledger in memory"


class MemoryLedger:
    """A Ledger that lives as long as the object. ``random(n)`` gives n random bytes for its ids."""

    def __init__(self, random: Callable[[int], bytes], now: int = 0) -> None:
        self._tables = Tables(store_id=random(rules.ID))
        self._tables.incarnations.append(IncarnationRow(random(rules.ID), b"", "created", now))
        self._frontier = Frontier()
        self._closed = False
        self._lock = threading.RLock()
        self.opened = Opened("created")
        self.entries = MemoryEntries(self._tables)
        self.lanes = MemoryLanes(self._tables)
        self.log = MemoryLog(self._tables)
        self.facts = MemoryFacts(self._tables)

    def append(self, batch: Batch) -> Appended:
        """See Ledger.append."""
        rules.check_batch(batch)
        with self._lock:
            if self._closed:
                raise FanalError(STORE_CLOSED, path=NAME)
            work = _Work(self._tables, self._frontier)
            try:
                appended = work.apply(batch)
            except BaseException:
                work.undo()
                raise
            self._frontier = work.frontier
        if appended.forks:
            raise ForkFound(appended)
        return appended

    def head(self) -> Head:
        """See Ledger.head."""
        tables = self._tables
        with self._lock:
            return Head(
                store_id=tables.store_id,
                incarnation=tables.incarnations[-1].incarnation,
                size=self._frontier.size,
                root=self._frontier.root(),
                entries=len(tables.entries),
                checkpoint=self.log.checkpoint(),
            )

    def check_there(self) -> None:
        """See Ledger.check_there: memory stays."""

    def close(self) -> None:
        """See Ledger.close."""
        self._closed = True


class _Work:
    """One batch on its way in."""

    def __init__(self, tables: Tables, frontier: Frontier) -> None:
        self.tables = tables
        self.frontier = frontier
        self._undo: list[Callable[[], Any]] = []

    def undo(self) -> None:
        for step in reversed(self._undo):
            step()

    def apply(self, batch: Batch) -> Appended:
        first = self.frontier.size
        for info in batch.lanes:
            self._lane(info)
        for entry in batch.mended:
            self._mend(entry)
        taken = [self._entry(entry) for entry in batch.entries]
        for manifest, index in batch.dropped_wraps:
            rest = {n: one for n, one in self.tables.wraps.get(manifest, {}).items() if n != index}
            self._put(self.tables.wraps, manifest, rest)
        for wrap in batch.wraps:
            self._wrap(wrap)
        for row in batch.attached:
            self._attached(row)
        indexes = tuple(self._leaf(leaf, taken) for leaf in batch.leaves)
        self._lane_changes(batch)
        for document in batch.documents:
            self._document(document)
        for document in batch.mended_documents:
            self._mend_document(document)
        moved = tuple([self._delivery(fact) for fact in batch.deliveries])
        for peer in batch.forget_peers:
            for key in [k for k in self.tables.held if k[0] == peer]:
                self._put(self.tables.held, key, ())
        for held in batch.held:
            self._held(held)
        for attachment, length in batch.arrived:
            for place in [place for place in self.tables.attachments if place[1] == attachment]:
                self._put(self.tables.attachments, place, length)
        for erasure in batch.erased:
            self._erase(erasure)
        for manifest, when in batch.postponed:
            if self.tables.erase_at.get(manifest, 0):
                self._put(self.tables.erase_at, manifest, when)
        for manifest in batch.destroyed:
            self._destroy(manifest)
        if batch.checkpoint is not None:
            self._checkpoint(batch.checkpoint)
        for head in batch.peer_checkpoints:
            before = self.tables.peer_checkpoints.get(head.origin)
            rules.check_peer_grows(head, (before.size, before.root) if before else None)
            self._put(self.tables.peer_checkpoints, head.origin, head)
        for change in batch.joins:
            self._join(change)
        for name, value in batch.meta:
            self._put(self.tables.meta, name, settings.stored(value))
        if batch.incarnation is not None:
            self._append(self.tables.incarnations, batch.incarnation)
        return Appended(
            first_leaf=first,
            size=self.frontier.size,
            root=self.frontier.root(),
            fresh=tuple(one.fresh for one in taken),
            stored=tuple(one.stored for one in taken),
            arrivals=tuple(one.arrival for one in taken),
            leaf_indexes=indexes,
            moved=moved,
            ref_number=None if batch.ref_year is None else self._ref(batch.ref_year, batch.ref_above),
            forks=tuple(one.fork for one in taken if one.fork is not None),
        )

    def _put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        if key in table:
            old = table[key]
            self._undo.append(lambda: table.__setitem__(key, old))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def _append(self, table: list[Any], value: Any) -> None:
        table.append(value)
        self._undo.append(table.pop)

    def _lane(self, info: LaneInfo) -> None:
        known = self.tables.lanes.get(info.lane)
        if known is not None and known != info:
            raise FanalError(ROW_CONFLICT, subject="Lane", id=info.lane.hex())
        if known is None:
            self._put(self.tables.lanes, info.lane, info)

    def _entry(self, entry: EntryRow) -> Taken:
        tables = self.tables
        if entry.lane not in tables.lanes:
            raise FanalError(LANE_UNKNOWN, lane=entry.lane.hex())
        if tables.lanes[entry.lane].author != entry.author:
            raise FanalError(ROW_CONFLICT, subject="Lane", id=entry.lane.hex())
        place = (entry.lane, entry.incarnation, entry.seq)
        kept = tables.place.get(place)
        if kept is not None:
            known = tables.entries[kept - 1]
            if known.manifest_sha256 == entry.manifest_sha256:
                return Taken(False, False, kept)
            fork = Fork(known, entry)
            new = entry.manifest_sha256 not in {f.offered.manifest_sha256 for f in tables.forks}
            if new:
                self._append(tables.forks, fork)
            return Taken(False, new, 0, fork)
        known_as = (entry.author, entry.envelope_id)
        if known_as in tables.by_id or entry.manifest_sha256 in tables.by_hash:
            raise FanalError(ROW_CONFLICT, subject="Envelope", id=entry.envelope_id.hex())
        arrival = len(tables.entries) + 1
        self._append(tables.entries, entry.stored(arrival, None))
        self._put(tables.erase_at, entry.manifest_sha256, rules.erase_at(entry))
        self._put(tables.place, place, arrival)
        self._put(tables.by_id, known_as, arrival)
        self._put(tables.by_hash, entry.manifest_sha256, arrival)
        self._advance(entry)
        return Taken(True, True, arrival)

    def _mend(self, entry: EntryRow) -> None:
        arrival = self.tables.place[entry.lane, entry.incarnation, entry.seq]
        known = self.tables.entries[arrival - 1]
        good = replace(entry, source=known.source, arrived=known.arrived).stored(arrival, known.leaf)
        self.tables.entries[arrival - 1] = good
        self._undo.append(lambda: self.tables.entries.__setitem__(arrival - 1, known))

    def _advance(self, entry: EntryRow) -> None:
        key = (entry.lane, entry.incarnation)
        row = self.tables.heads.get(key) or LaneRow(*key, floor=0, next=0, head=b"")
        taken = (entry.seq, entry.seq + 1)
        if entry.seq >= row.next:
            holes = union([*row.holes, (row.next, entry.seq)])
            following = entry.seq + 1
            row = replace(row, next=following, head=entry.manifest_sha256, holes=holes)
        else:
            row = replace(row, holes=subtract(row.holes, [taken]))
        self._put(self.tables.heads, key, row)

    def _wrap(self, wrap: WrapRow) -> None:
        arrival = self.tables.by_hash.get(wrap.key_manifest_sha256)
        if arrival is None:
            raise FanalError(WRAP_WITHOUT_KEY, manifest=wrap.key_manifest_sha256.hex())
        wraps = self.tables.wraps.get(wrap.key_manifest_sha256, {})
        known = wraps.get(wrap.index)
        if known is not None and known != wrap:
            raise FanalError(
                ROW_CONFLICT, subject="Wrap", id=f"{wrap.key_manifest_sha256.hex()}/{wrap.index}"
            )
        self._put(self.tables.wraps, wrap.key_manifest_sha256, {**wraps, wrap.index: wrap})

    def _attached(self, row: AttachmentRow) -> None:
        arrival = self.tables.by_hash.get(row.manifest_sha256)
        if arrival is None or self.tables.entries[arrival - 1].body is None:
            return
        if (arrival, row.attachment) not in self.tables.attachments:
            self._put(self.tables.attachments, (arrival, row.attachment), row.length)

    def _leaf(self, leaf: LeafRow, taken: list[Taken]) -> int | None:
        fresh, _, arrival, _ = taken[leaf.entry] if leaf.entry is not None else Taken(True, True, 0)
        if not fresh:
            return self.tables.entries[arrival - 1].leaf if arrival else None
        if leaf.key is not None and leaf.key in self.tables.leaf_keys:
            return self.tables.leaf_keys[leaf.key]
        index = self.frontier.size
        self._append(self.tables.leaves, leaf.data)
        self.frontier, nodes = self.frontier.append(leaf_hash(leaf.data))
        for node in nodes:
            self._put(self.tables.nodes, (node.level, node.index), node.hash)
        if leaf.key is not None:
            self._put(self.tables.leaf_keys, leaf.key, index)
        if arrival:
            entry = self.tables.entries[arrival - 1]
            self.tables.entries[arrival - 1] = replace(entry, leaf=index)
            self._undo.append(lambda: self.tables.entries.__setitem__(arrival - 1, entry))
        return index

    def _lane_changes(self, batch: Batch) -> None:
        for one in batch.successors:
            if one.lane in self.tables.lanes:
                known = self.tables.successors.get((one.lane, one.predecessor), {})
                kept = known.get(one.incarnation, one)
                self._put(
                    self.tables.successors, (one.lane, one.predecessor), {**known, one.incarnation: kept}
                )
        touched = {(one.lane, one.incarnation) for one in batch.entries}
        for key in touched | {(one.lane, one.predecessor) for one in batch.successors}:
            row = self.tables.heads.get(key)
            stop = max((one.stop for one in self.tables.successors.get(key, {}).values()), default=-1)
            if row is not None:
                self._put(self.tables.heads, key, replace(row, closed=row.next == stop and not row.holes))
        for lane, incarnation, floor in batch.floors:
            row = self.tables.heads.get((lane, incarnation))
            if row is not None and row.floor < floor <= row.next:
                holes = subtract(row.holes, [(0, floor)])
                self._put(self.tables.heads, (lane, incarnation), replace(row, floor=floor, holes=holes))

    def _document(self, row: DocumentRow) -> None:
        known = {(d.kind, d.agency, d.serial, d.sha256) for d in self.tables.documents}
        if (row.kind, row.agency, row.serial, row.sha256) not in known:
            self._append(self.tables.documents, replace(row, number=len(self.tables.documents) + 1))

    def _mend_document(self, row: DocumentRow) -> None:
        index = row.number - 1
        old = self.tables.documents[index]
        self._undo.append(lambda: self.tables.documents.__setitem__(index, old))
        self.tables.documents[index] = replace(row, arrived=old.arrived)

    def _delivery(self, fact: DeliveryFact) -> bool:
        key = (fact.envelope_id, fact.recipient)
        old, reached = self.tables.deliveries.get(key, (None, -1))
        if not rules.moves(old.state if old else None, reached, fact.state, fact.reason):
            return False
        if old is not None and replace(fact, since=old.since) == old:
            return False
        self._put(self.tables.deliveries, key, (fact, max(reached, rules.rank(fact.state))))
        return True

    def _held(self, held: LaneRange) -> None:
        key = (held.peer, held.lane, held.incarnation)
        ranges = union([*self.tables.held.get(key, ()), (held.start, held.stop)])
        self._put(self.tables.held, key, ranges)

    def _erase(self, row: ErasureRow) -> None:
        arrival = self.tables.by_hash.get(row.manifest_sha256)
        if arrival is not None:
            entry = self.tables.entries[arrival - 1]
            self.tables.entries[arrival - 1] = replace(entry, body=None, own_wrap=b"")
            self._undo.append(lambda: self.tables.entries.__setitem__(arrival - 1, entry))
            self._put(self.tables.erase_at, row.manifest_sha256, 0)
            attachments = self.tables.attachments
            self.tables.attachments = {k: v for k, v in attachments.items() if k[0] != arrival}
            self._undo.append(lambda: setattr(self.tables, "attachments", attachments))
            forks = self.tables.forks
            self.tables.forks = [_without_body(fork, row.manifest_sha256) for fork in forks]
            self._undo.append(lambda: setattr(self.tables, "forks", forks))
        known = self.tables.erasures.get(row.manifest_sha256)
        kept = replace(known, final=known.final or row.final) if known else row
        self._put(self.tables.erasures, row.manifest_sha256, kept)

    def _destroy(self, manifest: bytes) -> None:
        for entry in self.tables.entries:
            if entry.klass == rules.KEY and manifest in (entry.manifest_sha256, entry.key_envelope):
                self._put(self.tables.wraps, entry.manifest_sha256, {})

    def _checkpoint(self, checkpoint: Checkpoint) -> None:
        size = checkpoint.size
        nodes = self.tables.nodes
        root = root_at(size, lambda level, index: nodes[level, index]) if size <= self.frontier.size else b""
        if root != checkpoint.root:
            raise FanalError(
                CHECKPOINT_ROOT, size=size, found=checkpoint.root.hex(), expected=root.hex() or "none"
            )
        self._put(self.tables.checkpoints, size, checkpoint)

    def _join(self, change: JoinChange) -> None:
        known = self.tables.joins.get(change.row.token_id)
        found = known.state if known else None
        if found != change.expected:
            raise FanalError(
                JOIN_STATE,
                token=change.row.token_id.hex(),
                found=found or "unknown",
                expected=change.expected or "unknown",
            )
        self._put(self.tables.joins, change.row.token_id, change.row)

    def _ref(self, year: int, above: int) -> int:
        number = max(self.tables.refs.get(year, 0), above) + 1
        self._put(self.tables.refs, year, number)
        return number


def _without_body(fork: Fork, manifest_sha256: bytes) -> Fork:
    if fork.kept.manifest_sha256 != manifest_sha256:
        return fork
    return Fork(*(replace(one, body=None, own_wrap=b"") for one in (fork.kept, fork.offered)))

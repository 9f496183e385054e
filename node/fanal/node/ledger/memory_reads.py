# SPDX-License-Identifier: Apache-2.0
"""Reading the ledger's twin in memory: plain scans, the model that the SQL is tested against."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from fanal.errors import FanalError, VerificationError
from fanal.node.errors import FIELD_SIZE, NODE_MISSING
from fanal.node.ledger import rules
from fanal.node.ledger.ranges import subtract
from fanal.node.ledger.rows import (
    AttachmentRow,
    Checkpoint,
    DeliveryFact,
    DocumentRow,
    EntryRef,
    EntryRow,
    ErasureRow,
    Fork,
    IncarnationRow,
    JoinRow,
    LaneEnd,
    LaneInfo,
    LaneRange,
    LaneRow,
    PeerCheckpoint,
    Range,
    Successor,
    WrapRow,
)
from fanal.node.ledger.rules import WAITING


@dataclass
class Tables:
    """Everything the twin holds. ``entries[arrival - 1]`` is the entry with that arrival number."""

    store_id: bytes
    entries: list[EntryRow] = field(default_factory=list)
    place: dict[tuple[bytes, bytes, int], int] = field(default_factory=dict)
    by_id: dict[tuple[str, bytes], int] = field(default_factory=dict)
    by_hash: dict[bytes, int] = field(default_factory=dict)
    forks: list[Fork] = field(default_factory=list)
    erase_at: dict[bytes, int] = field(default_factory=dict)
    erasures: dict[bytes, ErasureRow] = field(default_factory=dict)
    lanes: dict[bytes, LaneInfo] = field(default_factory=dict)
    heads: dict[tuple[bytes, bytes], LaneRow] = field(default_factory=dict)
    wraps: dict[bytes, dict[int, WrapRow]] = field(default_factory=dict)
    attachments: dict[tuple[int, bytes], int] = field(default_factory=dict)
    leaves: list[bytes] = field(default_factory=list)
    leaf_keys: dict[bytes, int] = field(default_factory=dict)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    documents: list[DocumentRow] = field(default_factory=list)
    deliveries: dict[tuple[bytes, str], tuple[DeliveryFact, int]] = field(default_factory=dict)
    held: dict[tuple[str, bytes, bytes], tuple[Range, ...]] = field(default_factory=dict)
    peer_checkpoints: dict[str, PeerCheckpoint] = field(default_factory=dict)
    joins: dict[bytes, JoinRow] = field(default_factory=dict)
    meta: dict[str, bytes | None] = field(default_factory=dict)
    refs: dict[int, int] = field(default_factory=dict)
    incarnations: list[IncarnationRow] = field(default_factory=list)
    successors: dict[tuple[bytes, bytes], dict[bytes, Successor]] = field(default_factory=dict)


class MemoryEntries:
    """See interface.Entries."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(
        self, *, envelope_id: bytes = b"", author: str = "", manifest_sha256: bytes = b""
    ) -> EntryRow | None:
        if envelope_id:
            of_id = [n for (who, one), n in self._tables.by_id.items() if one == envelope_id]
            arrival = self._tables.by_id.get((author, envelope_id)) if author else min(of_id, default=None)
        else:
            arrival = self._tables.by_hash.get(manifest_sha256)
        return self._tables.entries[arrival - 1] if arrival else None

    def at(self, lane: bytes, incarnation: bytes, seq: int) -> EntryRow | None:
        arrival = self._tables.place.get((lane, incarnation, seq))
        return self._tables.entries[arrival - 1] if arrival else None

    def range(self, lane: bytes, incarnation: bytes, start: int, stop: int, limit: int) -> list[EntryRow]:
        row = self._tables.heads.get((lane, incarnation))
        found: list[EntryRow] = []
        for seq in range(start, min(stop, row.next) if row else start):
            entry = self.at(lane, incarnation, seq)
            if entry is not None and len(found) < limit:
                found.append(entry)
        return found

    def refs(self, lane: bytes, incarnation: bytes, start: int, stop: int, limit: int) -> list[EntryRef]:
        return [_ref(entry) for entry in self.range(lane, incarnation, start, stop, limit)]

    def keys(self, lane: bytes, incarnation: bytes, limit: int) -> list[EntryRef]:
        found = [entry for entry in self._tables.entries if entry.klass == rules.KEY]
        of_stream = [entry for entry in found if (entry.lane, entry.incarnation) == (lane, incarnation)]
        return [_ref(entry) for entry in sorted(of_stream, key=lambda one: one.seq)[-limit:]]

    def since(self, arrival: int, limit: int) -> list[EntryRow]:
        return self._tables.entries[arrival : arrival + limit]

    def wraps(self, key_manifest_sha256: bytes, recipients: Collection[str] | None = None) -> list[WrapRow]:
        wraps = self._tables.wraps.get(key_manifest_sha256, {})
        found = [wraps[index] for index in sorted(wraps)]
        return [wrap for wrap in found if recipients is None or wrap.recipient in recipients]

    def attached(self, attachment: bytes) -> list[AttachmentRow]:
        return [self._attachment(*key) for key in sorted(self._tables.attachments) if key[1] == attachment]

    def missing(self, limit: int, after: tuple[int, bytes] = (0, b"")) -> list[AttachmentRow]:
        lengths = self._tables.attachments
        found = [key for key in sorted(lengths) if lengths[key] == 0 and key > after]
        return [self._attachment(*key) for key in found[:limit]]

    def _attachment(self, arrival: int, attachment: bytes) -> AttachmentRow:
        entry, length = self._tables.entries[arrival - 1], self._tables.attachments[arrival, attachment]
        return AttachmentRow(attachment, entry.manifest_sha256, length, entry.lane, arrival)

    def due(self, now: int, limit: int) -> list[EntryRow]:
        due = {one: when for one, when in self._tables.erase_at.items() if 0 < when <= now}
        first = sorted(due, key=lambda one: (due[one], self._tables.by_hash[one]))
        return [self._tables.entries[self._tables.by_hash[one] - 1] for one in first[:limit]]

    def forks(self, after: int = 0, limit: int = 1000) -> list[Fork]:
        return self._tables.forks[after : after + limit]


class MemoryLanes:
    """See interface.Lanes."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def clock(self, lanes: Collection[bytes] | None = None, closed: bool = False) -> list[LaneRow]:
        rows = [self._tables.heads[key] for key in sorted(self._tables.heads)]
        return [row for row in rows if (lanes is None or row.lane in lanes) and (closed or not row.closed)]

    def row(self, lane: bytes, incarnation: bytes) -> LaneRow | None:
        return self._tables.heads.get((lane, incarnation))

    def info(self, lane: bytes) -> LaneInfo | None:
        return self._tables.lanes.get(lane)

    def infos(self) -> list[LaneInfo]:
        return [self._tables.lanes[lane] for lane in sorted(self._tables.lanes)]

    def own_before(self, lane: bytes) -> LaneRow | None:
        *earlier, present = [row.incarnation for row in self._tables.incarnations]
        found = [row for row in self.clock([lane]) if row.incarnation != present]
        known = [row for row in found if row.incarnation in earlier]
        newest = max(known, key=lambda row: earlier.index(row.incarnation), default=None)
        return newest or next(iter(found), None)

    def owing(self) -> list[LaneRow]:
        covered = {key[1:]: ranges for key, ranges in self._tables.held.items() if key[0] == ""}
        rows = self.clock(closed=True)
        return [
            one for one in rows if subtract([(0, one.next)], covered.get((one.lane, one.incarnation), ()))
        ]

    def open_ends(self) -> list[LaneEnd]:
        ends = []
        for key, found in sorted(self._tables.successors.items()):
            row = self._tables.heads.get(key)
            if row is None or not row.closed:
                ends.append(LaneEnd(*key, max(one.stop for one in found.values())))
        return ends

    def successors(self, lane: bytes, incarnation: bytes) -> list[Successor]:
        found = self._tables.successors.get((lane, incarnation), {})
        return [found[one] for one in sorted(found)]


class MemoryLog:
    """See interface.Log."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return self._tables.leaves[start:stop]

    def node(self, level: int, index: int) -> bytes:
        found = self._tables.nodes.get((level, index))
        if found is None:
            raise VerificationError(NODE_MISSING, level=level, index=index)
        return found

    def leaf_index(self, key: bytes) -> int | None:
        return self._tables.leaf_keys.get(key)

    def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        sizes = [known for known in self._tables.checkpoints if size is None or known <= size]
        return self._tables.checkpoints[max(sizes)] if sizes else None


class MemoryFacts:
    """See interface.Facts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def deliveries(self, envelope_id: bytes) -> list[DeliveryFact]:
        facts = self._tables.deliveries
        return [facts[key][0] for key in sorted(facts) if key[0] == envelope_id]

    def waiting(self, limit: int, after: tuple[bytes, str] = (b"", "")) -> list[DeliveryFact]:
        facts = self._tables.deliveries
        keys = sorted(key for key in facts if key > after and facts[key][0].state in WAITING)
        return [facts[key][0] for key in keys[:limit]]

    def waiting_count(self) -> int:
        return sum(fact.state in WAITING for fact, _ in self._tables.deliveries.values())

    def held(self, peer: str, lane: bytes = b"", incarnation: bytes = b"") -> list[LaneRange]:
        if bool(lane) != bool(incarnation):
            raise FanalError(
                FIELD_SIZE, field="incarnation", expected="given with the lane", found="one of them"
            )
        held = self._tables.held
        return [
            LaneRange(*key, start, stop)
            for key in sorted(held)
            if key[0] == peer and (not lane or key[1:] == (lane, incarnation))
            for start, stop in held[key]
        ]

    def documents(
        self, kind: str | None = None, agency: str | None = None, after: int = 0
    ) -> list[DocumentRow]:
        rows = self._tables.documents[after:]
        return [row for row in rows if kind in (None, row.kind) and agency in (None, row.agency)]

    def erasure(self, manifest_sha256: bytes) -> ErasureRow | None:
        return self._tables.erasures.get(manifest_sha256)

    def erasures(self, after: bytes, limit: int) -> list[ErasureRow]:
        found = sorted(self._tables.erasures.values(), key=lambda one: one.manifest_sha256)
        return [one for one in found if one.manifest_sha256 > after][:limit]

    def pending_erasures(self, key_envelope: bytes, limit: int) -> list[ErasureRow]:
        found = [one for one in self._tables.erasures.values() if not one.final]
        found = [one for one in found if one.key_envelope == key_envelope]
        return sorted(found, key=lambda one: one.manifest_sha256)[:limit]

    def meta(self, key: str) -> bytes | None:
        return self._tables.meta.get(key)

    def joins(self, token_id: bytes | None = None) -> list[JoinRow]:
        return [row for key, row in self._tables.joins.items() if token_id is None or key == token_id]

    def peer_checkpoints(self, origin: str | None = None) -> list[PeerCheckpoint]:
        held = self._tables.peer_checkpoints
        return [held[name] for name in sorted(held) if origin is None or name == origin]

    def incarnations(self) -> list[IncarnationRow]:
        return list(self._tables.incarnations)


def _ref(entry: EntryRow) -> EntryRef:
    size = len(entry.manifest) + len(entry.signature) + len(entry.body or b"") + len(entry.own_wrap)
    return EntryRef(
        entry.arrival,
        entry.envelope_id,
        entry.manifest_sha256,
        entry.seq,
        entry.klass,
        entry.priority,
        size,
    )

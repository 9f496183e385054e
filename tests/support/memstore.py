# SPDX-License-Identifier: Apache-2.0
"""A store of dictionaries and envelopes without cryptography, for networks in memory.

The envelopes are real protobuf with real headers and chains of manifest hashes; only the signature and the
wraps are stand-ins. What a host commits survives its crash, as a ledger's rows would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from fanal.node.gossip.entitlement import LaneView
from fanal.node.gossip.events import EntryMeta, Heads, LaneInfo, LoadedEntry, Place, StreamInfo, WrapMeta
from fanal.v1 import envelope_pb2, identity_pb2

KEY = envelope_pb2.EnvelopeClass.KEY
NOTICE = envelope_pb2.EnvelopeClass.NOTICE
FLASH = envelope_pb2.EnvelopePriority.FLASH
ROUTINE = envelope_pb2.EnvelopePriority.ROUTINE
BULK = envelope_pb2.EnvelopePriority.BULK


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def explicit_lane(author: str, *others: str) -> LaneView:
    """The lane of an author to named agencies."""
    agencies = frozenset({author, *others})
    name = f"{author}>{','.join(sorted(agencies))}"
    return LaneView(sha256(name.encode()), author, agencies=agencies)


def channel_lane(author: str, channel: str) -> LaneView:
    """The lane of an author to a channel."""
    return LaneView(sha256(f"{author}>#{channel}".encode()), author, channel=channel)


def stub_envelope(header: envelope_pb2.Header, body: bytes, wraps: int = 0) -> tuple[bytes, bytes]:
    """(bytes of an Envelope, hash of its manifest) with a stand-in for the signature."""
    manifest = envelope_pb2.Manifest(
        header=header.SerializeToString(deterministic=True),
        body_sha256=sha256(body),
        body_length=len(body),
        wraps_count=wraps,
    ).SerializeToString(deterministic=True)
    envelope = envelope_pb2.Envelope(manifest=manifest, signature=sha256(b"stub" + manifest), body=body)
    return envelope.SerializeToString(deterministic=True), sha256(manifest)


@lru_cache(maxsize=4096)
def meta_of(data: bytes) -> EntryMeta:
    """Decode a stub envelope; ValueError for anything else. The same bytes come by at every host."""
    try:
        envelope = envelope_pb2.Envelope.FromString(data)
        manifest = envelope_pb2.Manifest.FromString(envelope.manifest)
        header = envelope_pb2.Header.FromString(manifest.header)
    except Exception as broken:
        raise ValueError("not an envelope") from broken
    if envelope.signature != sha256(b"stub" + envelope.manifest):
        raise ValueError("signature")
    return EntryMeta.of_header(header, sha256(envelope.manifest), len(data))


def places_of(envelopes: Iterable[bytes]) -> tuple[Place, ...]:
    """Where they stand."""
    return tuple(meta_of(data).place for data in envelopes)


def stub_wrap(key_manifest_sha256: bytes, recipient: str, index: int) -> envelope_pb2.WrapProof:
    sealed = sha256(key_manifest_sha256 + recipient.encode()) * 36
    wrap = envelope_pb2.Wrap(recipient=recipient, key_id=sha256(recipient.encode()), sealed=sealed)
    return envelope_pb2.WrapProof(
        key_manifest_sha256=key_manifest_sha256, index=index, wrap=wrap.SerializeToString()
    )


def charter_document(version: int) -> identity_pb2.SignedDocument:
    return identity_pb2.SignedDocument(type="charter", body=b"%d" % version)


def identity_document(agency: str, serial: int) -> identity_pb2.SignedDocument:
    return identity_pb2.SignedDocument(type="identity", body=f"{agency} {serial}".encode())


@dataclass
class MemStore:
    """What is durable at one host."""

    entries: dict[Place, tuple[EntryMeta, bytes]] = field(default_factory=dict)
    wraps: dict[tuple[bytes, str], envelope_pb2.WrapProof] = field(default_factory=dict)
    key_places: dict[bytes, Place] = field(default_factory=dict)
    charter: int = 1
    serials: dict[str, int] = field(default_factory=dict)
    views: dict[bytes, LaneView] = field(default_factory=dict)
    last: dict[tuple[bytes, bytes], EntryMeta] = field(default_factory=dict)  # highest entry of a stream
    closed: dict[tuple[bytes, bytes], int] = field(default_factory=dict)  # an incarnation's end, as told
    effects: dict[Place, int] = field(default_factory=dict)  # how often an entry had an effect: once
    forgers: frozenset[str] = frozenset()  # authors who may sign two manifests at one place

    def put(self, data: bytes) -> bool:
        """Commit an envelope; False when it was there already."""
        meta = meta_of(data)
        known = self.entries.get(meta.place)
        if known is not None:
            same = known[0].manifest_sha256 == meta.manifest_sha256
            assert same or meta.view.author in self.forgers, "two manifests at one place"
            return False
        self.entries[meta.place] = (meta, data)
        self.views[meta.place.lane] = meta.view
        highest = self.last.get(meta.place[:2])
        if highest is None or highest.place.seq < meta.place.seq:
            self.last[meta.place[:2]] = meta
        if meta.closes is not None:
            key = (meta.place.lane, meta.closes.incarnation)
            self.closed[key] = max(meta.closes.next, self.closed.get(key, 0))
        self.effects[meta.place] = self.effects.get(meta.place, 0) + 1
        if meta.klass == KEY:
            self.key_places[meta.manifest_sha256] = meta.place
        return True

    def put_wrap(self, proof: envelope_pb2.WrapProof) -> WrapMeta | None:
        """Commit a wrap of a KEY envelope held here; None when there is none or it was there already."""
        place = self.key_places.get(proof.key_manifest_sha256)
        recipient = envelope_pb2.Wrap.FromString(proof.wrap).recipient
        if place is None or (proof.key_manifest_sha256, recipient) in self.wraps:
            return None
        self.wraps[proof.key_manifest_sha256, recipient] = proof
        return WrapMeta(proof.key_manifest_sha256, place.lane, recipient)

    def wraps_of(self, key: bytes, recipients: tuple[str, ...]) -> tuple[envelope_pb2.WrapProof, ...]:
        return tuple(self.wraps[key, name] for name in recipients if (key, name) in self.wraps)

    def load(self, place: Place, wraps_for: tuple[str, ...]) -> LoadedEntry | None:
        found = self.entries.get(place)
        if found is None:
            return None
        meta, data = found
        wraps = self.wraps_of(meta.manifest_sha256, wraps_for) if meta.klass == KEY else ()
        return LoadedEntry(
            place, meta.klass, meta.priority, meta.manifest_sha256, data, meta.key_envelope, wraps
        )

    def heads(self) -> Heads:
        identities = {agency: (s, sha256(b"%d" % s)) for agency, s in sorted(self.serials.items())}
        return Heads(self.charter, sha256(b"%d" % self.charter), identities)

    def lane_infos(self) -> list[LaneInfo]:
        """The heads table without what is closed and complete, worked out from the rows."""
        lanes: dict[bytes, tuple[LaneView, dict[bytes, list[EntryMeta]]]] = {}
        for meta, _ in self.entries.values():
            _, streams = lanes.setdefault(meta.place.lane, (meta.view, {}))
            streams.setdefault(meta.place.incarnation, []).append(meta)
        for lane, incarnation in self.closed:
            lanes[lane][1].setdefault(incarnation, [])
        return [
            LaneInfo(view, tuple(row for row in self._rows(view, streams) if not _complete(row)))
            for view, streams in lanes.values()
        ]

    def _rows(self, view: LaneView, streams: dict[bytes, list[EntryMeta]]) -> Iterator[StreamInfo]:
        for incarnation, metas in streams.items():
            yield _row(incarnation, metas, self.closed.get((view.lane, incarnation)))

    def closed_stream(self, lane: bytes, incarnation: bytes) -> StreamInfo | None:
        """A stream that is closed and complete."""
        stop = self.closed.get((lane, incarnation))
        if stop is None:
            return None
        metas = [meta for place, (meta, _) in self.entries.items() if place[:2] == (lane, incarnation)]
        row = _row(incarnation, metas, stop)
        return row if _complete(row) else None

    def next_of(self, lane: bytes, incarnation: bytes) -> tuple[int, bytes]:
        """(next sequence number, manifest hash before it) of a stream written here."""
        last = self.last.get((lane, incarnation))
        return (last.place.seq + 1, last.manifest_sha256) if last is not None else (0, b"")

    def newest_key(self, lane: bytes, incarnation: bytes) -> bytes | None:
        """Manifest hash of the last KEY envelope of a stream written here."""
        keys = [
            (place.seq, sha) for sha, place in self.key_places.items() if place[:2] == (lane, incarnation)
        ]
        return max(keys)[1] if keys else None


def _complete(row: StreamInfo) -> bool:
    return row.closed == row.next and not row.holes


def _row(incarnation: bytes, metas: list[EntryMeta], closed: int | None) -> StreamInfo:
    by_seq = {meta.place.seq: meta for meta in metas}
    stop = max(by_seq, default=-1) + 1
    return StreamInfo(
        incarnation,
        stop,
        by_seq[stop - 1].manifest_sha256 if stop else b"",
        holes=tuple((seq, seq + 1) for seq in range(stop) if seq not in by_seq),
        keys=tuple((m.manifest_sha256, m.place.seq) for m in metas if m.klass == KEY),
        closed=closed,
    )

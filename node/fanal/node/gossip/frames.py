# SPDX-License-Identifier: Apache-2.0
"""Is a frame one that a node of this protocol may send? Pure checks of lengths and counts, before any work.

Each raises `FanalError` (FANAL-E0701) naming the field. What the fields *mean* is judged elsewhere: an
unentitled request is answered with NotFound, not with a cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from fanal.envelope.pieces import LONGEST, MOST_PIECES, PATH, PIECE
from fanal.errors import FanalError
from fanal.node.gossip.clock import HOLES_PER_ROW
from fanal.node.gossip.errors import MALFORMED_FRAME
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import envelope_pb2, identity_pb2, ledger_pb2, peer_pb2

LANE_BYTES = 32
INCARNATION_BYTES = 16
HASH_BYTES = 32
AGENCY_CHARACTERS = 16
WRAP_BYTES = 2048
PATH_HASHES = 16
NOTE_BYTES = 64 * 1024
NOTE_LINES = 4  # of one witness
FORK_BYTES = 130 * 1024  # two manifests with their signatures
ORIGIN_CHARACTERS = 255
CONSISTENCY_HASHES = 63  # C2SP tlog-witness
_LIMIT_NAME = re.compile(r"[a-z_]{1,40}", re.ASCII)
MAX_SEQ = 1 << 53  # what every JSON and every database takes; a lane never gets near


class _MalformedError(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


def check_frame(peer: str, frame: peer_pb2.Frame, limits: GossipLimits) -> str | None:
    """The name of the frame's kind, None for one this version does not know (a newer peer)."""
    kind = frame.WhichOneof("frame")
    if kind is None or kind not in _CHECKS:
        return None
    try:
        _CHECKS[kind](getattr(frame, kind), limits)
    except _MalformedError as bad:
        raise FanalError(MALFORMED_FRAME, peer=peer, field=f"{kind}.{bad.field}", reason=bad.reason) from None
    return str(kind)


def _length(field: str, value: bytes, expected: int, or_empty: bool = False) -> None:
    if len(value) != expected and not (or_empty and not value):
        raise _MalformedError(field, f"is {len(value)} bytes, not {expected}")


def _count(field: str, found: int, limit: int) -> None:
    if found > limit:
        raise _MalformedError(field, f"has {found} items, over the limit of {limit}")


def _places(field: str, places: Iterable[peer_pb2.LaneSeq]) -> None:
    for place in places:
        _length(f"{field}.lane", place.lane, LANE_BYTES)
        _length(f"{field}.incarnation", place.incarnation, INCARNATION_BYTES)
        if place.seq > MAX_SEQ:
            raise _MalformedError(f"{field}.seq", "is out of range")


def _runs(field: str, runs: Iterable[envelope_pb2.SeqRange]) -> None:
    for run in runs:
        if not run.start < run.stop:
            raise _MalformedError(field, "are empty or reversed")


def _entries(frame: peer_pb2.Entries, limits: GossipLimits) -> None:
    _count("envelopes", len(frame.envelopes), limits.batch_entries)
    for envelope in frame.envelopes:
        if not 0 < len(envelope) <= limits.envelope_bytes:
            raise _MalformedError(
                "envelopes", f"holds one of {len(envelope)} bytes, limit {limits.envelope_bytes}"
            )


def _ack(frame: peer_pb2.Acknowledgement, limits: GossipLimits) -> None:
    _count("stored", len(frame.stored), limits.ids_received)
    _count("refused", len(frame.refused), limits.ids_received)
    _places("stored", frame.stored)
    _places("refused", (refused.entry for refused in frame.refused))
    for refused in frame.refused:
        _count("refused.reason", len(refused.reason), 64)


def _digest(frame: peer_pb2.Digest, limits: GossipLimits) -> None:
    _length("sha256", frame.sha256, HASH_BYTES)


def _clock(frame: peer_pb2.Clock, limits: GossipLimits) -> None:
    _count("rows", len(frame.rows), limits.ids_received)
    for row in frame.rows:
        _row(row)


def _row(row: ledger_pb2.LaneClock) -> None:
    _length("rows.lane", row.lane, LANE_BYTES)
    _length("rows.incarnation", row.incarnation, INCARNATION_BYTES)
    _length("rows.head", row.head, HASH_BYTES, or_empty=True)
    _count("rows.holes", len(row.holes), HOLES_PER_ROW)
    if row.next > MAX_SEQ or row.floor > MAX_SEQ:
        raise _MalformedError("rows.next", "is out of range")
    before = -1
    for hole in row.holes:
        if not before < hole < row.next:
            raise _MalformedError("rows.holes", "are not ascending below next")
        before = hole


def _want(frame: peer_pb2.Want, limits: GossipLimits) -> None:
    _length("lane", frame.lane, LANE_BYTES)
    _length("incarnation", frame.incarnation, INCARNATION_BYTES)
    _count("ranges", len(frame.ranges), limits.ids_received)
    _runs("ranges", frame.ranges)


def _wraps(frame: peer_pb2.Wraps, limits: GossipLimits) -> None:
    _count("wraps", len(frame.wraps), limits.wraps_per_frame)
    for wrap in frame.wraps:
        _length("wraps.key_manifest_sha256", wrap.key_manifest_sha256, HASH_BYTES)
        _count("wraps.wrap", len(wrap.wrap), WRAP_BYTES)
        _count("wraps.path", len(wrap.path), PATH_HASHES)
        for step in wrap.path:
            _length("wraps.path", step, HASH_BYTES)


def _agencies(field: str, names: Iterable[str]) -> None:
    for name in names:
        _count(field, len(name), AGENCY_CHARACTERS)


def _want_wraps(frame: peer_pb2.WantWraps, limits: GossipLimits) -> None:
    _length("key_manifest_sha256", frame.key_manifest_sha256, HASH_BYTES)
    _count("recipients", len(frame.recipients), limits.wraps_per_frame)
    _agencies("recipients", frame.recipients)


def _documents(frame: peer_pb2.Documents, limits: GossipLimits) -> None:
    _count("charters", len(frame.charters), limits.documents_per_frame)
    _count("identities", len(frame.identities), limits.documents_per_frame)
    for document in frame.charters:
        _document(document, limits.charter_bytes, limits)
    for document in frame.identities:
        _document(document, limits.document_bytes, limits)


def _document(document: identity_pb2.SignedDocument, most: int, limits: GossipLimits) -> None:
    _count("signatures", len(document.signatures), limits.documents_per_frame)
    if len(document.body) > most:
        raise _MalformedError("body", f"is {len(document.body)} bytes, over the limit of {most}")


def _want_documents(frame: peer_pb2.WantDocuments, limits: GossipLimits) -> None:
    _count("identities_of", len(frame.identities_of), limits.documents_per_frame)
    _agencies("identities_of", frame.identities_of)


def _not_found(frame: peer_pb2.NotFound, limits: GossipLimits) -> None:
    _count("entries", len(frame.entries), limits.ids_received)
    _places("entries", frame.entries)


def _announce(frame: peer_pb2.Announce, limits: GossipLimits) -> None:
    _count("runs", len(frame.runs), limits.ids_received)
    _count("runs.ranges", sum(len(named.ranges) for named in frame.runs), limits.ids_received)
    for named in frame.runs:
        _length("runs.lane", named.lane, LANE_BYTES)
        _length("runs.incarnation", named.incarnation, INCARNATION_BYTES)
        _runs("runs.ranges", named.ranges)
        if any(run.stop > MAX_SEQ for run in named.ranges):
            raise _MalformedError("runs.ranges", "are out of range")


def _prune(frame: peer_pb2.Prune, limits: GossipLimits) -> None:
    _count("lanes", len(frame.lanes) + len(frame.kept), limits.ids_received)
    for lane in (*frame.lanes, *frame.kept):
        _length("lanes", lane, LANE_BYTES)


def _graft(frame: peer_pb2.Graft, limits: GossipLimits) -> None:
    _length("lane", frame.lane, LANE_BYTES)
    _length("incarnation", frame.incarnation, INCARNATION_BYTES)
    _runs("ranges", frame.ranges)
    _count("ranges", sum(run.stop - run.start for run in frame.ranges), limits.batch_entries)


def _deferred(frame: peer_pb2.Deferred, limits: GossipLimits) -> None:
    _count("entries", len(frame.entries), limits.ids_received)
    _places("entries", frame.entries)
    if not _LIMIT_NAME.fullmatch(frame.limit):
        raise _MalformedError("limit", "is no name of a setting")
    if frame.most > MAX_SEQ or not 0 <= frame.until <= MAX_SEQ:
        raise _MalformedError("until", "is out of range")


def _heartbeat(frame: peer_pb2.Heartbeat, limits: GossipLimits) -> None:
    """Any number is a heartbeat."""


def _note(field: str, note: bytes) -> None:
    _count(field, len(note), NOTE_BYTES)


def _checkpoint(frame: peer_pb2.CheckpointOffer, limits: GossipLimits) -> None:
    _note("note", frame.note)
    _count("consistency", len(frame.consistency), CONSISTENCY_HASHES)
    for step in frame.consistency:
        _length("consistency", step, HASH_BYTES)


def _cosigned(frame: peer_pb2.Cosigned, limits: GossipLimits) -> None:
    _count("origin", len(frame.origin), ORIGIN_CHARACTERS)
    _count("lines", len(frame.lines), NOTE_LINES)
    _note("lines", "".join(frame.lines).encode())
    _note("holds", frame.holds)


def _witnessed(frame: peer_pb2.WitnessedHead, limits: GossipLimits) -> None:
    _note("note", frame.note)


def _fork(frame: peer_pb2.ForkProof, limits: GossipLimits) -> None:
    _count("entry", frame.entry.ByteSize(), FORK_BYTES)
    _note("root.note_a", frame.root.note_a)
    _note("root.note_b", frame.root.note_b)
    for document in (frame.document.a, frame.document.b):
        _document(document, limits.charter_bytes, limits)


def _want_pieces(frame: peer_pb2.WantPieces, limits: GossipLimits) -> None:
    _length("attachment", frame.attachment, HASH_BYTES)
    _count("ranges", len(frame.ranges), limits.pieces_per_frame)
    for run in frame.ranges:
        if not run.start < run.stop <= MOST_PIECES:
            raise _MalformedError("ranges", "are empty, reversed or beyond the largest attachment")
    _count("ranges", sum(run.stop - run.start for run in frame.ranges), limits.pieces_per_frame)


def _pieces(frame: peer_pb2.Pieces, limits: GossipLimits) -> None:
    _length("attachment", frame.attachment, HASH_BYTES)
    _count("path", len(frame.path), PATH)
    for step in frame.path:
        _length("path", step, HASH_BYTES)
    if not 0 < len(frame.data) <= PIECE:
        raise _MalformedError("data", f"is {len(frame.data)} bytes, limit {PIECE}")
    if not 0 < frame.length <= LONGEST or frame.index >= MOST_PIECES:
        raise _MalformedError("length", "is beyond the largest attachment")


def _attachment_news(frame: peer_pb2.AttachmentNews, limits: GossipLimits) -> None:
    _count("held", len(frame.held), limits.ids_per_frame)
    _count("not_found", len(frame.not_found), limits.ids_per_frame)
    for name in (*frame.held, *frame.not_found):
        _length("attachment", name, HASH_BYTES)


_CHECKS: dict[str, Callable[[Any, GossipLimits], None]] = {
    "entries": _entries,
    "ack": _ack,
    "digest": _digest,
    "clock": _clock,
    "want": _want,
    "wraps": _wraps,
    "want_wraps": _want_wraps,
    "documents": _documents,
    "want_documents": _want_documents,
    "heartbeat": _heartbeat,
    "not_found": _not_found,
    "announce": _announce,
    "prune": _prune,
    "graft": _graft,
    "deferred": _deferred,
    "checkpoint": _checkpoint,
    "cosigned": _cosigned,
    "witnessed": _witnessed,
    "fork": _fork,
    "want_pieces": _want_pieces,
    "pieces": _pieces,
    "attachment_news": _attachment_news,
}

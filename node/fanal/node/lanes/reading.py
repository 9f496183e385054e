# SPDX-License-Identifier: Apache-2.0
"""What gossip reads from the ledger: lanes at the start, entries, wraps and documents for a peer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node import documents
from fanal.node.gossip.actions import Wanted
from fanal.node.gossip.clock import ClosedStreams
from fanal.node.gossip.entitlement import LaneView
from fanal.node.gossip.events import LaneInfo, LoadedEntry, StreamInfo
from fanal.node.lanes.rows import envelope_bytes, place_of
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import EntryRow, LaneRow, WrapRow
from fanal.node.ledger.rows import LaneInfo as StoredLane
from fanal.v1.envelope_pb2 import Audience, EnvelopeClass, WrapProof
from fanal.v1.identity_pb2 import SignedDocument

if TYPE_CHECKING:
    from fanal.node.node import Node

_PAGE = 64
_KEYS = 64


def lane_infos(ledger: Ledger, closed: bool = False) -> Iterator[LaneInfo]:
    """Every lane with its streams as the core wants it at the start; also those of which nothing is here but
    the entry that closed them. Closed and complete ones, however many, only if asked for."""
    streams: dict[bytes, list[StreamInfo]] = {}
    ends = {(one.lane, one.incarnation): one.stop for one in ledger.lanes.open_ends()}
    for row in ledger.lanes.clock(closed=closed):
        end = row.next if row.closed else ends.pop((row.lane, row.incarnation), None)
        streams.setdefault(row.lane, []).append(_stream_info(ledger, row, end))
    for (lane_id, incarnation), end in ends.items():
        # Nothing is here but the entry that closed it: what lies below its end exists, and is asked for.
        streams.setdefault(lane_id, []).append(StreamInfo(incarnation, 0, b"", closed=end))
    for lane in ledger.lanes.infos():
        yield LaneInfo(view_of_lane(lane), tuple(streams.get(lane.lane, ())))


def closed_streams(ledger: Ledger) -> ClosedStreams:
    """What the core is not given at the start, one by one as it asks."""

    def look_up(lane: bytes, incarnation: bytes) -> StreamInfo | None:
        try:
            row = ledger.lanes.row(lane, incarnation)
        except FanalError:
            return None  # what is taken for missing is asked for again
        return _stream_info(ledger, row, row.next) if row is not None and row.closed else None

    return look_up


def _stream_info(ledger: Ledger, row: LaneRow, end: int | None) -> StreamInfo:
    # Where the KEY envelopes of a closed incarnation stand is not looked up: each is found by its hash when
    # it is asked for, and a start would cost a query for each run there has been.
    found = () if row.closed else ledger.entries.keys(row.lane, row.incarnation, _KEYS)
    keys = tuple((ref.manifest_sha256, ref.seq) for ref in found)
    holes = tuple((hole.start, hole.stop) for hole in row.holes)
    return StreamInfo(row.incarnation, row.next, row.head, row.floor, holes, keys, end)


def view_of_lane(lane: StoredLane) -> LaneView:
    """A stored lane as entitlement judges it."""
    return LaneView.of_audience(lane.lane, lane.author, Audience.FromString(lane.audience))


Wraps = Callable[[EntryRow, tuple[str, ...]], list[WrapRow]]
"""The sound wraps of a KEY envelope for these recipients."""


def load_entries(
    ledger: Ledger,
    wanted: Iterable[Wanted],
    limit_bytes: int,
    is_sound: Callable[[EntryRow], bool],
    wraps_of: Wraps,
) -> tuple[tuple[LoadedEntry, ...], bool]:
    """The entries asked for, in order, up to the one that reaches the limit; True if the limit stopped it.
    One that the disk has changed is left out."""
    found: list[LoadedEntry] = []
    size = 0
    for want in wanted:
        for row in _rows(ledger, want):
            if size >= limit_bytes:
                return tuple(found), True
            if not is_sound(row):
                continue
            entry = _loaded(row, want.wraps_for, wraps_of)
            size += len(entry.envelope) + sum(len(w.wrap) + 32 * len(w.path) for w in entry.wraps)
            found.append(entry)
    return tuple(found), False


def _rows(ledger: Ledger, want: Wanted) -> Iterator[EntryRow]:
    start, stop = want.span.start, want.span.stop
    while start < stop:
        page = ledger.entries.range(want.span.lane, want.span.incarnation, start, stop, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        start = page[-1].seq + 1


def _loaded(row: EntryRow, wraps_for: tuple[str, ...], wraps_of: Wraps) -> LoadedEntry:
    wraps: tuple[WrapProof, ...] = ()
    if row.klass == EnvelopeClass.KEY and wraps_for:
        wraps = _proofs(wraps_of(row, wraps_for), wraps_for)
    return LoadedEntry(
        place=place_of(row),
        klass=row.klass,
        priority=row.priority,
        manifest_sha256=row.manifest_sha256,
        envelope=envelope_bytes(row),
        key_envelope=row.key_envelope,
        wraps=wraps,
    )


def load_wraps(
    ledger: Ledger, key_manifest_sha256: bytes, recipients: tuple[str, ...], wraps_of: Wraps
) -> tuple[LaneView | None, tuple[WrapProof, ...]]:
    """The lane of a KEY envelope, None when it is not here, and the wraps held of it for these recipients."""
    row = ledger.entries.get(manifest_sha256=key_manifest_sha256)
    lane = ledger.lanes.info(row.lane) if row is not None else None
    if row is None or lane is None:
        return None, ()
    return view_of_lane(lane), _proofs(wraps_of(row, recipients), recipients)


def load_documents(
    node: Node, charters_after: int | None, identities_of: tuple[str, ...]
) -> tuple[tuple[SignedDocument, ...], tuple[SignedDocument, ...]]:
    """Charters above a version, lowest first; of each agency that is known its revocations and its newest
    identity: whoever lacks the identity may lack a revocation, for each revocation comes with one."""
    charters = [] if charters_after is None else documents.charters_after(node.ledger, charters_after)
    identities = []
    for agency in identities_of:
        try:
            newest = node.directory.identity(agency).document
            identities += [one.document for one in node.directory.revocations(agency)]
            identities.append(newest)
        except FanalError:
            continue
    return tuple(charters), tuple(identities)


def _proofs(wraps: Iterable[WrapRow], recipients: tuple[str, ...]) -> tuple[WrapProof, ...]:
    rows = {row.recipient: row for row in wraps}
    return tuple(
        WrapProof(key_manifest_sha256=row.key_manifest_sha256, index=row.index, wrap=row.wrap, path=row.path)
        for recipient in recipients
        if (row := rows.get(recipient)) is not None
    )

# SPDX-License-Identifier: Apache-2.0
"""Receipts that this node issues: STORED and RELAYED coverage, REJECTED, an officer's READ (HELD: `keyless`).

All travel sealed in this node's lane to the author and are logged here as receipt-out, at the author as
receipt-in. RECEIPT, KEY and CONTROL envelopes never get one.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from fanal.envelope import audience as audiences
from fanal.envelope import receipts as wire
from fanal.errors import FanalError
from fanal.node import failpoints
from fanal.node.gossip.entitlement import LaneView, may_hold, readers_of
from fanal.node.lanes.leaves import coverage_leaf, receipt_leaf
from fanal.node.lanes.own import LaneBatch
from fanal.node.lanes.reading import view_of_lane
from fanal.node.lanes.written import Written
from fanal.node.ledger.ranges import subtract
from fanal.node.ledger.rows import Batch, EntryRow, LaneRange, LaneRow, LeafRow, Range
from fanal.proof.leaf import LeafType
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority, ReadReceipt, Receipts, StoredCoverage

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.receipts.issuing")

Owed = tuple[LaneView, LaneRow, tuple[Range, ...]]
LIFE = 365 * 86_400
_PAGE = 1000
_MOST_RANGES = 1000
_MOST_STREAMS = 200
"""With both at their limit a receipt takes some 40 KB of an envelope."""
_MOST_PROBLEMS = 20


def uncovered(node: Node) -> list[tuple[bytes, bytes]]:
    """Streams of others with notices that no receipt of ours covers yet; a closed incarnation owes as much.
    What will never get one is noted as done, so that no later start looks at it again: what holds nothing but
    receipts and keys, and our own incarnations that are closed."""
    found, done = [], list[LaneRange]()
    for row in node.ledger.lanes.owing():
        todo = _todo(node, row)
        if _foreign(node, row.lane) is None:
            spans = todo if row.closed and _is_own(node, row.lane) else ()
        elif _has_notice(node, row, todo):
            found.append((row.lane, row.incarnation))
            continue
        else:
            spans = todo
        done += [LaneRange("", row.lane, row.incarnation, *span) for span in spans]
    if done:
        node.ledger.append(Batch(held=tuple(done)))
    return found


def issue_coverage(
    node: Node, streams: Iterable[tuple[bytes, bytes]], priority: EnvelopePriority.Code
) -> Written:
    """One receipt per author for all its streams among these, or as many as it takes to hold them; empty
    when nothing is owed. What fails for one author is logged and concerns no other."""
    by_author: dict[str, list[Owed]] = {}
    for lane, incarnation in streams:
        view, row = _foreign(node, lane), node.ledger.lanes.row(lane, incarnation)
        if view is None or row is None:
            continue
        todo = _todo(node, row)[:_MOST_RANGES]
        if _has_notice(node, row, todo):
            by_author.setdefault(view.author, []).append((view, row, todo))
    written = Written()
    for author in sorted(by_author):
        for owed in _portions(by_author[author]):
            try:
                written += _issue_to(node, author, owed, priority)
            except FanalError as error:
                log.error("no receipt to %s: %s", author, error)
                written += Written(failure=error)
    return written


def issue(
    node: Node,
    author: str,
    receipts: Receipts,
    leaves: Sequence[LeafRow] = (),
    *,
    priority: EnvelopePriority.Code = EnvelopePriority.ROUTINE,
    held: tuple[LaneRange, ...] = (),
    logged: Sequence[tuple[str, EntryRow]] = (),
) -> Written:
    """Seal receipts to their author and append them with their leaves. ``logged`` are (kind, entry) of
    receipts on single entries; ``leaves`` are further ones, such as the access that a READ goes with."""
    with node.writing:
        lanes = LaneBatch(node, node.now)
        envelope_id = node.rng(16)
        lanes.content(
            wire.content_of(receipts, node.rng),
            EnvelopeClass.RECEIPT,
            audiences.explicit(node.agency, [author]),
            envelope_id,
            charter=node.directory.newest,
            priority=priority,
            expires=node.now + LIFE,
        )
        digest = hashlib.sha256(receipts.SerializeToString(deterministic=True)).digest()
        out = _coverage_leaves(receipts, digest, envelope_id, author, node.now)
        out += [
            entry_receipt_leaf(LeafType.RECEIPT_OUT, kind, row, digest, envelope_id, author, node.now)
            for kind, row in logged
        ]
        failpoints.hit("receipts.before-append")
        lanes.append(leaves=(*leaves, *out), held=held)
        failpoints.hit("receipts.after-append")
        return Written(lanes.metas(), lanes.wrap_metas())


def issue_rejected(node: Node, row: EntryRow, problems: Sequence[tuple[str, str]]) -> Written:
    """A notice is kept and marked, for these (code, field)."""
    told = Receipts(rejected=[wire.rejected(row.manifest_sha256, problems[:_MOST_PROBLEMS])])
    return issue(node, row.author, told, logged=[("rejected", row)])


def issue_read(node: Node, row: EntryRow, receipt: ReadReceipt, access: LeafRow) -> Written:
    """An officer has read it, and signed so; the access is logged in the same transaction."""
    return issue(node, row.author, Receipts(read=[receipt]), (access,), logged=[("read", row)])


def entry_receipt_leaf(
    kind: LeafType, name: str, row: EntryRow, digest: bytes, envelope_id: bytes, peer: str, now: int
) -> LeafRow:
    """The leaf of a receipt about one entry."""
    where = (row.lane, row.incarnation, row.seq, row.seq)
    return receipt_leaf(kind, name, where, digest, envelope_id, peer, now)


def _portions(owed: Sequence[Owed]) -> Iterator[list[Owed]]:
    """As much as one receipt may hold: an author's many streams, full of holes, are more than fit."""
    portion: list[Owed] = []
    ranges = 0
    for one in owed:
        if portion and (len(portion) >= _MOST_STREAMS or ranges + len(one[2]) > _MOST_RANGES):
            yield portion
            portion, ranges = [], 0
        portion.append(one)
        ranges += len(one[2])
    if portion:
        yield portion


def _issue_to(
    node: Node,
    author: str,
    owed: Sequence[Owed],
    priority: EnvelopePriority.Code,
) -> Written:
    receipts = Receipts()
    held: list[LaneRange] = []
    for view, row, todo in owed:
        item = wire.coverage(row.lane, row.incarnation, todo, _manifest_at(node, row, todo[-1].stop - 1))
        reads = node.agency in readers_of(view, node.roster())
        (receipts.stored if reads else receipts.relayed).append(item)
        held += [LaneRange("", row.lane, row.incarnation, *span) for span in todo]
    return issue(node, author, receipts, priority=priority, held=tuple(held))


def _coverage_leaves(
    receipts: Receipts, digest: bytes, envelope_id: bytes, author: str, now: int
) -> list[LeafRow]:
    items: list[tuple[str, StoredCoverage]] = [("stored", item) for item in receipts.stored]
    items += [("relayed", item) for item in receipts.relayed]
    kind = LeafType.RECEIPT_OUT
    return [coverage_leaf(kind, name, item, digest, envelope_id, author, now) for name, item in items]


def _foreign(node: Node, lane: bytes) -> LaneView | None:
    """The lane, if it is another agency's and we may hold it."""
    info = node.ledger.lanes.info(lane)
    if info is None or info.author == node.agency:
        return None
    view = view_of_lane(info)
    return view if may_hold(node.agency, view, node.roster()) else None


def _is_own(node: Node, lane: bytes) -> bool:
    info = node.ledger.lanes.info(lane)
    return info is not None and info.author == node.agency


def _todo(node: Node, row: LaneRow) -> tuple[Range, ...]:
    """What is held of a stream and not yet covered, ascending and disjoint."""
    have = subtract([Range(0, row.next)], row.holes)
    covered = [Range(r.start, r.stop) for r in node.ledger.facts.held("", row.lane, row.incarnation)]
    return subtract(have, covered)


def _has_notice(node: Node, row: LaneRow, spans: Collection[Range]) -> bool:
    for span in spans:
        start = span.start
        while refs := node.ledger.entries.refs(row.lane, row.incarnation, start, span.stop, _PAGE):
            if any(ref.klass == EnvelopeClass.NOTICE for ref in refs):
                return True
            start = refs[-1].seq + 1
    return False


def _manifest_at(node: Node, row: LaneRow, seq: int) -> bytes:
    refs = node.ledger.entries.refs(row.lane, row.incarnation, seq, seq + 1, 1)
    return refs[0].manifest_sha256

# SPDX-License-Identifier: Apache-2.0
"""What log and lanes hold about a notice: leaves that name it, its receipts, and what leads to their heads.

Promise: a receipt is taken only with its envelope, opened, and only when it is about the notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanal.envelope import ciphers
from fanal.envelope.receipts import decode as decode_receipts
from fanal.node.lanes.rows import content_of
from fanal.node.ledger.rows import EntryRow
from fanal.proof.evidence.layout import ReceiptItem
from fanal.proof.evidence.told import MAX_LINKS
from fanal.proof.leaf import Leaf, LeafType, decode
from fanal.v1.envelope_pb2 import Manifest, Receipts, StoredCoverage

if TYPE_CHECKING:
    from fanal.node.node import Node

_PAGE = 2000
_RECEIPTS = (LeafType.RECEIPT_OUT, LeafType.RECEIPT_IN)


@dataclass
class Gathered:
    """What the log and the lanes hold about the notice; ``notice`` is the index of its own leaf."""

    notice: int = 0
    leaves: list[tuple[int, bytes]] = field(default_factory=list)
    receipts: dict[bytes, ReceiptItem] = field(default_factory=dict)
    authors: set[str] = field(default_factory=set)
    chain: dict[bytes, bytes] = field(default_factory=dict)


def gather(node: Node, rows: list[EntryRow]) -> Gathered:
    gathered = Gathered(rows[0].leaf or 0)
    for index, data in _leaves_about(node, rows):
        leaf = decode(data)
        if leaf.type in _RECEIPTS and not _take_receipt(node, gathered, leaf, rows):
            continue
        gathered.leaves.append((index, data))
    return gathered


def _leaves_about(node: Node, rows: list[EntryRow]) -> Iterator[tuple[int, bytes]]:
    """The leaves of these entries, of receipts about their places, and of their erasure."""
    marks = [f" manifest={row.manifest_sha256.hex()} ".encode() for row in rows]
    lanes = {f" lane={row.lane.hex()} incarnation={row.incarnation.hex()} ".encode(): row for row in rows}
    start = min(row.leaf or 0 for row in rows)
    while page := node.ledger.log.leaves(start, start + _PAGE):
        for index, data in enumerate(page, start):
            if any(mark in data for mark in marks) or any(
                place in data and b" receipt-" in data for place in lanes
            ):
                yield index, data
        start += len(page)


def _take_receipt(node: Node, gathered: Gathered, leaf: Leaf, rows: list[EntryRow]) -> bool:
    """Whether the receipt is about one of the rows; it is then kept with what leads to its head."""
    first, last, envelope = leaf["first"], leaf["last"], leaf["envelope"]
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert isinstance(envelope, bytes)  # by the forms of the type
    if not any(first <= row.seq <= last and leaf["lane"] == row.lane for row in rows):
        return False
    if envelope in gathered.receipts:
        return True
    author = node.agency if leaf.type is LeafType.RECEIPT_OUT else str(leaf["peer"])
    row = node.ledger.entries.get(envelope_id=envelope, author=author)
    item = _receipt(node, row) if row is not None else None
    if row is None or item is None or not _names(gathered, node, decode_receipts(item.receipts), rows):
        return False
    gathered.receipts[envelope] = item
    gathered.authors.add(row.author)
    return True


def _receipt(node: Node, row: EntryRow) -> ReceiptItem | None:
    """The opened receipts; None once the key of their lane is destroyed."""
    stored = node.vault.lane_key(key_manifest_sha256=row.key_envelope)
    if stored is None or not row.body:
        return None
    header = Manifest.FromString(row.manifest).header
    content = content_of(row, ciphers.unwrap(stored.key, header, row.own_wrap))
    return ReceiptItem(row.manifest, row.signature, content.receipts, content.content_salt)


def _names(gathered: Gathered, node: Node, told: Receipts, rows: list[EntryRow]) -> bool:
    hashes = {row.manifest_sha256 for row in rows}
    singles = [one.manifest_sha256 for one in told.rejected] + [one.manifest_sha256 for one in told.held]
    singles += [one.manifest_sha256 for one in told.recalls]
    found = any(one in hashes for one in singles)
    found |= any(digest in read.body for read in told.read for digest in hashes)
    for item in (*told.stored, *told.relayed):
        for row in rows:
            if _covers(item, row):
                _link(node, gathered, item, row)
                found = True
    return found


def _covers(item: StoredCoverage, row: EntryRow) -> bool:
    place = item.lane == row.lane and item.incarnation == row.incarnation
    return place and any(span.start <= row.seq < span.stop for span in item.ranges)


def _link(node: Node, gathered: Gathered, item: StoredCoverage, row: EntryRow) -> None:
    """The manifests after the row's up to the head of the receipt, if they are few enough."""
    last = item.ranges[-1].stop - 1
    if last - row.seq >= MAX_LINKS:
        return
    for one in node.ledger.entries.range(row.lane, row.incarnation, row.seq + 1, last + 1, MAX_LINKS):
        gathered.chain[one.manifest_sha256] = one.manifest

# SPDX-License-Identifier: Apache-2.0
"""HELD(NO_KEY), and its end: when the key has come the reader covers the entry once more, alone.

Promise: of HELD and such a STORED the one counts that stands later in the reader's lane, in whatever order
they arrive; a run goes on from the one that its first entry names. What HELD was told of stands in the ledger
of both sides, in the transaction of the receipt. Source: protocol.md, Receipts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from fanal.envelope import receipts as wire
from fanal.errors import FanalError
from fanal.node.errors import STORE_FAULTS
from fanal.node.gossip.ranges import Ranges
from fanal.node.lanes.leaves import receipt_key
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import EntryRef, EntryRow, LaneRange
from fanal.node.receipts import issuing
from fanal.proof.leaf import LeafType
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority, Receipts

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.receipts.keyless")

MOST = 1000
"""So many looks at later receipts one receipt may cost; who is further behind counts as overtaken."""
_PAGE = 100


def waits(teller: str, row: EntryRow) -> LaneRange:
    """The teller has said HELD(NO_KEY) of this entry."""
    return LaneRange(f"held {teller}", row.lane, row.incarnation, row.seq, row.seq + 1)


def waiting(node: Node, teller: str, lane: bytes, incarnation: bytes, *spans: tuple[int, int]) -> list[int]:
    """Of which numbers in these spans of a stream the teller ever said so, ascending."""
    told = Ranges(
        (one.start, one.stop) for one in node.ledger.facts.held(f"held {teller}", lane, incarnation)
    )
    return [seq for span in spans for run in told.within(*span) for seq in range(*run)] if told else []


def issue_held(node: Node, row: EntryRow) -> Written:
    """An entry whose lane key has not come: its author announces it again."""
    told = Receipts(held=[wire.held(row.manifest_sha256)])
    held = (waits(node.agency, row),)
    try:
        return issuing.issue(node, row.author, told, held=held, logged=[("held", row)])
    except FanalError as error:
        log.error("%s is not told of a missing key: %s", row.author, error)
        return Written(failure=error)


def issue_opened(node: Node, row: EntryRow) -> Written:
    """The entry can be opened: its author hears so if it was told HELD. Raises FanalError when the store
    fails, and it is tried again; what else fails is logged and keeps nobody from reading."""
    if not waiting(node, node.agency, row.lane, row.incarnation, (row.seq, row.seq + 1)):
        return Written()
    item = wire.coverage(row.lane, row.incarnation, [(row.seq, row.seq + 1)], row.manifest_sha256)
    try:
        return issuing.issue(node, row.author, Receipts(stored=[item]), priority=_priority(row))
    except FanalError as error:
        if error.kind in STORE_FAULTS:
            raise
        log.error("%s is not told that its key has come: %s", row.author, error)
        return Written()


def _priority(row: EntryRow) -> EnvelopePriority.Code:
    flash = row.priority == EnvelopePriority.FLASH
    return EnvelopePriority.FLASH if flash else EnvelopePriority.ROUTINE


class Later:
    """What stands behind a receipt in its teller's lane, as far as it has come and was taken: what the vault
    has not looked at yet tells for itself when its turn comes."""

    def __init__(self, node: Node, row: EntryRow) -> None:
        self._node, self._row, self._looks = node, row, MOST
        self._found: list[bytes] | None = None

    def says(self, name: str, lane: bytes, incarnation: bytes, seq: int) -> bool:
        """Whether a later receipt says this of just this entry of ours; True too when that cost too much."""
        for envelope in self._envelopes():
            self._looks -= 1
            where = (lane, incarnation, seq, seq)
            key = receipt_key(LeafType.RECEIPT_IN, name, self._row.author, envelope, where)
            if self._looks < 0 or self._node.ledger.log.leaf_index(key) is not None:
                return True
        return False

    def _envelopes(self) -> list[bytes]:
        if self._found is None:
            opened = self._node.vault.cursor()
            refs = islice(self._behind(self._row.incarnation, self._row.seq + 1), MOST + 1)
            receipts = (ref for ref in refs if ref.klass == EnvelopeClass.RECEIPT)
            self._found = [ref.envelope_id for ref in receipts if ref.arrival <= opened]
        return self._found

    def _behind(self, incarnation: bytes, start: int) -> Iterator[EntryRef]:
        """Entries from a place on, then those of the runs that go on from this one."""
        lane, ahead, seen = self._row.lane, [(incarnation, start)], {incarnation}
        while ahead and len(seen) <= MOST:
            stream, at = ahead.pop()
            row = self._node.ledger.lanes.row(lane, stream)
            stop = row.next if row is not None else 0
            while refs := self._node.ledger.entries.refs(lane, stream, at, stop, _PAGE):
                yield from refs
                at = refs[-1].seq + 1
            after = {one.incarnation for one in self._node.ledger.lanes.successors(lane, stream)} - seen
            seen |= after
            ahead += [(one, 0) for one in sorted(after)]

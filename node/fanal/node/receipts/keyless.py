# SPDX-License-Identifier: Apache-2.0
"""HELD(NO_KEY), and its end: when the key has come the reader covers the entry once more, alone.

Promise: of HELD and such a STORED the one counts that stands later in the reader's lane, in whatever order
they arrive; a run goes on from the one that its first entry names. What HELD was told of stands in the ledger
of both sides, in the transaction of the receipt; a HELD that a restore has lost is taken in again when peers
give it back. Every notice that waits is named. Source: protocol.md, Receipts.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from fanal.envelope import receipts as wire
from fanal.errors import FanalError
from fanal.node.errors import STORE_FAULTS
from fanal.node.gossip.ranges import Ranges
from fanal.node.lanes.audience import NO_KEY
from fanal.node.lanes.leaves import receipt_key
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import Batch, EntryRef, EntryRow, LaneRange
from fanal.node.receipts import issuing
from fanal.proof.leaf import LeafType
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority, Receipts

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.receipts.keyless")

PATIENCE = 30.0
"""Seconds for which an entry waits for its lane key before its author is told."""
TOGETHER = 16
"""So many entries in one receipt of this kind: its taker looks for a later word about each."""
_MOST_TOLD = 256
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


def late(node: Node, told: Container[bytes]) -> list[EntryRow]:
    """What has waited for its lane key too long, without what was ``told`` (manifest hashes): every notice;
    of a key for which no notice waits, one entry, for what becomes of notices is what its author is shown."""
    notices: list[EntryRow] = []
    others: dict[bytes, EntryRow] = {}
    named, after = set[bytes](), 0
    while len(notices) + len(others) < _MOST_TOLD and (found := node.vault.pending(_PAGE, after=after)):
        after = found[-1].arrival
        for one in found:
            if one.reason != NO_KEY or one.since + PATIENCE > node.now:
                continue
            if one.manifest_sha256 in told:
                named.add(one.key_envelope)
                continue
            row = node.ledger.entries.get(manifest_sha256=one.manifest_sha256)
            if row is not None and row.klass == EnvelopeClass.NOTICE:
                notices.append(row)
                named.add(one.key_envelope)
            elif row is not None:
                others.setdefault(one.key_envelope, row)
    return notices + [row for name, row in others.items() if name not in named]


def together(rows: Iterable[EntryRow]) -> Iterator[list[EntryRow]]:
    """As many as one receipt names, of one author each."""
    by_author: dict[str, list[EntryRow]] = {}
    for row in rows:
        by_author.setdefault(row.author, []).append(row)
    for found in by_author.values():
        yield from (found[at : at + TOGETHER] for at in range(0, len(found), TOGETHER))


def issue_held(node: Node, rows: Sequence[EntryRow]) -> Written:
    """Entries of one author whose lane key has not come: it is announced again."""
    told = Receipts(held=[wire.held(row.manifest_sha256) for row in rows])
    held = tuple(waits(node.agency, row) for row in rows)
    logged = [("held", row) for row in rows]
    try:
        return issuing.issue(node, rows[0].author, told, held=held, logged=logged)
    except FanalError as error:
        log.error("%s is not told of a missing key: %s", rows[0].author, error)
        return Written(failure=error)


def issue_opened(node: Node, rows: Iterable[EntryRow]) -> Written:
    """The key of these has come: who was told HELD of them hears so."""
    told = (one for one in rows if waiting(node, node.agency, one.lane, one.incarnation, _just(one)))
    return _issue_over(node, told)


def given_back(node: Node, row: EntryRow, told: Receipts) -> tuple[Written, bytes]:
    """A receipt of ours that a restore had lost: what it says HELD of is known again, and is over at once if
    it was read meanwhile. Also the manifest of an entry that is not back yet; the rest is done again then."""
    lost, over = b"", list[EntryRow]()
    for one in told.held if row.source else ():
        entry = node.ledger.entries.get(manifest_sha256=one.manifest_sha256)
        if entry is None:
            lost = lost or one.manifest_sha256
        elif one.reason == NO_KEY and not waiting(
            node, node.agency, entry.lane, entry.incarnation, _just(entry)
        ):
            filed = node.vault.notices.get(node.now, envelope_id=entry.envelope_id, author=entry.author)
            if filed is not None:
                over.append(entry)
            else:
                node.ledger.append(Batch(held=(waits(node.agency, entry),)))
    return _issue_over(node, over), lost


def _issue_over(node: Node, rows: Iterable[EntryRow]) -> Written:
    """Raises FanalError when the store fails, and it is tried again; what else fails is logged and keeps
    nobody from reading."""
    written = Written()
    for some in together(rows):
        items = [wire.coverage(row.lane, row.incarnation, [_just(row)], row.manifest_sha256) for row in some]
        held, urgent = tuple(waits(node.agency, row) for row in some), min(map(_priority, some))
        try:
            written += issuing.issue(node, some[0].author, Receipts(stored=items), priority=urgent, held=held)
        except FanalError as error:
            if error.kind in STORE_FAULTS:
                raise
            log.error("%s is not told that its key has come: %s", some[0].author, error)
    return written


def _just(row: EntryRow) -> tuple[int, int]:
    return row.seq, row.seq + 1


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

# SPDX-License-Identifier: Apache-2.0
"""What a failing store kept a node from doing is done again when the store is well.

Promise: a full or failing disk costs time and nothing else. What peers said they hold or will not take, and
documents that they sent, are kept here until they are written down; gossip is told of entries whose commit it
never heard of; everything else that is owed is computed from the ledger anew, as after a restart. Waits
double up to ``MOST`` seconds while nothing of what is owed can be done: a store that fails now and then is
tried again soon each time. Touched by the loop's thread only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fanal.envelope.verify import decode_manifest_only
from fanal.errors import FanalError
from fanal.node.errors import DISK_FULL, NOT_WRITABLE, STORE_FAILED
from fanal.node.gossip.actions import TakeDocuments
from fanal.node.gossip.events import EntryMeta, Place, Span
from fanal.node.gossip.ranges import Ranges
from fanal.node.lanes.rows import meta_of
from fanal.node.ledger.rows import Batch, LaneRow
from fanal.node.receipts import facts
from fanal.node.store.errors import PASSING

if TYPE_CHECKING:
    from fanal.node.node import Node

FIRST, MOST = 1.0, 10.0
MOST_DOCUMENTS = 4 * 1024 * 1024
"""Bytes of documents that wait for the store; the next link brings what is beyond."""
MOST_TOLD = 1000
"""Entries that gossip is told of in one mending; more are rarely left, and the next start tells all."""
_PASSING = (DISK_FULL, NOT_WRITABLE, STORE_FAILED, *PASSING)
"""Refusals of a store that may be well again without anybody's doing in this program."""


class Untold(NamedTuple):
    """Facts that were not written down: peer -> spans of our lanes that it holds; what it will not take."""

    held: dict[str, list[Span]]
    refused: dict[tuple[str, Place], str]
    documents: Sequence[TakeDocuments] = ()


class Mended(NamedTuple):
    """What the ledger holds of every stream of which gossip may not know all, for comparing."""

    held: tuple[tuple[bytes, bytes, Ranges], ...]


class Mender:
    """When to try again, and with what."""

    def __init__(self) -> None:
        self._held: dict[str, dict[tuple[bytes, bytes], Ranges]] = {}
        self._refused: dict[tuple[str, Place], str] = {}
        self._documents: list[TakeDocuments] = []
        self._due: float | None = None
        self._wait = 0.0

    def failed(self, result: object, now: float) -> bool:
        """Whether this result of a job is a refusal of the store; then another try is due after a while."""
        if not (isinstance(result, FanalError) and result.kind in _PASSING):
            return False
        if self._due is None:
            self._wait = min(max(2 * self._wait, FIRST), MOST)
            self._due = now + self._wait
        return True

    def well(self) -> None:
        """Something of what was owed has been done: the next failure is mended soon."""
        self._wait = 0.0

    def keep_held(self, peer: str, spans: Iterable[Span]) -> None:
        """The peer holds these, and the ledger does not know it yet."""
        for span in spans:
            runs = self._held.setdefault(peer, {}).setdefault((span.lane, span.incarnation), Ranges())
            runs.add(span.start, span.stop)

    def keep_refused(self, peer: str, place: Place, reason: str) -> None:
        """The peer will not take this, and the ledger does not know it yet."""
        self._refused[peer, place] = reason

    def keep_documents(self, sent: TakeDocuments) -> None:
        """A peer sent these, and takes them for delivered."""
        theirs = (sent.charters, sent.identities)
        known = any((one.charters, one.identities) == theirs for one in self._documents)
        if not known and sum(map(_size, (*self._documents, sent))) <= MOST_DOCUMENTS:
            self._documents.append(sent)

    def next_due(self) -> float | None:
        return self._due

    def take(self, now: float) -> Untold | None:
        """What is untold, if another try is due; it is the caller's from now on."""
        if self._due is None or self._due > now:
            return None
        self._due = None
        held = {
            peer: [Span(*stream, *run) for stream, runs in streams.items() for run in runs]
            for peer, streams in self._held.items()
        }
        untold = Untold(held, self._refused, self._documents)
        self._held, self._refused, self._documents = {}, {}, []
        return untold

    def put_back(self, untold: Untold) -> None:
        """It failed again."""
        for peer, spans in untold.held.items():
            self.keep_held(peer, spans)
        self._refused = {**untold.refused, **self._refused}
        later, self._documents = self._documents, list(untold.documents)
        for one in later:
            self.keep_documents(one)


def write_down(node: Node, untold: Untold, doubtful: Iterable[tuple[bytes, bytes]] = ()) -> Mended:
    """The facts into the ledger; what was written before is no work. ``doubtful``: streams to compare beside
    those that are open, which may have been closed meanwhile. Raises FanalError.

    All of it is one commit, for a disk may let through no two in a row; empty or not, it proves that the
    store stores, before anything is read out of it. What was read for it became durable with it."""
    found = [facts.of_held(node, peer, spans) for peer, spans in untold.held.items()]
    found += [facts.of_refused(node, *where, reason) for where, reason in untold.refused.items()]
    node.ledger.append(
        Batch(
            held=tuple(one for batch in found for one in batch.held),
            deliveries=tuple(one for batch in found for one in batch.deliveries),
        )
    )
    rows = {(row.lane, row.incarnation): row for row in node.ledger.lanes.clock()}
    closed = (node.ledger.lanes.row(*one) for one in doubtful if one not in rows)
    rows.update({(row.lane, row.incarnation): row for row in closed if row is not None})
    return Mended(tuple((row.lane, row.incarnation, _held(row)) for row in rows.values()))


def _size(sent: TakeDocuments) -> int:
    return sum(one.ByteSize() for one in (*sent.charters, *sent.identities))


def metas(node: Node, spans: Iterable[Span]) -> tuple[EntryMeta, ...]:
    """What gossip needs to know of these entries."""
    found: list[EntryMeta] = []
    for span in spans:
        for row in node.ledger.entries.range(*span, MOST_TOLD):
            received = decode_manifest_only(row.manifest, row.signature)
            found.append(meta_of(received, row))
    return tuple(found[:MOST_TOLD])


def _held(row: LaneRow) -> Ranges:
    held = Ranges([(row.floor, row.next)])
    for hole in row.holes:
        held.remove(*hole)
    return held

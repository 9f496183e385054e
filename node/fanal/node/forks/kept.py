# SPDX-License-Identifier: Apache-2.0
"""Fork proofs of this node: verified, kept durably with one incident leaf each, and what follows from them.

Promise: nothing is kept or told on that does not verify here; one place gives one proof however often it
comes; at most ``MOST`` are kept of an agency, which is disgraced enough by then. One that an operator has
settled gives its room to a new one: its incident leaf stays, and it never comes back as new. A proof against
our own lane makes our lanes go on in a new incarnation, so that the disputed one gets no further number.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from fanal.errors import FanalError
from fanal.keys.documents import decode_document
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.node.errors import STORE_FAULTS
from fanal.node.forks import settled
from fanal.node.lanes.leaves import incident_leaf
from fanal.node.lanes.rows import header_of, successor_of
from fanal.node.ledger.rows import Batch, DocumentRow, EntryRow, Fork
from fanal.node.witness import standing
from fanal.proof import forks
from fanal.proof.forks import Proven
from fanal.v1.peer_pb2 import DocumentFork, EntryFork, ForkProof, RootFork

if TYPE_CHECKING:
    from fanal.node.node import Node

MOST = 16
"""Proofs kept of one agency."""
MAX_PROOF = 512 * 1024
"""Bytes of a proof that travels; two larger charters are told of here only."""
_INDEX = "forks.index"
_PROOF = "forks.proof:"
_LOOKED = "forks.looked-at"
_PAGE = 64
_SIBLINGS = 4
"""So many who go on from one incarnation are looked at: two prove it."""


@dataclass(frozen=True)
class Known:
    """One line of the index: what ``Proven`` says, in JSON's terms, and when it became known."""

    key: str
    kind: str
    agency: str
    where: str
    number: int
    incarnation: str
    at: int


def known(node: Node) -> list[Known]:
    """Every fork proven here, oldest first."""
    return [Known(**one) for one in json.loads(node.ledger.facts.meta(_INDEX) or b"[]")]


def finding_key(key: str) -> str:
    """What settles the finding that a proof is."""
    return settled.key_of("fork", key)


def proof(node: Node, key: str) -> ForkProof | None:
    """The proof under a key of the index."""
    data = node.ledger.facts.meta(_PROOF + key)
    return ForkProof.FromString(data) if data else None


def keep(node: Node, found: ForkProof, *, logged: bool = False) -> Known | None:
    """Verify a proof and keep it; None when its place is known, or enough is known of its agency.

    ``logged``: the finder has written the incident already. Raises VerificationError for what proves
    nothing, UnknownCharter and UnknownIdentity while it cannot be judged.
    """
    proven = forks.verify(found, node.directory)
    with node.writing:
        held = known(node)
        key = proven.key.hex()
        done = settled.known(node)
        if finding_key(key) in done or any(one.key == key for one in held):
            return None
        room = _room(held, proven.agency, done)
        if room is None:
            return None
        data = found.SerializeToString(deterministic=True)
        line = Known(
            key, proven.kind, proven.agency, proven.where, proven.number, proven.incarnation.hex(), node.now
        )
        held = [one for one in held if one.key not in room]
        index = json.dumps([asdict(one) for one in (*held, line)]).encode()
        leaf = incident_leaf(_word(proven), node.now, proven.agency or None, hashlib.sha256(data).digest())
        gone = tuple((_PROOF + one, None) for one in room)
        meta = ((_INDEX, index), (_PROOF + key, data), *gone)
        renewal = standing.renewal(node, "fork") if _ours(node, proven) else None
        leaves = () if logged else (leaf,)
        node.ledger.append(Batch(leaves=leaves, meta=meta, incarnation=renewal))
        if renewal is not None:
            node.standing.begun = True
    return line


def take(node: Node, found: ForkProof, source: str) -> Known | None:
    """A proof that a peer sent. Raises as ``keep``; documents in it are taken as well."""
    line = keep(node, found)
    if line is not None and found.WhichOneof("proof") == "document":
        node.take_documents([found.document.a, found.document.b], (), source)
    return line


def of_entries(node: Node, found: Iterable[Fork]) -> list[Known]:
    """Forks that the ledger holds, as proofs; those that are new."""
    return _kept(node, (entry_proof(fork.kept, fork.offered) for fork in found))


def of_ledger(node: Node) -> list[Known]:
    """Forks that the ledger holds and no start has looked at, as proofs; those that are new. Each is proven
    when it comes: this is for what a crash left. The next start looks again at what cannot be judged yet."""
    lines, done = list[Known](), int(node.ledger.facts.meta(_LOOKED) or 0)
    waiting: list[ForkProof] = []
    while found := node.ledger.entries.forks(done, _PAGE):
        lines += _kept(node, (entry_proof(fork.kept, fork.offered) for fork in found), waiting=waiting)
        done += len(found)
        if not waiting:
            node.ledger.append(Batch(meta=((_LOOKED, b"%d" % done),)))
    return lines


def of_successors(node: Node, rows: Iterable[EntryRow]) -> list[Known]:
    """Entries that show an author going on twice from one incarnation, each with what contradicts it."""
    streams: dict[tuple[bytes, bytes], list[EntryRow]] = {}
    for row in rows:
        streams.setdefault((row.lane, row.incarnation), []).append(row)
    pairs: list[tuple[EntryRow, EntryRow]] = []
    for found in streams.values():
        with contextlib.suppress(DecodeError):  # the disk has changed it since; that is found elsewhere
            pairs += _contradictions(node, found)
    return _kept(node, (entry_proof(*pair) for pair in pairs))


def of_root(node: Node, found: RootFork) -> list[Known]:
    """Two checkpoints that we as a witness found; the incident is written already."""
    return _kept(node, [ForkProof(root=found)], logged=True)


def of_documents(node: Node, after: int) -> tuple[list[Known], int]:
    """Documents of one number that are both stored, one of them beyond the place ``after``; and up to which
    place that was. The incident is written already."""
    documents, pairs = node.ledger.facts.documents, []
    new = documents(after=after)
    for kind, agency in {(row.kind, row.agency): None for row in new}:
        first: dict[int, DocumentRow] = {}
        for row in documents(kind, agency):
            one = first.setdefault(row.serial, row)
            if one.sha256 != row.sha256:
                a, b = decode_document(one.document), decode_document(row.document)
                pairs.append(ForkProof(document=DocumentFork(a=a, b=b)))
    return _kept(node, pairs, logged=True), new[-1].number if new else after


def entry_proof(a: EntryRow, b: EntryRow) -> ForkProof:
    """Two entries of one lane as a proof, in an order of its own."""
    one, other = sorted((a, b), key=lambda row: row.manifest_sha256)
    return ForkProof(
        entry=EntryFork(
            manifest_a=one.manifest,
            signature_a=one.signature,
            manifest_b=other.manifest,
            signature_b=other.signature,
        )
    )


def _kept(
    node: Node, found: Iterable[ForkProof], *, logged: bool = False, waiting: list[ForkProof] | None = None
) -> list[Known]:
    """What verifies and is new; the rest is no proof, or cannot be judged yet and is put into ``waiting``.
    Raises only what the store refuses."""
    lines = []
    for one in found:
        try:
            line = keep(node, one, logged=logged)
        except FanalError as error:
            if error.kind in STORE_FAULTS:
                raise
            if waiting is not None and isinstance(error, (UnknownCharter, UnknownIdentity)):
                waiting.append(one)
            continue
        if line is not None:
            lines.append(line)
    return lines


def _contradictions(node: Node, rows: Sequence[EntryRow]) -> Iterator[tuple[EntryRow, EntryRow]]:
    """Of the new entries of one stream: a first one against the end of the incarnation that it closes and its
    siblings, and all against those who closed theirs. A lookup or two for a stream, however long its lane."""
    lanes, entries, lane = node.ledger.lanes, node.ledger.entries, rows[0].lane
    first = next((row for row in rows if row.seq == 0), None)
    mine = successor_of(header_of(first)) if first is not None else None
    if first is not None and mine is not None:
        for one in lanes.successors(lane, mine.predecessor)[:_SIBLINGS]:
            other = entries.at(lane, one.incarnation, 0)
            if other is not None and one.incarnation != mine.incarnation:
                yield first, other
        start = max(0, mine.stop - 1)
        end = lanes.row(lane, mine.predecessor)
        for row in entries.range(lane, mine.predecessor, start, end.next, 2) if end else ():
            yield first, row
    for one in lanes.successors(lane, rows[0].incarnation)[:_SIBLINGS]:
        closing = entries.at(lane, one.incarnation, 0)
        beyond = max(rows, key=lambda row: row.seq)
        if closing is not None and beyond.seq >= one.stop - 1:
            yield closing, beyond


def _room(held: Iterable[Known], agency: str, done: Container[str]) -> list[str] | None:
    """The settled proof that goes when an agency has its fill, as a list; None when none is settled."""
    keys = [one.key for one in held if one.agency == agency]
    if len(keys) < MOST:
        return []
    return next(([key] for key in keys if finding_key(key) in done), None)


def _ours(node: Node, proven: Proven) -> bool:
    """Whether our next entry would go on in the incarnation that is disputed."""
    mine = proven.kind == forks.ENTRY and proven.agency == node.agency
    return mine and proven.incarnation == node.ledger.head().incarnation


def _word(proven: Proven) -> str:
    return "fork" if proven.kind == forks.ENTRY else f"{proven.kind}-fork"

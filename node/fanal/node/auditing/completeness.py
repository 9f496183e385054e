# SPDX-License-Identifier: Apache-2.0
"""``fanal audit completeness``: which numbers of a lane are here, which are place and signature only, which
are missing, and whether each manifest names the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fanal.envelope.verify import decode_manifest_only
from fanal.errors import FanalError, VerificationError
from fanal.node.auditing.leaves import bytes_of, facts, words
from fanal.node.ledger.audit_errors import AMBIGUOUS, LANE_NOT_IN_LEDGER
from fanal.node.ledger.readonly import LedgerView
from fanal.node.ledger.rows import EntryRow
from fanal.proof.leaf import LeafType
from fanal.v1.envelope_pb2 import EnvelopeClass

PRESENT = "present"
MANIFEST_ONLY = "manifest-only"
MISSING = "missing"


@dataclass(frozen=True)
class Stretch:
    """Numbers ``first`` to ``last`` in one state; ``why`` says what erased the body, "" if nothing says."""

    first: int
    last: int
    state: str
    why: str = ""


@dataclass(frozen=True)
class Stream:
    """One incarnation of a lane within the span that was asked for. ``broken``: numbers that do not follow
    the manifest before them. ``successors``: the incarnations that go on from this one, each with the end
    that it gave; two are a restored backup or a copied data folder, and so is a number beyond an end."""

    lane: bytes
    author: str
    incarnation: bytes
    closed: bool
    stretches: tuple[Stretch, ...]
    broken: tuple[int, ...]
    successors: tuple[tuple[bytes, int], ...] = ()
    following: int = 0

    @property
    def went_on_twice(self) -> bool:
        ends = [stop for _incarnation, stop in self.successors]
        return len(ends) > 1 or any(self.following > stop for stop in ends)

    def count(self, state: str) -> int:
        return sum(one.last - one.first + 1 for one in self.stretches if one.state == state)


def completeness(view: LedgerView, lane: str, first: int = 0, last: int | None = None) -> list[Stream]:
    """Every incarnation of the lane whose id begins with these hex digits; "" for all lanes.

    ``last`` None: up to the highest number held. Raises LANE_NOT_IN_LEDGER and AMBIGUOUS.
    """
    authors = {info.lane: info.author for info in view.audiences()}
    chosen = [one for one in authors if one.hex().startswith(lane.lower())]
    if not chosen and lane:
        raise FanalError(LANE_NOT_IN_LEDGER, what=lane[:80])
    if lane and len(chosen) > 1:
        raise FanalError(AMBIGUOUS, what=lane, choices=", ".join(one.hex() for one in chosen[:5]))
    heads = [(row.lane, row.incarnation, row.next, row.closed) for row, _places in view.lanes()]
    reasons, closing = _erased(view), _successors(view)
    found = []
    for lane_id, incarnation, following, closed in heads:
        if lane_id in chosen:
            stop = following if last is None else last + 1
            rows = view.stream(lane_id, incarnation, max(first - 1, 0), stop)
            stretches, broken = _walk(view, rows, first, stop, reasons)
            after = tuple(closing.get((lane_id, incarnation), ()))
            place = (lane_id, authors[lane_id], incarnation)
            found.append(Stream(*place, closed, stretches, broken, after, following))
    return found


def _successors(view: LedgerView) -> dict[tuple[bytes, bytes], list[tuple[bytes, int]]]:
    """Who goes on from each incarnation of a lane, and below which number that one says it ended."""
    found: dict[tuple[bytes, bytes], list[tuple[bytes, int]]] = {}
    for row in view.firsts():
        try:
            header = decode_manifest_only(row.manifest, row.signature).header
        except VerificationError:
            continue  # `fanal audit verify` names it
        if header.HasField("predecessor"):
            before = header.predecessor
            found.setdefault((row.lane, before.incarnation), []).append((row.incarnation, before.next))
    return found


def _walk(
    view: LedgerView, rows: Iterator[EntryRow], first: int, stop: int, reasons: dict[bytes, str]
) -> tuple[tuple[Stretch, ...], tuple[int, ...]]:
    stretches: list[Stretch] = []
    broken: list[int] = []
    following, head = first, b""
    for row in rows:
        if row.seq < first:
            head = row.manifest_sha256
            continue
        if row.seq > following:
            _add(stretches, Stretch(following, row.seq - 1, MISSING))
            head = b""
        if head and row.previous != head:
            broken.append(row.seq)
        # A KEY envelope is manifest and signature only from the start.
        held = view.has_body(row) or row.klass == EnvelopeClass.KEY
        state = PRESENT if held else MANIFEST_ONLY
        why = "" if held else reasons.get(row.manifest_sha256, "")
        _add(stretches, Stretch(row.seq, row.seq, state, why))
        following, head = row.seq + 1, row.manifest_sha256
    if following < stop:
        _add(stretches, Stretch(following, stop - 1, MISSING))
    return tuple(stretches), tuple(broken)


def _add(stretches: list[Stretch], one: Stretch) -> None:
    """Append, or lengthen the last stretch of the same state."""
    before = stretches[-1] if stretches else None
    if before is not None and (before.state, before.why, before.last + 1) == (one.state, one.why, one.first):
        stretches[-1] = Stretch(before.first, one.last, one.state, one.why)
    else:
        stretches.append(one)


def _erased(view: LedgerView) -> dict[bytes, str]:
    """Manifest -> legal basis and state of its erasure, by the leaves."""
    return {
        bytes_of(leaf, "manifest"): " ".join(str(words(leaf)[key]) for key in ("basis", "state"))
        for _index, leaf in facts(view)
        if leaf.type is LeafType.ERASURE
    }

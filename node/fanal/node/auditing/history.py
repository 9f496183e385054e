# SPDX-License-Identifier: Apache-2.0
"""``fanal audit timeline``: every leaf about one envelope in the order of the log, and what covers it.

An envelope is named by its id or by its manifest's hash. A notice id or a ref is inside the sealed content:
only the agency can tell which envelope it is (``fanal notice show --json`` prints both).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from fanal.errors import FanalError
from fanal.node.auditing.leaves import bytes_of, facts, number_of, value_of, words
from fanal.node.ledger.audit_errors import AMBIGUOUS, NOT_IN_LEDGER
from fanal.node.ledger.audit_trust import trust_of
from fanal.node.ledger.readonly import LedgerView
from fanal.node.ledger.rows import EntryRow
from fanal.node.witness.names import witnesses
from fanal.proof.leaf import Leaf, LeafType
from fanal.proof.quorum import count
from fanal.v1.envelope_pb2 import EnvelopeClass

_HEX = re.compile(r"[0-9a-fA-F]{8,64}", re.ASCII)


@dataclass(frozen=True)
class Event:
    """One leaf: its place, type, time (Unix seconds) and words; ``checkpoint`` is the first size over it
    (0: none yet), ``cosigned`` who else vouches for that checkpoint."""

    index: int
    type: str
    time: int
    words: dict[str, str | int]
    checkpoint: int
    cosigned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """One envelope and what the ledger says about it. ``deliveries`` is empty for an export."""

    entry: EntryRow
    klass: str
    held: bool
    events: tuple[Event, ...]
    deliveries: dict[str, tuple[str, int]] = field(default_factory=dict)


def find(view: LedgerView, text: str) -> EntryRow:
    """The entry that an id, a manifest hash or the beginning of either names. NOT_IN_LEDGER, AMBIGUOUS."""
    found = view.find(text) if _HEX.fullmatch(text) else []
    if len(found) > 1:
        choices = ", ".join(manifest.hex() for _envelope, manifest in found)
        raise FanalError(AMBIGUOUS, what=text, choices=choices)
    row = view.entry(manifest_sha256=found[0][1]) if found else None
    if row is None:
        raise FanalError(NOT_IN_LEDGER, what=text[:80])
    return row


def timeline(view: LedgerView, text: str) -> Timeline:
    """Everything about one envelope. Raises NOT_IN_LEDGER, AMBIGUOUS."""
    row = find(view, text)
    cover = Coverage(view)
    events = tuple(
        Event(index, leaf.type.value, number_of(leaf, "time"), words(leaf), *cover.of(index))
        for index, leaf in facts(view)
        if is_about(leaf, row)
    )
    deliveries = {one.recipient: (one.state.value, one.since) for one in view.deliveries(row.envelope_id)}
    return Timeline(
        row,
        _class_name(row.klass),
        view.has_body(row),
        events,
        deliveries,
    )


def _class_name(klass: int) -> str:
    """Its token; the number itself for a class that this version does not know."""
    known = {code.number: code.name for code in EnvelopeClass.Code.DESCRIPTOR.values}
    return known.get(klass, str(klass))


def is_about(leaf: Leaf, row: EntryRow) -> bool:
    """Whether a leaf tells of this envelope: by its id, its manifest, or a receipt over its place."""
    if leaf.type in (LeafType.RECEIPT_OUT, LeafType.RECEIPT_IN):
        place = (bytes_of(leaf, "lane"), bytes_of(leaf, "incarnation")) == (row.lane, row.incarnation)
        covers = place and number_of(leaf, "first") <= row.seq <= number_of(leaf, "last")
        return covers or bytes_of(leaf, "envelope") == row.envelope_id
    named = (bytes_of(leaf, "envelope"), bytes_of(leaf, "manifest"), bytes_of(leaf, "evidence"))
    others = value_of(leaf, "author") not in (None, row.author)  # an id belongs to its author
    return (named[0] == row.envelope_id and not others) or row.manifest_sha256 in named[1:]


class Coverage:
    """The first checkpoint over a leaf, and the agencies that verifiably cosigned it."""

    def __init__(self, view: LedgerView) -> None:
        self._notes = {row.size: row.note for row in view.checkpoints()}
        self._sizes = sorted(self._notes)
        self._trusted = trust_of(view, "", None)
        self._known: dict[int, tuple[str, ...]] = {}

    def of(self, index: int) -> tuple[int, tuple[str, ...]]:
        """Size (0 when no checkpoint covers the leaf yet) and agencies, ascending."""
        at = bisect_right(self._sizes, index)
        if at == len(self._sizes):
            return 0, ()
        size = self._sizes[at]
        if size not in self._known:
            self._known[size] = self._cosigned(self._notes[size])
        return size, self._known[size]

    def _cosigned(self, note: bytes) -> tuple[str, ...]:
        directory = self._trusted.directory
        if directory is None:
            return ()
        try:
            found = count(note, self._trusted.agency, witnesses(directory), 0)
        except FanalError:
            return ()
        return tuple(sorted(found.cosigned))

# SPDX-License-Identifier: Apache-2.0
"""``fanal audit stats``: how much of what a ledger holds, counted in one pass over leaves and checkpoints.

Promise: memory is bounded whatever the ledger says: of each count at most ``MOST`` different keys are told
apart, what comes beyond them is counted under ``OTHERS``. Nothing is verified here: that is ``audit verify``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fanal.errors import FanalError
from fanal.keys.trust import Directory
from fanal.node.auditing.leaves import facts, number_of, value_of
from fanal.node.ledger.audit_trust import Trusted
from fanal.node.ledger.readonly import LedgerView
from fanal.node.ledger.rows import Checkpoint
from fanal.node.witness.names import witnesses
from fanal.proof.leaf import Leaf, LeafType
from fanal.proof.quorum import count, needed

MOST = 4096
OTHERS = "others"

_COUNTED = {
    LeafType.ACCESS: ("acts", "act"),
    LeafType.REFUSAL: ("refusals", "code"),
    LeafType.INCIDENT: ("incidents", "what"),
    LeafType.ERASURE: ("erasures", "state"),
}
"""Leaf type -> the count it also goes to, and the key of the leaf that tells the kinds apart."""


class Kinds(Counter[str]):
    """Counts by kind; of too many kinds the later ones together."""

    def note(self, kind: str) -> None:
        self[kind if kind in self or len(self) < MOST else OTHERS] += 1


@dataclass
class Gap:
    """The longest stretch between two checkpoints, or before the first or after the last: how many leaves,
    and seconds by the times of leaves, each with the size at its beginning."""

    leaves: int = 0
    leaves_from: int = 0
    seconds: int = 0
    seconds_from: int = 0


@dataclass
class Stats:
    """``checkpoints``: how many are stored; ``quorate``: how many of them reach the charter's quorum
    (``needed`` agencies), None without a charter. ``first``, ``last``: times of leaves, 0 without any."""

    leaves: int = 0
    unreadable: int = 0
    first: int = 0
    last: int = 0
    types: Kinds = field(default_factory=Kinds)
    months: Kinds = field(default_factory=Kinds)
    peers: Kinds = field(default_factory=Kinds)
    acts: Kinds = field(default_factory=Kinds)
    refusals: Kinds = field(default_factory=Kinds)
    incidents: Kinds = field(default_factory=Kinds)
    erasures: Kinds = field(default_factory=Kinds)
    checkpoints: int = 0
    quorate: int | None = None
    needed: int | None = None
    gap: Gap = field(default_factory=Gap)


def stats(view: LedgerView, trusted: Trusted) -> Stats:
    """The figures of one state of a ledger."""
    found = Stats(leaves=view.size())
    pace = _Pace(view.checkpoints(), found)
    readable = 0
    for index, leaf in facts(view):
        readable += 1
        _count(found, leaf)
        pace.leaf(index, number_of(leaf, "time"))
    pace.end()
    found.unreadable = found.leaves - readable
    if trusted.directory is not None:
        _quorums(view, trusted.agency, trusted.directory, found)
    return found


def _count(found: Stats, leaf: Leaf) -> None:
    time, peer = number_of(leaf, "time"), value_of(leaf, "peer")
    found.first = min(found.first or time, time)
    found.last = max(found.last, time)
    found.types.note(leaf.type.value)
    found.months.note(datetime.fromtimestamp(time, UTC).strftime("%Y-%m"))
    if peer is not None:
        found.peers.note(str(peer))
    if leaf.type in _COUNTED:
        name, key = _COUNTED[leaf.type]
        getattr(found, name).note(str(value_of(leaf, key)))


class _Pace:
    """How far checkpoints lie apart, while the leaves go by."""

    def __init__(self, points: Iterator[Checkpoint], found: Stats) -> None:
        self._points, self._found = points, found
        self._start, self._since, self._now = 0, 0, 0
        self._next: Checkpoint | None = None
        self._forward()

    def leaf(self, index: int, time: int) -> None:
        while self._next is not None and index >= self._next.size:
            self._reached(self._next.size)
            self._forward()
        self._now, self._since = time, self._since or time

    def end(self) -> None:
        while self._next is not None:
            self._reached(min(self._next.size, self._found.leaves))
            self._forward()
        self._reached(self._found.leaves)

    def _forward(self) -> None:
        self._next = next(self._points, None)
        self._found.checkpoints += self._next is not None

    def _reached(self, size: int) -> None:
        gap = self._found.gap
        if size - self._start > gap.leaves:
            gap.leaves, gap.leaves_from = size - self._start, self._start
        if self._since and self._now - self._since > gap.seconds:
            gap.seconds, gap.seconds_from = self._now - self._since, self._start
        self._start, self._since = size, self._now


def _quorums(view: LedgerView, agency: str, directory: Directory, found: Stats) -> None:
    charter, known = directory.newest, witnesses(directory)
    found.needed, found.quorate = needed(len(charter.members), charter.quorum), 0
    for row in view.checkpoints():
        try:
            found.quorate += count(row.note, agency, known, found.needed).passed
        except FanalError:
            continue

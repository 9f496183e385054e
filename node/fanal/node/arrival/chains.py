# SPDX-License-Identifier: Apache-2.0
"""The chain of a lane: every manifest names the one before it, checked when the neighbours have met.

Order is for completeness, never for delivery: a notice is stored and opened whatever its neighbours say. Two
signed manifests that do not fit are an incident of their author, told once (protocol.md, Lanes).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fanal.node.lanes.leaves import incident_leaf
from fanal.node.ledger.rows import EntryRow, LeafRow

if TYPE_CHECKING:
    from fanal.node.node import Node

Stream = tuple[bytes, bytes]


def broken(node: Node, rows: Sequence[EntryRow]) -> list[EntryRow]:
    """Look at the links to both sides of stored entries: the later entry of each broken one."""
    streams: dict[Stream, list[int]] = {}
    for row in rows:
        streams.setdefault((row.lane, row.incarnation), []).append(row.seq)
    return [later for stream, numbers in streams.items() for later in _broken(node, stream, numbers)]


def incident(node: Node, row: EntryRow) -> LeafRow:
    """That the link before this entry is broken; however often it is written, it stands in the log once."""
    return incident_leaf("chain-broken", node.now, row.author, row.manifest_sha256)


def _broken(node: Node, stream: Stream, numbers: Sequence[int]) -> Iterator[EntryRow]:
    for first, last in _near(numbers):
        before: EntryRow | None = None
        for row in node.ledger.entries.range(*stream, first, last, last - first):
            if before is not None and row.seq == before.seq + 1 and row.previous != before.manifest_sha256:
                yield row
            before = row


def _near(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """The numbers with their neighbours, as spans: two that lie far apart never cost what is between them."""
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        start = max(0, number - 1)
        if spans and start <= spans[-1][1]:
            start = spans.pop()[0]
        spans.append((start, number + 2))
    return spans

# SPDX-License-Identifier: Apache-2.0
"""Sets of sequence numbers as sorted, disjoint, half-open ranges. Pure; cost grows with ranges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fanal.node.ledger.rows import LaneRow, Range


def union(ranges: Iterable[tuple[int, int]]) -> tuple[Range, ...]:
    """The normal form: sorted, empty ones dropped, overlapping and touching ones joined."""
    joined: list[Range] = []
    for start, stop in sorted(ranges):
        if start >= stop:
            continue
        if joined and start <= joined[-1].stop:
            joined[-1] = Range(joined[-1].start, max(stop, joined[-1].stop))
        else:
            joined.append(Range(start, stop))
    return tuple(joined)


def subtract(ranges: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]) -> tuple[Range, ...]:
    """What of ``ranges`` is not in ``taken``."""
    left: list[Range] = []
    cuts, at = union(taken), 0
    for start, stop in union(ranges):
        while at < len(cuts) and cuts[at].start < stop:
            cut = cuts[at]
            if start < cut.start:
                left.append(Range(start, cut.start))
            start = max(start, cut.stop)
            if cut.stop > stop:
                break  # it reaches into the next range
            at += 1
        if start < stop:
            left.append(Range(start, stop))
    return tuple(left)


def contains(ranges: Sequence[tuple[int, int]], number: int) -> bool:
    """Whether a number is in one of the ranges."""
    return any(start <= number < stop for start, stop in ranges)


def held(row: LaneRow) -> tuple[Range, ...]:
    """The sequence numbers of a lane that are stored here."""
    return subtract([(row.floor, row.next)], row.holes)

# SPDX-License-Identifier: Apache-2.0
"""Sets of sequence numbers as sorted, disjoint, half-open runs.

Memory follows the number of runs, never of numbers: a lane of a million entries without holes is one run.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator


class Ranges:
    """A set of non-negative integers. `cap` bounds the runs: what would make one more is not taken."""

    __slots__ = ("_cap", "_starts", "_stops")

    def __init__(self, runs: Iterable[tuple[int, int]] = (), cap: int = 1 << 20) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._cap = cap
        for start, stop in runs:
            self.add(start, stop)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(zip(self._starts, self._stops, strict=True)))

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __len__(self) -> int:
        """How many runs, not how many numbers."""
        return len(self._starts)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._starts, number) - 1
        return at >= 0 and number < self._stops[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Ranges({list(self)})"

    @property
    def stop(self) -> int:
        """One past the greatest number, 0 when empty."""
        return self._stops[-1] if self._stops else 0

    def count(self) -> int:
        """How many numbers."""
        return sum(self._stops) - sum(self._starts)

    def add(self, start: int, stop: int) -> bool:
        """Add start <= n < stop; False when the cap on runs left the set as it was."""
        if start >= stop:
            return True
        low = bisect_left(self._stops, start)  # first run that touches or follows
        high = bisect_right(self._starts, stop)  # one past the last run that touches
        if low == high and len(self._starts) >= self._cap:
            return False
        if low < high:
            start = min(start, self._starts[low])
            stop = max(stop, self._stops[high - 1])
        self._starts[low:high] = [start]
        self._stops[low:high] = [stop]
        return True

    def remove(self, start: int, stop: int) -> None:
        """Take start <= n < stop out."""
        if start >= stop:
            return
        low = bisect_right(self._stops, start)
        high = bisect_left(self._starts, stop)
        if low >= high:
            return
        runs = [(self._starts[low], start), (stop, self._stops[high - 1])]
        left = [(a, b) for a, b in runs if a < b]
        self._starts[low:high] = [a for a, _ in left]
        self._stops[low:high] = [b for _, b in left]

    def clear(self) -> None:
        self._starts.clear()
        self._stops.clear()

    def within(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The runs of this set inside start <= n < stop."""
        at = bisect_right(self._stops, start)
        while at < len(self._starts) and self._starts[at] < stop:
            yield max(start, self._starts[at]), min(stop, self._stops[at])
            at += 1

    def gaps(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The runs of start <= n < stop that are not in this set."""
        for run_start, run_stop in self.within(start, stop):
            if start < run_start:
                yield start, run_start
            start = run_stop
        if start < stop:
            yield start, stop

    def minus(self, other: Ranges) -> Iterator[tuple[int, int]]:
        """The runs of this set without those of the other."""
        for start, stop in zip(self._starts, self._stops, strict=True):
            yield from other.gaps(start, stop)

    def first(self, count: int) -> Ranges:
        """The lowest numbers, at most `count`."""
        taken = Ranges()
        for start, stop in zip(self._starts, self._stops, strict=True):
            if count <= 0:
                break
            taken.add(start, min(stop, start + count))
            count -= stop - start
        return taken

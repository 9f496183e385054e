# SPDX-License-Identifier: Apache-2.0
"""When the core wants to be woken: named deadlines, each name at most once."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

Name = tuple[str | bytes, ...]


class Timers:
    """A heap of deadlines; setting a name again replaces its deadline (the old heap item is skipped)."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Name]] = []
        self._due: dict[Name, tuple[float, int]] = {}
        self._count = 0

    def set(self, name: Name, time: float) -> None:
        """Wake for `name` at `time`, instead of any time set before."""
        self._count += 1
        self._due[name] = (time, self._count)
        heapq.heappush(self._heap, (time, self._count, name))
        if len(self._heap) > 64 + 4 * len(self._due):
            self._heap = [(due, count, kept) for kept, (due, count) in self._due.items()]
            heapq.heapify(self._heap)

    def set_earlier(self, name: Name, time: float) -> None:
        """As `set`, but never later than what is set already."""
        known = self._due.get(name)
        if known is None or time < known[0]:
            self.set(name, time)

    def clear(self, name: Name) -> None:
        self._due.pop(name, None)

    def pop_due(self, now: float) -> Iterator[Name]:
        """Names whose time has come, earliest first; what is set meanwhile waits for the next call."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            time, count, name = heapq.heappop(self._heap)
            if self._due.get(name) == (time, count):
                due.append(name)
                del self._due[name]
        yield from due

    def next(self) -> float | None:
        """The earliest deadline."""
        while self._heap:
            time, count, name = self._heap[0]
            if self._due.get(name) == (time, count):
                return time
            heapq.heappop(self._heap)
        return None

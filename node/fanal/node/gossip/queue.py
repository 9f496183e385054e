# SPDX-License-Identifier: Apache-2.0
"""What one peer is still to be sent: spans by priority, streams of one priority taking turns.

Entries are named, never held, so a queue for a peer that does not read costs runs of numbers and no bytes.
"""

from __future__ import annotations

from collections import OrderedDict

from fanal.node.gossip.actions import Priority
from fanal.node.gossip.events import Span
from fanal.node.gossip.ranges import Ranges

StreamKey = tuple[bytes, bytes]  # lane, incarnation


class SendQueue:
    """Per priority an ordered map of streams to runs; a stream goes to the end after its turn."""

    def __init__(self, spans_per_stream: int) -> None:
        self._cap = spans_per_stream
        self._runs: dict[Priority, OrderedDict[StreamKey, Ranges]] = {
            priority: OrderedDict() for priority in (Priority.FLASH, Priority.ROUTINE, Priority.BULK)
        }
        self.waiting = dict.fromkeys(self._runs, 0)

    def add(self, priority: Priority, key: StreamKey, start: int, stop: int) -> None:
        """Queue a span at this priority, taking it out of the lower ones; an earlier, higher place stays."""
        for higher in (p for p in self._runs if p < priority):
            held = self._runs[higher].get(key)
            if held is not None and any(held.within(start, stop)):
                for gap_start, gap_stop in list(held.gaps(start, stop)):
                    self.add(priority, key, gap_start, gap_stop)
                return
        for lower in (p for p in self._runs if p > priority):
            self._discard(lower, key, start, stop)
        runs = self._runs[priority].setdefault(key, Ranges(cap=self._cap))
        before = runs.count()
        runs.add(start, stop)
        self.waiting[priority] += runs.count() - before

    def discard(self, key: StreamKey, start: int, stop: int) -> None:
        """The peer has it: not to be sent at any priority."""
        for priority, count in self.waiting.items():
            if count:
                self._discard(priority, key, start, stop)

    def discard_stream(self, key: StreamKey) -> None:
        for priority, streams in self._runs.items():
            gone = streams.pop(key, None)
            if gone is not None:
                self.waiting[priority] -= gone.count()

    def take_lane(self, priority: Priority, lane: bytes) -> list[Span]:
        """Remove and return everything of a lane."""
        taken: list[Span] = []
        for key in [key for key in self._runs[priority] if key[0] == lane]:
            runs = self._runs[priority].pop(key)
            self.waiting[priority] -= runs.count()
            taken.extend(Span(*key, *run) for run in runs)
        return taken

    def take(self, priority: Priority, limit: int) -> list[Span]:
        """Remove and return up to `limit` entries, one stream after the other."""
        taken: list[Span] = []
        streams = self._runs[priority]
        while limit > 0 and streams:
            key, runs = streams.popitem(last=False)
            chosen = runs.first(limit)
            for start, stop in chosen:
                taken.append(Span(*key, start, stop))
                runs.remove(start, stop)
            limit -= chosen.count()
            self.waiting[priority] -= chosen.count()
            if runs:
                streams[key] = runs
        return taken

    def streams(self) -> set[StreamKey]:
        return {key for streams in self._runs.values() for key in streams}

    def clear(self) -> None:
        for streams in self._runs.values():
            streams.clear()
        self.waiting = dict.fromkeys(self.waiting, 0)

    def _discard(self, priority: Priority, key: StreamKey, start: int, stop: int) -> None:
        runs = self._runs[priority].get(key)
        if runs is None:
            return
        before = runs.count()
        runs.remove(start, stop)
        self.waiting[priority] += runs.count() - before
        if not runs:
            del self._runs[priority][key]

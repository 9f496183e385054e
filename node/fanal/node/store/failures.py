# SPDX-License-Identifier: Apache-2.0
"""What the stores of this node refused lately, for `status` and `doctor`: a disk is replaced before it dies.

In memory: after a restart it is told from the next failure on. How long ago something was goes by ``ticks``:
a clock that is set back keeps no line standing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from fanal.errors import FanalError
from fanal.node.store.errors import HELD_UP

RECENT = 86_400
"""Seconds for which people are told of it."""
PRESENT = 60
"""Seconds for which what only holds a store up is told: it is not about the disk, and leaves no trace."""


@dataclass(frozen=True)
class Failures:
    """The newest refusal, when (Unix seconds, and by ``ticks``), and how many there were without a day's
    pause between two."""

    newest: FanalError
    last: int
    ticks: float
    count: int


class StoreFailures:
    """Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: Failures | None = None
        self._held_up: tuple[FanalError, float] | None = None

    def note(self, refusal: FanalError, now: int, ticks: float) -> None:
        """A store has refused this. ``now``: Unix seconds."""
        with self._lock:
            if refusal.kind in HELD_UP:
                self._held_up = refusal, ticks
                return
            before = self._recent(ticks)
            self._known = Failures(refusal, now, ticks, before.count + 1 if before else 1)

    def held_up(self, ticks: float) -> FanalError | None:
        """What keeps a store from being written just now, with nothing wrong with the disk."""
        with self._lock:
            refusal, last = self._held_up or (None, 0.0)
        return refusal if ticks - last < PRESENT else None

    def recent(self, ticks: float) -> Failures | None:
        """What people are told of; None when all went well for a day."""
        with self._lock:
            return self._recent(ticks)

    def _recent(self, ticks: float) -> Failures | None:
        known = self._known
        return known if known is not None and ticks - known.ticks < RECENT else None

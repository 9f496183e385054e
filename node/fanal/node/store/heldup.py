# SPDX-License-Identifier: Apache-2.0
"""How long this node's own store has held it up: time that counts against nobody else.

Promise: while a job of the store hangs, and from the store's refusal until it has stored something again, no
peer is blamed for what it does not bring or confirm. The time for which the whole process stood still is left
out of ``Node.ticks`` (``service.clockwatch``), and so of every wait. Touched by the loop's thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fanal.node.transport import Runner

HANGS = 2.0
"""Seconds after which a job of the store is not merely slow."""


class HeldUp:
    """Adds up seconds by ``ticks``. Set ``refused`` while the store is known to take nothing."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._seen, self._lost = ticks(), 0.0
        self._jobs: dict[int, float] = {}
        self._number = 0
        self._refused_since: float | None = None

    @property
    def refused_since(self) -> float | None:
        """By ``ticks``; None while the store is not known to refuse."""
        return self._refused_since

    @property
    def refused(self) -> bool:
        return self._refused_since is not None

    @refused.setter
    def refused(self, value: bool) -> None:
        self.seconds()
        if value != self.refused:
            self._refused_since = self._ticks() if value else None

    def seconds(self) -> float:
        """How many until now."""
        now = self._ticks()
        gap, self._seen = max(0.0, now - self._seen), max(now, self._seen)
        if self.refused:
            self._lost += gap
        elif self._jobs:
            hangs_since = next(iter(self._jobs.values())) + HANGS
            self._lost += min(gap, max(0.0, now - hangs_since))
        return self._lost

    def watched(self, run: Runner) -> Runner:
        """The same runner; what it runs is known to be under way."""

        def watching(job: Callable[[], Any], done: Callable[[Any], None]) -> None:
            self.seconds()
            self._number += 1
            number = self._number
            self._jobs[number] = self._ticks()

            def ended(result: Any) -> None:
                self.seconds()
                del self._jobs[number]
                done(result)

            run(job, ended)

        return watching

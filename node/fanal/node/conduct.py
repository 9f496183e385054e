# SPDX-License-Identifier: Apache-2.0
"""What peers and authors did that no honest node does: named and counted, for `peer show`, `doctor`, metrics.

Promise: bounded, whatever is done and however often: some kinds of each agency, with number and times. In
memory: it says what happened since the start. It decides nothing; it is what a person decides by.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from fanal.errors import FanalError

KINDS = 16
"""Remembered of one agency; beyond it the one that is longest past gives its place."""
AGENCIES = 1_000
RECENT = 86_400
"""Seconds for which people are told of it."""


@dataclass(frozen=True)
class Deed:
    """One kind of misconduct: the newest error of it, how often, first and last (Unix seconds)."""

    error: FanalError
    count: int
    first: int
    last: int


class Conduct:
    """By agency. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, dict[str, Deed]] = {}

    def note(self, agency: str, error: FanalError, now: float) -> None:
        """The agency did this. ``now``: Unix seconds."""
        at, name = int(now), error.kind.id
        with self._lock:
            if agency not in self._of and len(self._of) >= AGENCIES:
                return
            deeds = self._of.setdefault(agency, {})
            known = deeds.get(name)
            if known is None and len(deeds) >= KINDS:
                del deeds[min(deeds, key=lambda one: deeds[one].last)]
            before = known or Deed(error, 0, at, at)
            deeds[name] = replace(before, error=error, count=before.count + 1, last=at)

    def of(self, agency: str, now: float) -> list[Deed]:
        """What the agency did within the last day, the newest first."""
        with self._lock:
            found = [one for one in self._of.get(agency, {}).values() if one.last > now - RECENT]
        return sorted(found, key=lambda one: (-one.last, one.error.kind.id))

    def counts(self) -> list[tuple[str, str, int]]:
        """Agency, error id, how often since the start; for metrics."""
        with self._lock:
            return [
                (a, name, one.count) for a, deeds in sorted(self._of.items()) for name, one in deeds.items()
            ]

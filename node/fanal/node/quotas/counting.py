# SPDX-License-Identifier: Apache-2.0
"""Counts of one author: this hour, the hour before, and since ever. Plain arithmetic, no clock.

Promise: a count is bounded whatever times an author signs. An envelope is counted in the hour in which its
author says it was created, so whoever keeps to its quota at home is over it nowhere, however late and
however bunched its envelopes arrive; what is claimed for past hours counts against all of them together.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field

HOUR = 3600
MOST = 1 << 53
"""A stored number above this is damage, not a count."""


class Kind(enum.StrEnum):
    """What is counted per hour."""

    FLASH = "flash"
    ROUTINE = "routine"
    ANSWER_FLASH = "answer-flash"
    ANSWER = "answer"
    LANE = "lane"


@dataclass
class Count:
    """``now`` of ``hour``, ``before`` of the hour before it, ``total`` of all hours with these."""

    hour: int = 0
    now: int = 0
    before: int = 0
    total: int = 0

    def turn(self, hour: int) -> None:
        """Another hour has begun. A clock that falls by an hour changes nothing; one that was years ahead and
        is put right begins a new hour, for it would not end for years."""
        if hour > self.hour or 0 < hour < self.hour - 1:
            self.before = self.now if hour == self.hour + 1 else 0
            self.hour, self.now = hour, 0

    def room(self, created: int, per_hour: int, founded: int) -> bool:
        """Whether one more of this creation hour fits; hours before ``founded`` are counted as one."""
        if created >= self.hour:
            return self.now < per_hour
        hours = max(0, self.hour - founded) + 1
        return self.total - self.now < per_hour * hours

    def recent(self, created: int, per_hour: int) -> bool:
        """Whether one more fits that must not be older than the hour before."""
        if created >= self.hour:
            return self.now < per_hour
        return created == self.hour - 1 and self.before < per_hour

    def add(self, created: int, number: int) -> None:
        """Count it, or with -1 take it back."""
        self.total = max(0, self.total + number)
        if created >= self.hour:
            self.now = max(0, self.now + number)
        elif created == self.hour - 1:
            self.before = max(0, self.before + number)


@dataclass
class Usage:
    """One author's counts, and the bytes of its envelopes that are kept here."""

    counts: dict[Kind, Count] = field(default_factory=lambda: {kind: Count() for kind in Kind})
    stored: int = 0

    def encode(self) -> bytes:
        """As a setting of the ledger."""
        rows = {kind.value: [c.hour, c.now, c.before, c.total] for kind, c in self.counts.items()}
        return json.dumps({"stored": self.stored, **rows}, separators=(",", ":")).encode("ascii")

    @classmethod
    def decode(cls, raw: bytes | None) -> Usage:
        """From a setting; what is not one counts as nothing used."""
        usage = cls()
        try:
            found = json.loads(raw or b"{}")
            for kind in Kind:
                usage.counts[kind] = Count(*(_number(n) for n in found.get(kind.value, ())))
            usage.stored = _number(found.get("stored", 0))
        except (ValueError, TypeError, AttributeError):
            return cls()
        return usage


def _number(found: object) -> int:
    if not isinstance(found, int) or not 0 <= found <= MOST:
        raise ValueError(found)
    return found

# SPDX-License-Identifier: Apache-2.0
"""How many bytes of attachments one author may put on this node in a day.

Promise: an attachment counts once, however often it is resumed; over the limit nothing more of that author is
taken until a day has passed, and nobody else is kept waiting.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Protocol

from fanal.envelope.pieces import sealed_length
from fanal.errors import FanalError
from fanal.node.attachments.errors import DAY_FULL, OVER_LIMIT

DAY = 86_400.0


class Budget(Protocol):
    """What taking an attachment asks first."""

    def take(self, author: str, attachment: bytes, length: int, now: float) -> None:
        """Count a ciphertext of ``length`` bytes. Raises OVER_LIMIT and DAY_FULL; then nothing is counted."""

    def give_back(self, author: str, attachment: bytes) -> None:
        """It was not taken after all."""

    def used(self, author: str, now: float) -> int:
        """Bytes of ciphertext taken of the author within a day."""


class DayBudget:
    """Counts in memory, so a restart begins a new day. Limits are those before encryption; 0: none."""

    def __init__(self, one: int, day: int) -> None:
        self._one, self._day = (sealed_length(limit) if limit else 0 for limit in (one, day))
        self._day_plain = day
        self._lock = threading.Lock()
        self._taken: dict[str, deque[tuple[float, bytes, int]]] = {}

    def take(self, author: str, attachment: bytes, length: int, now: float) -> None:
        """See Budget.take."""
        if length > self._one:
            raise FanalError(OVER_LIMIT, found=length, limit=self._one)
        with self._lock:
            taken = self._taken.setdefault(author, deque())
            while taken and taken[0][0] <= now - DAY:
                taken.popleft()
            if any(name == attachment for _, name, _ in taken):
                return
            if sum(size for _, _, size in taken) + length > self._day:
                raise FanalError(DAY_FULL, author=author, limit=self._day_plain)
            taken.append((now, attachment, length))

    def used(self, author: str, now: float) -> int:
        """See Budget.used."""
        with self._lock:
            return sum(size for at, _, size in self._taken.get(author, ()) if at > now - DAY)

    def give_back(self, author: str, attachment: bytes) -> None:
        """See Budget.give_back."""
        with self._lock:
            taken = self._taken.get(author, deque())
            self._taken[author] = deque(one for one in taken if one[1] != attachment)

# SPDX-License-Identifier: Apache-2.0
"""How many bytes of attachments one author may put on this node in a day.

Promise: an attachment counts once, however often it is resumed; over the limit nothing more of that author is
taken until a day has passed, and nobody else is kept waiting. What was taken is a setting of the ledger, of
bounded size, so it outlives a restart.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from fanal.envelope.pieces import sealed_length
from fanal.errors import FanalError
from fanal.node.attachments.errors import DAY_FULL, OVER_LIMIT
from fanal.node.ledger.settings import Setting

DAY = 86_400.0
REMEMBERED = 256
"""Files of one author by name; of more the oldest are one sum."""
_NAME = 8
Taken = tuple[float, bytes, int]
"""When, the beginning of the name, bytes."""


class Budget(Protocol):
    """What taking an attachment asks first."""

    def take(self, author: str, attachment: bytes, length: int, now: float) -> bool:
        """Count a ciphertext of ``length`` bytes; False when it was counted before. Raises OVER_LIMIT and
        DAY_FULL; then nothing is counted."""

    def give_back(self, author: str, attachment: bytes) -> None:
        """It was not taken after all."""

    def used(self, author: str, now: float) -> int:
        """Bytes of ciphertext taken of the author within a day."""

    def rows(self, author: str) -> tuple[tuple[str, Setting], ...]:
        """The settings that keep this author's count, as it is when they are stored."""


class DayBudget:
    """Limits are those before encryption; 0: none. ``load`` reads a setting of the ledger."""

    def __init__(self, one: int, day: int, load: Callable[[str], bytes | None] = lambda _key: None) -> None:
        self._one, self._day = (sealed_length(limit) if limit else 0 for limit in (one, day))
        self._day_plain, self._load = day, load
        self._lock = threading.Lock()
        self._taken: dict[str, deque[Taken]] = {}

    def take(self, author: str, attachment: bytes, length: int, now: float) -> bool:
        """See Budget.take."""
        if length > self._one:
            raise FanalError(OVER_LIMIT, found=length, limit=self._one)
        with self._lock:
            taken = self._of(author)
            while taken and taken[0][0] <= now - DAY:
                taken.popleft()
            if any(name == attachment[:_NAME] for _, name, _ in taken):
                return False
            if sum(size for _, _, size in taken) + length > self._day:
                raise FanalError(DAY_FULL, author=author, limit=self._day_plain)
            taken.append((now, attachment[:_NAME], length))
            if len(taken) > REMEMBERED:
                (_, _, first), (at, _, second) = taken.popleft(), taken.popleft()
                taken.appendleft((at, b"", first + second))
            return True

    def used(self, author: str, now: float) -> int:
        """See Budget.used."""
        with self._lock:
            return sum(size for at, _, size in self._of(author) if at > now - DAY)

    def give_back(self, author: str, attachment: bytes) -> None:
        """See Budget.give_back."""
        with self._lock:
            self._taken[author] = deque(one for one in self._of(author) if one[1] != attachment[:_NAME])

    def rows(self, author: str) -> tuple[tuple[str, Setting], ...]:
        """See Budget.rows."""
        return ((_key(author), partial(self._encoded, author)),)

    def _encoded(self, author: str) -> bytes:
        with self._lock:
            rows = [[int(at), name.hex(), size] for at, name, size in self._of(author)]
        return json.dumps(rows, separators=(",", ":")).encode("ascii")

    def _of(self, author: str) -> deque[Taken]:
        if author not in self._taken:
            self._taken[author] = _decoded(self._load(_key(author)))
        return self._taken[author]


def _key(author: str) -> str:
    return f"files:{author}"


def _decoded(raw: bytes | None) -> deque[Taken]:
    """From a setting; what is not one counts as nothing taken."""
    try:
        rows = [
            (float(int(at)), bytes.fromhex(name), int(size)) for at, name, size in json.loads(raw or b"[]")
        ]
    except (ValueError, TypeError, OverflowError):
        return deque()
    return deque(one for one in rows[-REMEMBERED:] if one[2] >= 0)

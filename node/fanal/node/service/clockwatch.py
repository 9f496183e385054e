# SPDX-License-Identifier: Apache-2.0
"""A wall clock that jumps is noticed, said once, and stops nothing.

Waits go by a clock that only goes forward, so a jump neither wakes everything nor puts it to sleep for years.
What depends on the date, such as certificates, is looked at again at once. What is erased goes by trusted
time alone (``retention.trusted``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

LOOK_SECONDS = 1.0
JUMP_SECONDS = 30.0
"""Less is what a time service mends in passing."""

log = structlog.get_logger(__name__)


class Steady:
    """Seconds since the start on top of the wall clock's time at the start: never goes back, never jumps."""

    def __init__(self, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._offset = wall() - monotonic()

    def __call__(self) -> float:
        return self._offset + self._monotonic()


class ClockWatch:
    """Compares the wall clock with one that only goes forward; `moved` hears of each jump once."""

    def __init__(
        self, wall: Callable[[], float], steady: Callable[[], float], moved: Callable[[], None]
    ) -> None:
        self._wall, self._steady, self._moved = wall, steady, moved
        self._ahead = wall() - steady()

    def look(self) -> float:
        """Seconds of a jump since the last look, 0.0 for none. A slow drift never adds up to one."""
        ahead = self._wall() - self._steady()
        jump, self._ahead = ahead - self._ahead, ahead
        if abs(jump) < JUMP_SECONDS:
            return 0.0
        log.warning("clock_jumped", seconds=round(jump), now=int(self._wall()))
        self._moved()
        return jump

    async def watch(self) -> None:
        """Look once a second; runs until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

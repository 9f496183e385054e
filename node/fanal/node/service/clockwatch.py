# SPDX-License-Identifier: Apache-2.0
"""A wall clock that jumps is noticed, said once, and stops nothing; and so is a process that stood still.

Waits go by a clock that only goes forward, so a jump neither wakes everything nor puts it to sleep for years.
What depends on the date, such as certificates, is looked at again at once. What is erased goes by trusted
time alone (``retention.trusted``). While the process did not run, stopped, suspended or starved, no time
passed for its waits: what it did not read in that time, nobody withheld.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import structlog

LOOK_SECONDS = 0.5
STOOD_STILL_SECONDS = 2.0
"""Between two looks; of a longer pause so much counts."""
LATELY_SECONDS = 60.0
JUMP_SECONDS = 30.0
"""Less is what a time service mends in passing."""

log = structlog.get_logger(__name__)


class Steady:
    """Seconds that this process has run, on top of the wall clock's time at the start: never goes back, never
    jumps. ``pulse`` comes from what runs all the time; before the first one all time counts. Any thread may
    read it; one pulses."""

    def __init__(self, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._run = wall() - monotonic(), math.inf
        self._ran_again = -math.inf

    def __call__(self) -> float:
        offset, until = self._run
        return offset + min(self._monotonic(), until)

    def pulse(self) -> float:
        """The process runs. Seconds for which it stood still before, 0.0 for none."""
        (offset, until), now = self._run, self._monotonic()
        stood = max(0.0, now - until)
        if stood:
            self._ran_again = now
        self._run = offset - stood, now + STOOD_STILL_SECONDS
        return stood

    def stood_lately(self) -> bool:
        """Whether the process stood still within the last minute: what others did meanwhile comes at once."""
        return self._monotonic() - self._ran_again < LATELY_SECONDS

    def unwatched(self) -> None:
        """No more pulses come: all time counts again."""
        self.pulse()
        self._run = self._run[0], math.inf


class ClockWatch:
    """Compares the wall clock with one that only goes forward; `moved` hears of each jump once. Pulses
    `steady`."""

    def __init__(
        self,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        moved: Callable[[], None],
        steady: Steady,
    ) -> None:
        self._wall, self._monotonic, self._moved = wall, monotonic, moved
        self._steady = steady
        self._ahead = wall() - monotonic()

    def look(self) -> float:
        """Seconds of a jump since the last look, 0.0 for none. A slow drift never adds up to one."""
        stood = self._steady.pulse()
        if stood >= JUMP_SECONDS:
            log.warning("stood_still", seconds=round(stood), now=int(self._wall()))
        ahead = self._wall() - self._monotonic()
        jump, self._ahead = ahead - self._ahead, ahead
        if abs(jump) < JUMP_SECONDS:
            return 0.0
        log.warning("clock_jumped", seconds=round(jump), now=int(self._wall()))
        self._moved()
        return jump

    async def watch(self) -> None:
        """Look twice a second; runs until cancelled."""
        try:
            while True:
                self.look()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._steady.unwatched()

# SPDX-License-Identifier: Apache-2.0
"""One after the other: handshakes that share a thin line would all be too late."""

from __future__ import annotations

import asyncio


class Turn:
    """A turn, until its end or until its time is over."""

    def __init__(self, lock: asyncio.Lock | None, seconds: float) -> None:
        self._lock = lock
        self._timer = asyncio.get_running_loop().call_later(seconds, self.end)

    def end(self) -> None:
        """The next one begins. Ending twice does no harm."""
        self._timer.cancel()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


class Turns:
    """Turns in the order in which they were asked for, of so many seconds at most; 0: nobody waits."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._lock = seconds, asyncio.Lock() if seconds else None

    async def take(self) -> Turn:
        """Wait for a turn."""
        if self._lock is not None:
            await self._lock.acquire()
        return Turn(self._lock, self._seconds)

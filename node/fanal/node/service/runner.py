# SPDX-License-Identifier: Apache-2.0
"""Work that touches the disk leaves the loop and comes back to it: the daemon's `host.Runner`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog

WORKERS = 4
"""More than one, so that commits gather in one fsync; few, because each may hold a batch in memory."""

log = structlog.get_logger(__name__)


class ThreadRunner:
    """Call it with a job and what takes its result. Jobs that fail are logged; their result never comes. Nor
    does any after `close`: what is owed then is found anew by the next start."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="node")
        self._under_way = 0
        self.closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    def __call__(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """On the loop's thread: run `job` elsewhere, then `done(result)` here. Nothing after `close`."""
        if self.closed:
            return
        self._under_way += 1
        self._idle.clear()
        future = self._pool.submit(job)
        future.add_done_callback(lambda f: self._loop.call_soon_threadsafe(self._finish, f, done))

    async def drain(self, seconds: float) -> bool:
        """Wait until nothing is under way; False when it took longer."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Take no more work; jobs that still run are waited for, those that have not begun never do."""
        self.closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _finish(self, future: Future[Any], done: Callable[[Any], None]) -> None:
        try:
            if not self.closed:
                done(future.result())
        except Exception:
            log.exception("job_failed")
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

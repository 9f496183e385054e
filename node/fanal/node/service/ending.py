# SPDX-License-Identifier: Apache-2.0
"""The orderly end of a node, shared out in time: each step ends at a part of it, and what one leaves the next
may use.

Promise: all waits of an end together take less than the setting `drain_seconds`, whatever does not end. A
step that takes long, or is given up, is one line of the log. A thread cannot be given up: the process that
waits for one is cut at one and a half times that setting, which is a kill, and survived like one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from fanal.errors import Exit

SLOW = 1.0
"""Seconds after which a step is told."""
_LEAST = 0.1
"""Seconds that any step has, also in an end that is to take none."""
_CUT = 1.5
_SOONEST_CUT = 5.0

log = structlog.get_logger(__name__)


class Ending:
    """Begins when it is made, on the loop. Parts are of the ``seconds`` that the end may take, from its start
    on: a step that ends at 0.6 leaves 0.4 to those after it."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds, self._began = seconds, self._loop.time()

    def left(self, part: float) -> float:
        """Seconds until ``part`` of the time is over."""
        return max(_LEAST, self._began + part * self._seconds - self._loop.time())

    async def step(self, name: str, work: Awaitable[Any], part: float) -> None:
        """Wait for the work until ``part`` of the time is over, then leave it to itself. Never raises: what
        comes after it has to be done all the same."""
        began, task = self._loop.time(), asyncio.ensure_future(work)
        await asyncio.wait({task}, timeout=self.left(part))
        took = self._loop.time() - began
        if took > SLOW or not task.done():
            log.warning("stop_slow", step=name, seconds=round(took, 1), ended=task.done())
        if task.done() and not task.cancelled() and task.exception() is not None:
            log.error("stop_failed", step=name, exc_info=task.exception())


class Cut:
    """Ends the process, once begun, if it is still there so long after."""

    def __init__(self, seconds: float, end: Callable[[int], object] = os._exit) -> None:
        self._end = end
        self._timer = threading.Timer(max(_SOONEST_CUT, _CUT * seconds), self._cut)
        self._timer.daemon = True

    def begin(self) -> None:
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        names = sorted(one.name for one in threading.enumerate() if one is not threading.current_thread())
        log.error("stop_cut", threads=names)
        logging.shutdown()
        self._end(Exit.FAILED)

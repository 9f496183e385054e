# SPDX-License-Identifier: Apache-2.0
"""A process that may open nothing more is told of in plain words: it can be reached by nobody who would ask.

gRPC cannot take the officers' calls then, so the node writes it into its log, and `fanal doctor` sees it from
outside.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource

from fanal.errors import FanalError
from fanal.node.repeated import Repeated
from fanal.node.service.errors import DESCRIPTORS_USED_UP

LOOK_SECONDS = 5.0
SPARE = 2

log = logging.getLogger(__name__)


def used_up() -> FanalError:
    """The refusal, with this process's limit."""
    return FanalError(DESCRIPTORS_USED_UP, limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0])


async def watch() -> None:
    """Look now and then whether anything can be opened, and say once a minute that nothing can; runs until
    cancelled."""
    said, loop = Repeated(log), asyncio.get_running_loop()
    while True:
        if not _spare():
            said.warn(("descriptors",), loop.time(), "%s", used_up())
        await asyncio.sleep(LOOK_SECONDS)


def _spare() -> bool:
    with contextlib.ExitStack() as opened:
        try:
            for _ in range(SPARE):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            return False
    return True

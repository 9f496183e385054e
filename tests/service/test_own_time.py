# SPDX-License-Identifier: Apache-2.0
"""A link judges its peer's silence by the seconds in which this process ran."""

from __future__ import annotations

import asyncio
from typing import Any

from fanal.node.service.errors import PEER_SILENT
from fanal.node.service.link import Link
from fanal.v1.peer_pb2 import HelloMessage

PEER = "GE-CUS"


class Mute:
    """A stream on which nothing comes, and everything goes or nothing does."""

    def __init__(self, takes: bool) -> None:
        self._takes = takes
        self.never = asyncio.Event()

    async def read(self) -> Any:
        await self.never.wait()

    async def write(self, _message: bytes, /) -> None:
        if not self._takes:
            await self.never.wait()


def test_while_this_process_stands_still_no_peer_falls_silent() -> None:
    """The link outlives ten times the limit, and ends by it once time goes on."""

    async def lived() -> tuple[bool, Any]:
        now = [0.0]
        link = Link(PEER, PEER, HelloMessage(), bytes(32), silence=0.02, steady=lambda: now[0])
        running = asyncio.create_task(link.run(Mute(takes=True), lambda frame: None))
        done, _ = await asyncio.wait([running], timeout=0.2)
        now[0] = 0.021
        return not done, await asyncio.wait_for(running, 10)

    stood, reason = asyncio.run(lived())
    assert stood
    assert reason is not None
    assert reason.kind is PEER_SILENT


def test_a_peer_that_takes_nothing_is_silent_though_it_may_speak() -> None:
    """A write that does not end is noticed as soon as a reading that does not."""

    async def ended() -> Any:
        link = Link(PEER, PEER, HelloMessage(), bytes(32), silence=0.05, credits=True)
        return await asyncio.wait_for(link.run(Mute(takes=False), lambda frame: None), 10)

    reason = asyncio.run(ended())
    assert reason.kind is PEER_SILENT

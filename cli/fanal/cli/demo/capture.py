# SPDX-License-Identifier: Apache-2.0
"""What the network sees: every byte between the nodes passes a forwarder here and is kept in memory.

A node listens on one port and is known to the others by another, the forwarder's. So each link is captured
in both directions, whoever dialled, without rights of an administrator and without any tool.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

_Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_CHUNK = 64 * 1024
_MOST = 64 * 1024 * 1024
"""Bytes kept per direction of a node; a demo of a minute has a few megabytes."""


@dataclass
class Traffic:
    """What went to a node's door and what came out of it, in order of arrival at the forwarder."""

    inward: bytearray = field(default_factory=bytearray, repr=False)
    outward: bytearray = field(default_factory=bytearray, repr=False)
    connections: int = 0

    @property
    def size(self) -> int:
        return len(self.inward) + len(self.outward)


class Taps:
    """A forwarder in front of each node, on a thread of its own. ``start`` and ``stop`` once each.

    ``doors``: agency -> (port that the others are told, port where its node listens).
    """

    def __init__(self, doors: Mapping[str, tuple[int, int]]) -> None:
        self._doors = dict(doors)
        self.traffic = {agency: Traffic() for agency in doors}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="taps", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Listen. OSError when a port is taken."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10.0)

    def stop(self) -> None:
        """Close every door and connection."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10.0)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)
        self._loop.close()

    async def _listen(self) -> None:
        for agency, (told, real) in self._doors.items():
            self._servers.append(await asyncio.start_server(self._door(agency, real), "127.0.0.1", told))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _door(self, agency: str, real: int) -> _Accept:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._open.add(task)
            try:
                await self._forward(self.traffic[agency], real, reader, writer)
            except asyncio.CancelledError:
                pass  # the demo ends
            finally:
                self._open.discard(task)
                writer.close()

        return accept

    async def _forward(
        self, traffic: Traffic, real: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", real)
        except OSError:
            return  # the node is down: its caller sees the connection close
        traffic.connections += 1
        try:
            ways = [
                asyncio.ensure_future(_copy(reader, forth, traffic.inward)),
                asyncio.ensure_future(_copy(back, writer, traffic.outward)),
            ]
            try:
                await asyncio.wait(ways)
            finally:
                for way in ways:
                    way.cancel()
        finally:
            forth.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, kept: bytearray) -> None:
    """One direction to its end; the end is passed on."""
    with contextlib.suppress(OSError):
        while data := await source.read(_CHUNK):
            if len(kept) < _MOST:
                kept += data
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
        return
    target.close()

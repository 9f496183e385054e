# SPDX-License-Identifier: Apache-2.0
"""What the network sees: every byte between the nodes passes a forwarder here and is kept in memory.

A node listens on one port and is known to the others by another, the forwarder's. So each link is captured
in both directions, whoever dialled, without rights of an administrator and without any tool.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

_CHUNK = 64 * 1024
_PROBE_SECONDS = 0.05
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

    ``doors``: agency -> (port that the others are told, port where its node listens). A door is open only
    while its node listens, so that others see a node that is down as what it is.
    """

    def __init__(self, doors: Mapping[str, tuple[int, int]]) -> None:
        self.traffic = {agency: Traffic() for agency in doors}
        self._doors = dict(doors)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="taps", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Open each door as soon as its node listens."""
        self._thread.start()
        for agency, (told, real) in self._doors.items():
            asyncio.run_coroutine_threadsafe(self._keep(agency, told, real), self._loop)

    def stop(self) -> None:
        """Close every door and connection."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._cancel(), self._loop).result(10.0)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)
        self._loop.close()

    async def _cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, agency: str, told: int, real: int) -> None:
        """Open and close one door as its node comes and goes."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                while not await _listens(real):  # noqa: ASYNC110  # another process begins to listen
                    await asyncio.sleep(_PROBE_SECONDS)
                gone = asyncio.Event()
                door = _Door(self.traffic[agency], real, gone, self._tasks)
                server = await asyncio.start_server(door.accept, "127.0.0.1", told)
                try:
                    await gone.wait()
                finally:
                    server.close()


@dataclass(frozen=True)
class _Door:
    """One opening of a door; ``gone`` is set when nobody listens behind it any more."""

    traffic: Traffic
    real: int
    gone: asyncio.Event
    tasks: set[asyncio.Task[None]]

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            await self._forward(reader, writer)
            if not await _listens(self.real):
                self.gone.set()
        except OSError:
            self.gone.set()
        except asyncio.CancelledError:
            pass  # the demo ends
        finally:
            self.tasks.discard(task)
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self.real)
        self.traffic.connections += 1
        ways = [
            asyncio.ensure_future(_copy(reader, forth, self.traffic.inward)),
            asyncio.ensure_future(_copy(back, writer, self.traffic.outward)),
        ]
        try:
            await asyncio.wait(ways)
        finally:
            for way in ways:
                way.cancel()
            forth.close()


async def _listens(port: int) -> bool:
    """Whether anybody accepts a connection there."""
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


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

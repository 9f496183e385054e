# SPDX-License-Identifier: Apache-2.0
"""A slow line between two agencies, in user space: one rate, one queue and one delay for each direction.

Every connection that goes through a door shares the line, as on a real one. A token bucket of one segment
sets the rate; what waits for it lies in a queue of bounded bytes; a full queue stops the reading, so that the
sender's socket fills as it would. Loss is what TCP makes of it: its connection stands still for a while. The
line lives on a thread of its own; what it draws, it draws from its seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

SEGMENT = 1448
SOCKET_BYTES = 32 * 1024


@dataclass(frozen=True)
class Terms:
    """Bytes a second, seconds one way, bytes of the queue; chance and seconds of a stall per segment."""

    rate: float
    one_way: float
    queue: int = 64 * 1024
    stall_chance: float = 0.0
    stall_seconds: float = 0.5


class Flow:
    """One connection's data in one direction: segments arrive in order, each at its time."""

    def __init__(self, to: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self.to, self._loop = to, loop
        self._arriving: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._held_until = 0.0
        self.task = loop.create_task(self._deliver())

    def stall(self, until: float) -> None:
        self._held_until = max(self._held_until, until)

    def arrive(self, when: float, data: bytes) -> None:
        self._arriving.put_nowait((max(when, self._held_until), data))

    async def _deliver(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                when, data = await self._arriving.get()
                await asyncio.sleep(when - time.monotonic())
                if not data:
                    self.to.shutdown(socket.SHUT_WR)
                    return
                await self._loop.sock_sendall(self.to, data)


class Direction:
    """The line one way: first in, first out over all connections."""

    def __init__(self, terms: Terms, seed: str) -> None:
        self.terms = terms
        self.carried = 0
        self.open = asyncio.Event()
        self.open.set()
        self._rng = random.Random(seed)
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._queue: asyncio.Queue[tuple[Flow, bytes]] = asyncio.Queue()
        self._queued = 0

    async def take(self, flow: Flow, data: bytes) -> None:
        """Queue a segment, waiting for room in the order of asking."""
        async with self._turn:
            while self._queued + len(data) > self.terms.queue:
                self._room.clear()
                await self._room.wait()
            self._queued += len(data)
            self._queue.put_nowait((flow, data))

    async def run(self) -> None:
        free = time.monotonic()
        while True:
            flow, data = await self._queue.get()
            await self.open.wait()
            free = max(free, time.monotonic()) + (len(data) + 40) / self.terms.rate
            await asyncio.sleep(free - time.monotonic())
            self._queued -= len(data)
            self.carried += len(data)
            self._room.set()
            arrives = free + self.terms.one_way
            if self._rng.random() < self.terms.stall_chance:
                flow.stall(arrives + self.terms.stall_seconds)
            flow.arrive(arrives, data)


@dataclass
class Door:
    """A port at one end; what connects there comes out at `target` (a port) at the other end."""

    port: int
    target: int = 0
    calls: int = 0
    shut: bool = False
    sockets: list[socket.socket] = field(default_factory=list)


class SlowLine:
    """Use as a context. `there` carries from the first agency to the second, `back` the other way."""

    def __init__(self, terms: Terms, seed: int = 1) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tasks: list[asyncio.Task[Any]] = []
        self.there, self.back = self._run(self._begin(terms, seed))

    def __enter__(self) -> SlowLine:
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def door(self, *, at_first: bool) -> Door:
        """A new door at the first agency's end (calls go to the second), or at the second's."""
        return self._run(self._open(at_first))

    def set_terms(self, terms: Terms) -> None:
        """From now on."""
        self._call(lambda: [setattr(one, "terms", terms) for one in (self.there, self.back)])

    def cut(self, *directions: Direction) -> None:
        """Nothing more comes out of these; what is sent waits, as if the line were dead."""
        self._call(lambda: [one.open.clear() for one in directions])

    def heal(self) -> None:
        self._call(lambda: [one.open.set() for one in (self.there, self.back)])

    def hang_up(self, door: Door) -> None:
        """Every connection through the door ends; new ones may come."""
        self._call(lambda: [_close(one) for one in door.sockets])

    # --- on the line's own thread ----------------------------------------------------------------

    async def _begin(self, terms: Terms, seed: int) -> tuple[Direction, Direction]:
        both = Direction(terms, f"{seed} there"), Direction(terms, f"{seed} back")
        self._tasks += [self._loop.create_task(one.run()) for one in both]
        return both

    async def _open(self, at_first: bool) -> Door:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        listener.setblocking(False)
        door = Door(listener.getsockname()[1])
        ways = (self.there, self.back) if at_first else (self.back, self.there)
        self._tasks.append(self._loop.create_task(self._accept(listener, door, *ways)))
        return door

    async def _accept(self, listener: socket.socket, door: Door, out: Direction, home: Direction) -> None:
        with listener:
            while True:
                near, _ = await self._loop.sock_accept(listener)
                door.calls += 1
                if door.shut:
                    near.close()
                    continue
                self._tasks.append(self._loop.create_task(self._connect(near, door, out, home)))

    async def _connect(self, near: socket.socket, door: Door, out: Direction, home: Direction) -> None:
        far = socket.socket()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        far.setblocking(False)
        door.sockets += [near, far]
        try:
            await self._loop.sock_connect(far, ("127.0.0.1", door.target))
            await asyncio.gather(self._carry(near, far, out), self._carry(far, near, home))
        except OSError:
            pass
        finally:
            _close(near)
            _close(far)
            door.sockets = [one for one in door.sockets if one not in (near, far)]

    async def _carry(self, source: socket.socket, to: socket.socket, way: Direction) -> None:
        flow = Flow(to, self._loop)
        try:
            while data := await self._loop.sock_recv(source, SEGMENT):
                await way.take(flow, data)
            await way.take(flow, b"")
            await flow.task
        finally:
            flow.task.cancel()

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _run(self, work: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(10)

    def _call(self, work: Callable[[], Any]) -> None:
        async def called() -> None:
            work()

        self._run(called())


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()

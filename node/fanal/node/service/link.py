# SPDX-License-Identifier: Apache-2.0
"""One open Exchange with one peer, whichever side dialled: a reader, a writer, and a reason for its end.

The reader hands every frame on at once; the writer sends the most urgent frame of the outbox. A link ends
when the peer ends it, when no byte came or went for `silence` seconds in spite of gossip's heartbeats, when
the node closes it, or on a frame that is none. gRPC buffers at most 64 KiB beyond the outbox (see `tls`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import grpc.aio
from google.protobuf.message import DecodeError

from fanal.errors import FanalError
from fanal.node.gossip.actions import Priority
from fanal.node.service.errors import LINK_LOST, NO_FRAME, PEER_SILENT, TOO_SLOW
from fanal.node.service.outbox import Outbox
from fanal.v1.peer_pb2 import Frame, Heartbeat, HelloMessage

END: Any = cast(Any, grpc.aio).EOF
LINGER_SECONDS = 2.0
RACE_SECONDS = 10.0
"""Two links younger than this arose because both sides dialled at once."""


class Stream(Protocol):
    """What a client call and a server context of a bidirectional stream have in common; exact bytes."""

    async def read(self) -> Any: ...

    async def write(self, message: bytes, /) -> None: ...


@dataclass(eq=False)
class Link:
    """A link from its Hello to its end. Counters are envelopes."""

    peer: str
    dialled_by: str
    hello: HelloMessage
    spki_sha256: bytes
    silence: float = 60.0
    since: float = field(default_factory=time.monotonic)
    sent: int = 0
    received: int = 0
    offered: int = 0
    last_byte: float = field(default_factory=time.monotonic)
    outbox: Outbox = field(default_factory=Outbox)
    reason: FanalError | None = None

    def __post_init__(self) -> None:
        self._closing = asyncio.Event()
        self._ended = False
        self._pings: dict[int, asyncio.Future[float | None]] = {}

    def transmit(self, frame: Frame, priority: int) -> None:
        """Queue a frame; a full queue ends the link with TOO_SLOW."""
        self.offered += len(frame.entries.envelopes)
        if not self.outbox.put(frame, priority):
            self.close(FanalError(TOO_SLOW, agency=self.peer))

    def close(self, reason: FanalError | None = None) -> None:
        """End the link now; queued frames are dropped. The first reason stays."""
        self.reason = self.reason or reason
        self._closing.set()

    async def run(self, stream: Stream, handle: Callable[[Frame], None]) -> FanalError | None:
        """Carry frames until the end; returns why it ended (None: on purpose). Never raises but on cancel."""
        tasks = [
            asyncio.create_task(self._read(stream, handle)),
            asyncio.create_task(self._write(stream)),
            asyncio.create_task(self._closing.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self.outbox.finished and _ended_well(tasks[1]):
                self._closing.set()
                await self._linger(stream, tasks[0])
        finally:
            self._ended = True
            for waiting in self._pings.values():
                if not waiting.done():
                    waiting.set_result(None)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        if not self._closing.is_set():
            self.reason = self.reason or next((r for r in results if isinstance(r, FanalError)), None)
            self.reason = self.reason or next((_lost(self.peer, r) for r in results[:2] if r), None)
        return self.reason

    async def ping(self, nonce: int) -> float | None:
        """Seconds until the peer answers a heartbeat; None when the link ends before."""
        if self._ended:
            await asyncio.sleep(0)
            return None
        began = time.perf_counter()
        answered: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        self._pings[nonce] = answered
        try:
            self.transmit(Frame(heartbeat=Heartbeat(nonce=nonce)), Priority.CONTROL)
            at = await answered
            return None if at is None else at - began
        finally:
            del self._pings[nonce]

    async def _linger(self, stream: Any, reader: asyncio.Task[Any]) -> None:
        """All is written: say so, and let the peer read to the end before the stream is let go. (Only the
        dialling side has to: cancelling its read cancels the call with all that is on the way.)"""
        if hasattr(stream, "done_writing"):
            with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                await stream.done_writing()
                await asyncio.wait([reader], timeout=LINGER_SECONDS)

    async def _read(self, stream: Stream, handle: Callable[[Frame], None]) -> None:
        while True:
            try:
                async with asyncio.timeout(self.silence):
                    data = await stream.read()
            except TimeoutError:
                raise FanalError(PEER_SILENT, agency=self.peer, seconds=int(self.silence)) from None
            if data is END:
                raise FanalError(LINK_LOST, agency=self.peer)
            try:
                frame = Frame.FromString(data)
            except DecodeError:
                raise FanalError(NO_FRAME, agency=self.peer) from None
            self.last_byte = time.monotonic()
            self._account(frame)
            handle(frame)

    async def _write(self, stream: Stream) -> None:
        while True:
            frame = await self.outbox.get()
            if frame is None:
                return
            try:
                async with asyncio.timeout(self.silence):
                    await stream.write(frame.SerializeToString())
            except TimeoutError:
                raise FanalError(PEER_SILENT, agency=self.peer, seconds=int(self.silence)) from None

    def _account(self, frame: Frame) -> None:
        kind = frame.WhichOneof("frame")
        if kind == "entries":
            self.received += len(frame.entries.envelopes)
        elif kind == "ack":
            self.sent += len(frame.ack.stored)
        elif kind == "heartbeat" and frame.heartbeat.reply:
            answered = self._pings.get(frame.heartbeat.nonce)
            if answered is not None and not answered.done():
                answered.set_result(time.perf_counter())


def keep_newer(held: Link, newer: Link) -> bool:
    """Which of two links with one peer stays; both sides decide alike.

    A side dials only when it holds no link, so a link that is not brand-new and is dialled again is dead at
    the other end: the newer stays. So it does when one side dialled both. Otherwise both dialled at once, and
    the link dialled by the lower agency id stays.
    """
    if held.dialled_by == newer.dialled_by or newer.since - held.since > RACE_SECONDS:
        return True
    return newer.dialled_by < held.dialled_by


def _ended_well(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _lost(peer: str, error: Any) -> FanalError | None:
    if isinstance(error, grpc.aio.AioRpcError | grpc.aio.UsageError | asyncio.InvalidStateError | OSError):
        return FanalError(LINK_LOST, agency=peer)
    return None

# SPDX-License-Identifier: Apache-2.0
"""One open stream with one peer, whichever side dialled: a reader, a writer, and a reason for its end.

The reader hands every frame on at once; the writer sends the most urgent frame of the outbox, as far as the
peer's credit goes (`credit`). A link ends when the peer ends it, when no byte came or went for `silence`
seconds in spite of heartbeats, when the node closes it, or on a frame that is none. An older peer grants
nothing; to it frames go whole, and HTTP/2 alone bounds what is under way (see `tls`).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import grpc.aio
from google.protobuf.message import DecodeError

from fanal.errors import FanalError
from fanal.node.gossip.actions import Priority
from fanal.node.service.carried import OTHER, Carried, kind_of
from fanal.node.service.credit import Allowance, Grants, RoundTrip
from fanal.node.service.errors import LINK_LOST, NO_FRAME, PEER_SILENT, TOO_SLOW
from fanal.node.service.inflow import Inflow
from fanal.node.service.outbox import Outbox
from fanal.node.service.parts import Joiner
from fanal.node.service.thinline import ThinLine
from fanal.v1.peer_pb2 import Frame, Heartbeat, HelloMessage, Part

END: Any = cast(Any, grpc.aio).EOF
LINGER_SECONDS = 2.0
RACE_SECONDS = 10.0
"""Two links younger than this arose because both sides dialled at once."""


class Stream(Protocol):
    """What a client call and a server context of a bidirectional stream have in common; exact bytes."""

    async def read(self) -> Any: ...

    async def write(self, message: bytes, /) -> None: ...


@dataclass
class Counts:
    """Envelopes: acknowledged by the peer, received from it."""

    sent: int = 0
    received: int = 0


@dataclass(eq=False)
class Link:
    """A link from its Hello to its end. With `credits` both sides grant and keep to Credit."""

    peer: str
    dialled_by: str
    hello: HelloMessage
    spki_sha256: bytes
    silence: float = 60.0
    beat: float = 25.0
    credits: bool = False
    largest: int = 1024 * 1024
    trip: RoundTrip = field(default_factory=RoundTrip)
    inflow: Inflow = field(default_factory=Inflow)
    line: ThinLine | None = None
    """That of this node, if it is thin."""
    counts: Counts = field(default_factory=Counts)
    carried: Carried = field(default_factory=Carried)
    since: float = field(default_factory=time.monotonic)
    steady: Callable[[], float] = time.monotonic
    """Seconds by which the peer's silence is judged: those in which this process ran."""
    last_byte: float = field(default_factory=time.monotonic)
    outbox: Outbox = field(default_factory=Outbox)
    reason: FanalError | None = None
    rest: float = 0.0
    """Seconds that the reader waits before the next frame."""

    def __post_init__(self) -> None:
        self._closing = asyncio.Event()
        self._ended = False
        self._held_since: float | None = None
        """Since when something waits for credit; what may go beyond it, like answers, changes nothing."""
        self._reading_since: float | None = None
        self._writing_since: float | None = None
        self._pings: dict[int, asyncio.Future[float | None]] = {}
        self._joiner = Joiner(self.largest)
        now = time.monotonic()
        self._grants: Grants | None = None
        self._allowance: Allowance | None = None
        if self.credits:
            self._grants, self._allowance = self._meters(now)
        self._kept: collections.deque[tuple[int, bytes, Priority]] = collections.deque()
        self._keeping = False
        self.outbox.on_taken = self._went

    def _meters(self, now: float) -> tuple[Grants, Allowance]:
        theirs, mine = self.hello.thin_line, self.line
        grants = Grants(self.peer, self.trip, now, self.inflow, mine, theirs)
        return grants, Allowance(self.peer, now, theirs or mine is not None)

    def keep_until_taken(self) -> None:
        """Keep frames until the peer says that it has taken them, for `leftover`."""
        self._keeping = True

    def transmit(self, frame: Frame, priority: int) -> None:
        """Queue a frame; a full queue ends the link with TOO_SLOW."""
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
            asyncio.create_task(self._watch()),
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

    def leftover(self) -> list[tuple[bytes, Priority]]:
        """Serialised frames that the peer is not known to have taken, in their order; none when all was
        written out on purpose."""
        return (
            []
            if self.outbox.done
            else [*((data, priority) for _, data, priority in self._kept), *self.outbox.rest()]
        )

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
            self._reading_since = self.steady()
            data = await stream.read()
            self._reading_since = None
            if data is END:
                raise FanalError(LINK_LOST, agency=self.peer)
            self.last_byte = time.monotonic()
            frame = self._taken(data)
            if frame is not None:
                self._account(frame)
                handle(frame)
            if self.rest:
                seconds, self.rest = self.rest, 0.0
                await asyncio.sleep(seconds)

    def _taken(self, data: bytes) -> Frame | None:
        """The frame that a message is or completes; None for a piece or a Credit. NO_FRAME, BAD_CREDIT."""
        frame = self._parsed(data)
        kind = frame.WhichOneof("frame")
        if kind != "part":
            self.carried.received[kind or OTHER] += len(data)
        if self._grants is None or self._allowance is None:
            return frame
        if kind == "credit":
            before = self._allowance.room(urgent=False)
            self._allowance.heard(frame.credit, self.last_byte)
            if self._allowance.room(urgent=False) > before:
                self._held_since = None
            self._grants.heard(frame.credit, self.last_byte)
            while self._kept and self._kept[0][0] <= self._allowance.received:
                self._kept.popleft()
            self.outbox.changed.set()
            return None
        self._grants.took(len(data), self.last_byte)
        if self._grants.due(self.last_byte):
            self.outbox.changed.set()
        return self._joined(frame.part) if kind == "part" else frame

    def _joined(self, part: Part) -> Frame | None:
        try:
            whole = self._joiner.add(part)
        except ValueError:
            raise FanalError(NO_FRAME, agency=self.peer) from None
        frame = self._parsed(whole) if whole is not None else None
        if frame is not None and frame.WhichOneof("frame") in ("part", "credit"):
            raise FanalError(NO_FRAME, agency=self.peer)
        if whole is not None and frame is not None:
            self.carried.received[frame.WhichOneof("frame") or OTHER] += len(whole)
        return frame

    def _parsed(self, data: bytes) -> Frame:
        try:
            return Frame.FromString(data)
        except DecodeError:
            raise FanalError(NO_FRAME, agency=self.peer) from None

    async def _write(self, stream: Stream) -> None:
        while (message := await self._next()) is not None:
            self._writing_since = self.steady()
            await stream.write(message)
            self._writing_since = None

    async def _watch(self) -> None:
        """PEER_SILENT once the peer has sent, taken or granted nothing for `silence` seconds."""
        while True:
            now = self.steady()
            began = (self._reading_since, self._writing_since, self._held_since)
            left = self.silence - (now - min((one for one in began if one is not None), default=now))
            if left <= 0.0:
                raise FanalError(PEER_SILENT, agency=self.peer, seconds=int(self.silence))
            await asyncio.sleep(left)

    async def _next(self) -> bytes | None:
        """The next message to write, waiting for one; None when a finished outbox is empty."""
        beating = False
        while True:
            self.outbox.changed.clear()
            message = self._credit(beating) or self.outbox.take(self._allowance)
            if message is not None or self.outbox.done:
                return message
            held_up = len(self.outbox) > 0
            if held_up and self._grants is not None and self._allowance is not None:
                self._grants.hold(time.monotonic(), self._allowance.window)
                if self._grants.due(time.monotonic()):
                    continue
            self._held_since = (self._held_since or self.steady()) if held_up else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(self.beat, self.silence)):
                    await self.outbox.changed.wait()
            beating = not self.outbox.changed.is_set()

    def _credit(self, beating: bool) -> bytes | None:
        now = time.monotonic()
        if self._grants is None or not (beating or self._grants.due(now)):
            return None
        data = Frame(credit=self._grants.credit(now)).SerializeToString()
        self.carried.sent["credit"] += len(data)
        return data

    def _went(self, data: bytes, priority: Priority) -> None:
        self.carried.sent[kind_of(data)] += len(data)
        if self._keeping and self._allowance is not None:
            self._kept.append((self._allowance.sent, data, priority))

    def _account(self, frame: Frame) -> None:
        kind = frame.WhichOneof("frame")
        if kind == "entries":
            self.counts.received += len(frame.entries.envelopes)
        elif kind == "ack":
            self.counts.sent += len(frame.ack.stored)
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

# SPDX-License-Identifier: Apache-2.0
"""The officers' API: authenticate the signed call, authorise it, hand it to the desk, answer.

A socket tells nobody who calls. The caller is the officer whose current key in this agency's newest identity
document signed method, time, nonce and SHA-256 of the exact request bytes (`fanal.keys.calls`). Desk
functions block on disk and cryptography, so each runs in a worker thread; a bounded number at a time. Calls
that carry a file (`file_streams`) have a bound of their own, so that no file delays a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
import grpc.aio
import structlog
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.keys.strict import decode
from fanal.node.attachments.uploads import Upload
from fanal.node.desk.actor import Actor
from fanal.node.desk.attaching import Opened
from fanal.node.service import bounds, errors, file_streams
from fanal.node.service.authorise import authorise
from fanal.node.service.wire import OFFICER_API, raw, refuse
from fanal.v1 import officer_pb2

CALLS_AT_A_TIME = 32
FILES_AT_A_TIME = 4
LAZY = frozenset({"FetchAttachment"})
"""Calls whose reply is read from the disk as the caller takes it."""

Handler = (
    Callable[[Actor, Any], Message]
    | Callable[[Actor, Any], Awaitable[Message]]
    | Callable[[Actor, Any], Sequence[Message]]
    | Callable[[Actor, Any], Upload]
    | Callable[[Actor, Any], Opened]
)
"""One reply, or, for a call whose reply is a stream, all its pieces in order. Calls that carry a file give
what `file_streams` goes on with."""
Authenticate = Callable[[Any, str, bytes, float], Actor]
"""(metadata, method, request bytes, now) -> who signed the call; see `authenticate`."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Call:
    """One call of the service: its message types and who answers it."""

    name: str
    request: type[Message]
    reply: type[Message]
    handler: Handler
    streams: bool = False
    takes_stream: bool = False

    @property
    def method(self) -> str:
        return f"/{OFFICER_API}/{self.name}"


class OfficerApi:
    """Serves every call of the descriptor; constructing it without a handler for each is an error."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        authenticate: Authenticate,
        clock: Callable[[], float],
        limits: Limits,
        refused: Callable[[FanalError], None] = lambda _error: None,
    ) -> None:
        """``refused`` is told the refusal with which a call ends."""
        self._authenticate, self._clock, self._refused = authenticate, clock, refused
        self._limits = limits
        self._silence = limits.silence_seconds
        self._free = asyncio.Semaphore(CALLS_AT_A_TIME)
        self._files = asyncio.Semaphore(FILES_AT_A_TIME)
        self.calls = {call.name: call for call in _calls(handlers)}
        self._begun: dict[asyncio.Task[Any], str] = {}

    def handler(self) -> Any:
        """For `server.add_generic_rpc_handlers`."""
        return grpc.method_handlers_generic_handler(
            OFFICER_API,
            {name: self._method(call) for name, call in self.calls.items()},
        )

    def _method(self, call: Call) -> Any:
        if call.takes_stream:
            return grpc.stream_unary_rpc_method_handler(self._file(call, self._taken), raw, raw)
        if call.name in LAZY:
            return grpc.unary_stream_rpc_method_handler(self._file(call, self._given), raw, raw)
        if call.streams:
            return grpc.unary_stream_rpc_method_handler(self._stream(call), raw, raw)
        return grpc.unary_unary_rpc_method_handler(self._serve(call), raw, raw)

    async def answer(self, call: Call, request: bytes, metadata: Any) -> list[bytes]:
        """The reply's bytes, or those of its pieces. Every refusal is a FanalError; the order is: signature,
        officer, form, right. Nothing is sent before all of it is there and within its limit."""
        reply = await self._handled(call, request, metadata)
        return [self._encoded(call, one) for one in (reply if call.streams else [reply])]

    async def _handled(self, call: Call, request: bytes, metadata: Any) -> Any:
        """What the handler gives to an officer who may call it."""
        actor = self._authenticate(metadata, call.method, request, self._clock())
        parsed = _parse(call, request)
        bounds.check(parsed, self._limits)
        checked = authorise(actor, call.name, parsed)
        begun = asyncio.create_task(_worked(call, actor, checked))
        self._note(begun, call)
        return await asyncio.shield(begun)

    @property
    def busy(self) -> bool:
        """Whether a call is under way, or its work."""
        return bool(self._begun)

    async def drain(self, seconds: float) -> None:
        """Wait for what was begun, at most so long; what has not ended then is named in the log. A client
        that goes away ends its call, not the work."""
        if self._begun:
            _ended, left = await asyncio.wait(self._begun, timeout=seconds)
            if left:
                log.warning("calls_not_ended", calls=sorted({self._begun.get(one, "") for one in left}))

    def _note(self, begun: asyncio.Task[Any], call: Call) -> None:
        self._begun[begun] = call.name
        begun.add_done_callback(self._ended)

    def _ended(self, begun: asyncio.Task[Any]) -> None:
        self._begun.pop(begun, None)
        if not begun.cancelled():
            begun.exception()  # seen, though nobody may wait for it any more

    def _encoded(self, call: Call, reply: object) -> bytes:
        if not isinstance(reply, call.reply):
            raise TypeError(f"{call.name} answered {type(reply).__name__}")
        data: bytes = reply.SerializeToString()
        limit = self._limits.message_bytes
        if len(data) > limit:
            raise FanalError(errors.LIMIT_REACHED, field=f"the answer of {call.name}", limit=limit)
        return data

    def _serve(self, call: Call) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def serve(request: bytes, context: Any) -> bytes:
            return (await self._answered(call, request, context))[0]

        return serve

    def _stream(self, call: Call) -> Callable[[bytes, Any], AsyncIterator[bytes]]:
        async def stream(request: bytes, context: Any) -> AsyncIterator[bytes]:
            for piece in await self._answered(call, request, context):
                yield piece

        return stream

    async def _answered(self, call: Call, request: bytes, context: Any) -> list[bytes]:
        return await self._or_refused(
            call,
            context,
            (self._free, CALLS_AT_A_TIME),
            lambda: self.answer(call, request, context.invocation_metadata()),
        )

    def _file(
        self, call: Call, work: Callable[[Call, Any, Any], Awaitable[T]]
    ) -> Callable[..., Awaitable[T]]:
        async def serve(request: Any, context: Any) -> T:
            room = (self._files, FILES_AT_A_TIME)
            return await self._or_refused(call, context, room, lambda: work(call, request, context))

        return serve

    async def _taken(self, call: Call, messages: Any, context: Any) -> bytes:
        """A file handed in: its first message is the request."""
        first = await file_streams.following(messages, self._silence)
        upload = await self._handled(call, first, context.invocation_metadata())
        reply = await file_streams.take(upload, messages, lambda data: _parse(call, data), self._silence)
        return self._encoded(call, reply)

    async def _given(self, call: Call, request: bytes, context: Any) -> None:
        """A file handed out, piece by piece as the caller takes it."""
        opened = await self._handled(call, request, context.invocation_metadata())
        await file_streams.give(opened, lambda part: context.write(self._encoded(call, part)), self._silence)

    async def _or_refused(
        self, call: Call, context: Any, room: tuple[asyncio.Semaphore, int], work: Callable[[], Awaitable[T]]
    ) -> T:
        """Do the work, at most so many at a time, or end the call with the refusal."""
        free, limit = room
        if (serving := asyncio.current_task()) is not None:  # until its answer is out
            self._note(serving, call)
        try:
            if free.locked():
                raise FanalError(errors.BUSY, limit=limit)
            async with free:
                return await work()
        except FanalError as error:
            log.info("call_refused", call=call.name, reason=error.kind.id)
            self._refused(error)
            await refuse(context, error)
        except Exception:
            log.exception("call_failed", call=call.name)
            fault = FanalError(errors.INTERNAL, action=call.name)
            self._refused(fault)
            await refuse(context, fault)


async def _worked(call: Call, actor: Actor, checked: Any) -> Any:
    if asyncio.iscoroutinefunction(call.handler):
        return await call.handler(actor, checked)
    return await asyncio.to_thread(call.handler, actor, checked)


def _calls(handlers: Mapping[str, Handler]) -> list[Call]:
    service = officer_pb2.DESCRIPTOR.services_by_name["OfficerApi"]
    missing = {method.name for method in service.methods} ^ set(handlers)
    if missing:
        raise ValueError(f"calls without handler or handlers without call: {sorted(missing)}")
    return [
        Call(
            method.name,
            GetMessageClass(method.input_type),
            GetMessageClass(method.output_type),
            handlers[method.name],
            method.server_streaming,
            method.client_streaming,
        )
        for method in service.methods
    ]


def _parse(call: Call, request: bytes) -> Message:
    """Strictly: an unknown field of a newer client must not be ignored in silence."""
    try:
        return decode(call.request, request, 1 << 24)
    except FanalError as error:
        raise FanalError(errors.MALFORMED_CALL, action=call.name, reason=error.kind.id) from error

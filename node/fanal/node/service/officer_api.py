# SPDX-License-Identifier: Apache-2.0
"""The officers' API: authenticate the signed call, authorise it, hand it to the desk, answer.

A socket tells nobody who calls. The caller is the officer whose current key in this agency's newest identity
document signed method, time, nonce and SHA-256 of the exact request bytes (`fanal.keys.calls`). Desk
functions block on disk and cryptography, so each runs in a worker thread; a bounded number at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import structlog
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from fanal.errors import FanalError
from fanal.keys.strict import decode
from fanal.node.desk.actor import Actor
from fanal.node.service import errors
from fanal.node.service.authorise import authorise
from fanal.node.service.wire import OFFICER_API, raw, refuse
from fanal.v1 import officer_pb2

CALLS_AT_A_TIME = 32

Handler = (
    Callable[[Actor, Any], Message]
    | Callable[[Actor, Any], Awaitable[Message]]
    | Callable[[Actor, Any], Sequence[Message]]
)
"""One reply, or, for a call whose reply is a stream, all its pieces in order."""
Authenticate = Callable[[Any, str, bytes, float], Actor]
"""(metadata, method, request bytes, now) -> who signed the call; see `authenticate`."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Call:
    """One call of the service: its message types and who answers it."""

    name: str
    request: type[Message]
    reply: type[Message]
    handler: Handler
    streams: bool = False

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
        message_bytes: int,
    ) -> None:
        self._authenticate, self._clock = authenticate, clock
        self._message_bytes = message_bytes
        self._free = asyncio.Semaphore(CALLS_AT_A_TIME)
        self.calls = {call.name: call for call in _calls(handlers)}

    def handler(self) -> Any:
        """For `server.add_generic_rpc_handlers`."""
        return grpc.method_handlers_generic_handler(
            OFFICER_API,
            {
                name: grpc.unary_stream_rpc_method_handler(self._stream(call), raw, raw)
                if call.streams
                else grpc.unary_unary_rpc_method_handler(self._serve(call), raw, raw)
                for name, call in self.calls.items()
            },
        )

    async def answer(self, call: Call, request: bytes, metadata: Any) -> list[bytes]:
        """The reply's bytes, or those of its pieces. Every refusal is a FanalError; the order is: signature,
        officer, form, right. Nothing is sent before all of it is there and within its limit."""
        actor = self._authenticate(metadata, call.method, request, self._clock())
        checked = authorise(actor, call.name, _parse(call, request))
        if asyncio.iscoroutinefunction(call.handler):
            reply = await call.handler(actor, checked)
        else:
            reply = await asyncio.to_thread(call.handler, actor, checked)
        return [self._encoded(call, one) for one in (reply if call.streams else [reply])]

    def _encoded(self, call: Call, reply: object) -> bytes:
        if not isinstance(reply, call.reply):
            raise TypeError(f"{call.name} answered {type(reply).__name__}")
        data: bytes = reply.SerializeToString()
        if len(data) > self._message_bytes:
            raise FanalError(
                errors.LIMIT_REACHED, field=f"the answer of {call.name}", limit=self._message_bytes
            )
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
        """``answer``, or the call is ended with the refusal."""
        try:
            if self._free.locked():
                raise FanalError(errors.BUSY, limit=CALLS_AT_A_TIME)
            async with self._free:
                return await self.answer(call, request, context.invocation_metadata())
        except FanalError as error:
            log.info("call_refused", call=call.name, reason=error.kind.id)
            await refuse(context, error)
        except Exception:
            log.exception("call_failed", call=call.name)
            await refuse(context, FanalError(errors.INTERNAL, action=call.name))


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
        )
        for method in service.methods
    ]


def _parse(call: Call, request: bytes) -> Message:
    """Strictly: an unknown field of a newer client must not be ignored in silence."""
    try:
        return decode(call.request, request, 1 << 24)
    except FanalError as error:
        raise FanalError(errors.MALFORMED_CALL, action=call.name, reason=error.kind.id) from error

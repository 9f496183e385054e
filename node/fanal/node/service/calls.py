# SPDX-License-Identifier: Apache-2.0
"""The calls of the dialling side: Hello, and a stream that the peer has taken."""

from __future__ import annotations

from typing import Any

import grpc.aio
from google.protobuf.message import DecodeError

from fanal.errors import FanalError
from fanal.node.service import errors
from fanal.node.service.causes import check_hello
from fanal.node.service.wire import HELLO, raw
from fanal.v1.peer_pb2 import HelloMessage


async def say_hello(channel: Any, mine: HelloMessage, peer: str, seconds: float) -> HelloMessage:
    """The peer's Hello, checked. AioRpcError; FanalError NO_FRAME and those of `check_hello`."""
    answer = await channel.unary_unary(HELLO, raw, raw)(mine.SerializeToString(), timeout=seconds)
    try:
        hello = HelloMessage.FromString(answer)
    except DecodeError:
        raise FanalError(errors.NO_FRAME, agency=peer) from None
    check_hello(hello, peer, mine)
    return hello


async def open_stream(channel: Any, method: str) -> Any:
    """A bidirectional stream once the peer has taken it. AioRpcError when it was refused."""
    call = channel.stream_stream(method, raw, raw)()
    await call.initial_metadata()
    if call.done():
        raise await _ended(call)
    return call


async def _ended(call: Any) -> grpc.aio.AioRpcError:
    """What a stream that ended before it began was ended with."""
    error: Any = grpc.aio.AioRpcError
    ended: grpc.aio.AioRpcError = error(
        await call.code(),
        await call.initial_metadata(),
        await call.trailing_metadata(),
        await call.details(),
    )
    return ended

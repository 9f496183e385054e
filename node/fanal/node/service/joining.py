# SPDX-License-Identifier: Apache-2.0
"""The join listener: a port of its own that exists only while an invitation is out.

Its callers are strangers, so it asks no client certificate, takes small messages, few at a time and not many
a minute, and works only on requests whose shape and rate are in bounds. It shows the node's certificate,
which the invitation pins; it therefore survives a restart of the node.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
import structlog
from google.protobuf.message import Message

from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.keys.documents import MAX_DOCUMENT
from fanal.keys.strict import decode
from fanal.node.service import errors
from fanal.node.service.invitations import LINGER_SECONDS, Invitations
from fanal.node.service.tls import ServerTls, server_options
from fanal.node.service.wire import raw, refuse
from fanal.v1.peer_pb2 import JoinOutcome, JoinOutcomeRequest, JoinRequest

SERVICE = "fanal.v1.Joining"
CONNECTIONS = 64
AT_A_TIME = 16
BURST, PER_SECOND = 60.0, 5.0
PATIENCE_SECONDS = 5.0

log = structlog.get_logger(__name__)
M = TypeVar("M", bound=Message)
W = TypeVar("W", JoinRequest, JoinOutcomeRequest)


class JoinListener:
    """Opens, serves and closes the join port. `address` is host:port to bind; port 0 picks one."""

    def __init__(
        self,
        invitations: Invitations,
        tls: ServerTls,
        address: str,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self.invitations, self.address = invitations, address
        self.port = 0
        self._tls, self._limits, self._clock = tls, limits, clock
        self._server: grpc.aio.Server | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._decided = asyncio.Event()
        self._waiting = 0
        self._tokens, self._filled = BURST, 0.0
        self._lock = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def adjust(self) -> None:
        """Open or close, as the invitations demand; called after each change and when the last expires."""
        async with self._lock:
            until = await asyncio.to_thread(self.invitations.last_needed)
            if self._closing is not None:
                self._closing.cancel()
            if until <= self._clock():
                await self._close()
                return
            await self._open()
            loop = asyncio.get_running_loop()
            delay = min(until - self._clock() + 1.0, LINGER_SECONDS)
            self._closing = loop.call_later(delay, lambda: loop.create_task(self.adjust()))

    async def open(self) -> None:
        """Open now, ahead of an invitation; `adjust` closes again if none follows. CANNOT_LISTEN."""
        async with self._lock:
            await self._open()

    def decided(self) -> None:
        """A governor approved or refused: whoever waits for an outcome looks again."""
        self._decided.set()
        self._decided = asyncio.Event()

    async def close(self) -> None:
        """Close for good."""
        self.decided()
        async with self._lock:
            if self._closing is not None:
                self._closing.cancel()
            await self._close()

    async def join(self, request: bytes, context: Any) -> bytes:
        return await self._answer(request, context, JoinRequest, self._join)

    async def outcome(self, request: bytes, context: Any) -> bytes:
        return await self._answer(request, context, JoinOutcomeRequest, self._outcome)

    async def _join(self, request: JoinRequest) -> Message:
        reply = await asyncio.to_thread(self.invitations.request, request)
        log.info("join_requested", token=request.token_id.hex())
        return reply

    async def _outcome(self, request: JoinOutcomeRequest) -> Message:
        """Answer at once if decided, else wait a few seconds for the decision."""
        decided = self._decided
        found = await asyncio.to_thread(self.invitations.outcome, request)
        if found.state != JoinOutcome.WAITING:
            return found
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await decided.wait()
        except TimeoutError:
            return found
        return await asyncio.to_thread(self.invitations.outcome, request)

    async def _answer(
        self, request: bytes, context: Any, cls: type[W], work: Callable[[W], Awaitable[Message]]
    ) -> bytes:
        try:
            self._admit()
            self._waiting += 1
            try:
                return (await work(decode(cls, request, MAX_DOCUMENT))).SerializeToString()
            finally:
                self._waiting -= 1
        except FanalError as error:
            log.warning("join_refused", reason=error.kind.id, connection=context.peer())
            await refuse(context, error)
        except grpc.aio.AbortError:
            raise
        except Exception:
            log.exception("join_failed")
            await refuse(context, FanalError(errors.INTERNAL, action="Join"))

    def _admit(self) -> None:
        """A token bucket over all callers: strangers have no names to count by."""
        now = asyncio.get_running_loop().time()
        self._tokens = min(BURST, self._tokens + (now - self._filled) * PER_SECOND)
        self._filled = now
        if self._tokens < 1.0 or self._waiting >= AT_A_TIME:
            raise FanalError(errors.JOIN_BUSY)
        self._tokens -= 1.0

    async def _open(self) -> None:
        if self._server is not None:
            return
        options = dict(server_options(self._limits))
        options["grpc.max_allowed_incoming_connections"] = CONNECTIONS
        server = grpc.aio.server(options=list(options.items()), maximum_concurrent_rpcs=2 * AT_A_TIME)
        methods = {
            "Join": grpc.unary_unary_rpc_method_handler(self.join, raw, raw),
            "Outcome": grpc.unary_unary_rpc_method_handler(self.outcome, raw, raw),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
        material = self._tls.material
        credentials = grpc.ssl_server_credentials([(material.key, material.certificate)])
        try:
            self.port = server.add_secure_port(self.address, credentials)
        except RuntimeError as error:
            raise FanalError(errors.CANNOT_LISTEN, address=self.address, key="join_listen") from error
        await server.start()
        self._server = server
        log.info("join_listener_open", address=self.address, port=self.port)

    async def _close(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop(0.5)
            log.info("join_listener_closed", address=self.address)

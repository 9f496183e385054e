# SPDX-License-Identifier: Apache-2.0
"""The PeerLink service: who may speak is decided for every call, then the links carry it.

Hello first, on the same connection; Exchange or Bulk afterwards. Nothing of a message is looked at before its
caller is admitted, and a refusal tells a stranger nothing but that it is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
import structlog
from google.protobuf.message import DecodeError

from fanal.errors import FanalError
from fanal.node.repeated import Repeated
from fanal.node.service import errors
from fanal.node.service.admission import admit
from fanal.node.service.callmeter import CallMeter
from fanal.node.service.causes import check_hello
from fanal.node.service.connections import Connections
from fanal.node.service.link import END
from fanal.node.service.links import PeerLinks
from fanal.node.service.peerrecord import UNREACHABLE
from fanal.node.service.tls import peer_certificate
from fanal.node.service.wire import raw, refuse
from fanal.v1.peer_pb2 import HelloMessage

SERVICE = "fanal.v1.PeerLink"
_NAME = 40

T = TypeVar("T")

log = structlog.get_logger(__name__)


class PeerLinkService:
    """Serves PeerLink on the links given."""

    def __init__(self, links: PeerLinks) -> None:
        self.links = links
        self._connections = Connections(links.limits.connections_per_key, links.noted)
        self._meter = CallMeter(links.limits.calls_per_minute, links.noted)
        self._patience = links.limits.unary_seconds
        self._said = Repeated(logging.getLogger(__name__))

    def handler(self) -> Any:
        """For `server.add_generic_rpc_handlers`."""
        methods = {
            # As a stream of one message, so that a call without any is seen, and paid for, too.
            "Hello": grpc.stream_unary_rpc_method_handler(self.hello, raw, raw),
            "Exchange": grpc.stream_stream_rpc_method_handler(self.exchange, raw, raw),
            "Bulk": grpc.stream_stream_rpc_method_handler(self.bulk, raw, raw),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def otherwise(self) -> Any:
        """What answers calls that are none of ours: registered last."""
        return _Otherwise(grpc.stream_stream_rpc_method_handler(self._unknown, raw, raw))

    async def _unknown(self, _requests: Any, context: Any) -> None:
        await self._guarded(context, "unknown", lambda: self._unimplemented(context))

    async def _unimplemented(self, context: Any) -> None:
        self.caller(context)
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no such call")

    def caller(self, context: Any) -> str:
        """The agency that calls. VerificationError, or FanalError CUT while it is cut off."""
        links = self.links
        agency = self._charged(context)
        if links.is_cut(agency):
            raise FanalError(errors.CUT, agency=agency, reason="")
        return agency

    def _charged(self, context: Any) -> str:
        """The agency that calls, once its call is paid for. VerificationError, or TOO_MANY_CALLS."""
        links, connection = self.links, context.peer()
        try:
            agency = admit(peer_certificate(context), links.keys(), links.clock())
        except FanalError:
            self._meter.charge("", connection, links.steady())
            raise
        self._meter.charge(agency, connection, links.steady())
        return agency

    async def hello(self, _requests: Any, context: Any) -> bytes:
        """Take the peer's Hello for this connection and answer with ours."""
        return await self._guarded(context, "Hello", lambda: self._hello(context))

    async def exchange(self, _requests: Any, context: Any) -> None:
        """Carry a link until either side ends it."""
        await self._guarded(context, "Exchange", lambda: self._exchange(context))

    async def bulk(self, _requests: Any, context: Any) -> None:
        """Carry the second stream beside a link until either side ends it."""
        await self._guarded(context, "Bulk", lambda: self._bulk(context))

    async def _hello(self, context: Any) -> bytes:
        agency = self.caller(context)
        async with asyncio.timeout(self._patience):
            request = await context.read()
        if request is END:
            raise FanalError(errors.NO_FRAME, agency=agency)
        if len(request) > 256 * 1024:
            raise FanalError(errors.LIMIT_REACHED, field="hello", limit=256 * 1024)
        try:
            hello = HelloMessage.FromString(request)
        except DecodeError:
            raise FanalError(errors.NO_FRAME, agency=agency) from None
        mine = self.links.hello()
        try:
            check_hello(hello, agency, mine)
        except FanalError as error:
            if error.kind is errors.OTHER_PROTOCOL and agency not in self.links.links:
                self.links.mark(agency, UNREACHABLE, error)
            if hello.agency != agency:
                name = hello.agency[:_NAME] or "?"
                self.links.noted(agency, FanalError(errors.SPOKE_AS_ANOTHER, agency=agency, name=name))
            raise
        self._connections.greet(agency, context.peer(), hello)
        self.links.contacted(agency)
        return mine.SerializeToString()

    async def _exchange(self, context: Any) -> None:
        link = self.links.new_link(*self._greeted(context, for_bulk=False))
        if not self.links.would_adopt(link):
            raise FanalError(errors.ALREADY_LINKED)
        await context.send_initial_metadata(())
        await self.links.carry(link, context)

    async def _bulk(self, context: Any) -> None:
        link = self.links.new_bulk(*self._greeted(context, for_bulk=True))
        await context.send_initial_metadata(())
        await self.links.carry_bulk(link, context)

    def _greeted(self, context: Any, *, for_bulk: bool) -> tuple[str, str, HelloMessage, bytes]:
        """Who calls, who dialled, what was said, and with which key. HELLO_FIRST."""
        agency = self.caller(context)
        hello = self._connections.take(agency, context.peer(), for_bulk)
        if hello is None:
            raise FanalError(errors.HELLO_FIRST)
        return agency, agency, hello, hashlib.sha256(peer_certificate(context).spki).digest()

    async def _guarded(self, context: Any, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Turn a refusal into a status, and anything else into INTERNAL with a logged traceback."""
        try:
            return await work()
        except FanalError as error:
            kind, now = (name, error.kind.id), self.links.steady()
            self._said.warn(kind, now, "refused %s from %s: %s", name, context.peer(), error.kind.id)
            await refuse(context, error)
        except grpc.aio.AbortError:
            raise
        except TimeoutError:
            await refuse(context, FanalError(errors.LIMIT_REACHED, field=name, limit=int(self._patience)))
        except Exception:
            log.exception("peer_call_failed", call=name)
            await refuse(context, FanalError(errors.INTERNAL, action=name))


class _Otherwise(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """One handler for whatever is called."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def service(self, _details: Any) -> Any:
        return self._handler

# SPDX-License-Identifier: Apache-2.0
"""The PeerLink service: who may speak is decided for every call, then the links carry it.

Hello first, on the same connection; Exchange or Bulk afterwards. Nothing of a message is looked at before its
caller is admitted, and a refusal tells a stranger nothing but that it is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
import structlog
from google.protobuf.message import DecodeError

from fanal.errors import FanalError
from fanal.node.service import errors
from fanal.node.service.admission import admit
from fanal.node.service.causes import check_hello
from fanal.node.service.connections import Connections
from fanal.node.service.links import UNREACHABLE, PeerLinks
from fanal.node.service.tls import peer_certificate
from fanal.node.service.wire import raw, refuse
from fanal.v1.peer_pb2 import HelloMessage

SERVICE = "fanal.v1.PeerLink"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class PeerLinkService:
    """Serves PeerLink on the links given."""

    def __init__(self, links: PeerLinks) -> None:
        self.links = links
        self._connections = Connections(links.limits.connections_per_key)

    def handler(self) -> Any:
        """For `server.add_generic_rpc_handlers`."""
        methods = {
            "Hello": grpc.unary_unary_rpc_method_handler(self.hello, raw, raw),
            "Exchange": grpc.stream_stream_rpc_method_handler(self.exchange, raw, raw),
            "Bulk": grpc.stream_stream_rpc_method_handler(self.bulk, raw, raw),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def caller(self, context: Any) -> str:
        """The agency that calls. VerificationError, or FanalError CUT while it is cut off."""
        links = self.links
        agency = admit(peer_certificate(context), links.keys(), links.clock())
        if links.is_cut(agency):
            raise FanalError(errors.CUT, agency=agency, reason="")
        return agency

    async def hello(self, request: bytes, context: Any) -> bytes:
        """Take the peer's Hello for this connection and answer with ours."""
        return await _guarded(context, "Hello", lambda: self._hello(request, context))

    async def exchange(self, _requests: Any, context: Any) -> None:
        """Carry a link until either side ends it."""
        await _guarded(context, "Exchange", lambda: self._exchange(context))

    async def bulk(self, _requests: Any, context: Any) -> None:
        """Carry the second stream beside a link until either side ends it."""
        await _guarded(context, "Bulk", lambda: self._bulk(context))

    async def _hello(self, request: bytes, context: Any) -> bytes:
        agency = self.caller(context)
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


async def _guarded(context: Any, name: str, work: Callable[[], Awaitable[T]]) -> T:
    """Turn a refusal into a status, and anything else into INTERNAL with a logged traceback."""
    try:
        return await work()
    except FanalError as error:
        log.warning("peer_refused", call=name, connection=context.peer(), reason=error.kind.id)
        await refuse(context, error)
    except grpc.aio.AbortError:
        raise
    except Exception:
        log.exception("peer_call_failed", call=name)
        await refuse(context, FanalError(errors.INTERNAL, action=name))

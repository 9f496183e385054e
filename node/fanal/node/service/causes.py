# SPDX-License-Identifier: Apache-2.0
"""Why a peer could not be reached, named as precisely as the client side allows.

gRPC tells a client little ("Socket closed" for every refused certificate), so the node looks at itself first:
its own certificate, then what the peer said, then the text of the transport.
"""

from __future__ import annotations

import grpc
import grpc.aio

from fanal.errors import FanalError
from fanal.node.service import errors
from fanal.node.service.admission import PeerKey
from fanal.node.service.tls import Material
from fanal.node.service.wire import PEER_PROTOCOL, error_in
from fanal.v1.peer_pb2 import HelloMessage

_TOLD = {errors.WRONG_NETWORK, errors.OTHER_PROTOCOL, errors.ALREADY_LINKED, errors.CUT}

_TEXTS = (
    ("connection refused", errors.CONNECTION_REFUSED),
    ("errors resolving", errors.NAME_NOT_FOUND),
    ("address lookup failed", errors.NAME_NOT_FOUND),
    ("domain name not found", errors.NAME_NOT_FOUND),
    ("no route to host", errors.NO_ANSWER),
    ("network is unreachable", errors.NO_ANSWER),
    ("timed out", errors.NO_ANSWER),
    ("socket closed", errors.REFUSED_BY_PEER),
    ("connection reset", errors.REFUSED_BY_PEER),
    ("handshake", errors.REFUSED_BY_PEER),
)


def cause_of(
    error: grpc.aio.AioRpcError, own: Material, key: PeerKey, address: str, now: float
) -> FanalError:
    """The most telling reason for a failed call to `address`."""
    if not own.valid(now):
        return FanalError(errors.OWN_CERTIFICATE_EXPIRED)
    told = error_in(error.trailing_metadata())
    if told is not None and told.kind in _TOLD:
        return FanalError(told.kind, agency=key.agency, theirs="?", ours=PEER_PROTOCOL, reason="?")
    if told is not None:
        return FanalError(errors.REFUSED_BY_PEER, agency=key.agency, address=address)
    details = (error.details() or "").lower()
    if "certificate_verify_failed" in details:
        if key.not_after < now:
            return FanalError(errors.PEER_CERTIFICATE_EXPIRED, agency=key.agency)
        return FanalError(errors.PEER_CERTIFICATE_CHANGED, agency=key.agency, address=address)
    if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
        return FanalError(errors.NO_ANSWER, agency=key.agency, address=address)
    kind = next((kind for text, kind in _TEXTS if text in details), errors.LINK_LOST)
    return FanalError(kind, agency=key.agency, address=address)


def check_hello(hello: HelloMessage, agency: str, network: bytes) -> None:
    """FanalError OTHER_PROTOCOL, WRONG_NETWORK or NOT_ADMITTED unless this is the agency, in our network."""
    if hello.protocol != PEER_PROTOCOL:
        raise FanalError(
            errors.OTHER_PROTOCOL, agency=agency, theirs=min(hello.protocol, 9_999), ours=PEER_PROTOCOL
        )
    if hello.network != network:
        raise FanalError(errors.WRONG_NETWORK, agency=agency)
    if hello.agency != agency:
        raise FanalError(errors.NOT_ADMITTED)
    if len(hello.store_id) != 16 or len(hello.run) not in (0, 16) or len(hello.identities) > 1000:
        raise FanalError(errors.LIMIT_REACHED, field="hello", limit=1000)

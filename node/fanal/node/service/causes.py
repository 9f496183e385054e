# SPDX-License-Identifier: Apache-2.0
"""Why a peer could not be reached, named as precisely as the client side allows.

gRPC tells a client little ("Socket closed" for every refused certificate), so the node looks at itself first:
its own certificate, then what the peer said, then the text of the transport.
"""

from __future__ import annotations

import re

import grpc
import grpc.aio

from fanal.errors import FanalError
from fanal.node.service import descriptors, errors
from fanal.node.service.admission import PeerKey
from fanal.node.service.tls import Material
from fanal.node.service.wire import error_in
from fanal.node.software import agreed, spoken, versions
from fanal.v1.peer_pb2 import HelloMessage

_TOLD = {errors.WRONG_NETWORK, errors.ALREADY_LINKED, errors.CUT}
_VERSIONS = re.compile(r"(?:([0-9]{1,4})-)?([0-9]{1,4})", re.ASCII)

_TEXTS = (
    ("too many open files", errors.DESCRIPTORS_USED_UP),
    ("connection refused", errors.CONNECTION_REFUSED),
    ("errors resolving", errors.NAME_NOT_FOUND),
    ("address lookup failed", errors.NAME_NOT_FOUND),
    ("domain name not found", errors.NAME_NOT_FOUND),
    ("no route to host", errors.NO_ANSWER),
    ("network is unreachable", errors.NO_ANSWER),
    ("timed out", errors.NO_ANSWER),
    ("socket closed", errors.REFUSED_BY_PEER),
    ("connection reset", errors.REFUSED_BY_PEER),
    ("wrong_version_number", errors.NOT_TLS),
    ("handshake", errors.REFUSED_BY_PEER),
)


def cause_of(
    error: grpc.aio.AioRpcError, own: Material, key: PeerKey, address: str, now: float, mine: HelloMessage
) -> FanalError:
    """The most telling reason for a failed call to `address`; `mine` is what was said there."""
    if not own.valid(now):
        return FanalError(errors.OWN_CERTIFICATE_EXPIRED)
    told = error_in(error.trailing_metadata())
    if told is not None and told.kind in _TOLD:
        return FanalError(told.kind, agency=key.agency, reason="?")
    if told is not None and told.kind is errors.OTHER_PROTOCOL:
        found = _VERSIONS.fullmatch(str(told.facts.get("ours", "")))
        if found:
            theirs = HelloMessage(protocol=int(found[2]), protocol_lowest=int(found[1] or 0))
            return other_protocol(theirs, key.agency, mine)
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
    if kind is errors.DESCRIPTORS_USED_UP:
        return descriptors.used_up()
    return FanalError(kind, agency=key.agency, address=address)


def check_hello(hello: HelloMessage, agency: str, mine: HelloMessage) -> None:
    """FanalError OTHER_PROTOCOL, WRONG_NETWORK or NOT_ADMITTED unless this is the agency, in our network, and
    speaks a version of the protocol that `mine` speaks too."""
    if not agreed(hello, mine):
        raise other_protocol(hello, agency, mine)
    if hello.network != mine.network:
        raise FanalError(errors.WRONG_NETWORK, agency=agency)
    if hello.agency != agency:
        raise FanalError(errors.NOT_ADMITTED)
    if len(hello.store_id) != 16 or len(hello.run) not in (0, 16) or len(hello.identities) > 1000:
        raise FanalError(errors.LIMIT_REACHED, field="hello", limit=1000)


def other_protocol(theirs: HelloMessage, agency: str, mine: HelloMessage) -> FanalError:
    """OTHER_PROTOCOL with what either side speaks, and which of them must be upgraded."""
    older = agency if spoken(theirs)[1] < spoken(mine)[1] else mine.agency
    return FanalError(
        errors.OTHER_PROTOCOL, agency=agency, theirs=versions(theirs), ours=versions(mine), older=older
    )

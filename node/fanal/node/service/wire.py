# SPDX-License-Identifier: Apache-2.0
"""How an error crosses the wire, and the names of the calls: one table from exit code to gRPC status.

A refusal travels as a status and the trailing metadata `fanal-error-bin`: JSON {"id": ..., "facts": {...}}.
The other side words it again from the id, in its own language; an id it does not know stays an id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

import grpc
import grpc.aio

from fanal.errors import Exit, FanalError, kind_of
from fanal.node.service.authenticate import UNAUTHENTICATED

CREDITS_SINCE, BULK_SINCE = 1, 2
TRANSPORT = BULK_SINCE
"""What this version says in `HelloMessage.transport`: credits and parts since 1, also Bulk since 2."""
HELLO = "/fanal.v1.PeerLink/Hello"
EXCHANGE = "/fanal.v1.PeerLink/Exchange"
BULK = "/fanal.v1.PeerLink/Bulk"
JOIN = "/fanal.v1.Joining/Join"
OUTCOME = "/fanal.v1.Joining/Outcome"
OFFICER_API = "fanal.v1.OfficerApi"
ERROR_KEY = "fanal-error-bin"

_FACTS_BYTES = 3_000
_STATUS = {
    Exit.FAILED: grpc.StatusCode.INTERNAL,
    Exit.USAGE: grpc.StatusCode.INVALID_ARGUMENT,
    Exit.PARTIAL: grpc.StatusCode.INTERNAL,
    Exit.NOT_PERMITTED: grpc.StatusCode.PERMISSION_DENIED,
    Exit.UNREACHABLE: grpc.StatusCode.UNAVAILABLE,
    Exit.VERIFICATION_FAILED: grpc.StatusCode.DATA_LOSS,
    Exit.UNDECIDED: grpc.StatusCode.ABORTED,
    Exit.POLICY: grpc.StatusCode.FAILED_PRECONDITION,
    Exit.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Exit.TIMEOUT: grpc.StatusCode.DEADLINE_EXCEEDED,
    Exit.INTERRUPTED: grpc.StatusCode.CANCELLED,
}


def raw(data: bytes) -> bytes:
    """Serialiser of every call: messages are encoded and checked by us, because exact bytes are signed."""
    return data


def status_of(error: FanalError) -> grpc.StatusCode:
    """The gRPC status of an error, by the exit code of its kind; a caller nobody knows is UNAUTHENTICATED."""
    if error.kind in UNAUTHENTICATED:
        return grpc.StatusCode.UNAUTHENTICATED
    return _STATUS[error.kind.exit]


def pack(error: FanalError) -> bytes:
    """The error for `fanal-error-bin`; facts that are too long for metadata are shortened."""
    facts = {name: _short(value) for name, value in error.facts.items()}
    data = json.dumps({"id": error.kind.id, "facts": facts}).encode("ascii")
    return (
        data if len(data) <= _FACTS_BYTES else json.dumps({"id": error.kind.id, "facts": {}}).encode("ascii")
    )


def unpack(data: bytes) -> FanalError | None:
    """The error again, or None when it is malformed or its id is not known here."""
    try:
        parsed: Any = json.loads(data)
        kind = kind_of(parsed["id"])
        facts = {str(k): v if isinstance(v, int) else str(v) for k, v in parsed["facts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return FanalError(kind, **facts) if kind is not None else None


def error_in(metadata: Iterable[Any] | None) -> FanalError | None:
    """The error that trailing metadata carry, if any."""
    for key, value in metadata or ():
        if key == ERROR_KEY and isinstance(value, bytes):
            return unpack(value)
    return None


async def refuse(context: Any, error: FanalError) -> NoReturn:
    """End a call with the error."""
    await context.abort(status_of(error), error.kind.id, ((ERROR_KEY, pack(error)),))
    raise AssertionError("abort returned")  # it never does


def _short(value: str | int) -> str | int:
    return value if isinstance(value, int) else value[:400]

# SPDX-License-Identifier: Apache-2.0
"""The one authorisation of officers' calls: who may do what, as a table, denied by default.

`RIGHTS` has one row per call of the officers' API: any one of the rights named is enough. A call without a
row is refused, and a test that walks the service descriptor fails. `authorise` returns the object that the
handler must use; a statement that names another officer's key than the caller's is refused here, so nobody
sends or reads in another's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message

from fanal.errors import FanalError
from fanal.node.desk.actor import Actor
from fanal.node.service import errors
from fanal.v1.envelope_pb2 import ReadStatement, Statement
from fanal.v1.identity_pb2 import OfficerRight
from fanal.v1.officer_pb2 import MarkReadRequest, ProveRequest, SendRequest

AUTHOR, RELEASE = OfficerRight.AUTHOR, OfficerRight.RELEASE
READ, AUDIT = OfficerRight.READ, OfficerRight.AUDIT
ANY = frozenset({AUTHOR, RELEASE, READ, AUDIT})

RIGHTS: Mapping[str, frozenset[OfficerRight.Code]] = {
    "Status": ANY,
    "WhoAmI": ANY,
    "GetCharter": ANY,  # signed, public within the network, needed to check an audience
    "Prepare": frozenset({AUTHOR}),
    "Send": frozenset({AUTHOR}),
    "Attach": frozenset({AUTHOR}),
    "FetchAttachment": frozenset({READ}),
    "List": frozenset({READ}),
    "Show": frozenset({READ}),
    "Print": frozenset({READ}),
    "Export": frozenset({READ}),
    "MarkRead": frozenset({READ}),
    "Track": frozenset({READ}),
    "Prove": frozenset({READ, AUDIT}),  # what it discloses needs READ: `_needs`
    "LogExport": frozenset({READ, AUDIT}),
    "AnswerRecall": frozenset({RELEASE}),
    "SetHold": frozenset({RELEASE}),
    "Erase": frozenset({RELEASE}),
    "Confirm": frozenset({RELEASE}),
    "Settle": frozenset({RELEASE}),
    "Unlock": frozenset({RELEASE}),
    "Drain": frozenset({RELEASE}),
    "Peers": frozenset({RELEASE}),
    "Ping": frozenset({RELEASE}),
    "BlockPeer": frozenset({RELEASE}),
    "ApplyCharter": frozenset({RELEASE}),
    "Invite": frozenset({RELEASE}),
    "PendingJoins": frozenset({RELEASE}),
    "RefuseJoin": frozenset({RELEASE}),
    "CourierExport": frozenset({RELEASE}),
    "CourierRead": frozenset({RELEASE}),
    "CourierWrite": frozenset({RELEASE}),
    "CourierImport": frozenset({RELEASE}),
}

R = TypeVar("R", bound=Message)

_STATEMENT_BYTES = 64 * 1024


def authorise(actor: Actor, action: str, request: R) -> R:
    """The request to act on, if this officer may. FanalError UNKNOWN_ACTION, NOT_PERMITTED or OTHER_OFFICER.

    `action` is the call's name without its service, for example "Send".
    """
    allowed = _needs(action, request)
    if allowed is None:
        raise FanalError(errors.UNKNOWN_ACTION, action=action)
    if not allowed & actor.rights:
        right = " or ".join(sorted(OfficerRight.Code.Name(code) for code in allowed))
        raise FanalError(errors.NOT_PERMITTED, officer=actor.officer_id, action=action, right=right)
    named = _NAMED_OFFICER.get(action)
    if named is not None and named(request) != actor.key_id:
        raise FanalError(errors.OTHER_OFFICER, action=action)
    return request


def _needs(action: str, request: Message) -> frozenset[OfficerRight.Code] | None:
    """The row of the table; a proof that shows any of the text is a reading of it."""
    if isinstance(request, ProveRequest) and (request.content or request.fields):
        return RIGHTS[action] - {AUDIT}
    return RIGHTS.get(action)


def _officer_of_statement(request: SendRequest) -> bytes:
    return _parsed(Statement, request.statement, "Send").officer_key_id


def _officer_of_reading(request: MarkReadRequest) -> bytes:
    return _parsed(ReadStatement, request.body, "MarkRead").officer_key_id


_NAMED_OFFICER: Mapping[str, Callable[[Any], bytes]] = {
    "Send": _officer_of_statement,
    "MarkRead": _officer_of_reading,
}

M = TypeVar("M", bound=Message)


def _parsed(cls: type[M], data: bytes, action: str) -> M:
    """Only to see whom it names: the handler verifies it strictly, with its signature."""
    if len(data) > _STATEMENT_BYTES:
        raise FanalError(errors.LIMIT_REACHED, field=f"{action}.statement", limit=_STATEMENT_BYTES)
    try:
        return cls.FromString(data)
    except DecodeError:
        raise FanalError(errors.MALFORMED_CALL, action=action, reason="unreadable statement") from None

# SPDX-License-Identifier: Apache-2.0
"""A draft with the defaults of its kind, the stamp that readies it for signing, and its next revision.

Pure: ``now`` is Unix time in seconds, ``rng`` gives random bytes.
"""

from __future__ import annotations

import datetime
import difflib
import uuid
from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from fanal.errors import FanalError
from fanal.notices.codelists import installed
from fanal.notices.defaults import DEFAULTS, HOUR
from fanal.notices.errors import BAD_AGENCY, NO_BODY, NOT_OWN_NOTICE, UNKNOWN_KIND
from fanal.notices.forms import to_json
from fanal.notices.kinds import KINDS, NEED_EVALUATION, RETENTION_DAYS
from fanal.notices.refs import is_agency, make_ref
from fanal.notices.rules.required import REQUIRED
from fanal.notices.schema import Field, Sort, fields_of, is_set
from fanal.notices.times import DAY
from fanal.v1.notice_pb2 import Notice

Rng = Callable[[int], bytes]

SCHEMA_MINOR = 2
KEPT_DAYS = 365
"""A draft is kept for a year or as long as its class allows; an officer may ask for longer."""


def new_notice_id(now: int, rng: Rng) -> str:
    """A UUID of version 7 (RFC 9562 section 5.7): the time in milliseconds, then random bits."""
    random = int.from_bytes(rng(10))
    head = (now * 1000 & (1 << 48) - 1) << 80
    low = random & (1 << 62) - 1
    return str(uuid.UUID(int=head | 7 << 76 | (random >> 62 & 0xFFF) << 64 | 2 << 62 | low))


def new_draft(kind: str, originator: str, now: int, rng: Rng) -> Notice:
    """A draft of ``kind`` with ids, times and the defaults of its kind, and a body that shows what is needed.

    It has no reference and no audience yet; ``check_notice`` says what is still missing. Raises FanalError
    for an unknown kind or a malformed agency id.
    """
    body = _body(kind)
    if not is_agency(originator):
        raise FanalError(BAD_AGENCY, agency=originator)
    start = DEFAULTS[body]
    notice = Notice(
        notice_id=new_notice_id(now, rng),
        revision=1,
        originator=originator,
        issued_at=_at(now),
        expires_at=_at(now + start.expires_days * DAY),
        urgency=start.urgency,
        handling=start.handling(),
        purpose=start.purpose,
        schema_minor=SCHEMA_MINOR,
    )
    if start.reply_hours:
        notice.reply_by.CopyFrom(_at(now + start.reply_hours * HOUR))
    notice.retention.schedule = start.schedule
    notice.retention.delete_by.CopyFrom(_at(now + min(KEPT_DAYS, RETENTION_DAYS[start.schedule]) * DAY))
    if body in NEED_EVALUATION:
        notice.evaluation.SetInParent()
    getattr(notice, body).SetInParent()
    _prefill(getattr(notice, body))
    if body == "shipment_warning":
        notice.shipment_warning.shipment.containers.add()
    return notice


def stamp(notice: Notice, ref: str, now: int, rng: Rng, *, parent: Notice | None = None) -> Notice:
    """The notice as it will be signed: issued now, under ``ref``, in the conversation of its parent.

    A draft without notice_id gets one; a revision keeps the reference of its notice. Makes a copy.
    Raises FanalError for a draft without a body.
    """
    if notice.WhichOneof("body") is None:
        raise FanalError(NO_BODY, act="issued")
    made = Notice()
    made.CopyFrom(notice)
    made.notice_id = made.notice_id or new_notice_id(now, rng)
    made.revision = max(made.revision, 1)
    if made.revision == 1 or not made.ref:
        made.ref = ref
    made.issued_at.CopyFrom(_at(now))
    if parent is not None:
        made.conversation_id = parent.conversation_id or parent.notice_id
    made.schema_minor = SCHEMA_MINOR
    del made.code_lists[:]
    made.code_lists.extend(installed())
    return made


def as_if_sent(draft: Notice, now: int, rng: Rng) -> Notice:
    """The draft with what sending will add: stamped now, under a made-up reference, and an audience if it has
    none. What the stamp cannot be given stays missing, so that the check finds it.
    """
    made = Notice()
    made.CopyFrom(draft)
    if not made.recipients and not made.group:
        made.recipients.append(next(one for one in _SOMEBODY if one != made.originator))
    if made.WhichOneof("body") is None or not is_agency(made.originator):
        return made
    year = datetime.datetime.fromtimestamp(now, datetime.UTC).year
    return stamp(made, make_ref(made.originator, year, 1), now, rng)


def revise(notice: Notice, originator: str, previous_sha256: str, change_note: str, now: int) -> Notice:
    """A draft of the next revision, to be edited and stamped.

    ``previous_sha256`` is of the statement that was signed for ``notice``, in lower-case hexadecimal.
    Raises FanalError when ``originator`` did not issue the notice.
    """
    require_own(notice, originator)
    made = Notice()
    made.CopyFrom(notice)
    made.revision = notice.revision + 1
    made.previous_sha256 = previous_sha256
    made.change_note = change_note
    made.issued_at.CopyFrom(_at(now))
    return made


def require_own(notice: Notice, originator: str) -> None:
    """Raise FanalError unless ``originator`` issued the notice: nobody edits another agency's notice."""
    if notice.originator != originator:
        raise FanalError(NOT_OWN_NOTICE, ref=notice.ref, owner=notice.originator, agency=originator)


def draft_json(notice: Message) -> dict[str, Any]:
    """The JSON form of a draft, with every required field shown, empty where it is still missing."""
    made = to_json(notice)
    required = REQUIRED.get(notice.DESCRIPTOR.name, "").split()
    shown: dict[str, Any] = {}
    for name, field in fields_of(notice.DESCRIPTOR).items():
        if field.sort is Sort.MESSAGE and name in made:
            value = getattr(notice, name)
            shown[name] = [draft_json(one) for one in value] if field.repeated else draft_json(value)
        elif name in made:
            shown[name] = made[name]
        elif name in required or field.key in _ALSO_SHOWN:
            shown.update(_empty(field))
    return shown


_SOMEBODY = ("GE-CUS", "AZ-CUS")
"""Stands for the audience that is given when the draft is sent."""

_ALSO_SHOWN = frozenset({"Notice.recipients"})


def _empty(field: Field) -> dict[str, Any]:
    """An empty value that parses and that the check then asks for; nothing for times and single messages."""
    if field.repeated:
        return {field.name: []}
    values = {Sort.STRING: "", Sort.CODE: "UNSPECIFIED", Sort.COUNT: 0}
    silent = field.sort not in values or field.presence  # an optional count of zero would be an answer
    return {} if silent else {field.name: values[field.sort]}


def _prefill(message: Message) -> None:
    """Put the messages that a message needs into it, so that a draft shows their fields."""
    fields = fields_of(message.DESCRIPTOR)
    for name in REQUIRED.get(message.DESCRIPTOR.name, "").split():
        field = fields[name]
        if field.sort is not Sort.MESSAGE or is_set(message, field):
            continue
        child = getattr(message, name)
        child = child.add() if field.repeated else child
        child.SetInParent()
        _prefill(child)


def _body(kind: str) -> str:
    if kind in KINDS:
        return kind.lower()
    nearest = difflib.get_close_matches(kind.upper(), KINDS, n=1, cutoff=0) or KINDS
    raise FanalError(UNKNOWN_KIND, kind=kind, nearest=nearest[0])


def _at(seconds: int) -> Timestamp:
    return Timestamp(seconds=seconds)

# SPDX-License-Identifier: Apache-2.0
"""What the vault's columns and indexes say about a notice, read from its bytes through the schema. Pure.

Promise: any bytes are described; what is no notice gets empty columns and an id made of its envelope's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from fanal.notices import identifiers
from fanal.notices.kinds import kind_of
from fanal.notices.schema import nodes, strings
from fanal.v1.notice_pb2 import Notice, Text, Tlp, Urgency

_TITLE = 80
_NEVER_INDEXED = frozenset({"national_case_ref", "previous_sha256", "notice_sha256", "sha256", "lang"})
"""Fields that hold no words to search for, and the file number that others never index (notice.proto)."""


@dataclass(frozen=True)
class Described:
    """Columns of a notice. ``identifiers`` are (type, normalised value, path); ``withdraws`` notice ids."""

    notice_id: str
    ref: str = ""
    revision: int = 0
    kind: str = ""
    originator: str = ""
    urgency: str = ""
    tlp: str = ""
    issued_at: int = 0
    reply_by: int = 0
    expires_at: int = 0
    delete_by: int = 0
    in_reply_to: str = ""
    title: str = ""
    text: str = field(default="", repr=False)
    identifiers: tuple[tuple[str, str, str], ...] = ()
    withdraws: tuple[str, ...] = ()


def describe(data: bytes, envelope_id: bytes) -> Described:
    """The columns of a notice's exact bytes."""
    try:
        notice = Notice.FromString(data)
    except DecodeError:
        return Described(envelope_id.hex())
    texts, title = _texts(notice)
    return Described(
        notice_id=notice.notice_id or envelope_id.hex(),
        ref=notice.ref,
        revision=notice.revision,
        kind=kind_of(notice) or "",
        originator=notice.originator,
        urgency=_name(Urgency.Code, notice.urgency),
        tlp=_name(Tlp.Code, notice.handling.tlp),
        issued_at=_seconds(notice.issued_at.seconds),
        reply_by=_seconds(notice.reply_by.seconds),
        expires_at=_seconds(notice.expires_at.seconds),
        delete_by=_seconds(notice.retention.delete_by.seconds),
        in_reply_to=notice.in_reply_to,
        title=title,
        text=texts,
        identifiers=tuple(
            (found.type, normalise(found.value), found.path) for found in identifiers.walk(notice)
        ),
        withdraws=tuple(notice.withdrawal.notice_ids),
    )


def normalise(identifier: str) -> str:
    """One form for all ways to write an identifier: capitals and digits, without spaces and punctuation."""
    return "".join(character for character in identifier.casefold() if character.isalnum())


def _texts(notice: Notice) -> tuple[str, str]:
    """All words for the full-text index, and the beginning of the original text as the title."""
    words: list[str] = []
    title = ""
    for node in nodes(notice):
        if isinstance(node.message, Text):
            if node.message.original and not title:
                title = node.message.text
            words.append(node.message.text)
            continue
        for column, value, _ in strings(node):
            if not column.identifier and not column.code_list and column.name not in _NEVER_INDEXED:
                words.append(value)
    shortened = " ".join(title.split())
    return "\n".join(words), shortened if len(shortened) <= _TITLE else shortened[: _TITLE - 1] + "…"


def _name(codes: type[Urgency.Code] | type[Tlp.Code], value: int) -> str:
    if not value or value not in codes.values():
        return ""
    return str(codes.Name(value))


def _seconds(value: int) -> int:
    # A peer's time may be any 64-bit number; before 1970 means nothing here.
    return max(0, value)

# SPDX-License-Identifier: Apache-2.0
"""What of a ledger goes into an export, column by column, and how a value is written in it.

Left out are bodies, own wraps and the wraps themselves (their hashes stand for them), and everything that is
this agency's own bookkeeping: deliveries, invitations, counters. What is in the export nobody can open.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fanal.keys.merkle import leaf_hash
from fanal.keys.pae import WRAPS_TREE


@dataclass(frozen=True)
class Form:
    """How the values of one column stand in JSON. ``read`` raises ValueError or TypeError for others."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _number(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _bytes(value: Any) -> bytes:
    """Never ``bytes(value)``: of a number that would be so many zeros."""
    if not isinstance(value, bytes):
        raise TypeError
    return value


NUMBER = Form(_number, _number)
TEXT = Form(_text, _text)
HEX = Form(lambda value: _bytes(value).hex(), lambda value: bytes.fromhex(_text(value)))
BASE64 = Form(
    lambda value: base64.b64encode(_bytes(value)).decode("ascii"),
    lambda value: base64.b64decode(_text(value), validate=True),
)
# A leaf is a line of ASCII and a note nearly always; one byte is one letter, so that any bytes survive.
LETTERS = Form(lambda value: _bytes(value).decode("latin-1"), lambda value: _text(value).encode("latin-1"))


@dataclass(frozen=True)
class Table:
    """One file of the export: a table of the ledger, its columns with their forms, and its order."""

    name: str
    columns: Sequence[tuple[str, Form]]
    order: str

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _form in self.columns)


_ENVELOPE: tuple[tuple[str, Form], ...] = (
    ("envelope_id", HEX),
    ("manifest_sha256", HEX),
    ("klass", NUMBER),
    ("priority", NUMBER),
    ("created", NUMBER),
    ("expires", NUMBER),
    ("previous", HEX),
    ("key_envelope", HEX),
    ("source", TEXT),
    ("arrived", NUMBER),
    ("signature", HEX),
    ("manifest", BASE64),
)

TABLES: tuple[Table, ...] = (
    Table("leaves", (("idx", NUMBER), ("data", LETTERS)), "idx"),
    Table("checkpoints", (("size", NUMBER), ("root", HEX), ("note", LETTERS)), "size"),
    Table(
        "documents",
        (
            ("n", NUMBER),
            ("kind", TEXT),
            ("agency", TEXT),
            ("serial", NUMBER),
            ("sha256", HEX),
            ("document", BASE64),
            ("arrived", NUMBER),
        ),
        "n",
    ),
    Table(
        "incarnations",
        (("n", NUMBER), ("incarnation", HEX), ("predecessor", HEX), ("reason", TEXT), ("started", NUMBER)),
        "n",
    ),
    Table(
        "lanes",
        (("id", NUMBER), ("lane", HEX), ("author", TEXT), ("audience", HEX), ("channel", TEXT)),
        "id",
    ),
    Table(
        "streams",
        (
            ("id", NUMBER),
            ("lane", NUMBER),
            ("incarnation", HEX),
            ("floor", NUMBER),
            ("next", NUMBER),
            ("head", HEX),
            ("closed", NUMBER),
        ),
        "id",
    ),
    Table(
        "successors",
        (("lane", NUMBER), ("predecessor", HEX), ("incarnation", HEX), ("stop", NUMBER), ("head", HEX)),
        "lane, predecessor, incarnation",
    ),
    Table("holes", (("stream", NUMBER), ("start", NUMBER), ("stop", NUMBER)), "stream, start"),
    Table(
        "entries",
        (("arrival", NUMBER), ("stream", NUMBER), ("seq", NUMBER), ("leaf", NUMBER), *_ENVELOPE),
        "arrival",
    ),
    Table("forks", (("n", NUMBER), ("kept", NUMBER), *_ENVELOPE), "n"),
    Table(
        "wraps",
        (("entry", NUMBER), ("idx", NUMBER), ("recipient", TEXT), ("wrap", HEX), ("path", HEX)),
        "entry, idx",
    ),
    Table(
        "peer_checkpoints",
        (
            ("origin", TEXT),
            ("agency", TEXT),
            ("size", NUMBER),
            ("root", HEX),
            ("note", LETTERS),
            ("seen", NUMBER),
        ),
        "origin",
    ),
    Table(
        "erasures",
        (
            ("envelope_id", HEX),
            ("manifest_sha256", HEX),
            ("key_envelope", HEX),
            ("basis", TEXT),
            ("at", NUMBER),
            ("final", NUMBER),
        ),
        "manifest_sha256",
    ),
)
"""In the order in which they stand in the file."""

DIGESTS = Table(
    "bodies",
    (("arrival", NUMBER), ("body_sha256", HEX), ("body_length", NUMBER), ("own_wrap_sha256", HEX)),
    "arrival",
)
"""Not a table of the ledger: the hashes of what is left out, for every entry whose body was held."""


def stand_in(table: str, column: str, value: Any) -> Any:
    """What stands for a value in the export: the hash of a wrap, else the value itself."""
    return leaf_hash(value, WRAPS_TREE) if (table, column) == ("wraps", "wrap") else value


def digests_of(arrival: int, body: bytes, own_wrap: bytes) -> tuple[int, bytes, int, bytes]:
    """A row of DIGESTS."""
    return arrival, hashlib.sha256(body).digest(), len(body), hashlib.sha256(own_wrap).digest()

# SPDX-License-Identifier: Apache-2.0
"""The ledger leaf: one line of strict ASCII for one fact, stored and hashed byte for byte.

``fanal-leaf/v1 TYPE key=value key=value ...`` and one LF: each key once and in the order of its type, one
space between, values in the forms of ``fanal.proof.leaf_forms``, at most 4,096 bytes. For instance::

    fanal-leaf/v1 erasure time=2026-01-01T00:00:00Z actor=- envelope=... manifest=... basis=delete-by ...

Promise: a fact has exactly one spelling; ``decode`` refuses every other, so that bytes under a root mean
one thing. A leaf names no person (an officer is a keyed HMAC that only the agency can resolve) and holds
no free text (details are salted hashes). A new key is a new version word. Written out in
docs/leaf-format.md, source: "Ledger and proofs" of docs/protocol.md.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from fanal.errors import FanalError, VerificationError
from fanal.keys import merkle
from fanal.proof.errors import LEAF_FIELD, LEAF_MALFORMED, LEAF_TOO_LONG
from fanal.proof.leaf_forms import AGENCY, HEX16, HEX32, TIME, TOKEN, UINT, Form, Value, one_of, optional

MAX_LEAF_BYTES = 4096
VERSION = "fanal-leaf/v1"


class LeafType(enum.Enum):
    """What kind of fact a leaf records; the value is the word on the line."""

    ENVELOPE_OUT = "envelope-out"
    ENVELOPE_IN = "envelope-in"
    RELAY = "relay"
    RECEIPT_OUT = "receipt-out"
    RECEIPT_IN = "receipt-in"
    ACCESS = "access"
    REFUSAL = "refusal"
    ADMIN = "admin"
    PEER_CHECKPOINT = "peer-checkpoint"
    ERASURE = "erasure"
    EXPORT = "export"
    INCIDENT = "incident"


_CLASS = one_of("notice", "receipt", "key", "control")
_RECEIPT = one_of("stored", "relayed", "rejected", "held", "read", "complied", "refused")
_ACT = one_of("read", "search", "print", "export")

_ENVELOPE: dict[str, Form] = {
    "time": TIME,
    "lane": HEX32,
    "incarnation": HEX16,
    "seq": UINT,
    "envelope": HEX16,
    "manifest": HEX32,
    "author": AGENCY,
    "class": _CLASS,
}
_RECEIPT_FIELDS: dict[str, Form] = {
    "time": TIME,
    "kind": _RECEIPT,
    "lane": HEX32,
    "incarnation": HEX16,
    "first": UINT,
    "last": UINT,
    "receipt": HEX32,
    "envelope": HEX16,
    "peer": AGENCY,
}

FIELDS: Mapping[LeafType, Mapping[str, Form]] = {
    LeafType.ENVELOPE_OUT: _ENVELOPE,
    LeafType.ENVELOPE_IN: {**_ENVELOPE, "peer": AGENCY},
    LeafType.RELAY: {**_ENVELOPE, "peer": AGENCY},
    LeafType.RECEIPT_OUT: _RECEIPT_FIELDS,
    LeafType.RECEIPT_IN: _RECEIPT_FIELDS,
    LeafType.ACCESS: {
        "time": TIME,
        "actor": HEX16,
        "act": _ACT,
        "envelope": optional(HEX16),
        "detail": optional(HEX32),
    },
    LeafType.REFUSAL: {
        "time": TIME,
        "code": TOKEN,
        "envelope": optional(HEX16),
        "peer": optional(AGENCY),
        "actor": optional(HEX16),
        "detail": optional(HEX32),
    },
    LeafType.ADMIN: {"time": TIME, "actor": optional(HEX16), "what": TOKEN, "detail": HEX32},
    LeafType.PEER_CHECKPOINT: {
        "time": TIME,
        "peer": AGENCY,
        "log": UINT,
        "size": UINT,
        "root": HEX32,
        "note": HEX32,
    },
    LeafType.ERASURE: {
        "time": TIME,
        "actor": optional(HEX16),
        "envelope": HEX16,
        "manifest": HEX32,
        "basis": TOKEN,
        "state": one_of("pending", "final"),
        "detail": HEX32,
    },
    LeafType.EXPORT: {
        "time": TIME,
        "actor": HEX16,
        "scope": TOKEN,
        "envelope": optional(HEX16),
        "file": HEX32,
        "detail": optional(HEX32),
    },
    LeafType.INCIDENT: {
        "time": TIME,
        "what": TOKEN,
        "peer": optional(AGENCY),
        "size": optional(UINT),
        "root": optional(HEX32),
        "restored": optional(UINT),
        "evidence": optional(HEX32),
        "detail": optional(HEX32),
    },
}
"""The keys of each type in their order on the line, with the form of each value."""


@dataclass(frozen=True)
class Leaf:
    """One fact: its type and one value per key, in key order.

    Bytes stand for hex fields, int for numbers and Unix times in seconds, str for words, None for '-'.
    """

    type: LeafType
    values: tuple[Value, ...]

    @classmethod
    def of(cls, leaf_type: LeafType, fields: Mapping[str, Value]) -> Leaf:
        """A leaf from named values; a missing optional value is None.

        Raises FanalError for a key that the type does not have. The values are checked by ``encode``.
        """
        for key in fields:
            if key not in FIELDS[leaf_type]:
                raise FanalError(LEAF_FIELD, type=leaf_type.value, field=key, form="a field of this type")
        return cls(leaf_type, tuple(fields.get(key) for key in FIELDS[leaf_type]))

    def __getitem__(self, key: str) -> Value:
        """The value of ``key``; KeyError when the type has no such key."""
        keys = list(FIELDS[self.type])
        if key not in keys:
            raise KeyError(key)
        return self.values[keys.index(key)]


def encode(leaf: Leaf) -> bytes:
    """The one line that says ``leaf``, with its LF. Raises FanalError naming the field and its form."""
    forms = FIELDS[leaf.type]
    if len(leaf.values) != len(forms):
        raise FanalError(LEAF_MALFORMED, reason=f"{leaf.type.value} has {len(forms)} fields")
    words = [VERSION, leaf.type.value]
    for (key, form), value in zip(forms.items(), leaf.values, strict=True):
        try:
            words.append(f"{key}={form.write(value)}")
        except ValueError:
            raise FanalError(LEAF_FIELD, type=leaf.type.value, field=key, form=form.name) from None
    return (" ".join(words) + "\n").encode("ascii")


def decode(data: bytes) -> Leaf:
    """The fact that these exact bytes say.

    Raises VerificationError for bytes that are too long, malformed, or any other spelling of a fact than
    the one ``encode`` writes.
    """
    if len(data) > MAX_LEAF_BYTES:
        raise VerificationError(LEAF_TOO_LONG, expected=MAX_LEAF_BYTES, found=len(data))
    version, leaf_type, *pairs = _words(data)
    if version != VERSION:
        raise _malformed("it does not begin with " + VERSION)
    try:
        known = LeafType(leaf_type)
    except ValueError:
        raise _malformed("its type is unknown") from None
    leaf = Leaf(known, _values(known, pairs))
    # The forms read only what they write; this holds even if a later form does not.
    if encode(leaf) != data:
        raise _malformed("it is not spelled in the one allowed way")
    return leaf


def hash_of(data: bytes) -> bytes:
    """The RFC 6962 leaf hash of a leaf's exact bytes."""
    return merkle.leaf_hash(data)


def _words(data: bytes) -> list[str]:
    line, line_end, rest = data.partition(b"\n")
    if not line_end or rest or not line.isascii() or not line.decode("ascii").isprintable():
        raise _malformed("it is not one line of ASCII ending in LF")
    words = line.decode("ascii").split(" ")
    if len(words) < 2:
        raise _malformed("it has no type")
    return words


def _values(leaf_type: LeafType, pairs: list[str]) -> tuple[Value, ...]:
    forms = FIELDS[leaf_type]
    if len(pairs) != len(forms):
        raise _malformed(f"{leaf_type.value} has {len(forms)} fields, this has {len(pairs)}")
    values: list[Value] = []
    for pair, (key, form) in zip(pairs, forms.items(), strict=True):
        name, equals, text = pair.partition("=")
        if name != key or not equals:
            raise _malformed(f"field {key} is not in its place")
        try:
            values.append(form.read(text))
        except ValueError:
            raise VerificationError(LEAF_FIELD, type=leaf_type.value, field=key, form=form.name) from None
    return tuple(values)


def _malformed(reason: str) -> VerificationError:
    return VerificationError(LEAF_MALFORMED, reason=reason)

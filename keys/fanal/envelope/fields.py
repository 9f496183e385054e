# SPDX-License-Identifier: Apache-2.0
"""The fields root: one signature of the officer under which single fields can be shown later.

Promise: a shown field was in the notice at that path with that value. It is no proof that nothing else was.
What stays hidden stays hidden: each leaf is blinded by HMAC(field salt, path), which a proof gives away for
its own path only, and leaves stand in the order of their hashes, not of the notice.

One leaf per scalar field that is set: SHA-256(0x00, domain, blind, path, value), length-prefixed. Paths read
``shipment_warning.goods[0].hs_code``; values are UTF-8 text, decimal integers (enums too, by number, and
Timestamps as ``issued_at.seconds``), ``true`` or raw bytes. Leaves are sorted, then filled up to a power of
two with HMAC(field salt, "pad", i). A notice with fields that this version does not know has no root here:
the answer is None, undecided, never a refusal.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from fanal.envelope import limits
from fanal.envelope.commitments import keyed, prefixed
from fanal.envelope.errors import FIELD_UNKNOWN, FIELDS_ROOT, FIELDS_UNDECIDED
from fanal.errors import FanalError, VerificationError
from fanal.keys import merkle
from fanal.keys.pae import FIELD_BLIND_DOMAIN, FIELD_PAD_DOMAIN, FIELDS_TREE
from fanal.v1.notice_pb2 import Notice

Scalar = str | int | bool | bytes


@dataclass(frozen=True)
class FieldProof:
    """One shown field: its blind opens this path alone; ``siblings`` lead from its leaf to the root."""

    path: str
    value: bytes
    blind: bytes
    index: int
    siblings: tuple[bytes, ...]


def parse_notice(notice: bytes) -> Notice | None:
    """The notice as this version reads it, unknown fields kept; None if the bytes are no protobuf."""
    try:
        return Notice.FromString(notice)
    except DecodeError:
        return None


def scalars(message: Message, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """Path and encoded value of every scalar field that is set, at any depth."""
    for field, value in message.ListFields():
        path = prefix + field.name
        if not field.is_repeated:
            yield from _field(field, value, path)
            continue
        for index, item in enumerate(value):
            yield from _field(field, item, f"{path}[{index}]")


def encode_value(value: Scalar) -> bytes:
    """A scalar as its leaf holds it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return str(value).encode()


def root(notice: Message, field_salt: bytes) -> bytes | None:
    """The fields root, 32 bytes; None when undecided: unknown fields, or more than 8,192 known ones."""
    leaves = _leaves(notice, field_salt)
    return None if leaves is None else merkle.root_of(_filled(leaves, field_salt), FIELDS_TREE)


def check_root(expected: bytes, notice: Message, field_salt: bytes) -> bool:
    """True if the officer signed for exactly these fields, False if undecided, VerificationError if not."""
    found = root(notice, field_salt)
    if found is None:
        return False
    if not hmac.compare_digest(expected, found):
        raise VerificationError(FIELDS_ROOT, expected=expected.hex(), found=found.hex())
    return True


def prove(notice: Message, field_salt: bytes, paths: list[str]) -> list[FieldProof]:
    """A proof for each path, in that order.

    Raises FanalError for a path that is not set in the notice, and when the fields are undecided.
    """
    found = _leaves(notice, field_salt)
    if found is None:
        raise FanalError(FIELDS_UNDECIDED, reason="unknown or too many fields")
    known = dict(scalars(notice))
    leaves = _filled(found, field_salt)
    proofs = []
    for path in paths:
        if path not in known:
            raise FanalError(FIELD_UNKNOWN, field=path)
        blind = _blind(field_salt, path)
        index = leaves.index(_leaf(blind, path, known[path]))
        siblings = merkle.path_of(leaves, index, FIELDS_TREE)
        proofs.append(FieldProof(path, known[path], blind, index, tuple(siblings)))
    return proofs


def verify_field(proof: FieldProof, fields_root: bytes) -> None:
    """Raise VerificationError unless the field stood in the notice whose fields root this is."""
    leaf = _leaf(proof.blind, proof.path, proof.value)
    # The tree is full, so the length of the path is its height.
    size = 1 << len(proof.siblings) if len(proof.siblings) < merkle.MAX_PATH else 0
    merkle.verify_path(leaf, proof.index, size, proof.siblings, fields_root, FIELDS_TREE)


def has_unknown(message: Message) -> bool:
    """Whether any part of the message holds a field that this version does not know."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return known.ByteSize() != message.ByteSize()


def _field(field: FieldDescriptor, value: Any, path: str) -> Iterator[tuple[str, bytes]]:
    if field.message_type is not None:
        yield from scalars(value, path + ".")
    else:
        yield path, encode_value(value)


def _leaves(notice: Message, field_salt: bytes) -> list[bytes] | None:
    if has_unknown(notice):
        return None
    leaves: list[bytes] = []
    for path, value in scalars(notice):
        if len(leaves) == limits.FIELDS:
            return None
        leaves.append(_leaf(_blind(field_salt, path), path, value))
    return leaves


def _filled(leaves: list[bytes], field_salt: bytes) -> list[bytes]:
    size = 1 << max(len(leaves) - 1, 0).bit_length()
    pads = (keyed(field_salt, FIELD_PAD_DOMAIN, b"pad", i.to_bytes(8)) for i in range(size - len(leaves)))
    return [*sorted(leaves), *pads]


def _blind(field_salt: bytes, path: str) -> bytes:
    return keyed(field_salt, FIELD_BLIND_DOMAIN, path.encode())


def _leaf(blind: bytes, path: str, value: bytes) -> bytes:
    return merkle.leaf_hash(prefixed(blind, path.encode(), value), FIELDS_TREE)

# SPDX-License-Identifier: Apache-2.0
"""Strict protobuf: one message has exactly one encoding, and no field escapes the reader.

For our own messages only. Notices are opaque to the layers below and keep unknown fields.
"""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from fanal.errors import VerificationError
from fanal.keys.errors import MALFORMED, NOT_CANONICAL, TOO_LARGE, UNKNOWN_FIELD

M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """The one accepted encoding of a message."""
    return message.SerializeToString(deterministic=True)


def decode(cls: type[M], data: bytes, limit: int) -> M:
    """Parse at most ``limit`` bytes as ``cls``.

    Raises VerificationError: over the limit (before parsing), not parseable, unknown fields at any depth
    (a signer could hide text in them), or bytes other than ``encode`` gives (duplicate fields, over-long
    varints, another field order, explicit defaults).
    """
    name = cls.DESCRIPTOR.name
    if len(data) > limit:
        raise VerificationError(TOO_LARGE, message=name, found=len(data), limit=limit)
    message = cls()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise VerificationError(MALFORMED, message=name) from None
    with_unknown = encode(message)
    message.DiscardUnknownFields()  # type: ignore[no-untyped-call,unused-ignore]
    encoded = encode(message)
    if encoded != with_unknown:
        raise VerificationError(UNKNOWN_FIELD, message=name)
    if encoded != data:
        raise VerificationError(NOT_CANONICAL, message=name)
    return message

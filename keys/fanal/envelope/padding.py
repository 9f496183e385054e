# SPDX-License-Identifier: Apache-2.0
"""Padme padding with a floor of 1 KiB: a body's length tells little about what is in it.

Promise: lengths leak O(log log n) bits and cost at most 12 % (Nikitin et al., "Reducing Metadata Leakage
from Encrypted Files and Communication with PURBs", PoPETs 2019, section 4). One message has one padded form:
the data, one byte 0x80, then zeros up to the next Padme size; any other padding is refused.
"""

from __future__ import annotations

from typing import Final

from fanal.envelope.errors import CONTENT
from fanal.errors import VerificationError

FLOOR: Final = 1024
_MARK: Final = b"\x80"


def padme(length: int) -> int:
    """The smallest allowed length that holds ``length`` bytes; at least FLOOR."""
    if length <= FLOOR:
        return FLOOR
    exponent = length.bit_length() - 1
    free = exponent - exponent.bit_length()
    mask = (1 << free) - 1
    return (length + mask) & ~mask


def pad(data: bytes) -> bytes:
    """``data``, the mark 0x80 and zeros, of a Padme length."""
    marked = data + _MARK
    return marked.ljust(padme(len(marked)), b"\x00")


def unpad(padded: bytes) -> bytes:
    """What :func:`pad` was given; VerificationError for anything that it never returns."""
    data, mark, zeros = padded.rpartition(_MARK)
    if not mark or zeros.strip(b"\x00") or len(padded) != padme(len(data) + 1):
        raise VerificationError(CONTENT, reason="its padding is not that of Padme")
    return data


def room(limit: int) -> int:
    """The most bytes that fit, padded, into ``limit`` bytes; negative if nothing fits."""
    if limit < FLOOR:
        return -1
    exponent = limit.bit_length() - 1
    free = exponent - exponent.bit_length()
    return max(FLOOR, limit & ~((1 << free) - 1)) - 1

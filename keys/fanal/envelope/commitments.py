# SPDX-License-Identifier: Apache-2.0
"""Hashes that bind: content, notice and lane, each under its own domain, every part length-prefixed.

Promise: two different lists of parts never hash alike, in one domain or across domains. Salts are 32 random
bytes, so nobody can guess at a notice from its commitment; unsalted hashes of notices exist nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from typing import Final

from fanal.envelope import limits
from fanal.envelope.errors import COMMITMENT, CONTENT
from fanal.errors import VerificationError
from fanal.keys.pae import CONTENT_COMMITMENT_DOMAIN, NOTICE_COMMITMENT_DOMAIN

Rng = Callable[[int], bytes]
"""Gives that many random bytes; os.urandom outside of tests."""

DEFAULT_RNG: Final[Rng] = os.urandom


def prefixed(*values: bytes) -> bytes:
    """Each value behind its length in eight big-endian bytes: no two lists of values look alike."""
    return b"".join(len(value).to_bytes(8) + value for value in values)


def parts(domain: bytes, *values: bytes) -> bytes:
    """A domain of ``fanal.keys.pae`` (it ends in NUL), then the values, length-prefixed."""
    return domain + prefixed(*values)


def digest(domain: bytes, *values: bytes) -> bytes:
    """SHA-256 over :func:`parts`, 32 bytes."""
    return hashlib.sha256(parts(domain, *values)).digest()


def keyed(key: bytes, domain: bytes, *values: bytes) -> bytes:
    """HMAC-SHA-256 over :func:`parts`, 32 bytes (RFC 2104)."""
    return hmac.digest(key, parts(domain, *values), "sha256")


def sha256(data: bytes) -> bytes:
    """Plain SHA-256, where the schema says so: manifests, headers, statements, ciphertexts."""
    return hashlib.sha256(data).digest()


def content_commitment(salt: bytes, core: bytes) -> bytes:
    """What a header says about its content: ``core`` is statement, receipts or control message."""
    return digest(CONTENT_COMMITMENT_DOMAIN, salt, core)


def notice_commitment(salt: bytes, notice: bytes) -> bytes:
    """What a statement says about the notice's exact bytes."""
    return digest(NOTICE_COMMITMENT_DOMAIN, salt, notice)


def check_content(expected: bytes, salt: bytes, core: bytes) -> None:
    """Raise VerificationError unless the header commits to this content."""
    _check_salt("content salt", salt)
    if not hmac.compare_digest(expected, content_commitment(salt, core)):
        raise VerificationError(COMMITMENT, field="content")


def check_notice(expected: bytes, salt: bytes, notice: bytes) -> None:
    """Raise VerificationError unless the statement commits to these notice bytes."""
    _check_salt("notice salt", salt)
    if not hmac.compare_digest(expected, notice_commitment(salt, notice)):
        raise VerificationError(COMMITMENT, field="notice")


def _check_salt(name: str, salt: bytes) -> None:
    if len(salt) != limits.SALT:
        raise VerificationError(CONTENT, reason=f"the {name} is not {limits.SALT} bytes long")

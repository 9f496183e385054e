# SPDX-License-Identifier: Apache-2.0
"""ML-DSA-44 (FIPS 204) beside Ed25519: roots and anchors stay unforgeable when Ed25519 has fallen.

The private key is its 32-byte seed. The context string of FIPS 204 stays empty: the PAE carries the type.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from fanal.errors import VerificationError
from fanal.keys.errors import BAD_SIGNATURE, KEY_LENGTH, WEAK_KEY

NAME = "ML-DSA-44"
SEED_BYTES = 32
PUBLIC_BYTES = 1312
SIGNATURE_BYTES = 2420


def generate() -> bytes:
    """A new 32-byte seed from the system's random source."""
    return MLDSA44PrivateKey.generate().private_bytes_raw()


def public_of(seed: bytes) -> bytes:
    """The 1,312-byte public key of a seed."""
    return _private(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """The 2,420-byte signature over the exact bytes of ``message`` (hedged: it differs each time)."""
    return _private(seed).sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Accept only a valid 2,420-byte signature by ``public`` over exactly ``message``.

    Raises VerificationError (FIPS 204, algorithm 3).
    """
    _length("signature", signature, SIGNATURE_BYTES)
    key = _public(public)
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise VerificationError(BAD_SIGNATURE, algorithm=NAME) from None


def validate_public(public: bytes) -> None:
    """Accept only 1,312 bytes that decode as a public key. Raises VerificationError."""
    _public(public)


def _private(seed: bytes) -> MLDSA44PrivateKey:
    if len(seed) != SEED_BYTES:
        raise ValueError("an ML-DSA-44 seed is 32 bytes long")
    return MLDSA44PrivateKey.from_seed_bytes(seed)


def _public(public: bytes) -> MLDSA44PublicKey:
    _length("public key", public, PUBLIC_BYTES)
    try:
        return MLDSA44PublicKey.from_public_bytes(public)
    except ValueError:
        raise VerificationError(WEAK_KEY, algorithm=NAME, reason="it does not decode") from None


def _length(part: str, value: bytes, expected: int) -> None:
    if len(value) != expected:
        raise VerificationError(KEY_LENGTH, algorithm=NAME, part=part, found=len(value), expected=expected)

# SPDX-License-Identifier: Apache-2.0
"""Ed25519 (RFC 8032) by libsodium: a signature that verifies here was made by the key's owner.

libsodium and not OpenSSL, because OpenSSL-backed verifiers accept small-order public keys, under which any
message verifies. Keys are also checked when they are enrolled (``validate_public``).
"""

from __future__ import annotations

from nacl import bindings
from nacl.exceptions import BadSignatureError

from fanal.errors import VerificationError
from fanal.keys.errors import BAD_SIGNATURE, KEY_LENGTH, WEAK_KEY

NAME = "Ed25519"
SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


def generate() -> bytes:
    """A new 32-byte seed from the system's random source. The seed is the private key."""
    return bindings.randombytes(SEED_BYTES)


def public_of(seed: bytes) -> bytes:
    """The 32-byte public key of a seed."""
    return bindings.crypto_sign_seed_keypair(_seed(seed))[0]


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64-byte signature over the exact bytes of ``message``."""
    _public, secret = bindings.crypto_sign_seed_keypair(_seed(seed))
    return bindings.crypto_sign(message, secret)[:SIGNATURE_BYTES]


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Accept only a valid 64-byte signature by ``public`` over exactly ``message``.

    Raises VerificationError. Refuses small-order keys and malleable signatures (RFC 8032, 5.1.7 and 8.4).
    """
    _length("public key", public, PUBLIC_BYTES)
    _length("signature", signature, SIGNATURE_BYTES)
    try:
        bindings.crypto_sign_open(signature + message, public)
    except BadSignatureError:
        raise VerificationError(BAD_SIGNATURE, algorithm=NAME) from None


def validate_public(public: bytes) -> None:
    """Accept only a canonical point of the prime-order group (no small order, no mixed order).

    Raises VerificationError. To be called whenever a key is enrolled.
    """
    _length("public key", public, PUBLIC_BYTES)
    if not bindings.crypto_core_ed25519_is_valid_point(public):
        reason = "not a canonical point of the prime-order group"
        raise VerificationError(WEAK_KEY, algorithm=NAME, reason=reason)


def _seed(seed: bytes) -> bytes:
    if len(seed) != SEED_BYTES:
        raise ValueError("an Ed25519 seed is 32 bytes long")
    return seed


def _length(part: str, value: bytes, expected: int) -> None:
    if len(value) != expected:
        raise VerificationError(KEY_LENGTH, algorithm=NAME, part=part, found=len(value), expected=expected)

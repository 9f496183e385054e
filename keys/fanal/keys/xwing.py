# SPDX-License-Identifier: Apache-2.0
"""X-Wing sealing: who lacks the private key learns nothing, today or with a quantum computer later.

HPKE base mode (RFC 9180) with KEM MLKEM768_X25519 (0x647a, X-Wing, draft-connolly-cfrg-xwing-kem),
HKDF-SHA256 and ChaCha20-Poly1305. The private key is the 32-byte seed: SHAKE256(seed, 96) gives the 64-byte
ML-KEM seed (d || z) and the 32-byte X25519 key. The public key is ML-KEM (1,184) || X25519 (32).
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from fanal.errors import VerificationError
from fanal.keys.errors import KEY_LENGTH, SEALED_UNREADABLE, WEAK_KEY

NAME = "X-Wing"
SEED_BYTES = 32
PUBLIC_BYTES = 1216
ENCAPSULATED_BYTES = 1120
TAG_BYTES = 16
SEALED_KEY_BYTES = ENCAPSULATED_BYTES + 32 + TAG_BYTES
"""Size of a sealed 32-byte key: 1,168."""

_MLKEM_PUBLIC = 1184
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def generate() -> bytes:
    """A new 32-byte seed from the system's random source."""
    return secrets.token_bytes(SEED_BYTES)


def public_of(seed: bytes) -> bytes:
    """The 1,216-byte public key of a seed."""
    mlkem, x25519 = _halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Encapsulated key || ciphertext: 1,120 + len(plaintext) + 16 bytes, bound to ``info``.

    Raises VerificationError for a public key that does not decode or cannot take a secret.
    """
    key = _public(public)
    try:
        return _SUITE.encrypt(plaintext, key, info)
    except ValueError:
        raise VerificationError(WEAK_KEY, algorithm=NAME, reason="no secret can be sealed to it") from None


def open(seed: bytes, info: bytes, sealed: bytes) -> bytes:
    """The plaintext of ``sealed``. Raises VerificationError if key, ``info`` or any byte is another."""
    try:
        return _SUITE.decrypt(sealed, MLKEM768X25519PrivateKey(*_halves(seed)), info)
    except (InvalidTag, ValueError):
        raise VerificationError(SEALED_UNREADABLE) from None


def validate_public(public: bytes) -> None:
    """Accept only a key to which a secret can really be sealed; tried once, at enrolment.

    A key with a low-order X25519 half would otherwise make every later sealing to its channel fail.
    Raises VerificationError.
    """
    seal(public, b"", bytes(32))


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != SEED_BYTES:
        raise ValueError("an X-Wing seed is 32 bytes long")
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(
        expanded[64:]
    )


def _public(public: bytes) -> MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_BYTES:
        found = len(public)
        raise VerificationError(
            KEY_LENGTH, algorithm=NAME, part="public key", found=found, expected=PUBLIC_BYTES
        )
    try:
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]),
        )
    except ValueError:
        raise VerificationError(WEAK_KEY, algorithm=NAME, reason="it does not decode") from None

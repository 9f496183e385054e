# SPDX-License-Identifier: Apache-2.0
"""The full id of a key: found by the hash of algorithm and public key, never by a short name."""

from __future__ import annotations

import hashlib

from fanal.keys.pae import KEY_DOMAIN
from fanal.v1.identity_pb2 import KeyAlgorithm, PublicKey

KEY_ID_BYTES = 32


def key_id(key: PublicKey) -> bytes:
    """SHA-256("fanal/key/v1" NUL algorithm name NUL public key), 32 bytes.

    Raises ValueError for an algorithm this version does not know.
    """
    name = KeyAlgorithm.Code.Name(key.algorithm).encode("ascii")
    return hashlib.sha256(KEY_DOMAIN + name + b"\x00" + key.key).digest()


def ed25519_key(public: bytes) -> PublicKey:
    """The typed form of a 32-byte Ed25519 public key."""
    return PublicKey(algorithm=KeyAlgorithm.ED25519, key=public)


def ml_dsa_key(public: bytes) -> PublicKey:
    """The typed form of a 1,312-byte ML-DSA-44 public key."""
    return PublicKey(algorithm=KeyAlgorithm.ML_DSA_44, key=public)


def x_wing_key(public: bytes) -> PublicKey:
    """The typed form of a 1,216-byte X-Wing public key."""
    return PublicKey(algorithm=KeyAlgorithm.X_WING, key=public)


def spki_key(der: bytes) -> PublicKey:
    """The typed form of a DER SubjectPublicKeyInfo."""
    return PublicKey(algorithm=KeyAlgorithm.SPKI, key=der)

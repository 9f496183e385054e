# SPDX-License-Identifier: Apache-2.0
"""Encrypted PKCS#8 with a cost worth its name (RFC 5958; PBES2 of RFC 8018, 6.2): PBKDF2 and AES-256-CBC.

Written here because `cryptography` fixes 2,048 rounds for this format, which protects no passphrase, and
offers no knob. What is written is read back by `cryptography` and by openssl.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PASSPHRASE_ROUNDS = 600_000
"""PBKDF2-HMAC-SHA256 rounds for what a person can remember (OWASP password storage cheat sheet, 2023)."""
RANDOM_KEY_ROUNDS = 2048
"""Rounds for a password with 256 random bits, which needs no stretching."""
SALT_BYTES = 16
IV_BYTES = 16

_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d0209") + b"\x05\x00"
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30


def encrypt_pkcs8(private_der: bytes, password: bytes, rounds: int, salt: bytes, iv: bytes) -> bytes:
    """PEM of an EncryptedPrivateKeyInfo around a PKCS#8 PrivateKeyInfo. ``salt``, ``iv``: 16 random bytes."""
    key = hashlib.pbkdf2_hmac("sha256", password, salt, rounds, 32)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(padder.update(private_der) + padder.finalize()) + encryptor.finalize()
    cost = rounds.to_bytes(rounds.bit_length() // 8 + 1, "big")
    kdf_parameters = _der(_OCTETS, salt) + _der(_INTEGER, cost) + _der(_SEQUENCE, _HMAC_SHA256)
    kdf = _der(_SEQUENCE, _PBKDF2 + _der(_SEQUENCE, kdf_parameters))
    cipher = _der(_SEQUENCE, _AES_256_CBC + _der(_OCTETS, iv))
    scheme = _der(_SEQUENCE, _PBES2 + _der(_SEQUENCE, kdf + cipher))
    return _pem(_der(_SEQUENCE, scheme + _der(_OCTETS, ciphertext)))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    encoded = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(encoded)]) + encoded + content


def _pem(der: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der).decode("ascii"), 64)
    label = "ENCRYPTED PRIVATE KEY"
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode("ascii")

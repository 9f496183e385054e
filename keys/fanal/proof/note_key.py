# SPDX-License-Identifier: Apache-2.0
"""Ed25519 keys of signed notes: the key id, the verifier key line, and the signer.

Promise: a key taken from a verifier key line has the id that its own name and bytes give, so a line that
was mixed from two keys is refused before it is trusted. Source: https://c2sp.org/signed-note.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.proof.errors import VKEY_MALFORMED
from fanal.proof.note import KEY_ID_BYTES, check_name, decode_base64

ED25519 = b"\x01"
"""Signature type of plain Ed25519 notes; witnesses use 0x04, and 0x06 for ML-DSA-44."""
MAX_VKEY_LETTERS = 512
_KEY_BYTES = 32


def key_id(name: str, signature_type: bytes, public_key: bytes) -> bytes:
    """SHA-256(name || LF || signature type || public key), its first four bytes."""
    return hashlib.sha256(name.encode() + b"\n" + signature_type + public_key).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True)
class Ed25519Verifier:
    """A named Ed25519 public key of 32 bytes (RFC 8032). Raises FanalError for a bad name or a weak key."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        ed25519.validate_public(self.public_key)

    @property
    def key_id(self) -> bytes:
        """The four bytes that find this key's line on a note."""
        return key_id(self.name, ED25519, self.public_key)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise VerificationError unless ``signature`` is this key's over ``text``."""
        ed25519.verify(self.public_key, text, signature)

    def vkey(self) -> str:
        """NAME+KEYID+BASE64, the form in which other people's tools are given the key."""
        encoded = base64.b64encode(ED25519 + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True)
class Ed25519Signer:
    """Signs notes under ``name`` with an unlocked 32-byte Ed25519 seed."""

    name: str
    seed: bytes = field(repr=False)
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def key_id(self) -> bytes:
        """The four bytes that mark this key's line on a note."""
        return key_id(self.name, ED25519, self.public_key)

    def sign(self, text: bytes) -> bytes:
        """The 64-byte signature over the note text.

        Raises VerificationError when it does not verify under ``public_key``: a seed of another key, or a
        faulty computation, must never leave the node as a signature.
        """
        signature = ed25519.sign(self.seed, text)
        ed25519.verify(self.public_key, text, signature)
        return signature


def parse_vkey(text: str) -> Ed25519Verifier:
    """The Ed25519 key of a verifier key line.

    Raises FanalError for any other shape, an id that does not belong to name and key, and a weak key.
    """
    if len(text) > MAX_VKEY_LETTERS:
        raise _malformed("it is too long")
    name, *rest = text.split("+", 2)
    if len(rest) != 2:
        raise _malformed("it has no three parts joined by '+'")
    blob = decode_base64(rest[1])
    if blob is None or len(blob) != len(ED25519) + _KEY_BYTES or not blob.startswith(ED25519):
        raise _malformed("its last part is not an Ed25519 key")
    verifier = Ed25519Verifier(name, blob[len(ED25519) :])
    if rest[0] != verifier.key_id.hex():
        raise _malformed(f"its id is {verifier.key_id.hex()} by its name and key")
    return verifier


def _malformed(reason: str) -> FanalError:
    return FanalError(VKEY_MALFORMED, reason=reason)

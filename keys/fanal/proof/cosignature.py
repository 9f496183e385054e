# SPDX-License-Identifier: Apache-2.0
"""Witness cosignatures: "at this time, this is the largest consistent tree of this log that I have seen".

Promise: a cosignature verifies only over the exact checkpoint text and its own timestamp, under a key of its
own kind: neither a log's signature nor an anchor passes for one. Ed25519, signature type 0x04. Both classes
plug into ``fanal.proof.note``. Source: https://c2sp.org/tlog-cosignature (cosignature/v1).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519
from fanal.proof.checkpoint import parse_text
from fanal.proof.errors import COSIGNATURE_MALFORMED, VKEY_MALFORMED
from fanal.proof.note import check_name, decode_base64
from fanal.proof.note_key import MAX_VKEY_LETTERS, key_id

COSIGNATURE = b"\x04"
TIME_BYTES = 8
SIGNATURE_BYTES = 64
MAX_TIME = 2**63 - 1
_HEADER = b"cosignature/v1\n"


def message(text: bytes, time: int) -> bytes:
    """The signed bytes: header line, time line, and the whole note text.

    Raises VerificationError when the text is no checkpoint: a witness signs nothing else.
    """
    parse_text(text)
    return _HEADER + b"time %d\n" % time + text


def time_of(signature: bytes, length: int = SIGNATURE_BYTES) -> int:
    """When a cosignature says it was made, in Unix seconds. Raises VerificationError for another shape."""
    if len(signature) != TIME_BYTES + length:
        raise _malformed(f"it has {len(signature)} bytes, not {TIME_BYTES + length}")
    time = int.from_bytes(signature[:TIME_BYTES])
    if time > MAX_TIME:
        raise _malformed("its time is 2**63 or later")
    return time


@dataclass(frozen=True)
class CosignatureVerifier:
    """A witness's name and Ed25519 public key. Raises FanalError for a bad name or a weak key."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        ed25519.validate_public(self.public_key)

    @property
    def key_id(self) -> bytes:
        """The four bytes that find this witness's line on a note."""
        return key_id(self.name, COSIGNATURE, self.public_key)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise VerificationError unless this witness cosigned ``text`` at the time it says."""
        ed25519.verify(self.public_key, message(text, time_of(signature)), signature[TIME_BYTES:])

    def vkey(self) -> str:
        """NAME+KEYID+BASE64, the form in which other people's tools are given the key."""
        encoded = base64.b64encode(COSIGNATURE + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True)
class CosignatureSigner:
    """Cosigns under ``name`` at ``now`` (Unix seconds) with an unlocked 32-byte Ed25519 seed."""

    name: str
    seed: bytes = field(repr=False)
    public_key: bytes
    now: int

    @property
    def key_id(self) -> bytes:
        """The four bytes that mark this witness's line on a note."""
        return key_id(self.name, COSIGNATURE, self.public_key)

    def sign(self, text: bytes) -> bytes:
        """Eight bytes of time, then the signature. The caller has checked consistency and stored the head.

        Raises VerificationError when it does not verify under ``public_key``.
        """
        signature = self.now.to_bytes(TIME_BYTES) + ed25519.sign(self.seed, message(text, self.now))
        CosignatureVerifier(self.name, self.public_key).verify(text, signature)
        return signature


def parse_vkey(text: str) -> CosignatureVerifier:
    """The witness of a verifier key line of type 0x04. Raises FanalError for anything else."""
    name, *rest = text.split("+", 2) if len(text) <= MAX_VKEY_LETTERS else [""]
    blob = decode_base64(rest[1]) if len(rest) == 2 else None
    if blob is None or len(blob) != 33 or not blob.startswith(COSIGNATURE):
        raise FanalError(VKEY_MALFORMED, reason="it is not a line of three parts with a witness's key")
    verifier = CosignatureVerifier(name, blob[1:])
    if rest[0] != verifier.key_id.hex():
        raise FanalError(VKEY_MALFORMED, reason=f"its id is {verifier.key_id.hex()} by its name and key")
    return verifier


def _malformed(reason: str) -> VerificationError:
    return VerificationError(COSIGNATURE_MALFORMED, reason=reason)

# SPDX-License-Identifier: Apache-2.0
"""Anchors: an agency's ML-DSA-44 line on its own checkpoint, good also after Ed25519 has fallen.

Promise: an anchor covers the log's name, size and root, and through the tree every envelope; it verifies
under the ANCHOR key of the agency only, and states the time at which it was made. Signature type 0x06, the
ML-DSA-44 cosignature of a whole checkpoint (start 0), so that tools which are not ours can check it.
Extension lines are not covered. Source: https://c2sp.org/tlog-cosignature, "ML-DSA-44 signed message".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from fanal.keys import mldsa
from fanal.proof.checkpoint import parse_text
from fanal.proof.cosignature import TIME_BYTES, time_of
from fanal.proof.note import check_name
from fanal.proof.note_key import key_id

ML_DSA_44 = b"\x06"
_LABEL = b"subtree/v1\n\0"


def message(name: str, text: bytes, time: int) -> bytes:
    """The ``cosigned_message`` structure over a checkpoint's text. Raises VerificationError if it is none."""
    point = parse_text(text)
    return b"".join(
        (
            _LABEL,
            _short(name.encode()),
            time.to_bytes(8),
            _short(point.origin.encode()),
            (0).to_bytes(8),
            point.size.to_bytes(8),
            point.root,
        )
    )


@dataclass(frozen=True)
class AnchorVerifier:
    """An agency's anchor name and 1,312-byte public key. Raises FanalError for a bad name or key."""

    name: str
    public_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        mldsa.validate_public(self.public_key)

    @property
    def key_id(self) -> bytes:
        """The four bytes that find the anchor line on a note."""
        return key_id(self.name, ML_DSA_44, self.public_key)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise VerificationError unless this key anchored the checkpoint at the time it says."""
        time = time_of(signature, mldsa.SIGNATURE_BYTES)
        mldsa.verify(self.public_key, message(self.name, text, time), signature[TIME_BYTES:])

    def vkey(self) -> str:
        """NAME+KEYID+BASE64, the form in which other people's tools are given the key."""
        encoded = base64.b64encode(ML_DSA_44 + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True)
class AnchorSigner:
    """Anchors under ``name`` at ``now`` (Unix seconds) with an unlocked 32-byte ML-DSA-44 seed."""

    name: str
    seed: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    now: int

    @property
    def key_id(self) -> bytes:
        """The four bytes that mark the anchor line on a note."""
        return key_id(self.name, ML_DSA_44, self.public_key)

    def sign(self, text: bytes) -> bytes:
        """Eight bytes of time, then the signature. Raises VerificationError when it does not verify."""
        signature = self.now.to_bytes(TIME_BYTES) + mldsa.sign(self.seed, message(self.name, text, self.now))
        AnchorVerifier(self.name, self.public_key).verify(text, signature)
        return signature


def _short(data: bytes) -> bytes:
    """opaque<1..2^8-1> of RFC 8446."""
    return bytes([len(data)]) + data

# SPDX-License-Identifier: Apache-2.0
"""Who calls: an officer of this agency, found by the key that signed the call.

Never "whoever reached the socket".
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from fanal.keys.pae import PERSON_DOMAIN


@dataclass(frozen=True)
class Actor:
    """An officer as our newest identity document names it. ``rights`` are OfficerRight codes."""

    key_id: bytes
    officer_id: str
    rights: frozenset[int]
    custody: int


def person_mac(person_key: bytes, officer_id: str) -> bytes:
    """The 16 bytes that stand for a person in a leaf: HMAC-SHA-256 under a key that only the agency holds."""
    return hmac.digest(person_key, PERSON_DOMAIN + officer_id.encode("ascii"), hashlib.sha256)[:16]

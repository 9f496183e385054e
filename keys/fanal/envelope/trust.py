# SPDX-License-Identifier: Apache-2.0
"""What the envelope asks of the verified state that a node or an auditor holds.

``fanal.keys.trust.Directory`` is such a ``Trust``. The checks of this package read it and never change it.
What it does not know yet is ``UnknownCharter`` or ``UnknownIdentity``: the envelope waits, it is not refused.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple, Protocol

from fanal.v1.identity_pb2 import KeyUse

if TYPE_CHECKING:
    # An officer's client composes statements without loading certificates and ciphers.
    from fanal.keys.trust import KnownKey


class CharterRef(NamedTuple):
    """One version of a network's charter, by number and SHA-256 of its body."""

    version: int
    sha256: bytes


class Charter(Protocol):
    """One verified version of a charter."""

    @property
    def network(self) -> bytes: ...
    @property
    def version(self) -> int: ...
    @property
    def sha256(self) -> bytes: ...
    @property
    def suites(self) -> Collection[str]: ...
    @property
    def channels(self) -> Collection[str]: ...
    def is_member(self, agency: str) -> bool: ...
    def members_of(self, channel: str) -> Collection[str]:
        """Ascending."""
        ...


class Standing(enum.StrEnum):
    """What became of the key or the agency that signed, as far as is known here."""

    CURRENT = "current"
    RETIRED = "retired"
    REVOKED = "revoked"
    REMOVED = "removed"


class Trust(Protocol):
    """The verified charters and identities, history included."""

    @property
    def newest(self) -> Charter: ...

    def charter(self, version: int, sha256: bytes) -> Charter:
        """Raises UnknownCharter while this version is not held."""
        ...

    def signing_key(
        self, agency: str, identifier: bytes, use: KeyUse.Code, now: int | None = None
    ) -> KnownKey:
        """Raises UnknownIdentity while no document held names the key; VerificationError for another use."""
        ...

    def officer(self, agency: str, identifier: bytes, now: int | None = None) -> KnownKey:
        """Raises as ``signing_key``; the key's ``officer`` is set."""
        ...


def standing_of(key: KnownKey) -> Standing:
    """What became of a key."""
    return Standing(key.status.value)

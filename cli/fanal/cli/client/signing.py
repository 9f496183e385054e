# SPDX-License-Identifier: Apache-2.0
"""What an opened officer's key can do: prove who makes a call, and sign "I have read this"."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fanal.keys import calls, ed25519
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.pae import READ, pae
from fanal.keys.strict import encode
from fanal.v1.envelope_pb2 import ReadStatement


@dataclass(frozen=True)
class Signer:
    """One opened officer's key. ``name`` is the pseudonym its file carries."""

    name: str
    path: Path
    seed: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        """The 32-byte id under which the identity document lists the key."""
        return key_id(ed25519_key(ed25519.public_of(self.seed)))

    def call_metadata(
        self, method: str, request: bytes, now: int, nonce: bytes
    ) -> tuple[tuple[str, str], ...]:
        """What proves to the node that this officer made this very call."""
        return calls.sign_call(self.seed, method, request, now, nonce)

    def read_statement(
        self, network: bytes, reader: str, manifest_sha256: bytes, now: int
    ) -> tuple[bytes, bytes]:
        """Body and signature of "I have read this"; only a person's doing calls this."""
        statement = ReadStatement(
            network=network,
            reader=reader,
            officer_key_id=self.key_id,
            manifest_sha256=manifest_sha256,
            read_at=now,
        )
        body = encode(statement)
        return body, ed25519.sign(self.seed, pae(READ, body))

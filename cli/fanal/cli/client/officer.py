# SPDX-License-Identifier: Apache-2.0
"""The officer's key, on the officer's side: it signs calls and statements here and never goes to the node."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli import errors
from fanal.cli.client.secret import secret_for
from fanal.errors import FanalError
from fanal.keys import calls, ed25519
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.keystore import Keystore
from fanal.keys.pae import READ, pae
from fanal.keys.strict import encode
from fanal.v1.envelope_pb2 import ReadStatement

if TYPE_CHECKING:
    from fanal.cli.session import Session

ENTRY = "officer"


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


def officer_path(session: Session) -> Path:
    """The key file of the officer who was named, or of the only one here. FanalError otherwise."""
    home, given = session.home, session.officer_given
    if given and ("/" in given or given.endswith(".keys")):
        return Path(given)
    path = home.officer_file(given) if given else _only_one(session)
    if not path.is_file():
        raise FanalError(errors.NO_OFFICER, path=str(path))
    return path


def _only_one(session: Session) -> Path:
    known = session.home.officers()
    if len(known) > 1:
        raise FanalError(errors.WHICH_OFFICER, officers=", ".join(known))
    if not known:
        raise FanalError(errors.NO_OFFICER, path=str(session.home.officers_folder))
    return session.home.officer_file(known[0])


def open_officer(session: Session) -> Signer:
    """Opens the officer's key file; a prompt may come. FanalError with the reason otherwise."""
    path = officer_path(session)
    store = Keystore.open(path, secret_for(session, f"officer {path.stem}"))
    return Signer(path.stem, path, store[ENTRY])

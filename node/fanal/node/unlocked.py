# SPDX-License-Identifier: Apache-2.0
"""The private keys of an unlocked node, found in node.keys by the names that ``fanal init`` gave.

A locked node has none of them: it stores, relays and appends, but signs, seals and reads nothing. The first
key of a use has the use's name, that of epoch N the name with -N. Which one counts is what the identity
document says, so that a key that no document names yet is never used.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fanal.envelope.seal import Signer
from fanal.errors import FanalError
from fanal.keys import ed25519, mldsa, xwing
from fanal.keys.identity import IdentityView
from fanal.keys.keyid import ed25519_key, key_id, x_wing_key
from fanal.keys.keystore import Keystore
from fanal.keys.pae import PERSON_DOMAIN
from fanal.keys.secret import Secret
from fanal.node.errors import KEY_ABSENT
from fanal.v1.identity_pb2 import KeyUse

NODE_SIGN = "node-sign"
LOG = "log"
_LATER_LOG = "log-"
"""The first log's seed; log N's is log-N."""
WITNESS = "witness"
ANCHOR = "anchor"
VAULT = "vault"
ENCRYPT = "encrypt-"
_NAMES = {KeyUse.NODE_SIGN: NODE_SIGN, KeyUse.WITNESS: WITNESS, KeyUse.ANCHOR: ANCHOR}
_PUBLIC_OF: Mapping[KeyUse.Code, Callable[[bytes], bytes]] = {
    KeyUse.NODE_SIGN: ed25519.public_of,
    KeyUse.WITNESS: ed25519.public_of,
    KeyUse.ANCHOR: mldsa.public_of,
}


@dataclass(frozen=True)
class NodeKeys:
    """What unlocking gives. Seeds never appear in a repr."""

    signer: Signer = field(repr=False)
    decrypt: Mapping[bytes, bytes] = field(repr=False)
    """Seeds of the ENCRYPT keys of every epoch still kept, by key id."""
    log_seed: bytes = field(repr=False)
    vault_key: bytes = field(repr=False)
    later_logs: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    """Seeds of log 2 and up, by public key."""
    witness_seed: bytes = field(default=b"", repr=False)
    """Empty when the agency was founded without one: it cosigns nothing then."""
    anchor_seed: bytes = field(default=b"", repr=False)

    def log_seed_of(self, public: bytes) -> bytes:
        """The seed of the log whose public key an identity document names. Raises KEY_ABSENT."""
        seeds = {ed25519.public_of(self.log_seed): self.log_seed, **self.later_logs}
        if public not in seeds:
            raise FanalError(KEY_ABSENT, name=LOG)
        return seeds[public]

    @property
    def person_key(self) -> bytes:
        """Key of the HMACs that stand for people in leaves; only the agency can resolve them."""
        return hmac.digest(self.vault_key, PERSON_DOMAIN + b"key", hashlib.sha256)


def later_log(number: int) -> str:
    """The name of the seed of log ``number``, from 2 on."""
    return f"{_LATER_LOG}{number}"


def entry_name(use: KeyUse.Code, epoch: int) -> str:
    """The name in node.keys of this agency's key of a use. KeyError for uses whose keys lie elsewhere."""
    if use == KeyUse.ENCRYPT:
        return f"{ENCRYPT}{epoch}"
    name = _NAMES[use]
    return name if epoch == 1 else f"{name}-{epoch}"


def unlock(path: Path, secret: Secret, agency: str) -> NodeKeys:
    """Open node.keys. Raises the keystore's refusals, and KEY_ABSENT when it lacks a key."""
    return of_entries(Keystore.open(path, secret), agency)


def of_entries(
    entries: Mapping[str, bytes], agency: str, identity: IdentityView | None = None, now: int = 0
) -> NodeKeys:
    """The keys in a keystore's entries: those that the identity document says are in use at ``now``. Without
    a document the first of each use, for who needs none that is ever rotated."""
    for name in (LOG, VAULT):
        if name not in entries:
            raise FanalError(KEY_ABSENT, name=name)
    seed = _in_use(entries, identity, KeyUse.NODE_SIGN, now)
    if not seed:
        raise FanalError(KEY_ABSENT, name=NODE_SIGN)
    return NodeKeys(
        signer=Signer(agency, key_id(ed25519_key(ed25519.public_of(seed))), seed),
        decrypt=_decrypt_keys(entries),
        log_seed=entries[LOG],
        vault_key=entries[VAULT],
        later_logs={ed25519.public_of(s): s for name, s in entries.items() if name.startswith(_LATER_LOG)},
        witness_seed=_in_use(entries, identity, KeyUse.WITNESS, now),
        anchor_seed=_in_use(entries, identity, KeyUse.ANCHOR, now),
    )


def _in_use(entries: Mapping[str, bytes], identity: IdentityView | None, use: KeyUse.Code, now: int) -> bytes:
    """The seed of the newest key of a use that is valid now, else of the newest that was; b"" for none."""
    if identity is None:
        return entries.get(_NAMES[use], b"")
    held = {_PUBLIC_OF[use](seed): seed for name, seed in entries.items() if _is_of(name, use)}
    keys = [key for key in identity.of_use(use) if key.public in held]
    newest = next((key for key in keys if key.valid_at(now)), keys[0] if keys else None)
    return held[newest.public] if newest is not None else b""


def _is_of(name: str, use: KeyUse.Code) -> bool:
    return name == _NAMES[use] or name.startswith(_NAMES[use] + "-")


def _decrypt_keys(entries: Mapping[str, bytes]) -> dict[bytes, bytes]:
    seeds = [seed for name, seed in entries.items() if name.startswith(ENCRYPT)]
    return {key_id(x_wing_key(xwing.public_of(seed))): seed for seed in seeds}


def check_belongs(keys: NodeKeys, identity: IdentityView) -> None:
    """Raise KEY_ABSENT unless the identity document names the signing key: these keys are this agency's."""
    key = identity.keys.get(keys.signer.key_id)
    if key is None or key.use != KeyUse.NODE_SIGN:
        raise FanalError(KEY_ABSENT, name=NODE_SIGN)

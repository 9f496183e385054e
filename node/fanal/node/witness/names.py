# SPDX-License-Identifier: Apache-2.0
"""Whose line on a checkpoint is whose: note keys from identity documents. Revoked keys count for nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from fanal.keys.documents import RootKeys
from fanal.keys.identity import IdentityView, KeyView
from fanal.keys.trust import Directory
from fanal.proof.anchor import AnchorVerifier
from fanal.proof.checkpoint import key_name
from fanal.proof.cosignature import CosignatureVerifier
from fanal.proof.note_key import Ed25519Verifier
from fanal.v1.identity_pb2 import KeyUse

V = TypeVar("V")
WITNESS = "witness"
ANCHOR = "anchor"


def name_of(root: RootKeys, agency: str, role: str) -> str:
    """The key name of an agency as witness or anchor, beside that of its logs."""
    return key_name(hashlib.sha256(root.ed25519 + root.ml_dsa).digest(), agency, role)


def log_keys(directory: Directory, agency: str) -> tuple[Ed25519Verifier, ...]:
    """The keys of every log that an agency's newest identity document names. Raises UnknownIdentity."""
    view = directory.identity(agency)
    return tuple(Ed25519Verifier(key.log_origin, key.public) for key in _good(directory, view, KeyUse.LOG))


def every_log_key(directory: Directory, agency: str) -> tuple[Ed25519Verifier, ...]:
    """The keys of every log that an agency ever named, revoked ones too: they signed in their time."""
    entries = [key for view in directory.identities(agency) for key in view.of_use(KeyUse.LOG)]
    return tuple(dict.fromkeys(Ed25519Verifier(key.log_origin, key.public) for key in entries))


def newest_origin(directory: Directory, agency: str) -> str:
    """The origin of the log that an agency registered last; "" when it has none. Raises UnknownIdentity."""
    keys = directory.identity(agency).of_use(KeyUse.LOG)
    return keys[0].log_origin if keys else ""


def witness_keys(directory: Directory, agency: str) -> tuple[CosignatureVerifier, ...]:
    """Every WITNESS key an agency ever had, with the name each cosigns under; empty when it has none."""
    return _history(directory, agency, KeyUse.WITNESS, WITNESS, CosignatureVerifier)


def anchor_keys(directory: Directory, agency: str) -> tuple[AnchorVerifier, ...]:
    """Every ANCHOR key an agency ever had."""
    return _history(directory, agency, KeyUse.ANCHOR, ANCHOR, AnchorVerifier)


def witnesses(directory: Directory) -> Mapping[str, tuple[CosignatureVerifier, ...]]:
    """The members of the newest charter with their witness keys, as `fanal.proof.quorum.count` takes them."""
    return {agency: witness_keys(directory, agency) for agency in directory.newest.members}


def _history(
    directory: Directory, agency: str, use: KeyUse.Code, role: str, make: Callable[[str, bytes], V]
) -> tuple[V, ...]:
    """Made once for each key: many documents name it, and making one checks its point."""
    named = dict[tuple[str, bytes], None]()
    for view in reversed(directory.identities(agency)):
        name = name_of(view.root, agency, role)
        named.update(dict.fromkeys((name, key.public) for key in _good(directory, view, use)))
    return tuple(make(*one) for one in named)


def _good(directory: Directory, view: IdentityView, use: KeyUse.Code) -> Iterator[KeyView]:
    return (key for key in view.of_use(use) if directory.revoked(view.agency, key.key_id) is None)

# SPDX-License-Identifier: Apache-2.0
"""The officer's key, on the officer's side: opened here; it never goes to the node."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli import errors
from fanal.cli.client.secret import secret_for
from fanal.cli.client.signing import Signer
from fanal.errors import FanalError
from fanal.i18n import _, say
from fanal.keys import ed25519
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.keystore import Keystore

if TYPE_CHECKING:
    from fanal.cli.client.given import Given
    from fanal.config.home import Home
    from fanal.keys.identity import IdentityView

ENTRY = "officer"
_KEY = re.compile(ENTRY + r"(-[1-9][0-9]{0,9})?", re.ASCII)
"""The first key of an officer, and that of epoch N."""


def officer_path(given: Given) -> Path:
    """The key file of the officer who was named, or of the only one here. FanalError otherwise."""
    name = given.officer_given
    if name and ("/" in name or name.endswith(".keys")):
        return Path(name)
    path = given.home.officer_file(name) if name else _only_one(given)
    if not path.is_file():
        raise FanalError(errors.NO_OFFICER, path=str(path))
    return path


def _only_one(given: Given) -> Path:
    known = given.home.officers()
    if len(known) > 1:
        raise FanalError(errors.WHICH_OFFICER, officers=", ".join(known))
    if not known:
        raise FanalError(errors.NO_OFFICER, path=str(given.home.officers_folder))
    return given.home.officer_file(known[0])


def open_officer(given: Given) -> Signer:
    """Opens the officer's key file; a prompt may come. FanalError with the reason otherwise."""
    path = officer_path(given)
    store = Keystore.open(path, secret_for(given, say(_("officer {name}"), name=path.stem)))
    return Signer(path.stem, path, current_seed(store, given.home))


def current_seed(store: Keystore, home: Home) -> bytes:
    """The officer's key that the agency's newest identity document in this folder names; without a folder, or
    without a choice, the newest. What the node holds against it is for the node to say."""
    names = sorted((name for name in store if _KEY.fullmatch(name)), key=_epoch, reverse=True)
    files = home.identity_files() if len(names) > 1 else ()
    if not files:
        return store.get_secret(names[0] if names else ENTRY)
    named = _named(files[-1])
    return store[next((name for name in names if _id_of(store[name]) in named), names[0])]


def add_key(store: Keystore, view: IdentityView, epoch: int, seed: bytes) -> None:
    """Put the officer's next key beside the present one, durably. Older ones go, and so does what an
    interrupted rotation left."""
    names = sorted((name for name in store if _KEY.fullmatch(name)), key=_epoch, reverse=True)
    present = next((name for name in names if _id_of(store[name]) in view.keys), None)
    for name in names:
        if name != present:
            store.remove(name)
    store.put(f"{ENTRY}-{epoch}", seed)
    store.save()


def _named(path: Path) -> frozenset[bytes]:
    """Ids of the keys in a document of one's own folder; a choice between own keys needs no signature."""
    from fanal.config.files import read_bounded
    from fanal.keys.documents import decode_document
    from fanal.keys.identity import parse_identity

    entries = parse_identity(decode_document(read_bounded(path, 1024 * 1024))).keys
    return frozenset(key_id(entry.public_key) for entry in entries)


def _id_of(seed: bytes) -> bytes:
    return key_id(ed25519_key(ed25519.public_of(seed)))


def _epoch(name: str) -> int:
    return int(name.removeprefix(ENTRY).removeprefix("-") or 1)

# SPDX-License-Identifier: Apache-2.0
"""The officer's key, on the officer's side: opened here; it never goes to the node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli import errors
from fanal.cli.client.secret import secret_for
from fanal.cli.client.signing import Signer
from fanal.errors import FanalError
from fanal.i18n import _, say
from fanal.keys.keystore import Keystore

if TYPE_CHECKING:
    from fanal.cli.client.given import Given

ENTRY = "officer"


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
    return Signer(path.stem, path, store[ENTRY])

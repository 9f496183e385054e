# SPDX-License-Identifier: Apache-2.0
"""``fanal node restore``: a backup of a node's data into the folder that holds the agency's keys.

Promise: nothing that is there is replaced; nothing is put in place before all of the backup was verified; cut
short, it is done again from the beginning. The erasure lists of both sides are joined, so what was erased
after the backup stays erased as far as this folder knows of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.node.datafolder import manifest
from fanal.node.datafolder.backup import copy_file, network_of
from fanal.node.datafolder.errors import DATA_THERE, NOT_A_BACKUP, OTHER_NODE
from fanal.node.datafolder.files import LEDGER, VAULT, VaultKey, steps
from fanal.node.datafolder.manifest import Manifest
from fanal.node.ledger.database import sync_folder, translated
from fanal.node.ledger.formats import check_room
from fanal.node.ledger.lock import FolderLock
from fanal.node.ledger.sqlite import MARKER
from fanal.node.retention import outside
from fanal.node.retention.outside import ErasureList

UNDER_WAY = "restoring"
_IN_THE_WAY = (LEDGER, f"{LEDGER}-wal", VAULT, f"{VAULT}-wal")


def restore(home: Home, data: Path, folder: Path, vault_key: VaultKey, agency: str) -> Manifest:
    """Put the backup in ``folder`` in place; the list of what it is.

    Raises NOT_A_BACKUP, BACKUP_CHANGED, OTHER_NODE, DATA_THERE, FOLDER_IN_USE, NO_ROOM, and as `files.steps`
    for the backup's databases: NEWER_FORMAT, and VAULT_KEY when they are not those of this folder's keys.
    """
    listed = _checked(home, folder, agency)
    with translated(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FolderLock(data)
        try:
            refuse_data(data)
            manifest.verify(folder, listed)
            steps(folder / home.data.name, vault_key)
            check_room(data, sum(length for length, _digest in listed.files.values()))
            _documents(home, folder, listed)
            _put(home, data, folder, listed)
        finally:
            lock.close()
    return listed


def refuse_data(data: Path) -> None:
    """Raise DATA_THERE for anything but the beginning of a restore that was cut short."""
    begun = (data / UNDER_WAY).is_dir() and not (data / LEDGER).exists()
    for name in _IN_THE_WAY:
        if (data / name).exists() and not begun:
            raise FanalError(DATA_THERE, path=str(data / name))


def _checked(home: Home, folder: Path, agency: str) -> Manifest:
    """Of this agency, and of the network that this folder knows, if it knows one."""
    listed = manifest.read(folder)
    if listed.agency != agency:
        raise FanalError(OTHER_NODE, found=listed.agency, expected=agency)
    told, known = network_of(folder), network_of(home.path)
    if told != listed.network:
        raise FanalError(NOT_A_BACKUP, path=str(folder), reason="its charter is of another network")
    if known and known != told:
        raise FanalError(OTHER_NODE, found=told or "-", expected=known)
    return listed


def _documents(home: Home, folder: Path, listed: Manifest) -> None:
    """What the home lacks; settings and erasure list stay as they are here."""
    for name in listed.files:
        if name.startswith(("identity/", "charter/", "peers/")) and not (home.path / name).exists():
            copy_file(folder / name, home.path / name)


def _put(home: Home, data: Path, folder: Path, listed: Manifest) -> None:
    """All beside first; then by name, the ledger last: until then a restore that was cut is begun anew."""
    beside = data / UNDER_WAY
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    names = [name.removeprefix("data/") for name in listed.files if name.startswith("data/")]
    for name in names:
        copy_file(folder / "data" / name, beside / name)
    known = ErasureList((data / outside.NAME, home.path / outside.NAME))
    for source in (beside / outside.NAME, folder / outside.NAME):
        known.add(outside.read(source))
    left = sorted((name for name in names if name != outside.NAME), key=lambda name: name == LEDGER)
    for name in left:
        if name != MARKER or not (data / name).exists():
            (data / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (beside / name).replace(data / name)
            sync_folder((data / name).parent)
    shutil.rmtree(beside)

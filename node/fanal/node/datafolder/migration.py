# SPDX-License-Identifier: Apache-2.0
"""``fanal node migrate``: what a start would do to older data, looked at or done beforehand.

Promise: the same path as a start, and no more of it: no incarnation begins, so a restored folder still knows
at its first start that it was restored. All that can be refused is refused before anything is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.attachments.folder import overwrite
from fanal.node.datafolder.files import LEDGER, VaultKey, steps
from fanal.node.errors import STORE_MISSING
from fanal.node.inbox import sqlite as vault_store
from fanal.node.ledger import sqlite as ledger_store
from fanal.node.ledger.database import sync_folder, translated
from fanal.node.ledger.formats import Step, check_room, free_bytes
from fanal.node.ledger.lock import FolderLock

_COPIES = ("ledger.db.v[0-9]*", "vault.db.v[0-9]*", "vault.db.damaged-*")


def run(data: Path, vault_key: VaultKey, room: Callable[[Path], int] = free_bytes) -> list[Step]:
    """Bring both databases to the newest format; returns what was done.

    Raises FOLDER_IN_USE while a node runs, NO_ROOM, and as `files.steps`.
    """
    if not (data / LEDGER).exists():
        raise FanalError(STORE_MISSING, path=str(data / LEDGER))
    with translated(data):
        lock = FolderLock(data)
        try:
            plan = steps(data, vault_key)
            check_room(data, sum(one.needed for one in plan), room)
            for one in plan:
                if one.due:
                    _bring_up(one, vault_key)
            return plan
        finally:
            lock.close()


def old_copies(data: Path) -> list[Path]:
    """What earlier migrations and damaged vaults left in the folder, the oldest first."""
    found = [path for form in _COPIES for path in data.glob(form) if path.is_file()]
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


def delete_copies(data: Path) -> list[Path]:
    """Overwrite and remove them; returns which."""
    found = old_copies(data)
    for path in found:
        overwrite(path)
    if found:
        sync_folder(data)
    return found


def _bring_up(step: Step, vault_key: VaultKey) -> None:
    with translated(step.path):
        if step.path.name == LEDGER:
            ledger_store.open_migrated(step.path).close()
        else:
            vault_store.open_migrated(step.path, vault_key()).close()

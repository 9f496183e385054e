# SPDX-License-Identifier: Apache-2.0
"""A damaged vault is put aside and filled again from the ledger, which holds everything but a person's marks.

Promise: the damaged file is kept under another name and never written again; what the new one lacks is only
which notices were read here, and own lane keys, which the next notice of each lane draws anew.
"""

from __future__ import annotations

import logging
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.errors import DAMAGED
from fanal.node.inbox.sqlite import SqlVault, open_vault
from fanal.node.ledger.database import sync_folder, translated

log = logging.getLogger("fanal.node.inbox.rebuilding")


def open_or_anew(path: Path, key: bytes, now: int) -> SqlVault:
    """The vault; a new and empty one if it is damaged. Raises as ``open_vault`` for everything else."""
    try:
        return open_vault(path, key)
    except FanalError as error:
        if error.kind is not DAMAGED:
            raise
        return anew(path, key, now, str(error))


def anew(path: Path, key: bytes, now: int, reason: str) -> SqlVault:
    """Put the file and its log aside; a new vault in their place. The old one is closed."""
    put_aside(path, now, reason)
    return open_vault(path, key)


def put_aside(path: Path, now: int, reason: str) -> None:
    """Give the file of a closed vault, and its log, another name. Raises as ``open_vault``."""
    with translated(path):
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.replace(path.with_name(f"{path.name}.damaged-{now}{suffix}"))
        sync_folder(path.parent)
    log.error("the vault was put aside and is filled again from the ledger: %s", reason)

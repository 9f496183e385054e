# SPDX-License-Identifier: Apache-2.0
"""A copy of a database, also of one that is being written: one committed state, whole or not there.

By the database's own means: whoever opens and closes the file beside it lets go of its locks.
"""

from __future__ import annotations

import os
from pathlib import Path

from fanal.node.ledger.database import Connection, driver, sync_folder, translated, unlock


def copy_whole(connection: Connection, copy: Path, key: bytes | None = None) -> None:
    """Copy what ``connection`` reads to ``copy``, encrypted under the same ``key``, durably; an older one of
    that name is replaced. Raises FanalError as the ledger does; then nothing new is there."""
    part = copy.with_name(copy.name + ".part")
    try:
        with translated(copy):  # while the part is there: a full disk is seen to be full
            os.close(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
            target = driver.connect(str(part), isolation_level=None)
            try:
                unlock(target, key)
                connection.backup(target)
            finally:
                target.close()
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(copy)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(copy.parent)

# SPDX-License-Identifier: Apache-2.0
"""Data formats of ledger and vault: which one a file has, and the way to the newest.

Promise: all pending migrations happen in one transaction, after a whole copy of the file when it held data,
and only if there is room for both; newer data is refused untouched.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.errors import NEWER_FORMAT, NO_ROOM, NOT_A_STORE
from fanal.node.ledger.copying import copy_whole
from fanal.node.ledger.database import Connection

Migration = Callable[[Connection], None]
Migrations = Sequence[tuple[str, Migration]]

TIMES = 2
"""How often a file's length must be free: for its copy, and for a log in which every page stands anew."""


@dataclass(frozen=True)
class Step:
    """One file and the formats it has and is to have; 0 is a file without data. ``size`` in bytes."""

    path: Path
    found: int
    newest: int
    size: int

    @property
    def due(self) -> bool:
        """Whether there are data of an older format."""
        return 0 < self.found < self.newest

    @property
    def copy(self) -> Path:
        """Where the data are copied before they are changed."""
        return self.path.with_name(f"{self.path.name}.v{self.found}")

    @property
    def needed(self) -> int:
        """Bytes that must be free."""
        return TIMES * self.size if self.due else 0


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write on the disk of this folder. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def check_room(folder: Path, needed: int, room: Callable[[Path], int] = free_bytes) -> None:
    """Raise NO_ROOM unless ``needed`` bytes are free."""
    available = room(folder) if needed else 0
    if available < needed:
        raise FanalError(NO_ROOM, path=str(folder), needed=needed, available=available)


def check_format(connection: Connection, path: Path, application: int, latest: int) -> int:
    """The format of the data, 0 for a new file. Raises NOT_A_STORE and NEWER_FORMAT."""
    found = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if found != application and (found or tables):
        raise FanalError(NOT_A_STORE, path=str(path), reason=f"application id {found:#x}")
    if version > latest:
        raise FanalError(NEWER_FORMAT, path=str(path), found=version, expected=latest)
    return version


def look(connection: Connection, path: Path, application: int, latest: int) -> Step:
    """What `migrate` would do; raises as `check_format`."""
    version = check_format(connection, path, application, latest)
    pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
    return Step(path, version, latest, pages * int(connection.execute("PRAGMA page_size").fetchone()[0]))


def migrate(
    connection: Connection,
    path: Path,
    application: int,
    migrations: Migrations,
    key: bytes | None = None,
    room: Callable[[Path], int] = free_bytes,
) -> Path | None:
    """Bring the data to the newest format: the number of migrations. Returns the copy, if one was made; it is
    encrypted under the same ``key``. Nobody else may write meanwhile: the caller holds the folder's lock.

    Raises NO_ROOM before anything is changed, and as `check_format`.
    """
    step = look(connection, path, application, len(migrations))
    if step.found == step.newest:
        return None
    if step.due:
        check_room(path.parent, step.needed, room)
        copy_whole(connection, step.copy, key)
    connection.execute("BEGIN IMMEDIATE")
    try:
        _apply(connection, path.stem, migrations)
        connection.execute(f"PRAGMA application_id = {application}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return step.copy if step.due else None


def _apply(connection: Connection, name: str, migrations: Migrations) -> None:
    # Imported here: the import is slow, and a store of the present format never needs it.
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations as Known

    known = Known(name)
    for title, function in migrations:
        known(name=title)(lambda db, run=function: run(db.conn))
    known.apply(Database(connection))

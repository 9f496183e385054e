# SPDX-License-Identifier: Apache-2.0
"""Opening a database file safely, for ledger and vault: durable settings, formats, clear errors.

Promise: WAL with ``synchronous=FULL`` on every writing connection; all pending migrations happen in one
transaction, after a copy of the file when it held data; newer data is refused untouched; every error of the
driver becomes a FanalError that names the file.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

from sqlcipher3 import dbapi2 as _dbapi2

from fanal.errors import ErrorKind, FanalError
from fanal.node.errors import (
    DAMAGED,
    DISK_FULL,
    NEWER_FORMAT,
    NOT_A_STORE,
    NOT_WRITABLE,
    STORE_FAILED,
    STORE_MISSING,
)

driver: Any = _dbapi2
"""The driver of both files. It has no type stubs; nothing else imports it."""

Connection = Any
"""A connection of the driver."""

Migration = Callable[[Connection], None]

KEY_BYTES = 32
_HEADER = b"SQLite format 3\x00"

# Primary result codes of sqlite3.h.
_BY_RESULT: dict[int, ErrorKind] = {
    3: NOT_WRITABLE,  # SQLITE_PERM
    8: NOT_WRITABLE,  # SQLITE_READONLY
    11: DAMAGED,  # SQLITE_CORRUPT
    13: DISK_FULL,  # SQLITE_FULL
    14: NOT_WRITABLE,  # SQLITE_CANTOPEN
    26: NOT_A_STORE,  # SQLITE_NOTADB
}
_BY_ERRNO: dict[int, ErrorKind] = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EACCES: NOT_WRITABLE,
    errno.EPERM: NOT_WRITABLE,
    errno.EROFS: NOT_WRITABLE,
    errno.EISDIR: NOT_WRITABLE,
    errno.ENOTDIR: NOT_WRITABLE,
}


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of the driver and of the file system, as FanalErrors that name ``path``."""
    try:
        yield
    except UnicodeDecodeError as error:
        # The driver cannot even say what is wrong: a damaged schema stands in its message.
        raise FanalError(DAMAGED, path=str(path), reason="its schema is not text") from error
    except (driver.Error, OSError) as error:
        refuse(path, error)


def refuse(path: Path, error: Exception) -> NoReturn:
    """Raise the FanalError that says what ``error`` means for a person."""
    if isinstance(error, OSError):
        kind, reason = _BY_ERRNO.get(error.errno or 0, STORE_FAILED), error.strerror or str(error)
    else:
        code = getattr(error, "sqlite_errorcode", None) or 0
        kind, reason = _BY_RESULT.get(code & 0xFF, STORE_FAILED), str(error)
    raise FanalError(kind, path=str(path), reason=reason) from error


def connect(path: Path, key: bytes | None = None, *, secure_delete: bool = False) -> Connection:
    """The writing connection: autocommit off the driver's hands, WAL, FULL, foreign keys.

    ``key`` (32 raw bytes) opens an encrypted file. The file is created if it is not there.
    """
    connection = driver.connect(str(path), isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        _unlock(connection, key)
        _settings(connection)
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA secure_delete = {'ON' if secure_delete else 'OFF'}").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def connect_readonly(path: Path, key: bytes | None = None) -> Connection:
    """A reading connection that cannot write; works beside the writer, and in a read-only folder."""
    if not path.is_file():
        raise FanalError(STORE_MISSING, path=str(path))
    immutable = not _has(path, "-wal") and not os.access(path.parent, os.W_OK)
    uri = f"file:{quote(str(path))}?mode=ro" + ("&immutable=1" if immutable else "")
    connection = driver.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        _unlock(connection, key)
        _settings(connection)
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def check_plain(path: Path) -> None:
    """Raise NOT_A_STORE if the file is there, is not empty and does not begin like a database."""
    if path.exists() and not path.is_file():
        raise FanalError(NOT_A_STORE, path=str(path), reason="not a regular file")
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(len(_HEADER)) != _HEADER:
                raise FanalError(NOT_A_STORE, path=str(path), reason="no database header")


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


def migrate(
    connection: Connection,
    path: Path,
    application: int,
    migrations: Sequence[tuple[str, Migration]],
    key: bytes | None = None,
) -> Path | None:
    """Bring the data to the newest format: the number of migrations. Returns the copy, if one was made; it is
    encrypted under the same ``key``. Nobody else may write meanwhile: the caller holds the folder's lock."""
    version = check_format(connection, path, application, len(migrations))
    if version == len(migrations):
        return None
    copy = _backup(connection, path, version, key) if version else None
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
    return copy


def truncate_log(connection: Connection, patience_ms: int = 250) -> bool:
    """Fold the write-ahead log into the file and empty it: deleted content stays in neither. False while
    somebody still reads an older state; it is then tried again with the next commit."""
    before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {patience_ms}").fetchone()
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}").fetchone()


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _apply(connection: Connection, name: str, migrations: Sequence[tuple[str, Migration]]) -> None:
    # Imported here: the import is slow, and a store of the present format never needs it.
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    known = Migrations(name)
    for title, function in migrations:
        known(name=title)(lambda db, run=function: run(db.conn))
    known.apply(Database(connection))


def _backup(connection: Connection, path: Path, version: int, key: bytes | None) -> Path:
    """A copy of the data before they are changed: whole under its name, or not there.

    By the database's own means: whoever opens and closes the file beside it lets go of its locks.
    """
    copy = path.with_name(f"{path.name}.v{version}")
    part = copy.with_name(copy.name + ".part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        target = driver.connect(str(part), isolation_level=None)
        try:
            _unlock(target, key)
            connection.backup(target)
        finally:
            target.close()
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(copy)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return copy


def _unlock(connection: Connection, key: bytes | None) -> None:
    if key is None:
        return
    if len(key) != KEY_BYTES:
        raise ValueError("a database key is 32 bytes long")
    # Its log of failed pages would go to standard error; the caller gets the error itself.
    connection.execute("PRAGMA cipher_log_level = NONE")
    # SQLCipher: a raw key skips its key derivation; it is random already. PRAGMAs take no parameters.
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")


def _settings(connection: Connection) -> None:
    for pragma in (
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _has(path: Path, suffix: str) -> bool:
    return path.with_name(path.name + suffix).exists()

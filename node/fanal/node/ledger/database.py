# SPDX-License-Identifier: Apache-2.0
"""Opening a database file safely, for ledger and vault: durable settings, clear errors.

Promise: WAL with ``synchronous=FULL`` on every writing connection, and nothing that it shows when it is
opened is only in the kernel's memory; every error of the driver becomes a FanalError that names the file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

from sqlcipher3 import dbapi2 as _dbapi2

from fanal.errors import ErrorKind, FanalError
from fanal.node.errors import (
    DAMAGED,
    DISK_FULL,
    NOT_A_STORE,
    NOT_WRITABLE,
    STORE_FAILED,
    STORE_MISSING,
)
from fanal.node.store.errors import NO_DESCRIPTORS, STORE_BUSY

driver: Any = _dbapi2
"""The driver of both files. It has no type stubs; nothing else imports it."""

Connection = Any
"""A connection of the driver."""

KEY_BYTES = 32
WRITER_CACHE_KIB, READER_CACHE_KIB = 2048, 256
"""Pages that a connection may keep in memory; the driver's own default is 8 MB for each, which a node of many
connections fills for days. A writer reads the upper pages of its indices again with every row: at 200,000
entries filing in groups of 64 costs nothing more with 2 MiB, a sixth more with 1 MiB, half as much again with
half a MiB, as a page of the vault is decrypted anew. A reader's pages are dropped whole by SQLite when it
begins after a commit of another connection, so they serve one transaction; the kernel keeps the file's.
Where nothing is committed meanwhile each next page of a search takes 2 to 3 ms more than with 8 MB, with
20,000 notices as with 60,000."""
_PIECE = 1 << 20
"""Bytes of a log that are in memory at once."""
_HEADER = b"SQLite format 3\x00"

# Primary result codes of sqlite3.h.
_BY_RESULT: dict[int, ErrorKind] = {
    3: NOT_WRITABLE,  # SQLITE_PERM
    5: STORE_BUSY,  # SQLITE_BUSY
    8: NOT_WRITABLE,  # SQLITE_READONLY
    11: DAMAGED,  # SQLITE_CORRUPT
    13: DISK_FULL,  # SQLITE_FULL
    14: NOT_WRITABLE,  # SQLITE_CANTOPEN
    26: NOT_A_STORE,  # SQLITE_NOTADB
}
_BY_TEXT = {"database or disk is full": 13, "unable to open database file": 14, "disk I/O error": 10}
"""What sqlite3_errstr says of these: the driver gives no code with an error of its online copy."""
_UNSAID = (10, 14)
"""SQLITE_IOERR and SQLITE_CANTOPEN: also its words for a log that finds no room to be made or to grow."""
_ROOM = 64 * 1024
"""Bytes that the index of a write-ahead log and its first pages need at once."""
_SPARE = 8
"""More descriptors than a database being opened needs: file, log, index, and the folder that is synced."""
_BY_ERRNO: dict[int, ErrorKind] = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EMFILE: NO_DESCRIPTORS,
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
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        code = code or _BY_TEXT.get(str(error), 0)
        kind, reason = _BY_RESULT.get(code, STORE_FAILED), str(error)
        if code in _UNSAID and _lacks_descriptors():
            kind = NO_DESCRIPTORS
        elif code in _UNSAID and is_full(path):
            kind = DISK_FULL
    if kind is NO_DESCRIPTORS:
        raise FanalError(kind, path=str(path), limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0]) from error
    raise FanalError(kind, path=str(path), reason=reason) from error


def _lacks_descriptors() -> bool:
    """Whether this process has hardly a file left. SQLite says that the one at hand cannot be opened, and has
    closed again what it had opened on the way."""
    with contextlib.ExitStack() as opened:
        try:
            for _ in range(_SPARE):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            return error.errno == errno.EMFILE
    return False


def is_full(path: Path) -> bool:
    """Whether the disk under a path has no room left for this user; False when that cannot be told."""
    try:
        found = os.statvfs(path if path.is_dir() else path.parent)
    except OSError:
        return False
    free = found.f_bavail if os.geteuid() else found.f_bfree
    return free * found.f_frsize < _ROOM or (found.f_files > 0 and found.f_favail == 0)


def connect(path: Path, key: bytes | None = None, *, secure_delete: bool = False) -> Connection:
    """The writing connection: autocommit off the driver's hands, WAL, FULL, foreign keys.

    ``key`` (32 raw bytes) opens an encrypted file. The file is created if it is not there. What the
    connection shows is durable, whatever failed before. No other one may be writing.
    """
    path = path.resolve()  # the log lies beside the file, not beside a link to it
    _write_log_anew(path)
    connection = driver.connect(str(path), isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        unlock(connection, key)
        _settings(connection, WRITER_CACHE_KIB)
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA secure_delete = {'ON' if secure_delete else 'OFF'}").fetchone()
        connection.execute("PRAGMA user_version").fetchone()  # makes the write-ahead log if there is none
        sync_folder(path.parent)  # SQLite does so too, and goes on when it fails
    except BaseException:
        connection.close()
        raise
    return connection


def connect_readonly(path: Path, key: bytes | None = None, *, brief: bool = False) -> Connection:
    """A reading connection that cannot write; works beside the writer, and in a read-only folder.

    ``brief``: for a look at the first page only; it leaves no file beside one that nobody has open.
    """
    if not path.is_file():
        raise FanalError(STORE_MISSING, path=str(path))
    immutable = not _has(path, "-wal") and (brief or not os.access(path.parent, os.W_OK))
    uri = f"file:{quote(str(path))}?mode=ro" + ("&immutable=1" if immutable else "")
    connection = driver.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        unlock(connection, key)
        _settings(connection, READER_CACHE_KIB)
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def check_plain(path: Path) -> None:
    """Raise NOT_A_STORE if the file is there, is not empty and does not begin like a database.

    A cut may leave its beginning unwritten: in the first checkpoint the write-ahead log has it, and in the
    very first write the rollback journal says that nothing was there before."""
    if path.exists() and not path.is_file():
        raise FanalError(NOT_A_STORE, path=str(path), reason="not a regular file")
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
            if head != _HEADER and (any(head) or not (_has(path, "-wal") or _has(path, "-journal"))):
                raise FanalError(NOT_A_STORE, path=str(path), reason="no database header")


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


def unlock(connection: Connection, key: bytes | None) -> None:
    """Give an encrypted file's key; None for a plain one."""
    if key is None:
        return
    if len(key) != KEY_BYTES:
        raise ValueError("a database key is 32 bytes long")
    # Its log of failed pages would go to standard error; the caller gets the error itself.
    connection.execute("PRAGMA cipher_log_level = NONE")
    # SQLCipher: a raw key skips its key derivation; it is random already. PRAGMAs take no parameters.
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")


def _settings(connection: Connection, cache_kib: int) -> None:
    for pragma in (
        f"cache_size = -{cache_kib}",  # negative: KiB, not pages
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _write_log_anew(path: Path) -> None:
    """After a failed sync the kernel may go on showing what it will never write, and a later sync says that
    all is well (fsync(2)). SQLite would fold such frames into the file, or commit behind them, and a power
    cut leaves the shorter log that was really written. So all of it is written once more, in place, before
    anything is read from it: the sync then answers for all of it, and a cut meanwhile costs nothing."""
    try:
        handle = os.open(path.with_name(path.name + "-wal"), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        at = 0
        while data := os.pread(handle, _PIECE, at):
            at += os.pwrite(handle, data, at)
        os.fsync(handle)
    finally:
        os.close(handle)


def _has(path: Path, suffix: str) -> bool:
    return path.with_name(path.name + suffix).exists()

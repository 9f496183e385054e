# SPDX-License-Identifier: Apache-2.0
"""The vault on disk, encrypted by SQLCipher under a raw 32-byte key; and its twin in memory.

Promise: a filing is durable when ``file`` returns and has left no trace when it raises. After a failed commit
the file is opened again before anything more is filed. Deleted rows are overwritten (``secure_delete``).
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from fanal.errors import FanalError
from fanal.node.errors import DAMAGED, NOT_A_STORE, NOTICE_UNKNOWN, STORE_CLOSED, VAULT_KEY
from fanal.node.failpoints import hit
from fanal.node.inbox import erasing
from fanal.node.inbox.filing import mark_read, put_lane_key, store_filing
from fanal.node.inbox.interface import Filed, Filing, PendingOpen, Recall, StoredLaneKey
from fanal.node.inbox.known import SqlKnown
from fanal.node.inbox.reads import ReadSource, SqlNotices
from fanal.node.inbox.schema import APPLICATION, MIGRATIONS
from fanal.node.ledger.database import (
    Connection,
    connect,
    driver,
    sync_folder,
    translated,
    truncate_log,
)
from fanal.node.ledger.formats import migrate
from fanal.node.ledger.reads import Readers

T = TypeVar("T")

_PAGE_BYTES = 4096
_PLAIN = b"SQLite format 3\x00"
_IN_MEMORY = Path("the vault in memory")
_CHECK = "PRAGMA cipher_integrity_check"
_KEY_COLUMNS = "lane, commitment, key_manifest_sha256, key, since, readers"


class SqlVault:
    """A Vault. Made by ``open_vault`` or ``memory_vault``."""

    def __init__(self, path: Path, connection: Connection, reopen: Callable[[], Connection] | None) -> None:
        self._path = path
        self._db: Connection | None = connection
        self._reopen = reopen
        self._lock = threading.RLock()
        self._closed = False
        self._source: ReadSource = _Shared(self)
        self.notices = SqlNotices(self._source)
        self.known = SqlKnown(self._source)

    def read_with(self, source: ReadSource) -> SqlVault:
        """Read through these connections instead of the writing one."""
        self._source = source
        self.notices, self.known = SqlNotices(source), SqlKnown(source)
        return self

    def file(self, filing: Filing) -> Filed:
        """See Vault.file."""
        return self._write(lambda db: store_filing(db, filing))

    def cursor(self) -> int:
        """See Vault.cursor."""
        with self._source.read() as db:
            return int(db.execute("SELECT cursor FROM vault").fetchone()[0])

    def step_back(self, last: int) -> None:
        """See Vault.step_back."""
        if self.cursor() > last:
            self._write(lambda db: db.execute("UPDATE vault SET cursor = ?", (last,)))

    def mark_read(self, manifest_sha256: bytes, officer_key_id: bytes, at: int) -> bool:
        """See Vault.mark_read."""
        first = self._write(lambda db: mark_read(db, manifest_sha256, officer_key_id, at))
        if first is None:
            raise FanalError(NOTICE_UNKNOWN, notice=manifest_sha256.hex())
        return first

    def own_lane_key(self, lane: bytes) -> StoredLaneKey | None:
        """See Vault.own_lane_key."""
        return self._lane_key("WHERE lane = ? AND own = 1 ORDER BY id DESC LIMIT 1", lane)

    def put_own_lane_key(self, key: StoredLaneKey) -> None:
        """See Vault.put_own_lane_key."""
        self._write(lambda db: put_lane_key(db, key, own=True))

    def lane_key(
        self, *, key_manifest_sha256: bytes = b"", lane: bytes = b"", commitment: bytes = b""
    ) -> StoredLaneKey | None:
        """See Vault.lane_key."""
        if key_manifest_sha256:
            return self._lane_key("WHERE key_manifest_sha256 = ?", key_manifest_sha256)
        return self._lane_key("WHERE lane = ? AND commitment = ? ORDER BY id LIMIT 1", lane, commitment)

    def pending(
        self,
        limit: int,
        *,
        key_envelope: bytes | None = None,
        after: int = 0,
        reasons: Collection[str] = (),
    ) -> list[PendingOpen]:
        """See Vault.pending."""
        query = "SELECT manifest_sha256, arrival, key_envelope, reason, since FROM pending WHERE arrival > ? "
        values: tuple[object, ...] = (after,)
        if key_envelope is not None:
            query, values = query + "AND key_envelope = ? ", (after, key_envelope)
        if reasons:
            marks = ", ".join("?" * len(reasons))
            query, values = query + f"AND reason IN ({marks}) ", (*values, *reasons)
        with self._source.read() as db:
            rows = db.execute(query + "ORDER BY arrival LIMIT ?", (*values, limit)).fetchall()
        return [PendingOpen(*row) for row in rows]

    def answer(self, recall: Recall) -> None:
        """See Vault.answer."""
        self._write(lambda db: erasing.answer(db, recall))

    def settle(self, finding: str, officer: str, reason: str) -> None:
        """See Vault.settle."""
        values = (finding, officer, reason)
        self._write(lambda db: db.execute("INSERT OR IGNORE INTO settled VALUES (?, ?, ?)", values))

    def settled(self) -> dict[str, tuple[str, str]]:
        """See Vault.settled."""
        with self._source.read() as db:
            rows = db.execute("SELECT finding, officer, reason FROM settled").fetchall()
        return {finding: (officer, reason) for finding, officer, reason in rows}

    def erase(self, manifests: Sequence[bytes], at: int) -> bool:
        """See Vault.erase."""
        self._write(lambda db: erasing.erase(db, manifests, at))
        return self._emptied()

    def destroy_lane_key(self, key_manifest_sha256: bytes) -> bool:
        """See Vault.destroy_lane_key."""
        self._write(lambda db: erasing.destroy_lane_key(db, key_manifest_sha256))
        return self._emptied()

    def close(self) -> None:
        """See Vault.close."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._source.close()
            self._drop()

    def is_sound(self) -> bool:
        """See Vault.is_sound. Beside a writer a page may be seen half-written, so a finding is looked at
        again while nothing is written."""
        if self._reopen is None:
            return True
        with self._source.read() as db:
            found = db.execute(_CHECK).fetchall()
        if found:
            with self.own_connection() as db:
                found = db.execute(_CHECK).fetchall()
        return not found

    @contextlib.contextmanager
    def own_connection(self) -> Iterator[Connection]:
        """The writing connection, for one at a time; opened again if a failure closed it."""
        with self._lock, translated(self._path):
            if self._closed:
                raise FanalError(STORE_CLOSED, path=str(self._path))
            if self._db is None:
                assert self._reopen is not None
                self._db = self._reopen()
            yield self._db

    def _emptied(self) -> bool:
        with self.own_connection() as db:
            return self._reopen is None or truncate_log(db)

    def _lane_key(self, where: str, *values: bytes) -> StoredLaneKey | None:
        with self._source.read() as db:
            row = db.execute(f"SELECT {_KEY_COLUMNS} FROM lane_keys {where}", values).fetchone()  # noqa: S608
        return StoredLaneKey(*row) if row else None

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self.own_connection() as db:
            try:
                db.execute("BEGIN IMMEDIATE")
                result = work(db)
                hit("vault.before-commit")
                db.execute("COMMIT")
            except BaseException as error:
                self._undo(error)
                raise
            hit("vault.after-commit")
            return result

    def _undo(self, error: BaseException) -> None:
        """A refusal is rolled back; after an error of the file the connection is not trusted any more."""
        assert self._db is not None
        if isinstance(error, driver.Error) and self._reopen is not None:
            self._drop()
        elif self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _drop(self) -> None:
        connection, self._db = self._db, None
        if connection is not None:
            with contextlib.suppress(driver.Error):
                connection.close()


class _Shared:
    """Reading on the writing connection."""

    def __init__(self, vault: SqlVault) -> None:
        self._vault = vault

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        with self._vault.own_connection() as db:
            yield db

    def close(self) -> None:
        """Nothing of its own to close."""


def open_vault(path: Path, key: bytes) -> SqlVault:
    """Open or create the vault file. ``key`` is 32 raw bytes.

    Raises FanalError: VAULT_KEY, NOT_A_STORE, DAMAGED, NEWER_FORMAT, NOT_WRITABLE, DISK_FULL.
    """
    with translated(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_file(path)
        if not path.exists():
            # Made here so that nobody else may read it; the write-ahead log inherits the mode.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            sync_folder(path.parent)
        connection = open_migrated(path, key)
    return SqlVault(path, connection, lambda: _connect(path, key)).read_with(Readers(path, key))


def open_migrated(path: Path, key: bytes) -> Connection:
    """The writing connection to a file that is there, brought to the newest format."""
    connection = _connect(path, key)
    try:
        migrate(connection, path, APPLICATION, MIGRATIONS, key)
        truncate_log(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def memory_vault() -> SqlVault:
    """A vault that lives as long as the object: the same tables without a file. For simulator and tests."""
    connection = driver.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate(connection, _IN_MEMORY, APPLICATION, MIGRATIONS)
    return SqlVault(_IN_MEMORY, connection, None)


def _connect(path: Path, key: bytes) -> Connection:
    try:
        return connect(path, key, secure_delete=True)
    except driver.DatabaseError as error:
        # SQLITE_NOTADB: the first page does not authenticate under this key.
        if getattr(error, "sqlite_errorcode", 0) == 26:
            raise FanalError(VAULT_KEY, path=str(path)) from error
        raise


def _check_file(path: Path) -> None:
    """What can be said without the key."""
    if not path.exists():
        return
    if not path.is_file():
        raise FanalError(NOT_A_STORE, path=str(path), reason="not a regular file")
    size = path.stat().st_size
    # While there is a write-ahead log, a cut may have left the file in the middle of growing: the log has it.
    if size % _PAGE_BYTES and not path.with_name(path.name + "-wal").exists():
        raise FanalError(DAMAGED, path=str(path), reason=f"{size} bytes are no whole number of pages")
    with path.open("rb") as file:
        head = file.read(len(_PLAIN))
    if head == _PLAIN:
        raise FanalError(NOT_A_STORE, path=str(path), reason="it is not encrypted")
    if head and not any(head):
        # The salt stands here: what a cut in the first checkpoint left unwritten, no key opens.
        raise FanalError(DAMAGED, path=str(path), reason="it begins with zeros")

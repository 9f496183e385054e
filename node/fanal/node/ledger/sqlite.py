# SPDX-License-Identifier: Apache-2.0
"""The ledger on disk: ledger.db, marker and lock in one data folder.

Promise: opening costs the same however much is stored, refuses a second node and newer data, and begins a
new incarnation whenever the database may not be the one that last spoke (see ``Opened``).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from fanal.node.ledger import rules
from fanal.node.ledger.database import (
    Connection,
    check_plain,
    connect,
    sync_folder,
    translated,
    truncate_log,
)
from fanal.node.ledger.formats import migrate
from fanal.node.ledger.interface import ForkFound
from fanal.node.ledger.lock import FolderLock
from fanal.node.ledger.marker import Marker
from fanal.node.ledger.reads import Readers, SqliteEntries, SqliteLanes, SqliteLog, checkpoint_of
from fanal.node.ledger.reads_facts import SqliteFacts
from fanal.node.ledger.rows import Appended, Batch, Head, IncarnationRow, Opened
from fanal.node.ledger.schema import APPLICATION, MIGRATIONS
from fanal.node.ledger.tree_reads import node_of, size_of
from fanal.node.ledger.work import StoreState
from fanal.node.ledger.work_facts import put_incarnation
from fanal.node.ledger.writer import Writer, write_first_mark
from fanal.proof.tree import Frontier

DATABASE = "ledger.db"
MARKER = "marker"
RESTORED = "restored"
"""A note in the folder: what lies here came from a backup, and nothing was written to it since."""


class SqliteLedger:
    """A Ledger in one folder. Made by ``open_ledger``."""

    def __init__(self, path: Path, lock: FolderLock, marker: Marker, writer: Writer, opened: Opened) -> None:
        self._lock = lock
        self._marker = marker
        self._writer = writer
        self._readers = Readers(path)
        self._closed = False
        self.opened = opened
        self.entries = SqliteEntries(self._readers)
        self.lanes = SqliteLanes(self._readers)
        self.log = SqliteLog(self._readers)
        self.facts = SqliteFacts(self._readers)

    def append(self, batch: Batch) -> Appended:
        """See Ledger.append."""
        rules.check_batch(batch)
        appended = self._writer.append(batch)
        if appended.forks:
            raise ForkFound(appended)
        return appended

    def head(self) -> Head:
        """See Ledger.head."""
        state = self._writer.state
        return Head(
            store_id=state.store_id,
            incarnation=state.incarnation,
            size=state.frontier.size,
            root=state.frontier.root(),
            entries=state.entries,
            checkpoint=state.checkpoint,
        )

    def check_there(self) -> None:
        """See Ledger.check_there."""
        self._writer.presence.check()

    def close(self) -> None:
        """See Ledger.close."""
        if self._closed:
            return
        self._closed = True
        # Readers first: the last connection to close folds the write-ahead log into the file.
        self._readers.close()
        self._writer.close()
        self._marker.close()
        self._lock.close()


def open_ledger(folder: Path, *, now: int, random: Callable[[int], bytes] = os.urandom) -> SqliteLedger:
    """Open or create the ledger in ``folder``. ``random(n)`` gives n random bytes.

    Raises FanalError: FOLDER_IN_USE, NEWER_FORMAT, NOT_A_STORE, DAMAGED, NOT_WRITABLE, DISK_FULL.
    """
    path = folder / DATABASE
    with translated(folder), contextlib.ExitStack() as undo:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FolderLock(folder)
        undo.callback(lock.close)
        with translated(path):
            _create(path)
            connection = open_migrated(path)
            undo.callback(connection.close)
            marker = Marker(folder / MARKER)
            undo.callback(marker.close)
            note = folder / RESTORED
            opened = _settle(connection, marker, random, now, restored=note.exists())
            state = read_state(connection)
        write_first_mark(folder / MARKER, marker, state)
        if note.exists():
            note.unlink()
            sync_folder(folder)
        writer = Writer(path, marker, (connection, state), lambda: _reopen(path))
        undo.pop_all()
        return SqliteLedger(path, lock, marker, writer, opened)


def open_migrated(path: Path) -> Connection:
    """The writing connection to a file that is there, brought to the newest format."""
    connection = connect(path, secure_delete=True)
    try:
        migrate(connection, path, APPLICATION, MIGRATIONS)
        truncate_log(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def read_state(db: Connection) -> StoreState:
    """The committed state, from O(log n) rows."""
    store_id, commits = db.execute("SELECT store_id, commits FROM store").fetchone()
    incarnation = db.execute("SELECT incarnation FROM incarnations ORDER BY n DESC LIMIT 1").fetchone()[0]
    frontier = Frontier.from_nodes(size_of(db), lambda level, index: node_of(db, level, index))
    entries = db.execute("SELECT ifnull(max(arrival), 0) FROM entries").fetchone()[0]
    return StoreState(store_id, incarnation, frontier, entries, commits, checkpoint_of(db))


def _create(path: Path) -> None:
    check_plain(path)
    if not path.exists():
        # Made here so that nobody else may read it; the write-ahead log inherits the mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        sync_folder(path.parent)


def _reopen(path: Path) -> tuple[Connection, StoreState]:
    """After a failed commit: what is durable of it."""
    connection = connect(path, secure_delete=True)
    try:
        return connection, read_state(connection)
    except BaseException:
        connection.close()
        raise


def _settle(
    db: Connection, marker: Marker, random: Callable[[int], bytes], now: int, *, restored: bool
) -> Opened:
    """Begin a new incarnation unless marker and database agree that this is the store that last spoke."""
    reason = RESTORED if restored else _reason(db, marker)
    last = marker.last
    opened = Opened(reason, last.size if last else 0, last.entries if last else 0)
    if not reason:
        return opened
    db.execute("BEGIN IMMEDIATE")
    newest = db.execute("SELECT incarnation FROM incarnations ORDER BY n DESC LIMIT 1").fetchone()
    predecessor = newest[0] if newest else b""
    if last is not None and not _is_known(db, last.incarnation):
        # It spoke and was lost with the newer database; our lanes go on from it.
        put_incarnation(db, IncarnationRow(last.incarnation, predecessor, "lost", now))
        predecessor = last.incarnation
    put_incarnation(db, IncarnationRow(random(rules.ID), predecessor, reason, now))
    # A new store id: peers forget what this store is known to hold.
    db.execute(
        "INSERT INTO store VALUES (1, ?, 0, 0) ON CONFLICT (one) DO UPDATE SET store_id = excluded.store_id",
        (random(rules.ID),),
    )
    db.execute("COMMIT")
    return opened


def _reason(db: Connection, marker: Marker) -> str:
    last = marker.last
    if db.execute("SELECT 1 FROM store").fetchone() is None:
        return "rolled-back" if last and (last.size or last.entries) else "created"
    state = read_state(db)
    if last is None and not (state.frontier.size or state.entries):
        return "created"  # cut between the marker's file and its first mark: nothing has ever left
    if last is None:
        return "marker-damaged" if marker.damaged else "marker-missing"
    if last.incarnation != state.incarnation and not _is_known(db, last.incarnation):
        return "other-incarnation"
    # A marker of an earlier incarnation: a cut came between the commit of the next one and its mark.
    if last.size > state.frontier.size or last.entries > state.entries:
        return "rolled-back"
    return ""


def _is_known(db: Connection, incarnation: bytes) -> bool:
    query = "SELECT 1 FROM incarnations WHERE incarnation = ?"
    return db.execute(query, (incarnation,)).fetchone() is not None

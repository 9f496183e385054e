# SPDX-License-Identifier: Apache-2.0
"""From one data format to the next: in one transaction, after a copy, with room; a full disk by its name."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as driver

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.ledger import database, formats


def test_migrations_run_in_one_transaction_after_a_copy(tmp_path: Path) -> None:
    """Data of an older format is copied first; a migration that fails leaves the old data as they were."""
    path = tmp_path / "x.db"
    first = ("1", lambda db: db.execute("CREATE TABLE a (x)"))
    second = ("2", lambda db: db.execute("CREATE TABLE b (x)"))
    third = ("3", lambda db: db.execute("this is no SQL"))
    connection = database.connect(path)
    assert formats.migrate(connection, path, 7, [first]) is None
    connection.execute("INSERT INTO a VALUES (42)")
    with pytest.raises(driver.OperationalError):
        formats.migrate(connection, path, 7, [first, second, third])
    assert formats.check_format(connection, path, 7, 3) == 1
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'b'").fetchone() == (0,)
    copy = formats.migrate(connection, path, 7, [first, second])
    assert copy == tmp_path / "x.db.v1"
    connection.close()
    old = database.connect_readonly(copy)
    assert old.execute("SELECT x FROM a").fetchall() == [(42,)]
    assert formats.check_format(old, copy, 7, 1) == 1
    old.close()


def test_a_migration_without_room_for_copy_and_log_changes_nothing(tmp_path: Path) -> None:
    """At twice the file's length it goes ahead; with one byte less it is refused, with both figures."""
    path = tmp_path / "x.db"
    steps = [(str(n), lambda db, n=n: db.execute(f"CREATE TABLE t{n} (x)")) for n in (1, 2)]
    connection = database.connect(path)
    formats.migrate(connection, path, 7, steps[:1])
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    needed, before = 2 * path.stat().st_size, path.read_bytes()
    with pytest.raises(FanalError) as caught:
        formats.migrate(connection, path, 7, steps, room=lambda folder: needed - 1)
    assert caught.value.kind is errors.NO_ROOM
    assert {str(needed), str(needed - 1), str(tmp_path)} <= {str(one) for one in caught.value.facts.values()}
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["x.db", "x.db-shm", "x.db-wal"]
    assert formats.migrate(connection, path, 7, steps, room=lambda folder: needed) == tmp_path / "x.db.v1"
    connection.close()


@pytest.mark.parametrize(
    ("code", "room", "inodes", "kind"),
    [
        (10, 64 * 1024 - 1, 5, errors.DISK_FULL),
        (14, 64 * 1024 - 1, 5, errors.DISK_FULL),
        (14, 10**9, 0, errors.DISK_FULL),
        (10, 64 * 1024, 5, errors.STORE_FAILED),
        (14, 64 * 1024, 5, errors.NOT_WRITABLE),
        (13, 10**9, 5, errors.DISK_FULL),
        (0, 64 * 1024 - 1, 5, errors.DISK_FULL),
        (0, 64 * 1024, 5, errors.NOT_WRITABLE),
        (8, 0, 5, errors.NOT_WRITABLE),
    ],
)
def test_a_full_disk_is_called_so_whatever_the_database_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, room: int, inodes: int, kind: Any
) -> None:
    """A log that cannot be opened or written, and no room or no file left on the disk: DISK_FULL. An online
    copy gives no code (0), only words."""
    found = SimpleNamespace(f_bavail=room, f_bfree=room, f_frsize=1, f_files=9, f_favail=inodes)
    monkeypatch.setattr(os, "statvfs", lambda folder: found)
    error = driver.OperationalError("unable to open database file")
    error.sqlite_errorcode = code
    with pytest.raises(FanalError) as caught:
        database.refuse(tmp_path / "x.db", error)
    assert caught.value.kind is kind

# SPDX-License-Identifier: Apache-2.0
"""The vault's migration from format 1 to 2, killed at each write, and on a disk that is full from then on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faultfs import FaultFs, Mode, fault_fs
from realnet import PATHS

from fanal.node.errors import DISK_FULL, NOT_WRITABLE, STORE_FAILED
from fanal.node.inbox.schema import APPLICATION, MIGRATIONS
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.database import check_format, connect, connect_readonly, migrate

pytestmark = pytest.mark.process

KEY = bytes(range(32))
ROWS = 200
MOST = 500
FULL = int(DISK_FULL.id[-2:])
KILLED = -9
REFUSED = {FULL, int(NOT_WRITABLE.id[-2:]), int(STORE_FAILED.id[-2:])}
"""SQLite reports a log that it cannot create or grow as one that it cannot open, or as a failed input."""


def old_vault(folder: Path) -> Path:
    """A vault of format 1 with something in it, closed."""
    folder.mkdir()
    path = folder / "vault.db"
    connection = connect(path, KEY)
    migrate(connection, path, APPLICATION, MIGRATIONS[:1], KEY)
    rows = [(n, os.urandom(32), os.urandom(16), "LOCKED", n) for n in range(ROWS)]
    connection.executemany("INSERT INTO pending VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()
    return path


def looked_at(path: Path) -> int:
    """The format of a vault that has every row and no damaged page."""
    connection = connect_readonly(path, KEY)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("SELECT count(*) FROM pending").fetchone()[0] == ROWS
        return check_format(connection, path, APPLICATION, len(MIGRATIONS))
    finally:
        connection.close()


@contextmanager
def opening(disk: FaultFs) -> Iterator[Callable[[Path], int]]:
    """Opens a vault on that disk in a process of its own; how the process ended."""
    env = {"PYTHONPATH": PATHS, "PATH": os.environ["PATH"], **disk.env}
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("migrating.py"))],
        env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as server:  # fmt: skip

        def opened(path: Path) -> int:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(f"{path}\n")
            server.stdin.flush()
            return int(server.stdout.readline())

        yield opened


@pytest.mark.parametrize(
    ("mode", "lasts", "end"), [(Mode.KILL, 1, KILLED), (Mode.FULL, 10**9, FULL)], ids=["killed", "full"]
)
def test_a_migration_that_ends_at_any_write_loses_nothing(
    mode: Mode, lasts: int, end: int, tmp_path: Path
) -> None:
    """Old or new format with every row, a copy that is whole or not there; the next start completes it."""
    template, data, aside = old_vault(tmp_path / "old"), tmp_path / "data", tmp_path / "aside"
    data.mkdir()
    aside.mkdir()
    ends, formats, copies = set(), set(), set()
    with fault_fs(data, aside) as disk, opening(disk) as opened:
        for at in range(1, MOST):
            path = data / str(at) / "vault.db"
            path.parent.mkdir()
            shutil.copy(template, path)
            before = disk.hits
            disk.arm(mode, at, lasts=lasts)
            ended = opened(path)
            disk.disarm()
            if disk.hits == before:
                break
            copy = path.with_name("vault.db.v1")
            ends.add(ended)
            copies.add(copy.exists())
            formats.add(looked_at(path))
            assert not copy.exists() or looked_at(copy) == 1
            open_vault(path, KEY).close()
            assert looked_at(path) == len(MIGRATIONS)
            shutil.rmtree(path.parent)
    print(f"  {mode.name}: {at - 1} operations, {sorted(ends)}")
    assert ended == 0
    assert at > 10
    assert end in ends
    assert ends <= {0, KILLED} if mode is Mode.KILL else ends <= {0} | REFUSED
    assert (formats, copies) == ({1, len(MIGRATIONS)}, {False, True})

# SPDX-License-Identifier: Apache-2.0
"""The migrations of vault (from 1) and ledger (to a later format), killed at writes; on a full disk. Real
older formats: tests/torture/test_upgrades.py."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from faultfs import Mode, fault_fs
from ledgerkit import Kit
from openserver import opening
from upgradekit import NOW, later_ledger

from fanal.node.errors import DISK_FULL, NO_ROOM
from fanal.node.inbox.schema import APPLICATION, MIGRATIONS
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger import schema as ledger_schema
from fanal.node.ledger import sqlite as ledger_store
from fanal.node.ledger.database import connect, connect_readonly
from fanal.node.ledger.formats import check_format, migrate
from fanal.node.ledger.rows import Head
from fanal.node.ledger.sqlite import open_ledger

pytestmark = pytest.mark.process

KEY = bytes(range(32))
MIGRATING = str(Path(__file__).with_name("migrating.py"))
ROWS = 200
ENTRIES = 40
MOST = 500
FULL, ROOMLESS = (int(kind.id[-2:]) for kind in (DISK_FULL, NO_ROOM))
KILLED = -9


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


def until_none_fails(
    template: Path, folder: Path, mode: Mode, lasts: int, check: Callable[[Path], None], step: int = 1
) -> set[int]:
    """Open a fresh copy of the template's folder, each time failing ``step`` operations later; ``check`` what
    is left. How the openings ended, the last one undisturbed."""
    data, aside, ends = folder / "data", folder / "aside", set()
    data.mkdir()
    aside.mkdir()
    with fault_fs(data, aside) as disk, opening(disk, MIGRATING) as opened:
        for at in range(1, MOST, step):
            path = data / str(at) / template.name
            shutil.copytree(template.parent, path.parent)
            before = disk.hits
            disk.arm(mode, at, lasts=lasts)
            ended = opened(path)
            disk.disarm()
            if disk.hits == before and not ended:
                break
            ends.add(ended)
            check(path)
            shutil.rmtree(path.parent)
    print(f"  {template.name}, {mode.name}: {at - 1} operations, {sorted(ends)}")
    assert (ended, at > 10) == (0, True)
    return ends


@pytest.mark.parametrize(
    ("mode", "lasts", "expected", "step"),
    [(Mode.KILL, 1, {KILLED}, 3), (Mode.FULL, 10**9, {FULL, ROOMLESS}, 1)],
    ids=["killed", "full"],
)
def test_a_migration_that_ends_at_any_write_loses_nothing(
    mode: Mode, lasts: int, expected: set[int], step: int, tmp_path: Path
) -> None:
    """Old or new format with every row, a copy that is whole or not there; the next start completes it."""
    formats, copies = set(), set()

    def check(path: Path) -> None:
        copy = path.with_name("vault.db.v1")
        copies.add(copy.exists())
        formats.add(looked_at(path))
        assert not copy.exists() or looked_at(copy) == 1
        open_vault(path, KEY).close()
        assert looked_at(path) == len(MIGRATIONS)

    ends = until_none_fails(old_vault(tmp_path / "old"), tmp_path, mode, lasts, check, step)
    assert ends == expected
    assert (formats, copies) == ({1, len(MIGRATIONS)}, {False, True})


def test_a_ledger_migration_killed_at_any_write_opens_with_old_or_new_program(tmp_path: Path) -> None:
    """What is of the old format goes on under the old program as if nothing had been, and the next start
    of the new one completes it; leaves, root, entries and incarnation are the same throughout."""
    old = tmp_path / "old" / "ledger.db"
    ledger = open_ledger(old.parent, now=NOW)
    ledger.append(Kit().batch(*range(ENTRIES)))
    whole = ledger.head()
    ledger.close()
    present, seen = ledger_schema.MIGRATIONS, []

    def check(path: Path) -> None:
        found = format_of(path)
        copy = path.with_name(f"ledger.db.v{len(present)}")
        seen.append((found, copy.exists()))
        assert not copy.exists() or format_of(copy) == len(present)
        if found == len(present):
            assert headed(path.parent) == whole
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ledger_store, "MIGRATIONS", present)  # put back at the end
            assert later_ledger() == len(present) + 1
            assert headed(path.parent) == whole
        assert format_of(path) == len(present) + 1

    assert until_none_fails(old, tmp_path, Mode.KILL, 1, check, 3) == {KILLED}
    assert {one for one, _copy in seen} == {len(present), len(present) + 1}
    assert {copy for _one, copy in seen} == {False, True}


def headed(folder: Path) -> Head:
    """The ledger's head, if it simply went on and holds every entry."""
    ledger = open_ledger(folder, now=NOW)
    try:
        assert ledger.opened.reason == ""
        assert len(ledger.entries.since(0, 2 * ENTRIES)) == ENTRIES
        return ledger.head()
    finally:
        ledger.close()


def format_of(path: Path) -> int:
    connection = connect_readonly(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return check_format(connection, path, ledger_schema.APPLICATION, len(ledger_schema.MIGRATIONS) + 1)
    finally:
        connection.close()

# SPDX-License-Identifier: Apache-2.0
"""``fanal node migrate`` on real files: told beforehand, done as a start does it, refused untouched."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from clikit import Run, misfits

from fanal.cli.shown import folder_shapes
from fanal.config.home import Home
from fanal.keys.secret import read_key_file
from fanal.node.inbox import schema
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger import formats
from fanal.node.ledger import schema as ledger_schema
from fanal.node.ledger.database import connect
from fanal.node.ledger.lock import FolderLock
from fanal.node.ledger.marker import read
from fanal.node.ledger.sqlite import open_ledger
from fanal.node.unlocked import unlock


def key_of(home: Home) -> bytes:
    return unlock(home.node_keys, read_key_file(home.unlock_key), "AZ-CUS").vault_key


@pytest.fixture
def older(home: Home) -> Home:
    """A home whose vault is of the format before."""
    open_ledger(home.data, now=int(time.time())).close()
    connection = connect(home.vault, key_of(home))
    formats.migrate(connection, home.vault, schema.APPLICATION, schema.MIGRATIONS[:1], key_of(home))
    connection.close()
    return home


def files(home: Home) -> dict[str, str]:
    """Every file of the data folder by its bytes."""
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in home.data.iterdir()}


def test_a_dry_run_tells_formats_room_and_copies_and_touches_nothing(run: Run, older: Home) -> None:
    """Also beside a running node, whose lock it does not need; no file beside the databases is left."""
    before, lock = files(older), FolderLock(older.data)
    answer = run("node", "migrate", "--dry-run", "--json").json
    lock.close()
    assert misfits(answer, folder_shapes.Migrated) == []
    formats_of = [(one["format"], one["newest"]) for one in answer["files"]]
    newest = len(ledger_schema.MIGRATIONS)
    assert formats_of == [(newest, newest), (1, len(schema.MIGRATIONS))]
    assert answer["needed"] == answer["files"][1]["needed"] == 2 * older.vault.stat().st_size
    assert answer["files"][1]["copy"] == str(older.data / "vault.db.v1")
    assert answer["dry_run"]
    assert files(older) == before
    told = run("node", "migrate", "--dry-run")
    assert f"{answer['needed']} bytes needed" in told.out
    assert "Nothing was changed" in told.out


def test_migrating_does_what_a_start_does_and_begins_no_run(run: Run, older: Home) -> None:
    """The copy lies beside, the vault opens, marker and ledger are as before; then nothing is due."""
    mark, ledger = read(older.marker), older.ledger.read_bytes()
    assert run("node", "migrate", "--json").json["dry_run"] is False
    assert (read(older.marker), older.ledger.read_bytes()) == (mark, ledger)
    assert (older.data / "vault.db.v1").is_file()
    open_vault(older.vault, key_of(older)).close()
    again = run("node", "migrate", "--json").json
    assert (again["needed"], [one["copy"] for one in again["files"]]) == (0, ["", ""])


def test_what_migrations_left_is_named_and_then_deleted(run: Run, older: Home) -> None:
    """A dry run names the copies; without it they go, and nothing else does."""
    run("node", "migrate")
    (older.data / "vault.db.damaged-7").write_bytes(b"x" * 10)
    names = {str(older.data / one) for one in ("vault.db.damaged-7", "vault.db.v1")}
    rest = files(older).keys() - {Path(one).name for one in names}
    for flag in ("--dry-run", "--json"):
        answer = run("node", "migrate", "--delete-copies", "--json", flag).json
        assert misfits(answer, folder_shapes.CopiesDeleted) == []
        assert set(answer["deleted"]) == names
    assert files(older).keys() == rest
    assert "no such copy" in run("node", "migrate", "--delete-copies").out


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("running", "FANAL-E0601"),
        ("newer", "FANAL-E0602"),
        ("absent", "FANAL-E0609"),
        ("short", "FANAL-E0610"),
    ],
)
def test_what_cannot_be_migrated_is_refused_and_left_as_it_is(
    run: Run, older: Home, wrong: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that runs, data of a newer program, no data, no room: the id, and the same files as before."""
    lock = FolderLock(older.data) if wrong == "running" else None
    if wrong == "newer":
        connection = connect(older.ledger)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    if wrong == "absent":
        older.ledger.unlink()
    if wrong == "short":
        room = 2 * older.vault.stat().st_size - 1
        monkeypatch.setattr(os, "statvfs", lambda folder: SimpleNamespace(f_bavail=room, f_frsize=1))
        assert run("node", "migrate", "--dry-run").code == 1
    before = files(older)
    ran = run("node", "migrate", "--json")
    assert ran.json["error"]["id"] == error, ran
    assert ran.code != 0
    assert files(older) == before
    if lock is not None:
        lock.close()

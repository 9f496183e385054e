# SPDX-License-Identifier: Apache-2.0
"""What a start that was cut off in a migration may leave of a kept home, and what the next makes of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opening import opened
from upgradekit import Kept

from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys.keystore import Keystore
from fanal.keys.secret import read_key_file
from fanal.node.errors import NEWER_FORMAT
from fanal.node.inbox import schema as vault_schema
from fanal.node.inbox import sqlite as vault_store
from fanal.node.ledger import schema as ledger_schema
from fanal.node.ledger import sqlite as ledger_store
from fanal.node.ledger.database import Connection, connect_readonly
from fanal.node.ledger.formats import check_format
from fanal.node.unlocked import VAULT

LEDGER_DB, VAULT_DB = "ledger.db", "vault.db"
SCHEMAS: dict[str, Any] = {LEDGER_DB: ledger_schema, VAULT_DB: vault_schema}
STORES: dict[str, Any] = {LEDGER_DB: ledger_store, VAULT_DB: vault_store}
TIMED = "_sqlite_migrations"
"""Says when each migration was made."""

Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Read:
    """A sound database: its format, and every row of every table."""

    format: int
    tables: Tables


def read(path: Path, name: str, key: bytes) -> Read:
    """A database, or a copy of one, of which no page is damaged."""
    db = connect_readonly(path, key if name == VAULT_DB else None)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        # That check reads the file alone: a page that a cut tore there is whole in the write-ahead log.
        if name == VAULT_DB and not path.with_name(f"{path.name}-wal").exists():
            assert not db.execute("PRAGMA cipher_integrity_check").fetchall()
        schema = SCHEMAS[name]
        return Read(check_format(db, path, schema.APPLICATION, len(schema.MIGRATIONS)), _tables(db))
    finally:
        db.close()


def _tables(db: Connection) -> Tables:
    names = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    plain = [name for name, sql in names if "VIRTUAL" not in sql and name != TIMED]
    return {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name in plain}


class OldHome:
    """A kept home: as it was, and as a start that nothing disturbs leaves it."""

    def __init__(self, kept: Kept, folder: Path) -> None:
        self.made: int = kept.manifest["made"]
        self.home = kept.unpack(folder / "old")
        self.key = Keystore.open(self.home.node_keys, read_key_file(self.home.unlock_key))[VAULT]
        formats = {LEDGER_DB: kept.formats.ledger, VAULT_DB: kept.formats.vault}
        self.before = self.both(self.home.path)
        assert {name: one.format for name, one in self.before.items()} == formats
        done = folder / "done" / self.home.path.name
        shutil.copytree(self.home.path, done)
        opened(done, self.made).close()
        self.after = self.both(done)
        assert all(one.format == len(SCHEMAS[name].MIGRATIONS) for name, one in self.after.items())

    def both(self, path: Path) -> dict[str, Read]:
        return {name: read(Home(path).data / name, name, self.key) for name in SCHEMAS}

    def left(self, path: Path) -> tuple[bool, ...]:
        """Of each database whether it is new already: old or new, nothing between, with every row; a copy is
        whole, and there once the database is new."""
        found = self.both(path)
        for name, one in found.items():
            assert one in (self.before[name], self.after[name]), f"{name} is of neither format"
            copy = Home(path).data / f"{name}.v{self.before[name].format}"
            if copy.exists():
                assert read(copy, name, self.key) == self.before[name], f"{copy.name} is not whole"
            else:
                assert one == self.before[name], f"{name} was changed before it was copied"
        return tuple(found[name] == self.after[name] for name in SCHEMAS)

    def under_the_old_program(self, path: Path) -> None:
        """What is new it refuses by name and leaves as it is; what is old it opens, and finds every row."""
        for name, newer in zip(SCHEMAS, self.left(path), strict=True):
            with pytest.MonkeyPatch.context() as patch:
                older = SCHEMAS[name].MIGRATIONS[: self.before[name].format]
                patch.setattr(STORES[name], "MIGRATIONS", older)
                if newer:
                    with pytest.raises(FanalError) as refused:
                        self._open(Home(path).data / name)
                    assert refused.value.kind is NEWER_FORMAT
                else:
                    self._open(Home(path).data / name)
        self.left(path)

    def _open(self, path: Path) -> None:
        if path.name == VAULT_DB:
            vault_store.open_vault(path, self.key).close()
            return
        ledger = ledger_store.open_ledger(path.parent, now=self.made)
        ledger.close()
        assert ledger.opened.reason == ""

    def next_start(self, path: Path) -> None:
        """It completes what was begun, in the same incarnation, and all is as if nothing had been."""
        node = opened(path, self.made)
        node.close()
        assert node.ledger.opened.reason == "", node.ledger.opened.reason
        assert self.both(path) == self.after

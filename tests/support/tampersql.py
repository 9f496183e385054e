# SPDX-License-Identifier: Apache-2.0
"""Reading and changing a ledger's database with plain SQL, as root and any tool can; nothing is enforced."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tamperworld import OPERATIONAL, World

Attack = Callable[[World, Path, Random], str]
Row = tuple[Any, ...]


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database as any SQLite tool opens it: nothing is enforced that can be switched off."""
    connection = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA synchronous = OFF")
        yield connection
    finally:
        connection.close()


def attacked_tables(connection: sqlite3.Connection) -> list[str]:
    """Every table with a row in it, operational ones too."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = [name for (name,) in found if not name.startswith("sqlite_")]
    return [name for name in names if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]


def evidence_tables(connection: sqlite3.Connection) -> list[str]:
    return [name for name in attacked_tables(connection) if "*" not in OPERATIONAL.get(name, {})]


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def keys(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns that name a row: its primary key, or the row id."""
    found = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
    return found or ["rowid"]


def where(names: list[str]) -> str:
    return " AND ".join(f"{name} IS ?" for name in names)


def some_rows(connection: sqlite3.Connection, table: str, rng: Random, count: int) -> list[Row]:
    """The keys of some different rows; fewer when there are fewer."""
    found = connection.execute(
        f"SELECT {', '.join(keys(connection, table))} FROM {table} ORDER BY 1"
    ).fetchall()
    return rng.sample(found, min(count, len(found)))


def bent(value: Any, rng: Random) -> Any:
    """Another value of the same kind: one bit, one letter, another number."""
    if value is None:
        return rng.randbytes(32)
    if isinstance(value, int):
        return value ^ (1 << rng.randrange(12)) if rng.random() < 0.7 else rng.randrange(10**6)
    if isinstance(value, str):
        spot = rng.randrange(len(value) + 1)
        return value[:spot] + rng.choice("ABCXYZ-0") + value[spot + 1 :]
    if not value:
        return rng.randbytes(1)
    changed = bytearray(value)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)

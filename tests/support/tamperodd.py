# SPDX-License-Identifier: Apache-2.0
"""Attacks on whoever reads a ledger: values of another kind or size, and tables that are none."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from random import Random

from tampersql import columns, evidence_tables, keys, opened, some_rows
from tamperworld import World

ODD = ("NULL", "1000000000000", "-1", "1.5", "'text'", "CAST(x'ff' AS TEXT)", "x''", "zeroblob(5000000)")
"""Values that a column of another kind, or of a bounded one, never holds."""


def put_odd(folder: Path, table: str, column: str, value: str, where: str = "1") -> None:
    """A value that the table's own rules forbid: the schema is loosened, and afterwards as it was."""
    loose = "replace(replace(sql, ', STRICT', ''), ') STRICT', ')')"
    with opened(folder) as db:
        (kept,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        db.execute("PRAGMA writable_schema = ON")
        db.execute(f"UPDATE sqlite_master SET sql = {loose} WHERE name = ?", (table,))
        db.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = ?", (table,))
        db.execute("PRAGMA writable_schema = RESET")
        with suppress(sqlite3.IntegrityError):  # a row id is a number in any table
            db.execute(f"UPDATE OR IGNORE {table} SET {column} = {value} WHERE {where}")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (kept, table))
        db.execute("PRAGMA writable_schema = RESET")


def odd_value(_world: World, folder: Path, rng: Random) -> str:
    """One row's cell, or a whole column, of a kind that it never has; of a size, one row only."""
    with opened(folder) as db:
        table = rng.choice(evidence_tables(db))
        column = rng.choice(columns(db, table))
        (key,), row = some_rows(db, table, rng, 1), "1"
        value = rng.choice(ODD)
        if value.startswith("zeroblob") or rng.random() < 0.8:
            literal = db.execute("SELECT quote(?)", (key[0],)).fetchone()[0]
            row = f"{keys(db, table)[0]} = {literal}"
    put_odd(folder, table, column, value, row)
    return f"{table}.{column} = {value} where {row}"


def view_for_table(_world: World, folder: Path, rng: Random) -> str:
    """A view stands where a table was: it says the same, or computes without end."""
    with opened(folder) as db:
        table = rng.choice(evidence_tables(db))
        names = columns(db, table)
        db.execute("PRAGMA legacy_alter_table = ON")
        db.execute(f"ALTER TABLE {table} RENAME TO was_{table}")
        endless = f"WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n FROM r) SELECT {'n, ' * len(names)}"
        body = f"{endless[:-2]} FROM r" if rng.random() < 0.5 else f"SELECT * FROM was_{table}"
        db.execute(f"CREATE VIEW {table} ({', '.join(names)}) AS {body}")
    return f"{table} is a view: {body[:40]}"

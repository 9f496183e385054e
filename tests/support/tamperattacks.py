# SPDX-License-Identifier: Apache-2.0
"""Attacks on a data folder as root, with SQLite and a hex editor, and changes that harm nothing.

Each is a function of a folder and a seeded random source and gives one line that says what it did: the same
seed makes the same attack again. None of them uses the node's own code, except to sign with the stolen key.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tamperworld import OPERATIONAL, World

from fanal.keys import ed25519
from fanal.proof import checkpoint as checkpoints
from fanal.proof.note_key import Ed25519Signer
from fanal.proof.tree import Frontier, leaf_hash

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


def edit_cell(_world: World, folder: Path, rng: Random) -> str:
    """One cell of any column of any table."""
    with opened(folder) as db:
        table = rng.choice(attacked_tables(db))
        column = rng.choice(columns(db, table))
        names, (key,) = keys(db, table), some_rows(db, table, rng, 1)
        old = db.execute(f"SELECT {column} FROM {table} WHERE {where(names)}", key).fetchone()[0]
        db.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {where(names)}", (bent(old, rng), *key))
        return f"cell {table}.{column} {key}"


def edit_leaf(_world: World, folder: Path, rng: Random) -> str:
    """One bit, one digit, or a whole field of a leaf."""
    with opened(folder) as db:
        ((index,),) = some_rows(db, "leaves", rng, 1)
        data = bytearray(db.execute("SELECT data FROM leaves WHERE idx = ?", (index,)).fetchone()[0])
        spot = rng.randrange(len(data))
        data[spot] = data[spot] ^ (1 << rng.randrange(8)) if rng.random() < 0.5 else (data[spot] + 1) % 128
        db.execute("UPDATE leaves SET data = ? WHERE idx = ?", (bytes(data), index))
        return f"leaf {index} byte {spot}"


def delete_row(_world: World, folder: Path, rng: Random) -> str:
    """One row of any table of evidence."""
    with opened(folder) as db:
        table = rng.choice(evidence_tables(db))
        (key,) = some_rows(db, table, rng, 1)
        db.execute(f"DELETE FROM {table} WHERE {where(keys(db, table))}", key)
        return f"deleted {table} {key}"


def replay_row(_world: World, folder: Path, rng: Random) -> str:
    """A row once more, under another key, as far as the table's own rules allow."""
    with opened(folder) as db:
        table = rng.choice(evidence_tables(db))
        names, (key,) = columns(db, table), some_rows(db, table, rng, 1)
        values = list(db.execute(f"SELECT * FROM {table} WHERE {where(keys(db, table))}", key).fetchone())
        for _attempt in range(12):
            try:
                db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", values)
                return f"replayed {table} {key}"
            except sqlite3.IntegrityError as error:
                last = str(error).rpartition(".")[2]
                spot = names.index(last) if last in names else 0
                values[spot] = _next_key(db, table, names[spot], values[spot], rng)
        return f"not replayed {table} {key}"


def _next_key(db: sqlite3.Connection, table: str, column: str, value: Any, rng: Random) -> Any:
    if isinstance(value, int):
        return db.execute(f"SELECT max({column}) + 1 FROM {table}").fetchone()[0]
    return rng.randbytes(len(value)) if isinstance(value, bytes) else bent(value, rng)


def swap_rows(_world: World, folder: Path, rng: Random) -> str:
    """Two rows change places: everything but their keys, or one column of them (leaf, body, signature...)."""
    with opened(folder) as db:
        table = rng.choice([*evidence_tables(db), "leaves", "entries", "entries"])
        names, pair = keys(db, table), some_rows(db, table, rng, 2)
        rest = [one for one in columns(db, table) if one not in names]
        some = rest if rng.random() < 0.4 else [rng.choice(rest)]
        if len(pair) < 2:
            return f"nothing to swap in {table}"
        get = f"SELECT {', '.join(some)} FROM {table} WHERE {where(names)}"
        put = f"UPDATE OR IGNORE {table} SET {', '.join(f'{one} = ?' for one in some)} WHERE {where(names)}"
        first, second = (db.execute(get, key).fetchone() for key in pair)
        if some == rest:
            spare = [rng.randbytes(32) if isinstance(one, bytes) else one for one in second]
            db.execute(put, (*spare, *pair[1]))
        db.execute(put, (*second, *pair[0]))
        db.execute(put, (*first, *pair[1]))
        return f"swapped {table} {', '.join(some)[:40]} {pair}"


def replace_row(_world: World, folder: Path, rng: Random) -> str:
    """One row gets what another one says, as far as no two may be the same."""
    with opened(folder) as db:
        table = rng.choice(evidence_tables(db))
        names, pair = keys(db, table), some_rows(db, table, rng, 2)
        rest = [one for one in columns(db, table) if one not in names]
        if len(pair) < 2 or not rest:
            return f"nothing to replace in {table}"
        column = rng.choice(rest)
        value = db.execute(f"SELECT {column} FROM {table} WHERE {where(names)}", pair[1]).fetchone()[0]
        db.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {where(names)}", (value, *pair[0]))
        return f"replaced {table}.{column} of {pair[0]} by that of {pair[1]}"


def flip_page(_world: World, folder: Path, rng: Random) -> str:
    """One bit anywhere in the file."""
    path = folder / "ledger.db"
    spot, bit = rng.randrange(path.stat().st_size), rng.randrange(8)
    with path.open("r+b") as file:
        file.seek(spot)
        byte = file.read(1)[0]
        file.seek(spot)
        file.write(bytes([byte ^ (1 << bit)]))
    return f"page {spot // 4096} byte {spot % 4096} bit {bit}"


def overwrite_page(_world: World, folder: Path, rng: Random) -> str:
    """A run of bytes, or a whole page replaced by another one."""
    path = folder / "ledger.db"
    data = bytearray(path.read_bytes())
    one, other = (rng.randrange(len(data) // 4096) * 4096 for _ in range(2))
    if rng.random() < 0.5:
        data[one : one + 4096] = data[other : other + 4096]
    else:
        spot = one + rng.randrange(4000)
        data[spot : spot + 16] = rng.randbytes(16)
    path.write_bytes(data)
    return f"page {one // 4096} overwritten"


def cut_file(_world: World, folder: Path, rng: Random) -> str:
    """The end of the file is gone."""
    path = folder / "ledger.db"
    size = rng.randrange(path.stat().st_size)
    os.truncate(path, size)
    return f"file cut to {size}"


def cut_tail(_world: World, folder: Path, rng: Random) -> str:
    """The last leaves with their entries, or without; sometimes the checkpoints over them and the marker."""
    with opened(folder) as db:
        size = db.execute("SELECT max(idx) + 1 FROM leaves").fetchone()[0]
        start = rng.randrange(size)
        if rng.random() < 0.5:
            db.execute("DELETE FROM entries WHERE leaf >= ?", (start,))
        db.execute("DELETE FROM leaves WHERE idx >= ?", (start,))
        if rng.random() < 0.5:
            db.execute("DELETE FROM checkpoints WHERE size > ?", (start,))
        if rng.random() < 0.3:
            (folder / "marker").unlink()
    return f"leaves from {start} on cut off"


def older_backup(world: World, folder: Path, rng: Random) -> str:
    """A backup is put back: the database alone, or with the marker beside it."""
    backup = rng.choice(world.backups)
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (folder / name).unlink(missing_ok=True)
        if (backup / name).exists() and not name.endswith("shm"):
            shutil.copy(backup / name, folder / name)
    both = rng.random() < 0.5
    if both:
        shutil.copy(backup / "marker", folder / "marker")
    return f"{backup.name} put back, {'with' if both else 'without'} its marker"


def sign_anew(world: World, folder: Path, rng: Random) -> str:
    """A leaf that peers have seen is changed, dropped or added, and everything above it is made anew and
    signed with the agency's own log key: nodes, every checkpoint, sizes."""
    with opened(folder) as db:
        data = [row[0] for row in db.execute("SELECT data FROM leaves ORDER BY idx")]
        notes = db.execute("SELECT size, note FROM checkpoints ORDER BY size").fetchall()
        index = rng.randrange(notes[-1][0])
        how = rng.choice(("changed", "dropped", "swapped", "added"))
        if how == "changed":
            spot = rng.randrange(30, 45)
            data[index] = data[index].replace(b"time=20", b"time=19" if spot % 2 else b"time=21", 1)
        elif how == "swapped":
            other = (index + 1) % len(data)
            data[index], data[other] = data[other], data[index]
        elif how == "dropped":
            del data[index]
        else:
            data.insert(index, data[rng.randrange(len(data))])
        _rebuild(world, db, data, notes, rng.random() < 0.5)
        return f"leaf {index} {how} and everything signed anew"


def _rebuild(
    world: World, db: sqlite3.Connection, data: list[bytes], notes: list[tuple[int, bytes]], keep: bool
) -> None:
    """The tree and the checkpoints over other leaves. ``keep``: witnesses' lines stay under the new text."""
    db.execute("DELETE FROM leaves")
    db.execute("DELETE FROM nodes")
    db.execute("DELETE FROM checkpoints")
    frontier, roots = Frontier(), {0: Frontier().root()}
    for index, leaf in enumerate(data):
        db.execute("INSERT INTO leaves VALUES (?, ?, NULL)", (index, leaf))
        frontier, nodes = frontier.append(leaf_hash(leaf))
        db.executemany("INSERT INTO nodes VALUES (?, ?, ?)", [(n.level, n.index, n.hash) for n in nodes])
        roots[frontier.size] = frontier.root()
    seed = world.victim.log
    for size, note in notes:
        if size not in roots:
            continue
        name = note.split(b"\n", 1)[0].decode()
        signer = Ed25519Signer(name, seed, ed25519.public_of(seed))
        made = checkpoints.sign(checkpoints.Checkpoint(name, size, roots[size]), signer)
        if keep:
            made += b"\n".join(note.split(b"\n\n", 1)[1].split(b"\n")[1:])
        db.execute("INSERT INTO checkpoints VALUES (?, ?, ?)", (size, roots[size], made))


ATTACKS: dict[str, tuple[int, Attack]] = {
    "cell": (30, edit_cell),
    "leaf": (12, edit_leaf),
    "delete": (10, delete_row),
    "replay": (8, replay_row),
    "swap": (12, swap_rows),
    "replace": (8, replace_row),
    "bit": (8, flip_page),
    "page": (5, overwrite_page),
    "cut": (2, cut_file),
    "tail": (6, cut_tail),
    "backup": (3, older_backup),
    "sign": (6, sign_anew),
}
"""Kind -> weight in a campaign, and how it is done."""


def vacuum(_world: World, folder: Path, _rng: Random) -> str:
    with opened(folder) as db:
        db.execute("VACUUM")
    return "VACUUM"


def reorder_pages(_world: World, folder: Path, rng: Random) -> str:
    """Pages move: a table comes and goes, and the file is written anew."""
    with opened(folder) as db:
        db.execute("CREATE TABLE a_passer_by (data BLOB)")
        db.execute("INSERT INTO a_passer_by VALUES (?)", (rng.randbytes(rng.randrange(1, 60_000)),))
        db.execute("DROP TABLE a_passer_by")
        if rng.random() < 0.5:
            db.execute("VACUUM")
    return "pages in another order"


def scribble_free_pages(_world: World, folder: Path, rng: Random) -> str:
    """Bytes of pages that hold nothing."""
    with opened(folder) as db:
        mark = rng.randbytes(16)
        db.execute("CREATE TABLE a_passer_by (data BLOB)")
        db.execute("INSERT INTO a_passer_by VALUES (?)", (mark * 4096,))
        db.execute("DROP TABLE a_passer_by")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = folder / "ledger.db"
    data = bytearray(path.read_bytes())
    inside = data.find(mark * 64)
    if inside >= 0:
        data[inside : inside + 512] = rng.randbytes(512)
    path.write_bytes(data)
    return "free pages scribbled on"


def reindex(_world: World, folder: Path, _rng: Random) -> str:
    with opened(folder) as db:
        db.execute("REINDEX")
    return "REINDEX"


def analyze(_world: World, folder: Path, _rng: Random) -> str:
    with opened(folder) as db:
        db.execute("ANALYZE")
    return "ANALYZE"


def leave_wal(_world: World, folder: Path, rng: Random) -> str:
    """A change of bookkeeping stays in the write-ahead log, as a killed node leaves it, or is put away."""
    with opened(folder) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("UPDATE store SET commits = commits + 1")
        if rng.random() < 0.5:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            names = ("ledger.db", "ledger.db-wal")
            kept = {name: (folder / name).read_bytes() for name in names}
            db.close()
            for name, data in kept.items():
                (folder / name).write_bytes(data)
    return "the write-ahead log left, or put away"


def touch(_world: World, folder: Path, rng: Random) -> str:
    for path in folder.iterdir():
        os.utime(path, (rng.randrange(2**31), rng.randrange(2**31)))
        path.chmod(0o600 if rng.random() < 0.5 else 0o644)
    return "times and modes of the files"


def bookkeeping(_world: World, folder: Path, rng: Random) -> str:
    """What is operational state changes all the time."""
    with opened(folder) as db:
        table, column = rng.choice(
            [
                ("deliveries", "since"),
                ("peer_checkpoints", "seen"),
                ("refs", "number"),
                ("entries", "erase_at"),
            ]
        )
        db.execute(f"UPDATE {table} SET {column} = {column} + 1")
        return f"bookkeeping {table}.{column}"


HARMLESS: tuple[Attack, ...] = (
    vacuum,
    reorder_pages,
    scribble_free_pages,
    reindex,
    analyze,
    leave_wal,
    touch,
    bookkeeping,
)

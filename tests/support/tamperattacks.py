# SPDX-License-Identifier: Apache-2.0
"""Attacks on a data folder as root, with SQLite and a hex editor.

Each is a function of a folder and a seeded random source and gives one line that says what it did: the same
seed makes the same attack again. None of them uses the node's own code, except to sign with the stolen key.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from random import Random
from typing import Any

from tamperodd import odd_value, view_for_table
from tampersql import Attack, attacked_tables, bent, columns, evidence_tables, keys, opened, some_rows, where
from tamperworld import World

from fanal.keys import ed25519
from fanal.proof import checkpoint as checkpoints
from fanal.proof.note_key import Ed25519Signer
from fanal.proof.tree import Frontier, leaf_hash


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
        rebuild(world, db, data, notes, rng.random() < 0.5)
        return f"leaf {index} {how} and everything signed anew"


def rebuild(
    world: World, db: sqlite3.Connection, data: list[bytes], notes: list[tuple[int, bytes]], keep: bool
) -> None:
    """The tree and the checkpoints over other leaves, signed with the stolen key. ``keep``: witnesses' lines
    stay under the new text."""
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
    "odd": (8, odd_value),
    "view": (1, view_for_table),
}
"""Kind -> weight in a campaign, and how it is done."""

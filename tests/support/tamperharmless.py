# SPDX-License-Identifier: Apache-2.0
"""Changes of a data folder that harm nothing: the same ledger in another file is the same ledger."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

from tampersql import Attack, opened
from tamperworld import World


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

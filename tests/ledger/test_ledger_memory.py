# SPDX-License-Identifier: Apache-2.0
"""What the connections of a database hold in memory is bounded, however much they read and how many read."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

import pytest
import sqlcipher3._sqlite3

from fanal.node.ledger import reads
from fanal.node.ledger.database import READER_CACHE_KIB, WRITER_CACHE_KIB, Connection, connect

ROWS, ROW = 4000, 1000
"""Nearly 4 MiB in pages: more than any connection may keep."""
SCHEMA_KIB = 100
AT_ONCE = 12
SCAN = "SELECT sum(length(data)) FROM rows"


def held_kib() -> float:
    """What SQLite itself says that it holds in this process."""
    library = ctypes.CDLL(sqlcipher3._sqlite3.__file__)
    library.sqlite3_memory_used.restype = ctypes.c_int64
    return float(library.sqlite3_memory_used()) / 1024


def filled(path: Path, key: bytes | None) -> Connection:
    db = connect(path, key)
    db.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, data BLOB)")
    db.execute("BEGIN")
    db.executemany("INSERT INTO rows (data) VALUES (zeroblob(?))", [(ROW,)] * ROWS)
    db.execute("COMMIT")
    return db


@pytest.mark.parametrize("key", [None, bytes(range(32))], ids=["plain", "encrypted"])
def test_connections_that_read_everything_keep_their_share_of_memory(
    tmp_path: Path, key: bytes | None
) -> None:
    """A writer keeps 2 MiB of pages, a reader a quarter of one, and a pool four readers of any number."""
    before = held_kib()
    writer = filled(tmp_path / "some.db", key)
    writer.execute(SCAN).fetchone()
    written = held_kib()
    assert written - before < WRITER_CACHE_KIB * 1.2 + SCHEMA_KIB
    readers = reads.Readers(tmp_path / "some.db", key)
    each = READER_CACHE_KIB * 1.2 + SCHEMA_KIB
    with contextlib.ExitStack() as under_way:
        for _ in range(AT_ONCE):
            under_way.enter_context(readers.read()).execute(SCAN).fetchone()
        assert held_kib() - written < AT_ONCE * each
    assert held_kib() - written < reads.KEPT * each
    readers.close()
    writer.close()
    assert held_kib() - before < each

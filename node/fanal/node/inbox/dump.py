# SPDX-License-Identifier: Apache-2.0
"""Every value in an opened vault, one after the other: for whoever has its key and looks for something.

Read-only; works beside the node that writes. Nothing is written anywhere in the clear.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fanal.node.ledger.database import connect_readonly, translated


def values(path: Path, key: bytes) -> Iterator[bytes]:
    """The texts and blobs of all rows of all tables, texts in UTF-8.

    Raises FanalError: STORE_MISSING, and NOT_A_STORE when ``key`` (32 raw bytes) does not open it.
    """
    with translated(path):
        connection = connect_readonly(path, key)
        try:
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            for (table,) in connection.execute(tables).fetchall():
                for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  # our own names
                    yield from (_bytes(value) for value in row if isinstance(value, str | bytes))
        finally:
            connection.close()


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8") if isinstance(value, str) else value

# SPDX-License-Identifier: Apache-2.0
"""The two databases of a data folder, read as they are: formats, lengths, one connection each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.errors import STORE_MISSING, VAULT_KEY
from fanal.node.inbox import schema as vault_schema
from fanal.node.ledger import schema as ledger_schema
from fanal.node.ledger.database import Connection, check_plain, connect_readonly, driver, translated
from fanal.node.ledger.formats import Step, look

LEDGER = "ledger.db"
VAULT = "vault.db"
VaultKey = Callable[[], bytes]
"""Gives the vault's key; asked only when there is a vault."""


def steps(data: Path, vault_key: VaultKey) -> list[Step]:
    """The formats of the ledger, and of the vault if there is one; nothing is changed.

    Raises STORE_MISSING without a ledger, NEWER_FORMAT, NOT_A_STORE, DAMAGED, VAULT_KEY.
    """
    ledger, vault = data / LEDGER, data / VAULT
    if not ledger.exists():
        raise FanalError(STORE_MISSING, path=str(ledger))
    with reading(ledger, brief=True) as connection:
        found = [look(connection, ledger, ledger_schema.APPLICATION, len(ledger_schema.MIGRATIONS))]
    if vault.exists():
        with reading(vault, vault_key(), brief=True) as connection:
            found.append(look(connection, vault, vault_schema.APPLICATION, len(vault_schema.MIGRATIONS)))
    return found


@contextlib.contextmanager
def reading(path: Path, key: bytes | None = None, *, brief: bool = False) -> Iterator[Connection]:
    """A connection that cannot write, also while a node runs; ``brief`` as in `connect_readonly`.

    Raises VAULT_KEY for a wrong ``key``.
    """
    with translated(path):
        if key is None:
            check_plain(path)
        connection = connect_readonly(path, key, brief=brief)
        try:
            _first_page(connection, path, key)
            yield connection
        finally:
            connection.close()


def _first_page(connection: Connection, path: Path, key: bytes | None) -> None:
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except driver.DatabaseError as error:
        if key is not None and getattr(error, "sqlite_errorcode", 0) == 26:
            raise FanalError(VAULT_KEY, path=str(path)) from error
        raise

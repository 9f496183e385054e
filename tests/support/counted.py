# SPDX-License-Identifier: Apache-2.0
"""How much work each SQL statement of a node is, in steps of SQLite's machine: the same on every computer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fanal.node.ledger.database import driver


class Steps(Counter[str]):
    """Statement -> steps, of all connections that were opened while `counting`; only while ``on``."""

    on = False


@contextmanager
def counting() -> Iterator[Steps]:
    """Count on every connection that is opened here."""
    steps, connect = Steps(), driver.connect

    class Counted(driver.Connection):  # type: ignore[misc]
        said = ""

        def execute(self, sql: str, *values: Any) -> Any:
            self.said = sql
            return super().execute(sql, *values)

        def executemany(self, sql: str, *values: Any) -> Any:
            self.said = sql
            return super().executemany(sql, *values)

    def opened(*path: Any, **given: Any) -> Any:
        connection = connect(*path, **given, factory=Counted)

        def step() -> int:
            if steps.on:
                steps[connection.said] += 1
            return 0

        connection.set_progress_handler(step, 1)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "connect", opened)
        yield steps

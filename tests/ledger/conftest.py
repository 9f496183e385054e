# SPDX-License-Identifier: Apache-2.0
"""Both stores of the ledger, empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgerkit import NOW, Kit, counting

from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.memory import MemoryLedger
from fanal.node.ledger.sqlite import open_ledger


@pytest.fixture
def kit() -> Kit:
    return Kit()


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger of each kind."""
    made: Ledger
    if request.param == "memory":
        made = MemoryLedger(counting(), NOW)
    else:
        made = open_ledger(tmp_path / "data", now=NOW, random=counting())
    yield made
    made.close()

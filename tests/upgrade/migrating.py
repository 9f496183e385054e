# SPDX-License-Identifier: Apache-2.0
"""Opens the vault or ledger that each line names, as a program with one format more of the ledger would."""

from __future__ import annotations

from pathlib import Path

from openserver import serve
from upgradekit import NOW, later_ledger

from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.sqlite import open_ledger

KEY = bytes(range(32))


def open_one(path: Path) -> None:
    if path.name == "ledger.db":
        open_ledger(path.parent, now=NOW).close()
    else:
        open_vault(path, KEY).close()


later_ledger()
serve(open_one)

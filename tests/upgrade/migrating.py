# SPDX-License-Identifier: Apache-2.0
"""Opens the vault or ledger that each line names, in a process of its own each, as a program with one format
more of the ledger would; says how that ended. For a bad disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlite_utils import Database, migrations
from upgradekit import NOW, later_ledger

from fanal.errors import FanalError
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.sqlite import open_ledger

LOADED = (Database, migrations)
"""Imported before the first process is made: it need not do it again."""
KEY = bytes(range(32))

later_ledger()
for line in sys.stdin:
    path = Path(line.strip())
    child = os.fork()
    if not child:
        try:
            if path.name == "ledger.db":
                open_ledger(path.parent, now=NOW).close()
            else:
                open_vault(path, KEY).close()
            os._exit(0)
        except FanalError as error:
            os._exit(int(error.kind.id[-2:]))
        finally:
            os._exit(99)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)

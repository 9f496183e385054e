# SPDX-License-Identifier: Apache-2.0
"""Opens the home that each line names as a starting node does, in a process of its own each, and closes it;
says how that ended. For a bad disk.

    python -m opening NOW
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlite_utils import Database, migrations

from fanal.config.home import Home
from fanal.config.load import load
from fanal.errors import FanalError
from fanal.keys.secret import read_key_file
from fanal.node.node import Node

LOADED = (Database, migrations)
"""Imported before the first process is made: it need not do it again."""


def opened(path: Path, now: int) -> Node:
    """The node of a home, unlocked, as a start makes it."""
    home = Home(path)
    node = Node.open(home, load(home, environ={}), lambda: now)
    try:
        node.unlock_with(read_key_file(home.unlock_key))
    except BaseException:
        node.close()
        raise
    return node


def main(now: int) -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                opened(Path(line.strip()), now).close()
                os._exit(0)
            except FanalError as error:
                os._exit(int(error.kind.id[-2:]))
            finally:
                os._exit(99)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

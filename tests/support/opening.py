# SPDX-License-Identifier: Apache-2.0
"""Opens the home that each line names as a starting node does, in a process of its own each, and closes it;
says how that ended. For a bad disk.

    python -m opening NOW
"""

from __future__ import annotations

import sys
from pathlib import Path

from openserver import serve

from fanal.config.home import Home
from fanal.config.load import load
from fanal.keys.secret import read_key_file
from fanal.node.node import Node


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
    serve(lambda path: opened(path, now).close())


if __name__ == "__main__":
    main(int(sys.argv[1]))

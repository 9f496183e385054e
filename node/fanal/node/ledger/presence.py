# SPDX-License-Identifier: Apache-2.0
"""Whether the file that is open still lies where it was opened: an open file survives its name.

Promise: what is written after the name has gone, or leads to another file, is nowhere after the process ends;
so it is refused instead. A file that was moved and is moved back is the same file.
"""

from __future__ import annotations

from pathlib import Path

from fanal.errors import FanalError
from fanal.node.ledger.database import translated
from fanal.node.store.errors import STORE_GONE


class Presence:
    """Remembers which file a path led to when this was made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found = _identity(path)

    def check(self) -> None:
        """Raise STORE_GONE unless the path still leads to that file, NOT_WRITABLE or STORE_FAILED when that
        cannot be told; one system call."""
        with translated(self._path):
            there = _identity(self._path)
        if there != self._found:
            raise FanalError(STORE_GONE, path=str(self._path))


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode; None when there is no such file."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino

# SPDX-License-Identifier: Apache-2.0
"""Lives of a store whose disk fails to synchronise for a while: what the kernel shows is not on the disk.

    python -m failinglives ledger|vault|files FOLDER LIFE...

Each LIFE is a process of its own that opens the store, takes the steps below and ends as by a kill. What the
store shows when it is opened, and what it acknowledges, is marked in the log of the disk.
"""

from __future__ import annotations

import mmap
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from crashstates import mark
from faultfs import FaultFs, Mode
from ledgerkit import NOW, Kit

from fanal.envelope.pieces import PIECE, Pieces
from fanal.errors import FanalError
from fanal.node.attachments.folder import AttachmentFolder, Piece
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger import marker
from fanal.node.ledger.sqlite import open_ledger

STORE = "+"
"""Store the next one, or what was refused once more."""
EVER = 10**9
FILES = 4
FAULTS = {"x": (1, EVER), "m": (2, EVER), "1": (1, 1), "2": (1, 2), "d": (2, 1), "n": (3, 1)}
"""Which sync from now on fails first, and how many do: all; all but the next; one; two; the second; the
third."""


class Ledger:
    """Entries of one lane. ``marked``: how many the marker stood for before it was opened."""

    def __init__(self, folder: Path) -> None:
        found = marker.read(folder / "marker")
        self.marked = found.entries if found else 0
        self._opened, self._kit = open_ledger(folder, now=NOW), Kit()

    def count(self) -> int:
        return self._opened.head().entries

    def store(self, number: int) -> None:
        self._opened.append(self._kit.batch(number))

    def is_sound(self) -> bool:
        return _is_sound(self._opened._writer._db)

    def close(self) -> None:
        self._opened.close()


class Vault:
    """Findings that are settled."""

    marked = EVER

    def __init__(self, folder: Path) -> None:
        self._opened = open_vault(folder / "vault.db", bytes(range(32)))

    def count(self) -> int:
        with self._opened.own_connection() as db:
            return int(db.execute("SELECT count(*) FROM settled").fetchone()[0])

    def store(self, number: int) -> None:
        self._opened.settle(f"finding {number}", "officer", "reason")

    def is_sound(self) -> bool:
        with self._opened.own_connection() as db:
            return _is_sound(db)

    def close(self) -> None:
        self._opened.close()


class Files:
    """Attachments that come in piece by piece."""

    marked = EVER

    def __init__(self, folder: Path) -> None:
        self._opened = AttachmentFolder(folder / "attachments")

    def count(self) -> int:
        return sum(self._opened.progress(_pieces(number)[0].attachment).whole for number in range(FILES))

    def store(self, number: int) -> None:
        for piece in _pieces(number):
            self._opened.take(piece)

    def is_sound(self) -> bool:
        """What is whole verifies."""
        every = [piece for number in range(FILES) for piece in _pieces(number)]
        whole = [piece for piece in every if self._opened.whole(piece.attachment)]
        return all(self._opened.read(piece.attachment, piece.index) == piece for piece in whole)

    def close(self) -> None:
        """Nothing is open."""


def _is_sound(db: Any) -> bool:
    return bool(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


@cache
def _pieces(number: int) -> list[Piece]:
    data = bytes([number]) * (2 * PIECE + 77)
    tree = Pieces()
    tree.feed(data)
    cut = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    paths = [tuple(path) for path in tree.paths()]
    return [Piece(tree.name(), len(data), n, cut[n], path) for n, path in enumerate(paths)]


STORES: dict[str, type[Ledger | Vault | Files]] = {"ledger": Ledger, "vault": Vault, "files": Files}


def _live(store: Ledger | Vault | Files, steps: str, told: int, disk: FaultFs) -> int:
    """How many it has told of at its end."""
    for number in range(told, told := max(told, store.count())):
        mark(disk.log, number.to_bytes(1))
    for step in steps:
        if step in FAULTS:
            first, lasts = FAULTS[step]
            disk.arm(Mode.SYNC, first, lasts=lasts)
            continue
        try:
            store.store(told)
        except FanalError:
            continue
        mark(disk.log, told.to_bytes(1))
        told += 1
    return told


def main(kind: str, folder: Path, *each: str) -> None:
    handle = os.open(os.environ["FAULTFS_CONTROL"], os.O_RDWR)
    disk = FaultFs({}, Path(os.environ["FAULTFS_LOG"]), mmap.mmap(handle, 0))
    told = 0
    for steps in each:
        disk.disarm()
        child = os.fork()
        if not child:
            os._exit(_live(STORES[kind](folder), steps, told, disk))
        told = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])

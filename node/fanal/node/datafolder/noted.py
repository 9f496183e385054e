# SPDX-License-Identifier: Apache-2.0
"""Which backups were made and where, and which of them and of old copies have outlived an erasure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from fanal.config.files import read_bounded
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys.files import write_private
from fanal.node.datafolder.migration import old_copies
from fanal.node.retention import outside

NAME = "backups"
_MOST = 1024 * 1024
_KEPT = 100


@dataclass(frozen=True)
class Copied:
    """A copy of the node's data: where, and when it was made (Unix seconds)."""

    path: Path
    made: int


def note(home: Home, one: Copied) -> None:
    """Remember a backup. Lines of JSON; the newest hundred are kept. Raises FanalError."""
    lines = [json.dumps([each.made, str(each.path)]) for each in [*backups(home), one][-_KEPT:]]
    write_private(home.path / NAME, ("\n".join(lines) + "\n").encode(), replace=True)


def backups(home: Home) -> list[Copied]:
    """Backups made here, the oldest first; what cannot be read is left out."""
    found: list[Copied] = []
    try:
        text = read_bounded(home.path / NAME, _MOST).decode("utf-8", "replace")
    except FanalError:
        return found
    for line in text.splitlines():
        try:
            made, path = json.loads(line)
            found.append(Copied(Path(str(path)), int(made)))
        except (ValueError, TypeError):
            continue
    return found


def last_erasure(home: Home, data: Path) -> int:
    """When content was last erased at this node, in Unix seconds; 0 for never."""
    lines = [*outside.read(data / outside.NAME), *outside.read(home.path / outside.NAME)]
    return max((one.at for one in lines), default=0)


def outlived(home: Home, data: Path) -> tuple[list[Copied], list[Copied]]:
    """Old copies in the data folder, and backups that are still where they were made, that hold what was
    erased since."""
    erased = last_erasure(home, data)
    copies = [Copied(path, int(path.stat().st_mtime)) for path in old_copies(data)]
    kept = [one for one in backups(home) if one.path.exists()]
    return [one for one in copies if one.made <= erased], [one for one in kept if one.made <= erased]

# SPDX-License-Identifier: Apache-2.0
"""Gathers every sentence a person may read into a catalogue: build/fanal.pot (`make catalogue`).

Three sources: what the sources mark with ``_``, the help of each command (its docstring), and the paragraphs
of the help topics. A translation lies at proto/fanal/locale/<language>/LC_MESSAGES/fanal.mo.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
ROOMS = ("proto", "keys", "config", "node", "cli")
sys.path[:0] = [str(REPO / room) for room in ROOMS]

import click  # noqa: E402
from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.extract import extract_from_file  # noqa: E402
from babel.messages.pofile import write_po  # noqa: E402

from fanal.cli.help import FOLDER  # noqa: E402
from fanal.cli.lazy import LazyGroup  # noqa: E402
from fanal.cli.table import root  # noqa: E402

TARGET = REPO / "build" / "fanal.pot"


def marked() -> Iterator[tuple[str, int, str]]:
    """(file, line, message) of each ``_("...")``; what ``pybabel extract --keyword=_`` finds."""
    for room in ROOMS:
        for path in sorted((REPO / room).rglob("*.py")):
            name = str(path.relative_to(REPO))
            found = extract_from_file("python", path, keywords={"_": None}, strip_comment_tags=False)
            for line, message, _comments, _context in found:
                if isinstance(message, str):
                    yield name, line, message


def helps(group: LazyGroup = root, name: str = "fanal") -> Iterator[tuple[str, int, str]]:
    """The help of every command; a docstring cannot be marked."""
    for word in group.table:
        command = group.get_command(click.Context(group), word)
        if isinstance(command, LazyGroup):
            yield from helps(command, f"{name} {word}")
        elif command is not None and command.help:
            yield f"{name} {word}", 0, command.help


def topics() -> Iterator[tuple[str, int, str]]:
    """The paragraphs of each help topic."""
    for path in sorted(FOLDER.glob("*.txt")):
        for paragraph in path.read_text(encoding="utf-8").rstrip("\n").split("\n\n"):
            yield str(path.relative_to(REPO)), 0, paragraph


def catalogue() -> Catalog:
    """All of them, each message once with every place it comes from."""
    made = Catalog(project="fanal", header_comment="# SPDX-License-Identifier: Apache-2.0")
    for file, line, message in (*marked(), *helps(), *topics()):
        made.add(message, locations=[(file, line)])
    return made


def main() -> None:
    """Writes the template."""
    made = catalogue()
    TARGET.parent.mkdir(exist_ok=True)
    with TARGET.open("wb") as file:
        write_po(file, made, sort_by_file=True, width=110)
    print(f"{len(made)} messages in {TARGET.relative_to(REPO)}")


if __name__ == "__main__":
    main()

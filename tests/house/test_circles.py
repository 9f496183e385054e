# SPDX-License-Identifier: Apache-2.0
"""No file of the program needs itself by way of others: also not for the types it names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOMS = ("proto", "keys", "config", "node", "cli")


def needs(path: Path, names: set[str]) -> Iterator[str]:
    """The modules of ours that a file imports anywhere, for types alone included."""
    for found in ast.walk(ast.parse(path.read_text())):
        if isinstance(found, ast.Import):
            yield from (one.name for one in found.names if one.name in names)
        elif isinstance(found, ast.ImportFrom) and found.module:
            inner = {f"{found.module}.{one.name}" for one in found.names}
            yield from (inner & names) or ({found.module} & names)


def circle(rooms: list[Path]) -> list[str]:
    """One circle, module by module; empty when there is none."""
    found = ((room, path) for room in rooms for path in room.rglob("*.py"))
    files = {".".join(path.relative_to(room).with_suffix("").parts): path for room, path in found}
    graph = {name: set(needs(path, set(files))) - {name} for name, path in files.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_imports_go_in_no_circle(repo: Path) -> None:
    """Every file can be read, and understood, after those that it imports."""
    assert circle([repo / room for room in ROOMS]) == []


WAYS = (
    "import b.c",
    "from b import c",
    "def late():\n    from b.c import D",
    "if TYPE_CHECKING:\n    from b.c import D",
)


@pytest.mark.parametrize("line", WAYS)
def test_a_planted_circle_is_named(tmp_path: Path, line: str) -> None:
    """Whatever the way in which it is imported."""
    (tmp_path / "b").mkdir()
    (tmp_path / "a.py").write_text(line + "\n")
    (tmp_path / "b" / "c.py").write_text("from a import E\n")
    assert set(circle([tmp_path])) == {"a", "b.c"}

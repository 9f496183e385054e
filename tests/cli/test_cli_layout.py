# SPDX-License-Identifier: Apache-2.0
"""The command line's modules: no circle of imports among them, late ones and those for types included."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "cli" / "fanal" / "cli"


def module_name(path: Path) -> str:
    """The dotted name of a file of the command line."""
    parts = ("fanal", "cli", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, known: set[str]) -> set[str]:
    """Every module of the command line that a file imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found & known


def test_no_two_modules_need_each_other() -> None:
    """A reader can begin at the bottom: the graph of all imports has no circle."""
    names = {module_name(path): path for path in ROOT.rglob("*.py")}
    packages = {name for name, path in names.items() if path.name == "__init__.py"}
    graph = {name: imports(path, set(names)) - packages - {name} for name, path in names.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_folder_is_crowded() -> None:
    """What belongs together lies together: at most sixteen modules in one folder."""
    folders = {path.parent for path in ROOT.rglob("*.py")} - {ROOT / "demo"}
    assert {one.name for one in folders if len(list(one.glob("*.py"))) > 16} == set()

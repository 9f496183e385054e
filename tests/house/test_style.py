# SPDX-License-Identifier: Apache-2.0
"""House sizes and habits of every file that is written by hand."""

from __future__ import annotations

import ast
from pathlib import Path

_SPDX = "# SPDX-License-Identifier: Apache-2.0"
_FILE_LINES = 400
_FUNCTION_LINES = 80
# Spelled in halves, so that this file does not name what it forbids.
_MACHINE = ("/wo" + "rk/", "/ro" + "ot/", "/home/" + "runner", "/opt/py" + "pi", "/sha" + "red/")
_INDEX = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "--index" + "-url",
    "--find" + "-links",
    "--extra-" + "index",
)
_FORGOTTEN = ("TO" + "DO", "FIX" + "ME", "XX" + "X:")
_TEXT = frozenset(
    {"", ".py", ".md", ".toml", ".proto", ".in", ".lock", ".service", ".json", ".cfg", ".pot", ".po", ".txt"}
)


def test_every_python_file_begins_with_its_licence(python_files: tuple[Path, ...]) -> None:
    """The SPDX line is the first line, so that no file can be copied away without its licence."""
    first = {path: path.read_text().split("\n", 1)[0] for path in python_files}
    assert [path for path, line in first.items() if line != _SPDX] == []


def test_every_module_says_what_it_promises(python_files: tuple[Path, ...]) -> None:
    """Each file opens with a docstring."""
    assert [path for path in python_files if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_no_file_is_longer_than_400_lines(python_files: tuple[Path, ...]) -> None:
    """A file that outgrows the limit holds two subjects."""
    lengths = {str(path): len(path.read_text().splitlines()) for path in python_files}
    assert {path: length for path, length in lengths.items() if length > _FILE_LINES} == {}


def test_no_function_is_longer_than_80_lines(python_files: tuple[Path, ...]) -> None:
    """A function that outgrows the limit does two things."""
    found = {}
    for path in python_files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                found[f"{path}:{node.lineno} {node.name}"] = node.end_lineno - node.lineno + 1
    assert {name: length for name, length in found.items() if length > _FUNCTION_LINES} == {}


def test_every_test_states_the_behaviour(repo: Path) -> None:
    """The docstring of a test is the sentence that it proves."""
    silent = []
    for path in (repo / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                silent += [f"{path}:{node.lineno}"] if not ast.get_docstring(node) else []
    assert silent == []


def test_no_file_names_a_machine_or_a_package_index(files: tuple[Path, ...]) -> None:
    """What is committed works on any machine: no path of one, no address that packages come from."""
    assert _holding(files, (*_MACHINE, *_INDEX)) == []
    shipped = tuple(path for path in files if "tests" not in path.parts)
    assert _holding(shipped, ("/tm" + "p/",)) == []


def test_nothing_is_left_for_later(python_files: tuple[Path, ...]) -> None:
    """An unfinished thought is an issue, not a comment."""
    assert _holding(python_files, _FORGOTTEN) == []


def test_no_test_is_skipped_or_expected_to_fail(repo: Path) -> None:
    """A test that does not run proves nothing."""
    marks = (
        "pytest.mark." + "skip",
        "pytest.mark." + "xfail",
        "pytest." + "skip(",
        "pytest." + "importorskip",
    )
    assert _holding(tuple((repo / "tests").rglob("*.py")), marks) == []


def _holding(paths: tuple[Path, ...], words: tuple[str, ...]) -> list[str]:
    found = []
    for path in paths:
        if path.suffix not in _TEXT:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            found += [f"{path}:{number} {word}" for word in words if word in line]
    return found

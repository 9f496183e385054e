# SPDX-License-Identifier: Apache-2.0
"""docs/THREATS.md and docs/GUARANTEES.md claim only what a test of this tree shows and a command repeats."""

from __future__ import annotations

import ast
import datetime as dt
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ([TFNG]\d+) \|(.*)\|$", re.MULTILINE)
ANY_ROW = re.compile(r"^\| *[TFNG]\w*\d\w* *\|.*$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py::\w+)`")
PROMISES = range(1, 10)


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables of a page that begin with an id: id -> further cells. Ids occur once."""
    found = [(key, [cell.strip() for cell in rest.split(" | ")]) for key, rest in ROW.findall(text)]
    assert len({key for key, _ in found}) == len(found) == len(ANY_ROW.findall(text))
    return dict(found)


@cache
def functions(path: Path) -> frozenset[str]:
    """The functions that a test file defines at its top; none if there is no such file."""
    if not path.is_file():
        return frozenset()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(one.name for one in ast.parse(path.read_text()).body if isinstance(one, kinds))


def moved(name: str) -> str:
    """Where a test of this name is now, for whoever splits a file."""
    files = sorted((REPO / "tests").rglob("test_*.py")) if name.startswith("test_") else []
    found = [path for path in files if name in functions(path)]
    return "".join(f", but {path.relative_to(REPO)}::{name}" for path in found)


def unresolved(cell: str) -> list[str]:
    """What is wrong with the tests that a cell names: none, one that is not in the tree, other words."""
    named = TEST.findall(cell)
    missing = []
    for node in named:
        path, _, name = node.partition("::")
        if not name.startswith("test_") or name not in functions(REPO / path):
            missing.append(f"no such test: {node}{moved(name)}")
    if rest := TEST.sub("", cell).replace("<br>", "").strip():
        missing.append(f"not a test: {rest}")
    return missing if named else [*missing, "no test"]


def no_command(cell: str) -> list[str]:
    """What is wrong with a command: it must be a target of the Makefile, or pytest on paths that exist."""
    words = [word for word in shlex.split(cell.strip("`")) if not re.match(r"[A-Z_]+=", word)]
    if words[:1] == ["make"]:
        targets = re.findall(r"^([a-z]+):", (REPO / "Makefile").read_text(), re.MULTILINE)
        return [f"no such target: {word}" for word in words[1:] or ["none"] if word not in targets]
    if words[:1] == [".venv/bin/pytest"] and len(words) > 1:
        return [f"no such path: {word}" for word in words[1:] if not (REPO / word).exists()]
    return [f"not a command that repeats anything: {cell}"]


THREATS = rows((REPO / "docs" / "THREATS.md").read_text())
GUARANTEES = rows((REPO / "docs" / "GUARANTEES.md").read_text())


@pytest.mark.parametrize("key", [key for key in THREATS if key[0] in "TF"])
def test_every_threat_has_a_test(key: str) -> None:
    """Each threat and fault names at least one test, and each test that it names is in the tree."""
    assert unresolved(THREATS[key][-1]) == []


def test_what_is_not_promised_yet_claims_no_test() -> None:
    """A line of that list with a test would be a promise."""
    later = [cells for key, cells in THREATS.items() if key[0] == "N"]
    assert later
    assert not [cells for cells in later if TEST.search(" ".join(cells))]


def test_every_actor_that_is_named_is_described() -> None:
    """The second cell of a threat names actors of the table of actors."""
    described = set(
        re.findall(r"^\| \*\*(\w+)\*\* \|", (REPO / "docs" / "THREATS.md").read_text(), re.MULTILINE)
    )
    named = {one for key, cells in THREATS.items() if key[0] == "T" for one in cells[0].split(", ")}
    assert named
    assert named - described == set()


@pytest.mark.parametrize("key", GUARANTEES)
def test_every_guarantee_can_be_repeated(key: str) -> None:
    """Threats or faults of the other page, tests of the tree, a figure, its day, a command that exists."""
    promise, against, tests, figure, date, command = GUARANTEES[key]
    assert promise
    assert figure
    assert {one for one in against.split(", ") if one[:1] not in ("T", "F")} == set()
    assert {one for one in against.split(", ") if one not in THREATS} == set()
    assert unresolved(tests) == []
    assert dt.date.fromisoformat(date)
    assert no_command(command) == []


def test_every_threat_is_met_by_a_guarantee() -> None:
    """No threat or fault is listed that no line of the guarantees is about."""
    met = {one for cells in GUARANTEES.values() for one in cells[1].split(", ")}
    assert {key for key in THREATS if key[0] in "TF"} - met == set()


@pytest.mark.parametrize("number", PROMISES)
def test_every_promise_has_its_section(number: int) -> None:
    """The nine promises stand in their order, each with at least one line."""
    page = (REPO / "docs" / "GUARANTEES.md").read_text()
    section = re.search(rf"^## {number}\. .*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section
    assert rows(section[0])


def test_an_invented_test_or_command_would_be_found() -> None:
    """The net has no hole: a missing function, file, target or path, prose in place of a test."""
    here = "tests/house/test_threats.py"
    assert unresolved(f"`{here}::test_every_threat_has_a_test`") == []
    assert unresolved(f"`{here}::test_of_nothing`") == [f"no such test: {here}::test_of_nothing"]
    assert unresolved("`tests/house/nowhere.py::test_x`") == ["no such test: tests/house/nowhere.py::test_x"]
    at_home = "test_every_threat_has_a_test"
    assert unresolved(f"`tests/x.py::{at_home}`") == [
        f"no such test: tests/x.py::{at_home}, but {here}::{at_home}"
    ]
    assert unresolved(f"`{here}::rows`") == [f"no such test: {here}::rows"]
    assert unresolved("see the demo") == ["not a test: see the demo", "no test"]
    assert no_command("`CRASH_ROUNDS=4 make crash`") == no_command(f"`.venv/bin/pytest {here}`") == []
    assert no_command("`make everything`") == ["no such target: everything"]
    assert no_command("`.venv/bin/pytest tests/nowhere`") == ["no such path: tests/nowhere"]
    assert no_command("`true`")

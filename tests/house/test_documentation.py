# SPDX-License-Identifier: Apache-2.0
"""README and docs say what the program does, and the checker that holds them to it finds what it should."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def checker(repo: Path) -> ModuleType:
    """docs/check_docs.py as a module."""
    spec = importlib.util.spec_from_file_location("check_docs", repo / "docs" / "check_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.mark.process
def test_documentation_is_what_the_program_says(repo: Path) -> None:
    """Help blocks, documented commands, error ids, exit codes and links: `make check` finds no difference."""
    done = subprocess.run([sys.executable, repo / "docs" / "check_docs.py"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("fanal notice sned draft.json", "no such command: sned"),
        ("fanal notice send draft.json --to GE-CUS --now", "No such option"),
        ("fanal notice send", "missing"),
        ("fanal whoami somebody", "too many arguments"),
        ("FANAL_HOME=x fanal notice list | fanal nowhere", "no such command: nowhere"),
        ("make everything", "no such target: everything"),
        ("fanal help 'start", "No closing quotation"),
    ],
)
def test_wrong_command_line_is_found(checker: ModuleType, line: str, reason: str) -> None:
    """A page that names a command, option, argument or target that does not exist fails the check."""
    assert [one for one in checker.problems_of(line) if reason in one]


@pytest.mark.parametrize(
    "line",
    [
        "fanal --version",
        "FANAL_HOME=/srv/az fanal status --json > status.json 2>&1",
        "fanal node run & # in the background",
        "make check test",
        "ls -l",
    ],
)
def test_right_command_line_passes(checker: ModuleType, line: str) -> None:
    """Assignments, redirections, pipes, comments and other programs are understood."""
    assert list(checker.problems_of(line)) == []


def test_dead_link_is_found(checker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to a missing file, or to a missing heading of an existing one, fails the check."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(
        "# One two\n[a](docs/no.md) [b](#one-two) [c](#three) [d](README.md#x)\n"
    )
    monkeypatch.setattr(checker, "REPO", tmp_path)
    assert sorted(checker.bad_links()) == [
        "README.md: no such file: docs/no.md",
        "README.md: no such heading: #three",
        "README.md: no such heading: README.md#x",
    ]


def test_unknown_error_id_is_found(
    checker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that explains an error which no room declares fails the check."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("FANAL-E" + "9999\n")
    monkeypatch.setattr(checker, "REPO", tmp_path)
    assert list(checker.unknown_ids()) == ["docs/page.md: FANAL-E" + "9999 is not declared"]


def test_every_exit_code_has_its_sentence(checker: ModuleType) -> None:
    """docs/exit-codes.md explains each code of the enumeration."""
    assert set(checker.EXITS) == set(checker.Exit)

# SPDX-License-Identifier: Apache-2.0
"""What the tests of the house look at: the repository's own files, found without git (an sdist has none)."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOMS = ("proto", "keys", "config", "node", "cli")
_FOLDERS = (*ROOMS, "tests", "docs", "deploy", ".ci")
_UNTRACKED = frozenset({"__pycache__", "build", "dist"})
_NOT_OURS = (".coverage", ".git")
"""Beginnings of files at the top that are not written here: measurements, and a git worktree's pointer."""


@pytest.fixture(scope="session")
def repo() -> Path:
    """The top of the repository."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def rooms(repo: Path) -> tuple[Path, ...]:
    """The five source roots."""
    return tuple(repo / name for name in ROOMS)


@pytest.fixture(scope="session")
def files(repo: Path) -> tuple[Path, ...]:
    """Every file of the repository that we write, generated code and caches left out."""
    found = [
        path
        for path in repo.iterdir()
        if path.is_file() and (path.name == ".gitignore" or not path.name.startswith(_NOT_OURS))
    ]
    for folder in _FOLDERS:
        found += [path for path in (repo / folder).rglob("*") if path.is_file()]
    return tuple(sorted(path for path in found if not _UNTRACKED.intersection(path.parts)))


@pytest.fixture(scope="session")
def python_files(files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Every Python file written by hand."""
    generated = ("_pb2.py", "_pb2_grpc.py")
    return tuple(path for path in files if path.suffix == ".py" and not path.name.endswith(generated))

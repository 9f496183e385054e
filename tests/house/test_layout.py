# SPDX-License-Identifier: Apache-2.0
"""The rooms: one namespace over five source roots, and nothing that would turn it into a package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.process
def test_namespace_of_a_bare_checkout_is_the_five_rooms(rooms: tuple[Path, ...], repo: Path) -> None:
    """With the rooms on the path and nothing installed, fanal.__path__ is exactly the five of them."""
    search = os.pathsep.join(str(room) for room in rooms)
    code = (
        "import sys; sys.path[:0] = sys.argv[1].split(':'); import fanal; print(*fanal.__path__, sep='\\n')"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", code, search], cwd=repo, capture_output=True, text=True, check=True
    ).stdout.split()
    assert found == [str(room / "fanal") for room in rooms]


def test_namespace_of_this_test_run_is_the_five_rooms(rooms: tuple[Path, ...]) -> None:
    """pytest sees each room once, whether the package is installed for editing or not."""
    import fanal

    assert set(fanal.__path__) == {str(room / "fanal") for room in rooms}


def test_no_room_is_a_package(rooms: tuple[Path, ...]) -> None:
    """An __init__.py directly in <room>/fanal would hide the other four rooms."""
    assert [room for room in rooms if (room / "fanal" / "__init__.py").exists()] == []


def test_no_python_lies_directly_in_a_room(rooms: tuple[Path, ...]) -> None:
    """Modules live under <room>/fanal only; anything above would be a stray top-level module."""
    stray = [path for room in rooms for path in room.rglob("*.py") if path.parts[len(room.parts)] != "fanal"]
    assert stray == []


def test_every_package_below_the_namespace_has_an_init(rooms: tuple[Path, ...]) -> None:
    """A forgotten __init__.py would leave a folder out of type checking and of nothing else, unnoticed."""
    holding = {path.parent for room in rooms for path in (room / "fanal").rglob("*.py")}
    packages = holding - {room / "fanal" for room in rooms}
    assert sorted(path for path in packages if not (path / "__init__.py").exists()) == []


def test_no_tests_folder_is_a_package(repo: Path) -> None:
    """Test files are imported by path; an __init__.py would give them a second name."""
    assert list((repo / "tests").rglob("__init__.py")) == []


def test_names_of_test_files_are_unique(repo: Path) -> None:
    """Two test files of one name in two folders are one too many for any report."""
    names = [path.name for path in (repo / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))

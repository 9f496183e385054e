# SPDX-License-Identifier: Apache-2.0
"""A full disk is called one wherever a command writes, and leaves nothing half written."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from clikit import Run

from fanal.cli.files.attachment import _new_file
from fanal.cli.shown.newfile import new_file
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys.files import write_private


def attached(path: Path) -> None:
    with _new_file(path, force=False) as file:
        file.write(b"x")


def made(path: Path) -> None:
    with new_file(path) as file:
        file.write(b"x")


def secret(path: Path) -> None:
    write_private(path, b"x", replace=False)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("write", [attached, made, secret])
def test_no_space_is_named_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], None], number: int
) -> None:
    """An attached file, an export, a key: FANAL-E0279 with the path; a full quota is a full disk."""

    def full(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FanalError) as caught:
        write(tmp_path / "file")
    assert caught.value.kind.id == "FANAL-E0279"
    assert str(tmp_path / "file") in caught.value.sentence
    assert list(tmp_path.iterdir()) == []


def test_a_command_on_a_full_disk_says_so_with_the_next_step(
    run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that finds no room is not made, and the next try makes it."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space")))
        ran = run("key", "rotate", "ENCRYPT")
    assert ran.code == 1
    assert "FANAL-E0279" in ran.err
    assert "free-reserve" in ran.err
    assert len(home.identity_files()) == 1
    assert run("key", "rotate", "ENCRYPT").code == 0

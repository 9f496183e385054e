# SPDX-License-Identifier: Apache-2.0
"""The disk: when a node warns, when it takes nothing of others, and the reserve that lets a person act."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fanal.errors import FanalError
from fanal.node.quotas import room
from fanal.node.quotas.room import Room, free_reserve, keep_reserve, percent_used, reserve_file

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("percent", "warns", "refuses"),
    [(None, False, False), (79, False, False), (80, True, False), (94, True, False), (95, True, True)],
)
def test_the_disk_at_each_limit_and_one_below_it(percent: int | None, warns: bool, refuses: bool) -> None:
    """80 % warns, 95 % refuses; a disk that cannot be asked does neither."""
    found = Room(lambda: percent, lambda: 0.0, 80, 95)
    assert (found.warns, found.refuses) == (warns, refuses)


def test_the_disk_is_asked_once_in_ten_seconds_whatever_arrives() -> None:
    """A flood of envelopes is no flood of system calls; a clock that falls asks anew."""
    now = [100.0]
    found = Room(lambda: 50, lambda: now[0], 80, 95)
    assert not any(found.refuses for _ in range(10_000))
    assert found.asked == 1
    now[0] = 110.0
    assert not found.refuses
    now[0] = 5.0
    assert not found.refuses
    assert found.asked == 3


def test_percent_is_what_an_ordinary_user_may_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Blocks kept for root are not free; a folder that is not there has no percent."""
    real = os.statvfs(tmp_path)
    fields = list(real)
    fields[2], fields[3], fields[4] = 1000, 500, 0  # blocks, free, free for users
    monkeypatch.setattr(room.os, "statvfs", lambda _path: os.statvfs_result(fields))
    assert percent_used(tmp_path) == 100
    monkeypatch.undo()
    assert 0 <= (percent_used(tmp_path) or 0) <= 100
    assert percent_used(tmp_path / "missing") is None


@pytest.mark.process
def test_the_reserve_is_real_blocks_of_exactly_its_size(tmp_path: Path) -> None:
    """A sparse file would give nothing back on the day it is needed."""
    assert keep_reserve(tmp_path, 2 * MIB)
    found = reserve_file(tmp_path).stat()
    assert (found.st_size, found.st_mode & 0o777) == (2 * MIB, 0o600)
    assert found.st_blocks * 512 >= 2 * MIB
    assert keep_reserve(tmp_path, MIB)
    assert reserve_file(tmp_path).stat().st_size == MIB
    assert free_reserve(tmp_path) >= MIB
    assert free_reserve(tmp_path) == 0
    assert keep_reserve(tmp_path, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_reserve_without_room_leaves_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC half-way leaves no half file under the reserve's name, and none beside it."""

    def full(_file: int, _start: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room.os, "posix_fallocate", full)
    assert not keep_reserve(tmp_path, MIB)
    assert list(tmp_path.iterdir()) == []


def test_a_reserve_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the path and what the system says."""
    with pytest.raises(FanalError, match="E0792") as caught:
        keep_reserve(tmp_path / "missing", MIB)
    assert "missing" in str(caught.value)

# SPDX-License-Identifier: Apache-2.0
"""Homes kept of every earlier format, whose first start under this program is cut off: killed at every write
and sync of the migrations, with failing disks, and by power cuts. A slice of each in `make test`.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
from crashstates import Disk, read_log, snapshot
from cutcheck import lay_out
from faultfs import Mode, fault_fs
from oldhomes import OldHome
from openserver import opening
from upgradekit import Kept, all_kept, present

pytestmark = pytest.mark.process

SHARE = int(os.environ.get("TORTURE_UPGRADES", "60"))
"""Every so many-th operation; 1: each."""
SEED = int(os.environ.get("TORTURE_SEED", "1"))
MOST = 2_000
NOW = present()
OLD = [one for one in all_kept() if (one.formats.ledger, one.formats.vault) != (NOW.ledger, NOW.vault)]
KILLED = -9
STAGES = {(False, False), (True, False), (True, True)}
"""Of ledger and vault whether it is new, between the operations of a start. The last is short."""


@pytest.fixture(scope="module", params=OLD, ids=lambda one: one.path.name.partition(".")[0])
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OldHome:
    """A kept home of each earlier format."""
    kept: Kept = request.param
    return OldHome(kept, tmp_path_factory.mktemp("kept"))


@pytest.mark.parametrize("mode", [Mode.KILL, Mode.DEVICE], ids=["killed", "failing"])
def test_a_start_that_ends_in_a_migration_is_completed_by_the_next(
    old: OldHome, mode: Mode, tmp_path: Path
) -> None:
    """At each operation: old or new with every row, the copy whole; the old program goes on or refuses by
    name; the next start completes it."""
    data, aside, left, ends = tmp_path / "data", tmp_path / "aside", Counter[tuple[bool, ...]](), set[int]()
    began = time.monotonic()
    with fault_fs(data, _made(aside)) as disk, opening(disk, *_start(old)) as started:
        for at in range(1 + SEED % SHARE, MOST, SHARE):
            path = data / str(at) / old.home.path.name
            shutil.copytree(old.home.path, path)
            before = disk.hits
            disk.arm(mode, at)
            ended = started(path)
            disk.disarm()
            if disk.hits == before:
                break
            ends.add(ended)
            left[old.left(path)] += 1
            if at // SHARE % 2:
                old.under_the_old_program(path)
            old.next_start(path)
            shutil.rmtree(path.parent)
    seconds = time.monotonic() - began
    print(f"  {old.home.path.name}, {mode.name}: {at - 1} operations, {dict(left)}, {ends}; {seconds:.0f} s")
    assert ended == 0
    assert mode is not Mode.KILL or ends == {KILLED}
    _all_stages(left)


def test_a_power_cut_in_a_migration_is_mended_by_the_next_start(old: OldHome, tmp_path: Path) -> None:
    """Whatever of what was not yet synchronised has landed: nothing is lost, and the next start completes."""
    data, aside, left = tmp_path / "data", tmp_path / "aside", Counter[tuple[bool, ...]]()
    path, rng, began = data / old.home.path.name, random.Random(SEED), time.monotonic()
    shutil.copytree(old.home.path, path)
    base = snapshot(path)
    with (
        fault_fs(data, _made(aside), logged=True) as disk,
        opening(disk, *_start(old)) as started,
    ):
        assert started(path) == 0
        records = read_log(disk.log)
    replayed, cut = Disk(base, rng), tmp_path / "cut" / path.name
    for number, record in enumerate(records):
        replayed.apply(record)
        if number % SHARE == SEED % SHARE:
            lay_out(replayed.cut(rng), base.folders, path, cut)
            left[old.left(cut)] += 1
            old.next_start(cut)
    seconds = time.monotonic() - began
    print(f"  {path.name}, power cuts: {len(records)} operations, {dict(left)}; {seconds:.0f} s")
    _all_stages(left)


def _all_stages(left: Counter[tuple[bool, ...]]) -> None:
    assert STAGES >= set(left) >= (STAGES if SHARE == 1 else {(False, False), (True, False)})


def _start(old: OldHome) -> tuple[str, ...]:
    """The program that starts a home's node, at the time at which the home was made."""
    return "-m", "opening", str(old.made)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder

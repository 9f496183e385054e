# SPDX-License-Identifier: Apache-2.0
"""After a sync that failed, ledger, vault and files show only what a power cut leaves."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from crashstates import Disk, Record, Snapshot, read_log, snapshot
from cutcheck import lay_out
from failinglives import STORES
from faultfs import fault_fs
from realnet import PATHS

pytestmark = pytest.mark.process

AT_THE_END = 8
"""Cuts after the last operation; before each one since the first failure there is one."""


def cuts(records: list[Record], base: Snapshot) -> list[tuple[int, dict[str, bytes]]]:
    """How many were told of, and what the cut left."""
    rng, failed, found = random.Random(1), False, []
    disk = Disk(base, rng)
    for record in records:
        if failed:
            found.append((len(disk.acknowledged), disk.cut(rng)))
        disk.apply(record)
        failed |= record.op == "F"
    return found + [(len(disk.acknowledged), disk.cut(rng)) for _ in range(AT_THE_END)]


@pytest.mark.parametrize(
    ("kind", "lives", "told"),
    [
        pytest.param("ledger", ["++2+"], 3, id="a log opened again"),
        pytest.param("ledger", ["+" * 150, "+2+"], 152, id="a log folded into the file meanwhile"),
        pytest.param("ledger", ["++x+", "+"], 4, id="a log after a restart"),
        pytest.param("ledger", ["++m+", ""], 3, id="a marker after a restart"),
        pytest.param("vault", ["++2++"], 3, id="a vault opened again"),
        pytest.param("vault", ["++x+", "+"], 4, id="a vault after a restart"),
        pytest.param("vault", ["++", "d++"], 4, id="the name of a new log"),
        pytest.param("files", ["+1++"], 2, id="a file whose last piece comes again"),
        pytest.param("files", ["+1+", "+"], 3, id="a file after a restart"),
        pytest.param("files", ["n++", "n+", ""], 2, id="the name of a file, and after a restart"),
    ],
)
def test_what_the_kernel_shows_after_a_failed_sync_is_on_the_disk_before_it_is_told(
    tmp_path: Path, kind: str, lives: list[str], told: int
) -> None:
    """What was not synchronised stays in memory, whole, and is dropped from the disk: in every state that a
    cut leaves the store is sound, and the marker and it have all that it showed or acknowledged."""
    root, logs, cut = tmp_path / "home", tmp_path / "log", tmp_path / "cut"
    (root / "data").mkdir(parents=True)
    logs.mkdir()
    base = snapshot(root)
    with fault_fs(root, logs, logged=True) as disk:
        program = [sys.executable, "-m", "failinglives", kind, str(root / "data"), *lives]
        subprocess.run(program, env={"PYTHONPATH": PATHS, "PATH": os.environ["PATH"], **disk.env}, check=True)
        assert disk.hits
        found = cuts(read_log(disk.log), base)
    assert found[-1][0] == told
    for so_far, files in found:
        lay_out(files, base.folders, root, cut)
        store = STORES[kind](cut / "data")
        assert (store.is_sound(), min(store.count(), store.marked) >= so_far) == (True, True)
        store.close()

# SPDX-License-Identifier: Apache-2.0
"""A database that is taken from under a running ledger, or held by another program."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgerkit import NOW, counting
from nodenet import NodeNet

from fanal.errors import FanalError
from fanal.node.desk import condition
from fanal.node.ledger.database import connect
from fanal.node.ledger.rows import Batch, LeafRow
from fanal.node.ledger.sqlite import DATABASE, SqliteLedger, open_ledger
from fanal.node.store.errors import STORE_GONE


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SqliteLedger]:
    made = open_ledger(tmp_path / "data", now=NOW, random=counting())
    made.append(Batch(leaves=(LeafRow(b"first"),)))
    yield made
    made.close()


def refused(ledger: SqliteLedger) -> str:
    with pytest.raises(FanalError) as caught:
        ledger.append(Batch(leaves=(LeafRow(b"lost"),)))
    return caught.value.kind.id


@pytest.mark.parametrize("how", ["folder moved", "removed", "replaced"])
def test_nothing_is_stored_into_a_file_that_has_no_name_any_more(
    disk: SqliteLedger, tmp_path: Path, how: str
) -> None:
    """An append says that the file is gone, makes no new one, and goes on once it is moved back."""
    data, aside = tmp_path / "data", tmp_path / "aside"
    if how == "folder moved":
        data.rename(aside)
    else:
        aside.mkdir()
        for file in data.glob(DATABASE + "*"):
            file.rename(aside / file.name)
    if how == "replaced":
        shutil.copy2(aside / DATABASE, data / DATABASE)
    assert [refused(disk), refused(disk)] == ["FANAL-E0629", "FANAL-E0629"]
    assert (data / DATABASE).exists() == (how == "replaced")
    with pytest.raises(FanalError):
        disk.check_there()
    if how == "folder moved":
        aside.rename(data)
    else:
        for file in aside.iterdir():
            file.replace(data / file.name)
    disk.append(Batch(leaves=(LeafRow(b"second"),)))
    assert list(disk.log.leaves(0, 9)) == [b"first", b"second"]


def test_a_file_that_another_program_has_locked_is_called_locked(disk: SqliteLedger, tmp_path: Path) -> None:
    """Neither the disk nor a reader is blamed, and the next append after it goes in."""
    other = connect(tmp_path / "data" / DATABASE)
    other.execute("BEGIN IMMEDIATE")
    disk._writer._db.execute("PRAGMA busy_timeout = 10").fetchone()
    assert [refused(disk), refused(disk)] == ["FANAL-E0630", "FANAL-E0630"]
    other.execute("ROLLBACK")
    other.close()
    disk.append(Batch(leaves=(LeafRow(b"second"),)))
    assert list(disk.log.leaves(0, 9)) == [b"first", b"second"]


@pytest.mark.parametrize("spare", range(4))
def test_too_few_descriptors_are_not_taken_for_missing_permission(tmp_path: Path, spare: int) -> None:
    """The refusal names the limit of the process, and with room again the ledger opens."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(int(one.name) for one in Path("/proc/self/fd").iterdir()) + spare + 1
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        for _ in range(spare):
            os.close(taken.pop())
        with pytest.raises(FanalError) as caught:
            open_ledger(tmp_path / "data", now=NOW, random=counting())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in taken:
            os.close(one)
    assert (caught.value.kind.id, caught.value.facts["limit"]) == ("FANAL-E0631", most)
    open_ledger(tmp_path / "data", now=NOW, random=counting()).close()


def test_doctor_is_told_of_a_file_that_is_gone_before_anything_is_written(tmp_path: Path) -> None:
    """Of a node that stands idle, or one that cannot be looked at; back again, nothing is blamed."""
    host = NodeNet("AZ-CUS", "TR-CUS").nodes["AZ-CUS"]
    host.crash()
    host.ledger = open_ledger(tmp_path / "data", now=NOW, random=counting())
    host.start()
    (tmp_path / "data").rename(tmp_path / "aside")
    assert "FANAL-E0629" in {one.id for one in condition.findings(host.node)}
    host.node.failures.note(FanalError(STORE_GONE, path="ledger.db"), host.node.now, host.node.ticks)
    (tmp_path / "data").symlink_to("data")
    found = {one.id: one.facts["reason"] for one in condition.findings(host.node) if one.subject == "disk"}
    assert found == {"FANAL-E0607": "Too many levels of symbolic links"}
    (tmp_path / "data").unlink()
    (tmp_path / "aside").rename(tmp_path / "data")
    assert not {"FANAL-E0629", "FANAL-E0654"} & {one.id for one in condition.findings(host.node)}
    host.ledger.close()

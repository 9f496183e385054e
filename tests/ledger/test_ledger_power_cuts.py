# SPDX-License-Identifier: Apache-2.0
"""What a power cut leaves of a young ledger: it opens, goes on, and raises no alarm where nothing is lost."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import Any

import pytest

from fanal.node.ledger import sqlite
from fanal.node.ledger.interface import Batch, IncarnationRow
from fanal.node.ledger.sqlite import SqliteLedger, open_ledger

NOW = 1_800_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(folder: Path) -> SqliteLedger:
    return open_ledger(folder, now=NOW)


def test_a_power_cut_before_the_first_mark_is_a_beginning_and_no_alarm(folder: Path) -> None:
    """The marker's file is made before anything is marked in it; an empty ledger has lost nothing."""
    opened(folder).close()
    (folder / "marker").write_bytes(bytes(8192))
    ledger = opened(folder)
    assert ledger.opened.reason == "created"
    ledger.close()


def test_a_power_cut_between_a_new_incarnation_and_its_mark_is_no_alarm(folder: Path, kit: Any) -> None:
    """The database is ahead of the marker by an incarnation, which is as it should be: nothing is lost."""
    ledger = opened(folder)
    ledger.append(kit.batch(0))
    ledger.close()
    before = (folder / "marker").read_bytes()
    ledger = opened(folder)
    row = IncarnationRow(bytes(range(16)), ledger.head().incarnation, "unwitnessed", NOW)
    ledger.append(Batch(incarnation=row))
    ledger.close()
    (folder / "marker").write_bytes(before)
    again = opened(folder)
    assert (again.opened.reason, again.head().incarnation) == ("", row.incarnation)
    again.close()


@pytest.mark.parametrize("sectors", [1, 8])
def test_a_power_cut_in_the_first_checkpoint_leaves_a_file_that_opens(
    folder: Path, kit: Any, sectors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first sector of ledger.db was never written, and the write-ahead log holds everything."""
    monkeypatch.setattr(sqlite, "truncate_log", lambda connection: True)
    ledger = opened(folder)
    ledger.append(kit.batch(0, 1, 2))
    cut = folder.with_name("cut")
    shutil.copytree(folder, cut)
    head = ledger.head()
    ledger.close()
    data = bytearray((cut / "ledger.db").read_bytes())
    data[: 512 * sectors] = bytes(512 * sectors)
    (cut / "ledger.db").write_bytes(data)
    monkeypatch.undo()
    again = opened(cut)
    assert (again.opened.reason, again.head()) == ("", head)
    again.close()


@pytest.mark.parametrize("sectors", [2, 8])
def test_a_power_cut_in_the_very_first_write_leaves_a_file_that_opens(folder: Path, sectors: int) -> None:
    """The first sector of ledger.db never landed, others did, and SQLite's rollback journal of an empty file
    stands beside it: nothing had been acknowledged, and the ledger begins."""
    magic, none, nonce, pages, sector, page = bytes.fromhex("d9d505f920a163d7"), 0, 7, 0, 512, 4096
    journal = magic + struct.pack(">IIIII", none, nonce, pages, sector, page)
    folder.mkdir()
    (folder / "ledger.db").write_bytes(bytes(512) + b"\x01" * 512 * (sectors - 1))
    (folder / "ledger.db-journal").write_bytes(journal.ljust(sector, b"\0"))
    ledger = opened(folder)
    assert ledger.opened.reason == "created"
    ledger.close()

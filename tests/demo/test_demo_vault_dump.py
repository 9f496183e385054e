# SPDX-License-Identifier: Apache-2.0
"""Every value of an opened vault, for whoever has its key; nothing for anybody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanal.errors import FanalError
from fanal.node.inbox.dump import values
from fanal.node.inbox.interface import Filing, PendingOpen, StoredLaneKey
from fanal.node.inbox.sqlite import open_vault

KEY = bytes(range(32))
LANE_KEY = b"the key of a lane, 32 bytes long"


def filled(path: Path) -> Path:
    """A vault with a lane key and an entry that waits, in its write-ahead log and closed."""
    vault = open_vault(path, KEY)
    stored = StoredLaneKey(b"l" * 32, b"c" * 32, b"m" * 32, LANE_KEY, 1)
    waiting = PendingOpen(b"e" * 32, 1, b"k" * 32, "waits for a key", 1)
    vault.file(Filing(lane_keys=(stored,), pending=(waiting,)))
    vault.close()
    return path


def test_texts_and_blobs_of_all_tables_are_given(tmp_path: Path) -> None:
    """Whatever the table and the type of the column."""
    found = set(values(filled(tmp_path / "vault.db"), KEY))
    assert {LANE_KEY, b"l" * 32, b"e" * 32, b"waits for a key"} <= found


def test_the_vault_is_read_beside_the_node_that_has_it_open(tmp_path: Path) -> None:
    """What is committed and still in the write-ahead log is seen; the writer is not disturbed."""
    path = filled(tmp_path / "vault.db")
    vault = open_vault(path, KEY)
    vault.put_own_lane_key(StoredLaneKey(b"n" * 32, b"d" * 32, b"o" * 32, b"p" * 32, 2))
    assert b"p" * 32 in set(values(path, KEY))
    vault.put_own_lane_key(StoredLaneKey(b"q" * 32, b"r" * 32, b"s" * 32, b"t" * 32, 3))
    vault.close()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    """A refusal, not an empty answer."""
    with pytest.raises(FanalError):
        list(values(filled(tmp_path / "vault.db"), bytes(32)))


def test_a_missing_vault_is_refused_and_not_made(tmp_path: Path) -> None:
    """Looking creates no file."""
    with pytest.raises(FanalError):
        list(values(tmp_path / "vault.db", KEY))
    assert list(tmp_path.iterdir()) == []

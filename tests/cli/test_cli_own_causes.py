# SPDX-License-Identifier: Apache-2.0
"""fanal doctor names what is wrong here and not at a peer: a wrong address, a node that is full."""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from limited import findings
from nodenet import NodeNet

from fanal.cli.local import doctor_local, doctor_node
from fanal.errors import FanalError
from fanal.node.errors import DISK_FULL
from fanal.node.ledger.lock import FolderLock
from fanal.node.store.errors import STORE_BUSY
from fanal.node.store.failures import PRESENT, RECENT, StoreFailures


@pytest.mark.parametrize(
    ("endpoint", "levels", "word"),
    [
        ("127.0.0.1:7443", [], ""),
        ("[::1]:7443", [], ""),
        ("node.invalid:7443", ["warning"], "look up"),
        ("192.0.2.7:7443", ["unchecked"], "no address of this machine"),
    ],
)
def test_an_address_that_leads_nowhere_or_elsewhere_is_named(
    endpoint: str, levels: list[str], word: str
) -> None:
    """What others are told is looked up, and held against the addresses of this machine."""
    rows = list(doctor_local._leads_here(endpoint))
    assert [row["level"] for row in rows] == levels
    assert all(word in row["sentence"] and endpoint in row["sentence"] for row in rows)


def test_an_address_of_a_kind_that_this_kernel_does_not_speak_is_none_of_this_machine() -> None:
    """As of IPv6 where that is switched off: it is held against what is here like any other."""
    assert not doctor_local._is_mine(socket.AF_UNSPEC, ("::1", 0, 0, 0))
    assert doctor_local._is_mine(socket.AF_INET, ("127.0.0.1", 0))


def test_a_node_that_can_open_nothing_more_is_seen_from_outside(tmp_path: Path) -> None:
    """It cannot answer, but the system shows how many it has open and how many it may have."""
    session: Any = SimpleNamespace(settings=SimpleNamespace(data=tmp_path))
    lock = FolderLock(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    more = [os.dup(0) for _ in range(60)]
    try:
        assert list(doctor_node._descriptors(session)) == []
        count = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - itself among them
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + 2, hard))
        [row] = doctor_node._descriptors(session)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        lock.close()
        for one in more:
            os.close(one)
    assert row["level"] == "problem"
    assert f"of {count + 2}" in row["sentence"]
    assert "LimitNOFILE" in row["next"]


def test_what_another_user_put_back_is_named_with_the_command_that_mends_it(tmp_path: Path) -> None:
    """Every file and folder below is held against the owner of the agency's folder."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ledger.db").touch()
    me = tmp_path.stat().st_uid
    assert doctor_local.strangers(tmp_path, me) == []
    assert doctor_local.strangers(tmp_path, me + 1) == [tmp_path / "data", tmp_path / "data" / "ledger.db"]


def test_what_every_file_system_has_of_its_own_is_nothing_that_another_user_put_there(tmp_path: Path) -> None:
    """A home that is a disk of its own has a lost+found, which is root's."""
    (tmp_path / "lost+found" / "below").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    me = tmp_path.stat().st_uid
    assert doctor_local.strangers(tmp_path, me + 1) == [tmp_path / "data"]


def test_a_trusted_name_that_the_charter_does_not_know_is_named_with_the_nearest_one() -> None:
    """Two letters are swapped in the setting peers; who it is that was meant stands beside it."""
    net = NodeNet("AZ-CUS", "GE-CUS", "TR-CUS", trust={"AZ-CUS": ("GE-CUS", "TR-CSU")})
    facts = findings(net.nodes["AZ-CUS"])
    assert facts["FANAL-E0799"] == {"agency": "TR-CSU", "nearest": "TR-CUS"}
    assert "FANAL-E0799" not in findings(net.nodes["GE-CUS"])


def test_a_clock_that_is_set_back_keeps_no_line_of_the_disk_standing() -> None:
    """What held the store up an hour ago by a clock that was wrong is over a minute later all the same."""
    known = StoreFailures()
    known.note(FanalError(STORE_BUSY, path="ledger.db"), 10_000_000, 100.0)
    known.note(FanalError(DISK_FULL, path="ledger.db"), 10_000_000, 100.0)
    assert known.held_up(100.0 + PRESENT - 1) is not None
    assert known.held_up(100.0 + PRESENT) is None
    assert known.recent(100.0 + RECENT - 1) is not None
    assert known.recent(100.0 + RECENT) is None

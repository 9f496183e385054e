# SPDX-License-Identifier: Apache-2.0
"""A backup of a node under load, its disk lost, and the restored node beside its running peer."""

from __future__ import annotations

import json
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest
from realnet import RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "GE-CUS"


def test_a_node_comes_back_from_a_backup_that_was_made_under_load(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """What was acknowledged before is in it, what came after comes from the peer, and an order to erase given
    after it holds; nothing is doubled, and both audits pass."""
    lost, peer = network[A], network[B]
    other, listed = RealOfficer(peer.home), tmp_path / "acknowledged"
    refs = [other.send(other.prepared([A], text)).ref for text in ("Kept by A", "Erased by A")]
    until(lambda: all(other.states(ref) == {A: "STORED"} for ref in refs), "both are at A")
    with load_on(lost, listed, B):
        until(lambda: len(acknowledged(listed)) > 10, "notices flow")
        made = json.loads(lost.fanal("node", "backup", str(tmp_path / "backup"), "--json"))
        before = len(acknowledged(listed))
        until(lambda: len(acknowledged(listed)) > before + 10, "notices flow on")
    lost.fanal("notice", "erase", refs[1], "--basis", "COURT_ORDER", "--yes")
    officer = RealOfficer(lost.home)
    until(lambda: officer.status().waiting_deliveries == 0, "the peer has every notice")
    lost.end(signal.SIGKILL)
    shutil.rmtree(lost.home.data)
    again = json.loads(lost.fanal("node", "restore", str(tmp_path / "backup"), "--json"))
    assert (again["leaves"], again["root"]) == (made["leaves"], made["root"])
    lost.start()
    sent = Counter(one.envelope_id for one in acknowledged(listed))
    officer.again()
    until(lambda: "FANAL-E0726" in {one.id for one in officer.status().findings}, "the peer brings ours back")
    until(lambda: not {"FANAL-E0659"} & {one.id for one in officer.status().findings}, "the inbox is open")
    shown = [json.loads(lost.fanal("notice", "show", ref, "--json")) for ref in refs]
    assert [one["notice"] is None for one in shown] == [False, True]
    new = officer.send(officer.prepared([B], "After the restore")).ref
    until(lambda: officer.states(new) == {B: "STORED"}, "it goes on")
    for node in network.values():
        assert node.end() == 0
        kept = kept_by(node)
        assert sent <= kept.entries
        assert max(kept.entries.values()) == 1
        assert json.loads(node.fanal("audit", "verify", "--json"))["verdict"] == "passed"

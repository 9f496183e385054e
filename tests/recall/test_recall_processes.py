# SPDX-License-Identifier: Apache-2.0
"""Recall and erasure with real nodes and the commands of an officer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from realnet import RealNode, found_network, until
from realofficer import RealOfficer

pytestmark = pytest.mark.process
CANARY = "Qzvxcanaryword"


def tracked(node: RealNode, ref: str) -> list[tuple[str, str]]:
    found = json.loads(node.fanal("notice", "track", ref, "--json"))["deliveries"]
    return [(one["state"], one["reason_id"]) for one in found]


def test_a_withdrawal_with_deletion_and_an_order_cut_by_a_kill(tmp_path: Path) -> None:
    """COMPLIED in the sender's track by commands alone; an order to erase that dies right after the outside
    list was written is carried out at the next start, before anything is shown."""
    nodes = found_network(tmp_path, ("GE-CUS", "TR-CUS"))
    sender, reader = nodes["GE-CUS"], nodes["TR-CUS"]
    reader.start()
    officer = RealOfficer(sender.home)
    refs = [officer.send(officer.prepared(["TR-CUS"], f"{CANARY} {n}")).ref for n in range(2)]
    until(lambda: {s for ref in refs for s in officer.states(ref).values()} == {"STORED"}, "both are stored")
    sender.fanal("notice", "withdraw", refs[0], "--reason", "ERROR", "--delete", "--yes")
    until(lambda: tracked(sender, refs[0]) == [("WITHDRAWN", "COMPLIED")], "the holder has complied")
    shown = json.loads(reader.fanal("notice", "show", refs[0], "--json"))
    assert (shown["notice"], shown["erasure_basis"], shown["recall"]) == (None, "withdrawal", "COMPLIED")
    reader.end()
    reader.launch("erasing.after-list")
    until(reader.home.socket.exists, "the officers' door is open")
    reader.fanal("notice", "erase", refs[1], "--basis", "COURT_ORDER", "--yes", code=5)
    assert reader.process is not None
    reader.process.communicate()
    reader.process = None
    reader.start()
    shown = json.loads(until(lambda: _shown(reader, refs[1]), "the inbox is open again"))
    assert (shown["notice"], shown["erasure_basis"]) == (None, "order-court-order")
    for node in (reader, sender):
        node.end()
    assert json.loads(reader.fanal("audit", "verify", "--json"))["verdict"] == "passed"


def _shown(node: RealNode, ref: str) -> str:
    """What show prints, or nothing while the inbox is closed."""
    try:
        return node.fanal("notice", "show", ref, "--json")
    except AssertionError:
        return ""

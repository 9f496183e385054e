# SPDX-License-Identifier: Apache-2.0
"""A data folder that was really put back, with two real processes: what operator and auditor read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from realnet import RealNode, found_network, until
from realofficer import RealOfficer

A, B = "GE-CUS", "TR-CUS"

pytestmark = pytest.mark.process


def send(node: RealNode, text: str, to: str = B) -> None:
    officer = RealOfficer(node.home)
    officer.send(officer.prepared([to], text))


def findings(node: RealNode) -> set[str]:
    return {one.id for one in RealOfficer(node.home).status().findings}


def held_of(node: RealNode) -> int:
    """Numbers that A wrote and this node holds."""
    streams = json.loads(node.fanal("audit", "completeness", "--json"))["streams"]
    return sum(one["present"] for one in streams if one["author"] == A)


def test_a_restored_folder_is_noticed_explained_settled_and_passes_its_audit(tmp_path: Path) -> None:
    """All is put back, a receipt was lost, and it writes before it is linked. It knows at once; both
    audits pass and say that a lane went on twice; settled, doctor is clean and the audit as before."""
    nodes = found_network(tmp_path, [A, B])
    a, b = nodes[A], nodes[B]
    try:
        if b.process is None:
            b.start()
        until(lambda: RealOfficer(a.home).status().peers_connected, "linked")
        send(a, "first")
        until(lambda: held_of(b) > 1, "the first at B")
        a.end()
        data, old = a.home.ledger.parent, tmp_path / "backup"
        shutil.copytree(data, old)
        a.start()
        before = held_of(b)
        send(a, "lost by the restore")
        until(lambda: held_of(b) > before, "the second at B")
        send(b, "answered with a receipt that the restore loses", to=A)
        until(lambda: held_of(b) > before + 1, "the receipt at B")
        a.end()
        b.end()
        shutil.rmtree(data)
        shutil.copytree(old, data)
        a.start()
        send(a, "from the older end")
        b.start()
        until(lambda: {"FANAL-E0725", "FANAL-E0726"} <= findings(a), "noticed")
        until(lambda: "FANAL-E0724" in findings(b), "proven to B")
        for node in (a, b):
            audit = json.loads(node.fanal("audit", "verify", "--json"))
            details = {one["name"]: one["detail"] for one in audit["checks"]}
            assert f"{A} went on twice" in details["lanes.predecessors"]
            assert "successor-fork" in details["incidents"]
            streams = json.loads(node.fanal("audit", "completeness", "--json"))["streams"]
            [twice] = [one for one in streams if one["went_on_twice"]]
            assert (twice["author"], len(twice["successors"]), twice["missing"]) == (A, 2, 0)
        for one in json.loads(a.fanal("status", "--json"))["findings"]:
            a.fanal("node", "settle", one["key"], "--reason", "restored the backup of Sunday")
        assert json.loads(a.fanal("doctor", "--json"))["ok"] is True
        after = json.loads(a.fanal("audit", "verify", "--json"))["checks"]
        assert {one["name"]: one["detail"] for one in after}["lanes.predecessors"] == details[
            "lanes.predecessors"
        ]
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end()

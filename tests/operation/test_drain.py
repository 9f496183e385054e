# SPDX-License-Identifier: Apache-2.0
"""A node is drained under load: nothing new is taken, what was taken arrives, and it stops or goes on."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from realnet import RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "GE-CUS"


def test_a_drained_node_takes_nothing_new_and_hands_on_what_it_took(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """While it drains an officer is refused; resumed it sends again; stopped it ends with 0."""
    listed, sender = tmp_path / "acknowledged", network[A]
    sender.settings = {**sender.settings, "CRASHLOAD_GIVES_UP": "1"}
    theirs = tmp_path / "theirs"
    network[B].settings = {**network[B].settings, "CRASHLOAD_GIVES_UP": "1"}
    with load_on(sender, listed, B), load_on(network[B], theirs, A):
        until(lambda: len(acknowledged(listed)) > 20, "notices flow")
        left = json.loads(sender.fanal("node", "drain", "--json"))
        assert (left["draining"], left["receipts_owed"]) == (True, 0)
        sender.fanal("node", "drain", "--json")  # the answers to what was committed before have arrived
        taken, offered = len(acknowledged(listed)), len(acknowledged(theirs))
        until(lambda: len(acknowledged(theirs)) > offered + 5, "the peer goes on")
        assert json.loads(sender.fanal("node", "drain", "--json"))["draining"]
        assert len(acknowledged(listed)) == taken
        assert not json.loads(sender.fanal("node", "drain", "--resume", "--json"))["draining"]
        until(lambda: len(acknowledged(listed)) > taken + 5, "notices flow again")
    sent, back = acknowledged(listed), acknowledged(theirs)
    for node in network.values():
        officer = RealOfficer(node.home)
        until(lambda: officer.status().waiting_deliveries == 0, "the other has stored every notice")  # noqa: B023
        officer.again()
    assert json.loads(sender.fanal("node", "drain", "--stop", "--json"))["stopped"]
    process, sender.process = sender.process, None
    assert process is not None
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert network[B].end() == 0
    ids = Counter(one.envelope_id for one in (*sent, *back))
    for node in network.values():
        kept = kept_by(node)
        assert kept.entries == kept.filed == ids
        assert kept.wrong == []

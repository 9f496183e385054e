# SPDX-License-Identifier: Apache-2.0
"""A real node that nobody can dial: behind NAT or a firewall it works as long as it can dial out."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from realnet import QUICK, RealNode, found_network, until
from realofficer import RealOfficer

from fanal.v1.notice_pb2 import Urgency

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"
PATIENT = {**QUICK, "FANAL_REDIAL_SECONDS": "600", "FANAL_REDIAL_MOST_SECONDS": "600"}
"""A side that has failed to dial once does not try again within the test."""


@pytest.fixture(params=["", "127.0.0.1:1"], ids=["listen is empty", "a firewall before the port"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, RealNode]]:
    """Two agencies; the second tells others no address, or one where nothing gets through."""
    nodes = found_network(tmp_path, [A, B], PATIENT, advertised={B: request.param})
    try:
        yield nodes
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end(signal.SIGKILL)


def test_a_node_that_cannot_be_dialled_sends_and_receives_over_what_it_dials(
    network: dict[str, RealNode],
) -> None:
    """What waited for it comes as soon as it calls, however long its peer would have waited; then alerts go
    both ways, and the second stream stands."""
    a, b = network[A], network[B]
    sender = RealOfficer(a.home)
    waiting = sender.send(sender.prepared([B], "Sent while it was away")).ref
    until(lambda: '"UNREACHABLE"' in a.fanal("peer", "list", "--json"), "the peer given up for now")
    ready = b.start()
    assert listens(b.port) == bool(ready["listen"])
    until(lambda: sender.states(waiting)[B] == "STORED", "what waited")
    receiver = RealOfficer(b.home)
    back = receiver.send(receiver.prepared([A], "An answer", Urgency.FLASH)).ref
    there = sender.send(sender.prepared([B], "An alert", Urgency.FLASH)).ref
    until(lambda: receiver.states(back)[A] == "STORED", "the way out")
    until(lambda: sender.states(there)[B] == "STORED", "the way in")
    until(lambda: '"bulk"' in a.log.read_text() and '"bulk"' in b.log.read_text(), "the second stream")
    [peer] = json.loads(a.fanal("peer", "list", "--json"))["peers"]
    assert peer["state"] == "CONNECTED"


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

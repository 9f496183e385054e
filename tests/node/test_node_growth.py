# SPDX-License-Identifier: Apache-2.0
"""What a node does costs the same however much it has done before."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from counted import Steps, counting
from nodenet import NodeNet, some_notice
from recalling import withdraw

from fanal.errors import FanalError
from fanal.node.arrival import judging
from fanal.node.damage import scrubbing
from fanal.node.desk import condition
from fanal.node.errors import STORE_FAILED
from fanal.node.ledger.reads import SqliteLanes
from fanal.node.ledger.rows import Batch, IncarnationRow, LaneRow
from fanal.node.ledger.sqlite import open_ledger

SHORT, LONG = 2, 8
"""Runs of both nodes, in each of which they exchange notices, one of which is withdrawn and erased."""


LISTED = "SELECT manifest_sha256 FROM notices WHERE manifest_sha256 IN ("
"""Each line of the list of erasures is looked up in a vault that is opened: two microseconds a line."""


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Counted ledgers in files, and counted vaults."""
    names = (str(number) for number in itertools.count())
    monkeypatch.setattr("nodenet.MemoryLedger", lambda **given: open_ledger(tmp_path / next(names), **given))
    with counting() as found:
        yield found


def lived(runs: int, folder: Path) -> NodeNet:
    """Two agencies with a past."""
    net = NodeNet("GE-CUS", "TR-CUS")
    folder.mkdir()
    for host in net.nodes.values():
        host.erasure_files = (folder / host.name,)
    for _ in range(runs):
        for host in net.nodes.values():
            host.crash()
            before = host.ledger.head().incarnation
            host.ledger.append(Batch(incarnation=IncarnationRow(os.urandom(16), before, "run", int(net.now))))
            host.start()
        _day(net)
    return net


def _day(net: NodeNet) -> None:
    """A link, a notice each way, and one that is withdrawn with deletion."""
    net.connect("GE-CUS", "TR-CUS")
    net.run(3)
    sender, reader = net.nodes.values()
    gone = sender.send(some_notice("GE-CUS", now=int(net.now)), ["TR-CUS"])
    sent = sender.send(some_notice("GE-CUS", now=int(net.now)), ["TR-CUS"])
    reader.send(some_notice("TR-CUS", now=int(net.now)), ["GE-CUS"])
    net.run(12)
    withdraw(net, gone, delete=True, seconds=12)
    for host in net.nodes.values():
        host.host.keeper.retention_at = host.node.ticks
        host.host.tick()
    net.run(12)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}
    assert reader.show(gone.ref).erasure_basis == "withdrawal"


def later(net: NodeNet, steps: Steps) -> Steps:
    """Steps of a start, a day like those before, a fault of the store, an idle hour, and a look."""
    reader = net.nodes["TR-CUS"]
    reader.crash()
    net.run(1)
    steps.clear()
    steps.on = True
    reader.start()
    _day(net)
    reader.host.refused(FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error"))
    net.run(3700)
    condition.status(reader.node)
    steps.on = False
    return Steps(steps)


def test_a_long_past_makes_no_query_dearer(
    steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Start, traffic, erasure, mending, housekeeping and status take as many steps of the databases after
    eight runs as after two; planted, a start that reads a row of every incarnation is seen. Only the daily
    look at every entry, a page a second, is left out, and one entry is judged again, not ``BEHIND``."""
    monkeypatch.setattr(scrubbing, "scrub", lambda _node, _after: 0)
    monkeypatch.setattr(judging, "BEHIND", 1)
    young, old = lived(SHORT, tmp_path / "young"), lived(LONG, tmp_path / "old")
    assert dearer(later(young, steps), later(old, steps)) == {}

    def planted(self: SqliteLanes) -> list[LaneRow]:
        return self.clock(closed=True)

    monkeypatch.setattr(SqliteLanes, "owing", planted)
    assert dearer(later(young, steps), later(old, steps))


def dearer(young: Steps, old: Steps) -> dict[str, tuple[int, int]]:
    """Statements that take more steps. Trees grow deeper: a tenth is little, where what reads a row of each
    run takes three times as many."""
    more = {one: (young[one], old[one]) for one in old if old[one] > young[one] * 1.2 + 40}
    return {one: found for one, found in more.items() if not one.startswith(LISTED)}

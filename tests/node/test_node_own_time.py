# SPDX-License-Identifier: Apache-2.0
"""A node that does not work itself accuses nobody: the time that it lost counts against no peer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nodenet import NodeHost, NodeNet, some_notice
from refusing import ledger_refuses

from fanal.errors import FanalError
from fanal.node.desk import tracking
from fanal.node.gossip.errors import UNCONFIRMED, WITHHOLDS
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.quotas.errors import STORE_FAILS_THERE
from fanal.node.service.clockwatch import LOOK_SECONDS, STOOD_STILL_SECONDS, ClockWatch, Steady
from fanal.node.store.errors import STORE_BUSY

A, B = "GE-CUS", "TR-CUS"


def deeds(host: NodeHost, of: str) -> list[str]:
    """What this node tells people that the other one did."""
    return [one.error.kind.id for one in host.node.conduct.of(of, host.node.now)]


def own(host: NodeHost) -> list[bytes]:
    """All that it holds, as it travels."""
    return [envelope_bytes(row) for row in host.ledger.entries.since(0, 100)]


def asking() -> tuple[NodeNet, NodeHost, NodeHost]:
    """The second has to ask for what the first wrote while there was no link."""
    net = NodeNet(A, B)
    net.run(1)
    net.drop(A, B)
    for number in range(3):
        net.nodes[A].send(some_notice(A, f"number {number}"), [B])
    return net, net.nodes[A], net.nodes[B]


@contextmanager
def store_locked(host: NodeHost) -> Iterator[None]:
    """Another program has its database, and it knows."""
    with ledger_refuses(host.ledger, STORE_BUSY):
        host.host.refused(FanalError(STORE_BUSY, path="ledger.db"))
        yield


def test_a_node_whose_store_hangs_blames_nobody_for_withholding() -> None:
    """What the peer brought at once waits for half a minute in the reader's own store."""
    net, _sender, reader = asking()
    reader.disk_seconds = 30.0
    net.run(100)
    assert deeds(reader, A) == []
    reader.disk_seconds = 0.0005
    net.run(100)
    assert len(reader.inbox()) == 3
    assert deeds(reader, A) == []


def test_a_node_that_cannot_read_its_own_store_blames_nobody_for_not_confirming() -> None:
    """The entries that were to be sent are read for longer than a peer may take to confirm them."""
    net, sender, _reader = asking()
    sender.disk_seconds = 90.0
    net.run(300)
    assert deeds(sender, B) == []


def test_withholding_while_the_own_store_is_well_is_named_as_before() -> None:
    """The control: the same wait with the peer to blame for it."""
    net, sender, reader = asking()
    net.loses = lambda frame: frame.WhichOneof("frame") == "entries"
    net.run(30)
    assert deeds(reader, A) == [WITHHOLDS.id]
    net.run(60)
    assert deeds(sender, B) == [UNCONFIRMED.id]


def busy(host: NodeHost) -> None:
    """From now on its store always works on ten jobs of three seconds, which are no peer's."""

    def again(_done: object = None) -> None:
        host.host.run(lambda: None, again)

    host.disk_seconds = 3.0
    for number in range(10):
        host.net.at(0.3 * number, again)


def test_a_peer_that_withholds_is_named_while_the_own_store_works_on_long_jobs() -> None:
    """The store of the node that asks is never idle: it names the peer as soon as an idle one would."""
    net, _sender, reader = asking()
    net.loses = lambda frame: frame.WhichOneof("frame") == "entries"
    busy(reader)
    net.run(30)
    assert deeds(reader, A) == [WITHHOLDS.id]


def test_a_peer_that_brings_other_things_and_withholds_what_it_was_asked_for_is_named() -> None:
    """Whatever it sends once its time is up buys it no more, however slow the own store is."""
    net, sender, reader = asking()
    withheld = set(own(sender))
    net.loses = lambda frame: bool(withheld.intersection(frame.entries.envelopes))
    reader.disk_seconds = 3.0
    for number in range(30):
        net.at(1.0 + number, lambda: sender.send(some_notice(A), [B]))
    net.run(30)
    assert deeds(reader, A) == [WITHHOLDS.id]


def test_who_said_that_its_store_takes_nothing_is_not_told_of_as_one_that_confirms_nothing() -> None:
    """The sender's operator sees that cause alone, and after the peer's word the other one again."""
    net, sender, reader = asking()
    net.loses = lambda frame: frame.WhichOneof("frame") == "entries"
    with store_locked(reader):
        net.run(100)
        assert deeds(sender, B) == []
        assert (found := tracking.waits_at(sender.node, B)) is not None
        assert found.kind is STORE_FAILS_THERE
    net.run(100)
    assert tracking.waits_at(sender.node, B) is None
    assert deeds(sender, B) == [UNCONFIRMED.id]


def test_from_a_refusal_until_the_store_stores_again_nobody_is_blamed() -> None:
    """The database is locked by another program for a minute; once it is free, patience goes on."""
    net, _sender, reader = asking()
    net.loses = lambda frame: frame.WhichOneof("frame") == "entries"
    with store_locked(reader):
        net.run(60)
        assert deeds(reader, A) == []
    net.run(40)
    assert deeds(reader, A) == [WITHHOLDS.id]


class Machine:
    """Its clocks: the second goes on while the process is stopped."""

    def __init__(self) -> None:
        self.now = 0.0
        self.steady = Steady(lambda: 1000.0 + self.now, lambda: self.now)
        self.jumps = 0
        self.watch = ClockWatch(lambda: 1000.0 + self.now, lambda: self.now, self.jumped, self.steady)
        self.watch.look()

    def jumped(self) -> None:
        self.jumps += 1

    def runs(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += LOOK_SECONDS
            self.watch.look()


def test_while_the_process_stands_still_no_time_passes_for_its_waits() -> None:
    """Whatever is read first afterwards, and however long it was; it is no jump of the clock either."""
    machine = Machine()
    machine.runs(20)
    assert machine.steady() == 1020.0
    machine.now += 70.0  # stopped
    assert machine.steady() == 1020.0 + STOOD_STILL_SECONDS
    machine.watch.look()
    assert machine.steady() == 1020.0 + STOOD_STILL_SECONDS
    machine.runs(20)
    assert machine.steady() == 1040.0 + STOOD_STILL_SECONDS
    assert machine.jumps == 0
    assert machine.steady.stood_lately()
    machine.runs(60)
    assert not machine.steady.stood_lately()


def test_without_a_pulse_all_time_counts() -> None:
    """Before the start and during the end of the daemon nobody pulses."""
    now = [0.0]
    steady = Steady(lambda: 1000.0 + now[0], lambda: now[0])
    now[0] = 60.0
    assert steady() == 1060.0
    steady.pulse()
    steady.unwatched()
    now[0] = 120.0
    assert steady() == 1120.0

# SPDX-License-Identifier: Apache-2.0
"""A node whose store takes nothing says so to its peers, and they tell their operators why they wait."""

from __future__ import annotations

from limited import findings, tracked
from nodenet import NodeHost, NodeNet, some_notice
from refusing import ledger_refuses

from fanal.node.quotas.errors import STORE_FAILS_THERE
from fanal.node.store.news import BELIEVED, TOLD_AFTER, TOLD_EVERY
from fanal.v1 import peer_pb2

A, B = "GE-CUS", "TR-CUS"


def pair() -> tuple[NodeNet, NodeHost, NodeHost]:
    net = NodeNet(A, B)
    net.run(1)
    return net, net.nodes[A], net.nodes[B]


def told(net: NodeNet) -> list[tuple[str, int]]:
    """Who tells of its store from now on, and until when."""
    found: list[tuple[str, int]] = []

    def watch(sender: str, _receiver: str, frame: peer_pb2.Frame) -> None:
        if frame.HasField("deferred") and not frame.deferred.entries:
            found.append((sender, frame.deferred.until))

    net.watchers.append(watch)
    return found


def test_a_sender_is_told_that_the_readers_store_takes_nothing() -> None:
    """QUEUED has its cause in track and in the findings while it lasts, and neither afterwards."""
    net, sender, reader = pair()
    with ledger_refuses(reader.ledger):
        sent = sender.send(some_notice(A), [B])
        net.run(TOLD_AFTER + 5)
        assert tracked(sender, sent)[B].state == "QUEUED"
        assert tracked(sender, sent)[B].reason == STORE_FAILS_THERE.id
        assert findings(sender)[STORE_FAILS_THERE.id] == {"agency": B}
        net.run(BELIEVED)
        assert tracked(sender, sent)[B].reason == STORE_FAILS_THERE.id, "it is repeated"
    net.run(20)
    assert tracked(sender, sent)[B].state == "STORED"
    assert STORE_FAILS_THERE.id not in findings(sender)


def test_what_was_sent_and_gets_no_receipt_has_its_cause_too() -> None:
    """The entry is in the reader's ledger; its disk is full before it can write the receipt."""
    net, sender, reader = pair()
    sent = sender.send(some_notice(A), [B])
    net.run(2)
    with ledger_refuses(reader.ledger):
        net.run(TOLD_AFTER + 10)
        delivery = tracked(sender, sent)[B]
        assert (delivery.state, delivery.reason) == ("SENT", STORE_FAILS_THERE.id)
    net.run(30)
    assert tracked(sender, sent)[B].state == "STORED"


def test_a_peer_is_told_every_half_minute_and_one_that_comes_at_once() -> None:
    """Two frames a minute, whatever is tried meanwhile; a new link need not wait for them."""
    net, sender, reader = pair()
    news = told(net)
    with ledger_refuses(reader.ledger):
        sender.send(some_notice(A), [B])
        net.run(TOLD_AFTER + 2 * TOLD_EVERY + 4)
        assert [who for who, _until in news] == [B] * 3
        net.drop(A, B)
        net.run(4)
        assert [who for who, _until in news] == [B] * 4
    net.run(20)
    assert [until for _who, until in news][4:] == [0]


def test_a_job_that_takes_long_is_no_news_and_what_was_said_ends_with_the_link() -> None:
    """A vault is filled anew for a minute; a peer that is gone is named for being gone."""
    net, sender, reader = pair()
    news = told(net)
    reader.disk_seconds = 20.0
    sender.send(some_notice(A), [B])
    net.run(60)
    assert news == []
    sender.frame(B, peer_pb2.Frame(deferred=peer_pb2.Deferred(limit="store", until=1)))
    assert STORE_FAILS_THERE.id in findings(sender)
    reader.crash()
    assert STORE_FAILS_THERE.id not in findings(sender)


def test_a_store_that_fails_for_a_moment_is_no_news() -> None:
    """Less than it takes to be told of: no peer hears of it."""
    net, sender, reader = pair()
    news = told(net)
    with ledger_refuses(reader.ledger):
        sender.send(some_notice(A), [B])
        net.run(1)
    net.run(60)
    assert news == []


def test_what_a_peer_says_of_its_store_ends_by_itself_and_is_paid_for() -> None:
    """It says so and is never heard of again; or it says so without end, and is read more slowly."""
    net, sender, _reader = pair()
    frame = peer_pb2.Frame(deferred=peer_pb2.Deferred(limit="store", until=2**50))
    sender.frame(B, frame)
    assert findings(sender)[STORE_FAILS_THERE.id] == {"agency": B}
    net.run(BELIEVED + 1)
    assert STORE_FAILS_THERE.id not in findings(sender)
    for _ in range(3000):
        sender.frame(B, frame)
    assert sender.rests

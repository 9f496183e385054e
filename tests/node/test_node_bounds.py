# SPDX-License-Identifier: Apache-2.0
"""What one member can cost another: work and memory follow what arrived, never what lies in the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from sealing import Delivery

from fanal.node import incoming
from fanal.node.arrival import opening, suspects
from fanal.node.lanes.rows import envelope_bytes
from fanal.v1.envelope_pb2 import WrapProof


def written(host: NodeHost) -> tuple[Sequence[bytes], tuple[WrapProof, ...]]:
    """All that a node has written, and its wraps."""
    rows = host.ledger.entries.since(0, 1000)
    wraps = [wrap for row in rows for wrap in host.ledger.entries.wraps(row.manifest_sha256)]
    proofs = [
        WrapProof(key_manifest_sha256=w.key_manifest_sha256, index=w.index, wrap=w.wrap, path=w.path)
        for w in wraps
    ]
    return [envelope_bytes(row) for row in rows], tuple(proofs)


def take(net: NodeNet, to: str, delivery: Delivery) -> None:
    """Store a delivery and open what arrived."""
    node = net.nodes[to].node
    outcome = incoming.receive(node, "GE-CUS", delivery.envelopes, delivery.wraps)
    assert outcome.refused == outcome.strikes == []
    opening.open_arrived(node, [one.key_manifest_sha256 for one in outcome.wraps])


def test_two_entries_far_apart_do_not_load_what_lies_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and the last of a lane arrive together: only their neighbours are looked at."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    for number in range(40):
        net.nodes["GE-CUS"].send(some_notice("GE-CUS", f"No. {number}"), ["TR-CUS"])
    envelopes, wraps = written(net.nodes["GE-CUS"])
    take(net, "TR-CUS", Delivery(tuple(envelopes[1:-1]), ()))
    entries = net.nodes["TR-CUS"].ledger.entries
    loaded: list[int] = []
    range_of = entries.range

    def counted(lane: bytes, incarnation: bytes, start: int, stop: int, limit: int) -> list[object]:
        rows = range_of(lane, incarnation, start, stop, limit)
        loaded.append(len(rows))
        return list(rows)

    monkeypatch.setattr(entries, "range", counted)
    incoming.receive(net.nodes["TR-CUS"].node, "GE-CUS", (envelopes[0], envelopes[-1]), wraps)
    assert sum(loaded) <= 6


@pytest.mark.parametrize("backwards", [False, True])
def test_many_suspects_are_judged_in_one_walk(monkeypatch: pytest.MonkeyPatch, backwards: bool) -> None:
    """After a change of keys 150 envelopes wait for the one that vouches: each is verified a few times."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    for number in range(150):
        author.send(some_notice("GE-CUS", f"No. {number}"), ["TR-CUS"])
    old, wraps = written(author)
    reader.node.take_documents([], [author.new_node_key()])
    order = old[::-1] if backwards else old
    for start in range(0, len(order), 50):
        take(net, "TR-CUS", Delivery(tuple(order[start : start + 50]), ()))
    take(net, "TR-CUS", Delivery((), wraps))
    assert reader.inbox() == []
    walked: list[int] = []
    verify = suspects.stored

    def counted(node: object, row: object) -> object:
        walked.append(1)
        return verify(node, row)  # type: ignore[arg-type]

    monkeypatch.setattr(suspects, "stored", counted)
    author.send(some_notice("GE-CUS", "under the new key"), ["TR-CUS"])
    news, wraps = written(author)
    take(net, "TR-CUS", Delivery(tuple(news[len(old) :]), wraps))
    assert len(reader.inbox()) == 151
    assert len(walked) <= 2 * 151


def test_many_suspects_open_without_end_of_the_stack() -> None:
    """Four hundred wait for one: each opens, none is set aside."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    for number in range(400):
        author.send(some_notice("GE-CUS", f"No. {number}"), ["TR-CUS"])
    old, wraps = written(author)
    reader.node.take_documents([], [author.new_node_key()])
    take(net, "TR-CUS", Delivery(tuple(old), wraps))
    author.send(some_notice("GE-CUS", "under the new key"), ["TR-CUS"])
    news, wraps = written(author)
    take(net, "TR-CUS", Delivery(tuple(news[len(old) :]), wraps))
    assert len(reader.inbox()) == 401
    assert not [leaf for leaf in reader.ledger.log.leaves(0, 5000) if b"set-aside" in leaf]

# SPDX-License-Identifier: Apache-2.0
"""Nodes as each other's witnesses: cosignatures over links, quorum, what a locked or idle node does."""

from __future__ import annotations

from nodenet import NodeHost, NodeNet, some_notice

from fanal.node.witness import names, ownlog
from fanal.proof import note as notes
from fanal.proof.checkpoint import parse_text
from fanal.proof.leaf import LeafType, decode

A, B, C = "GE-CUS", "AZ-CUS", "TR-CUS"
DAY = 86_400


def leaves(host: NodeHost, kind: LeafType) -> list[dict[str, object]]:
    found = [decode(data) for data in host.ledger.log.leaves(0, host.ledger.head().size)]
    return [
        {"what": leaf["what"]} if kind is LeafType.INCIDENT else {"peer": leaf["peer"], "size": leaf["size"]}
        for leaf in found
        if leaf.type is kind
    ]


def cosigners(host: NodeHost) -> set[str]:
    newest = host.ledger.head().checkpoint
    assert newest is not None
    return set(ownlog.quorum_of(host.node, newest.note).cosigned)


def test_a_checkpoint_comes_back_with_the_lines_of_its_witnesses() -> None:
    """Both other members check, store and cosign; the quorum of the charter is met by agencies."""
    net = NodeNet(A, B, C)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(130.0)
    assert cosigners(a) == {B, C}
    newest = a.ledger.head().checkpoint
    assert newest is not None and ownlog.quorum_of(a.node, newest.note).passed
    for other in (B, C):
        (row,) = net.nodes[other].ledger.facts.peer_checkpoints(names.newest_origin(a.node.directory, A))
        assert (row.size, row.root, row.agency) == (newest.size, newest.root, A)
        assert parse_text(notes.parse(row.note).text).root == newest.root
        assert {leaf["peer"] for leaf in leaves(net.nodes[other], LeafType.PEER_CHECKPOINT)} >= {A}

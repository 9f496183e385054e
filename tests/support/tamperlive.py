# SPDX-License-Identifier: Apache-2.0
"""An attacked folder started again as a node, linked to one honest peer, in virtual time; nobody audits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from audited import A, B
from nodenet import NodeHost, NodeNet
from tamperworld import World

from fanal.node.desk import condition
from fanal.node.inbox.sqlite import memory_vault
from fanal.node.ledger.sqlite import open_ledger
from fanal.node.node import Node
from fanal.node.witness import ownlog
from fanal.proof import note as notes
from fanal.proof.checkpoint import parse_text
from fanal.proof.leaf import LeafType, decode


@dataclass(frozen=True)
class Live:
    """The attacked node and its one peer, linked."""

    net: NodeNet
    attacked: NodeHost
    peer: NodeHost


@contextmanager
def revived(world: World, attacked: Path, base: Path) -> Iterator[Live]:
    """Both nodes start on their folders (the peer's is copied to ``base``); the third agency stays away.
    Vaults begin empty, as after a restore: nodes file again what their ledgers hold."""
    peer = shutil.copytree(world.folders[B], base / "peer")
    hosts = [world.net.nodes[A], world.net.nodes[B]]
    for host in world.net.nodes.values():
        host.crash()
    world.net.run(5)
    for host, folder in zip(hosts, (attacked, peer), strict=True):
        host.ledger = open_ledger(folder, now=int(world.net.now), random=world.net.rng)
        host.vault = memory_vault()
        host.start()
    try:
        yield Live(world.net, *hosts)
    finally:
        for host in hosts:
            host.crash()
            host.ledger.close()


@contextmanager
def deaf() -> Iterator[None]:
    """A's software is changed: whatever a witness holds of its log, it goes on signing from there."""
    honest = ownlog.told

    def told(node: Node, peer: str, note: bytes) -> int | None:
        if node.agency != A:
            return honest(node, peer, note)
        node.standing.answered = True
        return parse_text(notes.parse(note).text).size if note else 0

    with mock.patch.object(ownlog, "told", told):
        yield


def found_by(host: NodeHost) -> set[str]:
    """What `fanal doctor` shows there."""
    return {finding.id for finding in condition.findings(host.node)}


def incidents(host: NodeHost) -> set[str]:
    """What its own log says happened."""
    leaves = (decode(data) for data in host.ledger.log.leaves(0, host.ledger.head().size))
    return {str(leaf["what"]) for leaf in leaves if leaf.type is LeafType.INCIDENT}

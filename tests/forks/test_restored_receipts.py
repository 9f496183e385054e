# SPDX-License-Identifier: Apache-2.0
"""Receipts for what a restored database has lost come back beside their entries, in any order."""

from __future__ import annotations

import pytest
from backups import backup, restore
from nodenet import NodeHost, NodeNet, some_notice
from sealing import sealed_receipts

from fanal.envelope import receipts as wire
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.inbox.sqlite import memory_vault
from fanal.node.receipts.intake import PATIENCE
from fanal.v1.envelope_pb2 import Receipts

MANY = 70


def misfits(host: NodeHost) -> int:
    return sum(b" what=receipt-does-not-fit " in leaf for leaf in host.ledger.log.leaves(0, 10_000))


@pytest.mark.parametrize("reason", ["", "other-incarnation"])
@pytest.mark.parametrize(("name", "other"), [("AZ-CUS", "TR-CUS"), ("TR-CUS", "AZ-CUS")])
def test_after_a_restore_a_receipt_that_comes_before_its_entry_waits_for_it(
    name: str, other: str, reason: str
) -> None:
    """No incident accuses the honest peer, and the last notice that was lost is STORED again."""
    net = NodeNet(name, other)
    author = net.nodes[name]
    author.send(some_notice(name, "first"), [other])
    net.run(70)
    old = backup(author)
    for number in range(MANY):
        sent = author.send(some_notice(name, f"lost {number}"), [other])
        net.run(1)
    net.run(70)
    author.crash()
    author.vault = memory_vault()
    restore(author, old, reason)
    net.run(200)
    assert author.states(sent.ref) == {other: "STORED"}
    assert misfits(author) == 0


def test_a_false_receipt_to_a_restored_node_is_an_incident_after_a_day() -> None:
    """Whoever speaks of what was never sent hides behind the restore for no longer."""
    net = NodeNet("AZ-CUS", "TR-CUS")
    author, liar = net.nodes["AZ-CUS"], net.nodes["TR-CUS"]
    net.run(5)
    restore(author, backup(author), "other-incarnation")
    told = Receipts(rejected=[wire.rejected(bytes(32), [("FORMAT", "ref")])])
    false = sealed_receipts(liar, "AZ-CUS", told)
    incoming.receive(author.node, "TR-CUS", false.envelopes, false.wraps)
    opening.open_arrived(author.node)
    assert misfits(author) == 0
    restore(author, backup(author), "other-incarnation", away=PATIENCE)
    net.run(1)
    assert misfits(author) == 1

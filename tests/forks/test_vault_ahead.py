# SPDX-License-Identifier: Apache-2.0
"""The ledger alone is older than it was, or new, and the vault beside it is not: nothing stays unopened."""

from __future__ import annotations

from functools import partial

import pytest
from backups import backup, restore
from nodenet import NodeNet, some_notice

A, B = "AZ-CUS", "TR-CUS"


@pytest.mark.parametrize("when", ["older", "new"])
def test_an_older_ledger_under_a_newer_vault_hides_no_notice_that_comes(when: str) -> None:
    """What arrives after the restore is in the inbox at once, whatever number it gets in that ledger."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    old = backup(a)
    if when == "older":
        b.send(some_notice(B, "before"), [A])
        net.run(10)
        old = backup(a)
    net.partition([A], [B])
    for number in range(12):
        a.send(some_notice(A, f"nobody has it {number}"), [B])
    restore(a, old, "other-incarnation")
    net.heal()
    b.send(some_notice(B, "after"), [A])
    net.run(20)
    assert "after" in {one.title for one in a.inbox()}


def test_receipts_that_an_older_ledger_lacks_are_taken_again_under_a_newer_vault() -> None:
    """What peers had signed as STORED does not stay SENT because the vault has seen it before."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    a.send(some_notice(A, "first"), [B])
    net.run(70)
    old = backup(a)
    lost = a.send(some_notice(A, "lost"), [B])
    net.run(70)
    assert a.states(lost.ref) == {B: "STORED"}
    restore(a, old, "other-incarnation")
    net.run(200)
    assert a.states(lost.ref) == {B: "STORED"}


def test_a_node_that_was_started_twice_before_it_was_unlocked_opens_all_that_came() -> None:
    """The vault has passed the numbers that the older ledger gave to what came while nobody unlocked."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    old = backup(a)
    net.partition([A], [B])
    for number in range(12):
        a.send(some_notice(A, f"nobody has it {number}"), [B])
    unlocked, a.start = a.start, partial(a.start, locked=True)
    restore(a, old, "other-incarnation")
    net.heal()
    for number in range(15):
        b.send(some_notice(B, f"after {number}"), [A])
    net.run(30)
    a.crash()
    assert a.ledger.head().entries > a.vault.cursor() > 0
    a.start()
    a.crash()
    unlocked()
    net.run(30)
    assert {one.title for one in a.inbox()} == {f"after {number}" for number in range(15)}
    a.crash()
    unlocked()
    assert a.node.found == a.ledger.head().entries

# SPDX-License-Identifier: Apache-2.0
"""Numbers that people cite, over restores: what a lost life of the folder gave, no later one gives again."""

from __future__ import annotations

import calendar
import itertools

import pytest
from backups import backup, restore
from nodenet import NodeHost, NodeNet, some_notice

from fanal.node import numbering
from fanal.node.inbox.sqlite import memory_vault
from fanal.node.ledger.memory import MemoryLedger

A, B = "AZ-CUS", "TR-CUS"
HOUR = 3600


def give(host: NodeHost, count: int, seconds: float) -> list[str]:
    """Send so many notices, that long apart."""
    refs = []
    for number in range(count):
        refs.append(host.send(some_notice(host.name, f"number {number}"), [B]).ref)
        host.net.run(seconds)
    return refs


@pytest.mark.parametrize("reason", ["", "rolled-back"])
def test_a_restored_node_gives_no_number_again_before_it_has_heard_anybody(reason: str) -> None:
    """The vault is lost too, and nobody can be asked; peers reject nothing, and each ref is one notice."""
    net = NodeNet(A, B)
    author, reader = net.nodes[A], net.nodes[B]
    given = give(author, 2, 60)
    old = backup(author)
    given += give(author, 6, 60)
    author.vault = memory_vault()
    net.partition([A], [B])
    restore(author, old, reason, away=60)
    again = give(author, 6, 1)
    assert set(given).isdisjoint(again)
    net.heal()
    net.connect(A, B)
    net.run(300)
    assert [author.states(ref) for ref in (*given, *again)] == [{B: "STORED"}] * 14
    assert {one.ref for one in reader.inbox()} == {*given, *again}


def test_a_burst_right_before_a_restore_that_is_known_is_not_given_again() -> None:
    """A drill: many notices within a minute, and the backup is put back at once, twice."""
    net = NodeNet(A, B, linked=False)
    author = net.nodes[A]
    old = backup(author)
    lives = [give(author, 40, 0.1)]
    for _ in range(2):
        author.vault = memory_vault()
        restore(author, old, "other-incarnation", away=HOUR / 2)
        lives.append(give(author, 40, 0.1))
    assert len({ref for life in lives for ref in life}) == 120


def test_a_folder_that_was_lost_altogether_begins_where_the_year_stands() -> None:
    """The agency founds its data anew, without a backup: nothing in it tells of the numbers before."""
    net = NodeNet(A, B)
    author = net.nodes[A]
    before = give(author, 5, 60)
    author.crash()
    author.ledger, author.vault = MemoryLedger(now=int(net.now), random=net.rng), memory_vault()
    net.run(HOUR)
    author.start()
    assert set(before).isdisjoint(give(author, 5, 1))


def test_the_floor_goes_with_the_year_and_leaves_numbers_under_any_clock() -> None:
    """It never falls within a year, begins at nothing, and leaves 98,999 numbers whatever the clock said."""
    first, end = (calendar.timegm((year, 1, 1, 0, 0, 0)) for year in (2026, 2027))
    steps = [numbering.floor(2026, moment, False) for moment in range(first, end, 6 * HOUR)]
    assert steps[0] == 0
    assert all(later - before >= 600 for before, later in itertools.pairwise(steps)), "100 an hour"
    assert numbering.floor(2026, first - 1, False) == 0, "a run of last year goes on with 1"
    assert numbering.floor(2026, end + 10**9, True) == 901_000

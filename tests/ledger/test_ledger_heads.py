# SPDX-License-Identifier: Apache-2.0
"""Kept heads, holes, held ranges and delivery states against naive models, in any order of arrival."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgerkit import NOW, Kit, counting

from fanal.node.ledger import ranges, rules
from fanal.node.ledger.interface import Batch, DeliveryFact, LaneRange, LaneRow, Ledger, Range, State
from fanal.node.ledger.memory import MemoryLedger
from fanal.node.ledger.sqlite import open_ledger

KIT = Kit()
KEY = (KIT.lane().lane, KIT.incarnation())
MAKERS: list[Callable[[Path], Ledger]] = [
    lambda folder: MemoryLedger(counting(), NOW),
    lambda folder: open_ledger(folder, now=NOW, random=counting()),
]
NUMBERS = st.integers(0, 30)
SPANS = st.tuples(NUMBERS, NUMBERS)


def spans_of(numbers: set[int]) -> tuple[Range, ...]:
    """A set of numbers as ranges, the slow way."""
    found: list[Range] = []
    for number in sorted(numbers):
        if found and found[-1].stop == number:
            found[-1] = Range(found[-1].start, number + 1)
        else:
            found.append(Range(number, number + 1))
    return tuple(found)


@pytest.mark.parametrize("make", MAKERS, ids=["memory", "sqlite"])
@settings(max_examples=25, deadline=None)
@given(batches=st.lists(st.lists(NUMBERS, max_size=5), max_size=8))
def test_heads_and_holes_are_those_of_the_entries(
    make: Callable[[Path], Ledger], batches: list[list[int]]
) -> None:
    """Whatever arrives in whatever order, repeated or not: next, head and holes are what a scan gives."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = make(Path(folder))
        seen: set[int] = set()
        for batch in batches:
            ledger.append(KIT.batch(*batch))
            seen |= set(batch)
            row = ledger.lanes.row(*KEY)
            if not seen:
                assert row is None
                continue
            top = max(seen)
            holes = spans_of(set(range(top)) - seen)
            assert row == LaneRow(*KEY, 0, top + 1, KIT.entry(top).manifest_sha256, holes)
            assert row.hole_numbers() == sorted(set(range(top)) - seen)
            assert ranges.held(row) == spans_of(seen)
        assert ledger.head().entries == ledger.head().size == len(seen)
        ledger.close()


@pytest.mark.parametrize("make", MAKERS, ids=["memory", "sqlite"])
@settings(max_examples=25, deadline=None)
@given(added=st.lists(SPANS, max_size=12))
def test_held_ranges_are_the_union_of_what_was_acknowledged(
    make: Callable[[Path], Ledger], added: list[tuple[int, int]]
) -> None:
    """Ranges in any order, touching, overlapping or empty, give the union, disjoint and sorted."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = make(Path(folder))
        numbers: set[int] = set()
        for start, stop in added:
            ledger.append(Batch(held=(LaneRange("IT-CGD", *KEY, start, stop),)))
            numbers |= set(range(start, stop))
        found = tuple(Range(row.start, row.stop) for row in ledger.facts.held("IT-CGD"))
        assert found == spans_of(numbers)
        ledger.close()


@given(first=st.lists(SPANS), second=st.lists(SPANS), number=NUMBERS)
def test_range_arithmetic_is_that_of_sets(
    first: list[tuple[int, int]], second: list[tuple[int, int]], number: int
) -> None:
    """Union, difference and membership agree with sets of numbers."""
    one = {n for start, stop in first for n in range(start, stop)}
    other = {n for start, stop in second for n in range(start, stop)}
    assert ranges.union(first) == spans_of(one)
    assert ranges.subtract(first, second) == spans_of(one - other)
    assert ranges.contains(first, number) == (number in one)


@pytest.mark.parametrize("make", MAKERS, ids=["memory", "sqlite"])
@settings(max_examples=25, deadline=None)
@given(states=st.lists(st.sampled_from(list(State)), min_size=1, max_size=10))
def test_a_delivery_never_moves_backwards(make: Callable[[Path], Ledger], states: list[State]) -> None:
    """After any facts: what was reached is never lost to an earlier state; the waiting counter is right."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = make(Path(folder))
        reached, before = -1, None
        for number, state in enumerate(states):
            fact = DeliveryFact(bytes(16), "IT-CGD", state, number)
            moved = ledger.append(Batch(deliveries=(fact,))).moved[0]
            now = ledger.facts.deliveries(bytes(16))[0]
            assert (now == fact) == moved
            assert rules.rank(now.state) == -1 or rules.rank(now.state) >= reached
            assert moved or now == before
            waiting = ledger.facts.waiting(10)
            assert waiting == ([now] if now.state in rules.WAITING else [])
            assert ledger.facts.waiting_count() == len(waiting)
            reached, before = max(reached, rules.rank(now.state)), now
        ledger.close()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("QUEUED SENT STORED SENT", "STORED"),
        ("QUEUED HELD SENT RELAYED STORED READ ANSWERED", "ANSWERED"),
        ("STORED HELD SENT", "HELD"),
        ("STORED HELD STORED", "STORED"),
        ("READ HELD", "READ"),
        ("STORED REJECTED READ", "REJECTED"),
        ("REJECTED WITHDRAWN", "WITHDRAWN"),
        ("READ WITHDRAWN ANSWERED", "WITHDRAWN"),
        ("WITHDRAWN REFUSED WITHDRAWN", "REFUSED"),
        ("EXPIRED STORED", "EXPIRED"),
    ],
)
def test_stops_end_a_delivery_except_held(ledger: Ledger, path: str, expected: str) -> None:
    """HELD moves on from where it was; a recall may be refused; every other stop is final."""
    for number, word in enumerate(path.split()):
        ledger.append(Batch(deliveries=(DeliveryFact(bytes(16), "IT-CGD", State(word), number),)))
    assert ledger.facts.deliveries(bytes(16))[0].state.value == expected


def test_the_same_fact_again_keeps_its_first_time(ledger: Ledger) -> None:
    """Since is when a state began; a new reason for HELD is a change."""

    def fact(since: int, reason: str) -> Batch:
        return Batch(deliveries=(DeliveryFact(bytes(16), "IT-CGD", State.HELD, since, reason),))

    assert [ledger.append(fact(*one)).moved for one in ((1, "A"), (2, "A"), (3, "B"))] == [
        (True,),
        (False,),
        (True,),
    ]
    found = ledger.facts.deliveries(bytes(16))
    assert [(one.since, one.reason) for one in found] == [(3, "B")]


def test_waiting_goes_on_after_a_delivery(ledger: Ledger) -> None:
    """Waiting deliveries come in pages by envelope and recipient."""
    names = ["AZ-CUS", "IT-CGD", "UZ-CUS"]
    facts = [DeliveryFact(bytes([n]) * 16, name, State.QUEUED, 1) for n in (1, 2) for name in names]
    ledger.append(Batch(deliveries=tuple(facts[::-1])))
    page = ledger.facts.waiting(4)
    assert page == facts[:4]
    assert ledger.facts.waiting(4, (page[-1].envelope_id, page[-1].recipient)) == facts[4:]

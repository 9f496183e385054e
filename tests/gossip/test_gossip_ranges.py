# SPDX-License-Identifier: Apache-2.0
"""Runs of numbers behave like sets of numbers, and their memory is bounded by runs."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fanal.node.gossip.ranges import Ranges

RUN = st.tuples(st.integers(0, 40), st.integers(0, 40))
STEP = st.tuples(st.booleans(), RUN)


def numbers(ranges: Ranges) -> set[int]:
    return {n for start, stop in ranges for n in range(start, stop)}


@given(st.lists(STEP, max_size=30), RUN)
def test_ranges_agree_with_a_plain_set(steps, window):
    """Adding, removing, membership, windows and gaps equal those of a set."""
    ranges, model = Ranges(), set()
    for adding, (start, stop) in steps:
        (ranges.add if adding else ranges.remove)(start, stop)
        model = model | set(range(start, stop)) if adding else model - set(range(start, stop))
    assert numbers(ranges) == model
    assert ranges.count() == len(model)
    assert ranges.stop == max(model, default=-1) + 1
    assert all((n in ranges) == (n in model) for n in range(42))
    inside = set(range(*window))
    assert numbers(Ranges(ranges.within(*window))) == model & inside
    assert numbers(Ranges(ranges.gaps(*window))) == inside - model
    assert numbers(ranges.first(5)) == set(sorted(model)[:5])
    runs = list(ranges)
    assert all(before[1] < after[0] for before, after in pairwise(runs))


@given(st.lists(RUN, max_size=15), st.lists(RUN, max_size=15))
def test_minus_is_the_difference_of_sets(left, right):
    """What one holds and the other does not."""
    a, b = Ranges(left), Ranges(right)
    assert numbers(Ranges(a.minus(b))) == numbers(a) - numbers(b)


def test_a_cap_on_runs_refuses_one_more_run_and_still_grows_those_it_has():
    """A peer that names every other number of a lane costs a bounded amount of memory."""
    ranges = Ranges([(0, 1), (2, 3)], cap=2)
    assert not ranges.add(10, 11)
    assert ranges.add(1, 2)
    assert list(ranges) == [(0, 3)]


def test_a_run_of_a_billion_numbers_is_one_run():
    """Nothing is allocated per number."""
    ranges = Ranges([(0, 10**9)])
    assert len(ranges) == 1
    assert list(ranges.gaps(0, 10**12)) == [(10**9, 10**12)]

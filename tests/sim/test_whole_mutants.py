# SPDX-License-Identifier: Apache-2.0
"""Whole nodes under faults see what they are there to see: a node with one promise broken fails soon."""

import pytest
from simulator import first_failure
from wholemutants import MUTANTS, Mutant
from wholesim import run

SEEDS = 60
FIRST = {
    "take_a_file_for_somebody_else": 11,
    "go_on_in_the_incarnation_of_the_last_run": 38,
    "tell_nobody_that_the_key_came": 6,
}
"""Where the search begins for those that the seeds before it do not catch: half a minute of nothing."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_node_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mutant breaks one promise; an invariant notices, not a crash."""
    mutant(monkeypatch)
    begin = FIRST.get(mutant.__name__, 0)
    failed = first_failure(run, range(begin, begin + SEEDS))
    assert failed is not None
    assert isinstance(failed.__cause__, AssertionError), "broken otherwise than meant"

# SPDX-License-Identifier: Apache-2.0
"""Whole nodes under faults see what they are there to see: a node with one promise broken fails soon."""

import pytest
from simulator import BrokenPromiseError
from wholemutants import MUTANTS, Mutant
from wholesim import sweep

SEEDS = 60


def first_failure() -> BrokenPromiseError | None:
    """What the first seed that fails says; None when none of them does."""
    for seed in range(SEEDS):
        failed = sweep([seed]).failed
        if failed:
            return failed[0]
    return None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_node_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mutant breaks one promise; an invariant notices, not a crash."""
    mutant(monkeypatch)
    failed = first_failure()
    assert failed is not None
    assert isinstance(failed.__cause__, AssertionError), "broken otherwise than meant"

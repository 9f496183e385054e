# SPDX-License-Identifier: Apache-2.0
"""The simulator sees what it is there to see: a core with one promise broken fails within a few seeds."""

import pytest
from simmutants import MUTANTS, Mutant
from simulator import BrokenPromiseError, sweep

SEEDS = 60


def first_failure() -> BrokenPromiseError | None:
    """What the first seed that fails says; None when none of them does."""
    for seed in range(SEEDS):
        failed = sweep([seed]).failed
        if failed:
            return failed[0]
    return None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_core_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mutant breaks one promise; an invariant notices, not a crash."""
    mutant(monkeypatch)
    failed = first_failure()
    assert failed is not None
    assert isinstance(failed.__cause__, AssertionError), "broken otherwise than meant"

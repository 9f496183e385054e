# SPDX-License-Identifier: Apache-2.0
"""The simulator sees what it is there to see: a core with one promise broken fails within a few seeds."""

import pytest
from simmutants import MUTANTS, Mutant
from simulator import first_failure, run

SEEDS = 60


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_core_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mutant breaks one promise; an invariant notices, not a crash."""
    mutant(monkeypatch)
    failed = first_failure(run, range(SEEDS))
    assert failed is not None
    assert isinstance(failed.__cause__, AssertionError), "broken otherwise than meant"

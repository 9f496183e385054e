# SPDX-License-Identifier: Apache-2.0
"""Whole nodes under faults see what they are there to see: a node with one promise broken fails soon."""

import pytest
from simulator import first_failure
from wholemutants import MUTANTS, Mutant
from wholesim import run
from wholetopicmutants import TOPIC_MUTANTS

SEEDS = 60
FIRST = {
    "take_a_file_for_somebody_else": 7,
    "export_no_receipts": 3,
    "take_what_was_packed_for_delivered": 3,
    "import_without_wraps": 3,
    "tell_nobody_that_the_key_came": 230,
    "answer_no_recall": 2,
    "comply_without_erasing": 2,
    "take_no_place_whose_content_is_gone": 2,
    "go_on_in_the_incarnation_of_the_last_run": 1909,
    "take_what_came_while_locked_for_filed": 7,
    "tell_nobody_of_new_documents": 3,
    "carry_nothing_for_others": 5,
    "say_nothing_of_what_was_given_back": 11,
    "keep_the_files_of_what_was_withdrawn": 15,
    "fetch_no_spoilt_file_again": 10,
    "sign_before_a_witness_answered": 4,
    "sign_over_a_lost_tail": 34,
}
"""Where the search begins for those that the seeds before it do not catch: minutes of nothing."""


@pytest.mark.parametrize("mutant", [*MUTANTS, *TOPIC_MUTANTS], ids=lambda mutant: mutant.__name__)
def test_a_broken_node_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mutant breaks one promise; an invariant notices, not a crash."""
    mutant(monkeypatch)
    begin = FIRST.get(mutant.__name__, 0)
    failed = first_failure(run, range(begin, begin + SEEDS))
    assert failed is not None
    assert isinstance(failed.__cause__, AssertionError), "broken otherwise than meant"

# SPDX-License-Identifier: Apache-2.0
"""What the ledger found at its start is told to people in words, never in the ledger's tokens."""

from __future__ import annotations

import re

import pytest

from fanal.cli.errors_all import rebuild
from fanal.cli.shown.starts import STARTS
from fanal.cli.shown.words import reason_words
from fanal.node.ledger.rows import Opened

TOKENS = sorted(set(re.findall(r'"([a-z-]+)"', Opened.__doc__ or "")) - {"created"})


@pytest.mark.parametrize("token", TOKENS)
def test_doctor_says_in_words_why_the_ledger_began_anew(token: str) -> None:
    """Finding FANAL-E0690 has a phrase for every reason that opening a ledger can give."""
    sentence, hint = reason_words("FANAL-E0690", {"reason": token, "size": "7"})
    assert sentence.startswith(f"The ledger was {STARTS[token]} at the start, after 7 leaves")
    assert hint


def test_a_closed_inbox_says_in_words_what_was_restored() -> None:
    """Whoever lists notices after a restore reads why they must wait; an unknown token stands as it is."""
    told = [rebuild("FANAL-E0659", {"reason": token}).sentence for token in ("erasures-missing", "newer")]
    assert [STARTS["erasures-missing"] in told[0], "(newer)" in told[1]] == [True, True]


def test_the_reasons_of_other_errors_are_left_alone() -> None:
    """A token that a legal hold has in common with a start is the officer's own word."""
    assert "(restored)" in rebuild("FANAL-E0655", {"notice": "N", "reason": "restored"}).sentence

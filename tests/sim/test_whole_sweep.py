# SPDX-License-Identifier: Apache-2.0
"""Whole nodes under seeded faults keep every promise, and everybody is told of everything soon after.

``SIM_SEEDS`` makes the sweep longer (``make simnodes``: 100), ``SIM_FIRST`` says from which seed on.
"""

import os
import re
from pathlib import Path

import pytest
from simulator import BrokenPromiseError
from wholemutants import issue_no_receipts
from wholesim import run, sweep

FIRST = int(os.environ.get("SIM_FIRST", "2"))
SEEDS = int(os.environ.get("SIM_SEEDS", "10"))
RARE = {
    "import",
    "truncated",
    "withdraw",
    "kill behind a commit",
    "restore",
    "unlock",
    "rotate",
    "charter",
    "attach",
}
REPO = Path(__file__).resolve().parents[2]


def test_no_seed_of_whole_nodes_breaks_a_promise() -> None:
    """Notices, receipts, withdrawals, erasures, courier files and checkpoints, whatever the seed does."""
    figures = sweep(range(FIRST, FIRST + SEEDS))
    print(f"\n{figures}")
    assert not figures.failed, "\n".join(str(failed) for failed in figures.failed)
    assert set(+figures.counts) >= RARE or SEEDS < 10


def test_the_same_seed_of_whole_nodes_gives_the_same_trace_twice() -> None:
    """Every frame at the same time with the same bytes, signatures and ciphertext included."""
    first, again = run(FIRST + 1), run(FIRST + 1)
    assert first == again
    assert first.trace != run(FIRST + 2).trace


def test_a_failure_of_whole_nodes_names_the_command_that_replays_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is a target of the Makefile, and the run of that seed alone fails the same way."""
    issue_no_receipts(monkeypatch)
    failed = sweep([0]).failed[0]
    assert "SIM_FIRST=0 SIM_SEEDS=1 make simnodes" in str(failed)
    assert re.search(r"^simnodes:", (REPO / "Makefile").read_text(), re.MULTILINE)
    with pytest.raises(BrokenPromiseError, match=re.escape(failed.why)):
        run(0)

# SPDX-License-Identifier: Apache-2.0
"""Seeded networks under faults keep every promise, and are whole soon after (docs/simulator.md).

``SIM_SEEDS`` makes the sweep longer (``make sim``: 500), ``SIM_FIRST`` says from which seed on.
"""

import os
import re
from pathlib import Path

import pytest
from simmutants import never_answer_a_want
from simulator import BrokenPromiseError, run, sweep

FIRST = int(os.environ.get("SIM_FIRST", "0"))
SEEDS = int(os.environ.get("SIM_SEEDS", "25"))
ONCE_BROKEN = (100372, 102629, 103427, 402640)
"""Seeds that found something. A change of `simschedule` makes other runs of them."""
REPO = Path(__file__).resolve().parents[2]


def test_no_seed_breaks_a_promise() -> None:
    """Safety with every frame and after every step; everything everywhere within three rounds."""
    figures = sweep(range(FIRST, FIRST + SEEDS))
    print(f"\n{figures}")
    assert not figures.failed, "\n".join(str(failed) for failed in figures.failed)
    assert figures.partitions > 0 or SEEDS < 25


@pytest.mark.parametrize("seed", ONCE_BROKEN)
def test_a_seed_that_once_broke_a_promise_keeps_it(seed: int) -> None:
    """What it found is mended."""
    run(seed)


def test_the_same_seed_gives_the_same_trace_twice() -> None:
    """Every frame at the same time with the same bytes, and the same counts; another seed is another run."""
    first, again = run(FIRST + 3), run(FIRST + 3)
    assert first == again
    assert first.trace != run(FIRST + 4).trace


def test_a_failure_names_its_seed_and_the_command_that_replays_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is a target of the Makefile, and the run of that seed alone fails the same way."""
    never_answer_a_want(monkeypatch)
    failed = sweep(range(10)).failed[0]
    assert f"seed {failed.seed}: " in str(failed)
    assert f"SIM_FIRST={failed.seed} SIM_SEEDS=1 make sim" in str(failed)
    assert re.search(r"^sim:", (REPO / "Makefile").read_text(), re.MULTILINE)
    with pytest.raises(BrokenPromiseError, match=re.escape(failed.why)):
        run(failed.seed)

# SPDX-License-Identifier: Apache-2.0
"""What our implementation makes of a case: the runner of each kind gives facts or raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vectorkit import run_bundles, run_documents, run_envelopes, run_files, run_forks, run_small, run_trees
from vectorkit.case import Case

from fanal.errors import Exit, FanalError
from fanal.keys.errors import UnknownCharter, UnknownIdentity

Runner = Callable[[Case], Mapping[str, str]]

RUNNERS: dict[str, Runner] = {
    **run_trees.RUNNERS,
    **run_documents.RUNNERS,
    **run_envelopes.RUNNERS,
    **run_small.RUNNERS,
    **run_bundles.RUNNERS,
    **run_forks.RUNNERS,
    **run_files.RUNNERS,
}


def outcome(case: Case) -> tuple[str, str, str, dict[str, str]]:
    """(outcome, error id, step, facts) of our implementation. KeyError for a kind without a runner."""
    runner = RUNNERS[case.kind]
    try:
        facts = runner(case)
    except FanalError as error:
        waits = isinstance(error, UnknownCharter | UnknownIdentity) or error.kind.exit is Exit.UNDECIDED
        return "pending" if waits else "refuse", error.kind.id, str(error.facts.get("step", "")), {}
    return "accept", "", "", dict(facts)

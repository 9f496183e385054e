# SPDX-License-Identifier: Apache-2.0
"""The whole kit: every maker in turn, each case tried on our implementation, then the files."""

from __future__ import annotations

import dataclasses
import shutil

from vectorkit import (
    make_bundles,
    make_calls,
    make_charters,
    make_contents,
    make_envelopes,
    make_files,
    make_forks,
    make_forks_revoked,
    make_headers,
    make_hostile,
    make_identities,
    make_notes,
    make_receipts,
    make_small,
    make_trees,
    make_wraps,
    run,
)
from vectorkit.case import CASES, IN_MAKING, Case, check
from vectorkit.make_base import ANY, Collected
from vectorkit.world import NAMES, PINNED, Agency, Pins, pinned


def write() -> str:
    """Write all files anew; returns a line with their number."""
    with pinned() as pins:
        finished = _finished(_made(pins))
        shutil.rmtree(CASES, ignore_errors=True)
        for case in finished:
            _put(case)
        PINNED.write_text(pins.text())
    return f"{len(finished)} cases, {len(pins.fresh)} new pins"


def again() -> tuple[list[Case], Pins]:
    """The same cases as they are made now, and the pins they took; nothing is written."""
    with pinned() as pins:
        return _finished(_made(pins)), pins


def _made(pins: Pins) -> list[Case]:
    world = {name: Agency(name, pins) for name in NAMES}
    out = Collected()
    make_trees.make(out)
    make_notes.make(out, world)
    make_identities.make(out, world)
    network = make_charters.make(out, world)
    sent = make_envelopes.make(out, world, network)
    make_hostile.make(out, world, sent)
    make_headers.make(out, world, sent)
    make_wraps.make(out, world, sent)
    make_contents.make(out, world, sent)
    make_receipts.make(out, world, network, sent)
    make_small.make(out, world, network)
    make_forks.make(out, world, sent)
    make_forks_revoked.make(out, world, sent)
    make_calls.make(out, world, sent)
    make_files.make(out, world, sent)
    make_bundles.make(out)
    return list(out.cases.values())


def _finished(cases: list[Case]) -> list[Case]:
    """All of them; raises ValueError naming every case on which the kit and the implementation differ."""
    done, wrong = [], []
    IN_MAKING.update({case.id: case for case in cases})
    for case in cases:
        try:
            done.append(finish(case))
        except ValueError as error:
            wrong.append(str(error))
    IN_MAKING.clear()
    if wrong:
        raise ValueError("\n".join(wrong))
    return done


def finish(case: Case) -> Case:
    """The case with what our implementation found. Raises ValueError where the two differ."""
    outcome, error, step, gives = run.outcome(case)
    said = (case.outcome, error if case.error == ANY else case.error, step if case.step == ANY else case.step)
    if said != (outcome, error, step):
        raise ValueError(f"{case.id} says {said}, the implementation {(outcome, error, step)}")
    if ANY not in case.gives and outcome == "accept" and dict(case.gives).items() - gives.items():
        raise ValueError(f"{case.id} gives {case.gives}, the implementation {gives}")
    done = dataclasses.replace(case, error=error, step=step, gives=gives)
    check(done)
    return done


def _put(case: Case) -> None:
    case.path.parent.mkdir(parents=True, exist_ok=True)
    case.path.write_text(case.text())

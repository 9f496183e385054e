# SPDX-License-Identifier: Apache-2.0
"""A data folder attacked as root, some hundred times a run: what changes what the ledger says is found.

``TAMPER_ATTACKS`` makes the campaign longer (``make tamper``: 5,000), ``TAMPER_SEED`` another one. An attack
is found when the audit does not pass, or when one honest peer, shown the ledger, finds anything new.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tamperattacks import ATTACKS
from tamperharmless import HARMLESS
from tampersql import columns, opened
from tamperworld import OPERATIONAL, World, changed, first_changed, made, said

from fanal.errors import FanalError
from fanal.node.ledger.marker import Mark, Marker
from fanal.proof.audit import Status

COUNT = int(os.environ.get("TAMPER_ATTACKS", "300"))
SEED = int(os.environ.get("TAMPER_SEED", "1"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("world"))


@pytest.fixture
def copies(world: World, tmp_path: Path) -> Iterator[Path]:
    """Fresh copies of the attacked folder, one after the other at the same place."""

    def fresh() -> Iterator[Path]:
        while True:
            shutil.rmtree(tmp_path / "copy", ignore_errors=True)
            shutil.copytree(world.folder, tmp_path / "copy")
            yield tmp_path / "copy"

    return fresh()


def judged(world: World, folder: Path) -> tuple[str, int | None]:
    """By whom an attack is found ("audit", "doubt", "peer", "" for nobody), and the first bad leaf."""
    try:
        report = world.audit(folder)
        if report.verdict is not Status.PASSED:
            return "audit" if report.verdict is Status.FAILED else "doubt", report.first_bad
        return "peer" if world.exchange(folder) else "", report.first_bad
    except FanalError:
        return "refused", None


def readable(folder: Path) -> bool:
    """Whether the file is still a sound database. In a torn one, which leaf is read depends on the way."""
    with opened(folder) as db:
        db.execute("PRAGMA ignore_check_constraints = OFF")
        return db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)


def test_an_honest_folder_passes_and_its_peer_has_nothing_to_say(world: World) -> None:
    """The ground on which every attack stands: dozens of notices, all passed, nothing in doubt."""
    assert world.audit(world.folder).verdict is Status.PASSED
    assert world.exchange(world.folder) == []
    assert len(world.said["entries"]) > 60
    assert len(world.said["checkpoints"]) > 10


def test_what_changes_what_the_ledger_says_is_found(world: World, copies: Iterator[Path]) -> None:
    """Seeded attacks of every kind; the changed leaf is named, and what says nothing else is counted."""
    rng = random.Random(SEED)
    kinds, weights = list(ATTACKS), [weight for weight, _attack in ATTACKS.values()]
    figures: Counter[str] = Counter()
    unseen, misnamed = [], []
    for number in range(COUNT):
        folder, kind = next(copies), rng.choices(kinds, weights)[0]
        what = f"{number}: {ATTACKS[kind][1](world, folder, rng)}"
        after = said(folder)
        if not changed(world.said, after):
            figures["says the same"] += 1
            continue
        by, named = judged(world, folder)
        figures[f"found: {by}" if by else "unseen"] += 1
        if not by:
            unseen.append(what)
        expected = first_changed(world.said, after)
        if expected is not None and by in ("audit", "doubt") and readable(folder):
            figures["leaf named"] += named == expected
            if named != expected:
                misnamed.append(f"{what}: {named}, not {expected}")
    print(f"\n{COUNT} attacks: {dict(sorted(figures.items()))}")
    assert (unseen, misnamed) == ([], [])


def test_harmless_changes_raise_no_alarm(world: World, copies: Iterator[Path]) -> None:
    """One for every ten attacks: the same ledger in another file is the same ledger."""
    rng = random.Random(SEED)
    alarms = []
    for number in range(max(COUNT // 10, len(HARMLESS))):
        folder = next(copies)
        what = HARMLESS[number % len(HARMLESS)](world, folder, rng)
        assert not changed(world.said, said(folder)), what
        if judged(world, folder)[0]:
            alarms.append(what)
    assert alarms == []


def test_a_tail_that_nobody_has_seen_can_be_cut_off(world: World, copies: Iterator[Path]) -> None:
    """The limit that docs/THREATS.md states: no checkpoint covers it, no peer heard of it, the marker is
    rewritten. One leaf more, which a peer holds a checkpoint of, and it is found."""
    signed = max(size for size, *_rest in world.said["checkpoints"])
    for start, expected in ((signed, ""), (signed - 1, "audit")):
        folder = next(copies)
        with opened(folder) as db:
            db.execute("DELETE FROM leaves WHERE idx >= ?", (start,))
            db.execute("DELETE FROM nodes WHERE ((idx + 1) << level) > ?", (start,))
        mark = Marker(folder / "marker")
        assert mark.last is not None
        mark.write(Mark(mark.last.incarnation, start, mark.last.entries))
        mark.close()
        assert judged(world, folder)[0] == expected


@pytest.mark.parametrize("table", sorted(OPERATIONAL))
def test_what_an_audit_does_not_look_at_exists_and_has_a_reason(world: World, table: str) -> None:
    """The list of what is operational names real columns only, so that it cannot hide a renamed one."""
    with opened(world.folder) as db:
        found = set(columns(db, table))
    assert found
    assert set(OPERATIONAL[table]) <= {*found, "*"}
    assert all(OPERATIONAL[table].values())

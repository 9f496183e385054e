# SPDX-License-Identifier: Apache-2.0
"""One seed, one run of whole nodes: faults with safety checked throughout, healing, and everything told.

A failure names its seed and the one command that plays it again.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from seeded import seeded
from simulator import BrokenPromiseError
from wholefilechecks import unfetched
from wholeinvariants import WholeWatch, unsettled, untold
from wholeschedule import PARTITIONS, WholeSchedule, whole_schedule
from wholeworld import WholeWorld

SETTLED_WITHIN = 300.0
"""Three rounds of anti-entropy, then a round for the answers, and a minute for cosignatures."""
TRIPS = 3
"""Exchanges of files after which who has no line knows everything, and is known to."""
WITNESSED_TRIPS = 5
"""And after which its newest checkpoint, which the third may still have made, has come back cosigned."""
MINUTE = 70.0
WITNESSED_WITHIN = 150.0
"""A witness cosigns a log once a minute, and what its own answer adds is in the checkpoint after that."""
LOOK_EVERY = 5.0
FRESH_SECONDS = 30.0
"""For a notice that is sent when all is well, with its receipt, which is gathered for five seconds."""

FETCHED_WITHIN = 600.0
"""For attached files: a silent holder is passed over after a minute, one that has none asked again."""
_IN_MEMORY = next((path for path in ("/dev/shm",) if os.access(path, os.W_OK)), None)


@dataclass
class WholeRan:
    """What one run came to."""

    seed: int
    trace: str
    counts: Counter[str]
    notices: int
    entries: int
    seconds: float  # virtual, from healing until everything was settled
    fresh: float

    @property
    def partitions(self) -> int:
        return sum(self.counts[kind] for kind in PARTITIONS)


def run(seed: int) -> WholeRan:
    """Play a seed. BrokenPromiseError when a promise does not hold, whatever a node raised."""
    try:
        with seeded(seed), TemporaryDirectory(dir=_IN_MEMORY) as folder:
            return _run(seed, Path(folder))
    except Exception as broken:
        raise BrokenPromiseError(seed, str(broken) or repr(broken), "simnodes") from broken


def _run(seed: int, folder: Path) -> WholeRan:
    plan = whole_schedule(seed)
    world = WholeWorld(plan, folder if "files" in plan.topics else None)
    watch = WholeWatch(world)
    with watch.roots.listening():
        return _played(seed, plan, world, watch)


def _played(seed: int, plan: WholeSchedule, world: WholeWorld, watch: WholeWatch) -> WholeRan:
    for step in plan.steps:
        world.play(step)
        watch.check()
    world.heal()
    ashore = [name for name in plan.names if name != plan.island]
    seconds = _until(world, watch, lambda: unsettled(world, ashore), SETTLED_WITHIN)
    _by_file(world, watch)
    fresh = _fresh(world, watch, ashore)
    _late(world, watch)
    _until(world, watch, lambda: unfetched(world, plan.names), FETCHED_WITHIN)
    counts = world.counts + Counter({f"bad peer that {how}": 1 for how in plan.bad.values()})
    counts["kill behind a commit"] += sum(world.net.kills.values())
    entries = max(host.ledger.head().entries for host in world.net.whole.values())
    return WholeRan(seed, world.net.fingerprint(), counts, len(world.sent), entries, seconds, fresh)


def _until(world: WholeWorld, watch: WholeWatch, wrong: Callable[[], str], at_most: float) -> float:
    start = world.net.now
    while why := wrong():
        assert world.net.now - start < at_most, f"{why}, {at_most:.0f} s after healing"
        world.net.run(LOOK_EVERY)
    watch.check()
    return world.net.now - start


def _by_file(world: WholeWorld, watch: WholeWatch) -> None:
    """Files alone bring the island everything, and its receipts, answers and cosignatures back."""
    for trip in range(WITNESSED_TRIPS if world.plan.island else 0):
        why = untold(world, world.plan.names) if trip == TRIPS else ""
        assert not why, f"{why}, after {TRIPS} exchanges of files"
        world.ferry()
        world.counts["trips"] += 1
        world.net.run(MINUTE)
        watch.check()
        if not unsettled(world, world.plan.names):
            break
    why = unsettled(world, world.plan.names)
    assert not why, f"{why}, after {WITNESSED_TRIPS} exchanges of files"
    world.confirm_inbox()


def _fresh(world: WholeWorld, watch: WholeWatch, ashore: list[str]) -> float:
    """What is sent when all is well is there at once, whatever happened before."""
    for name in sorted(set(ashore) & set(world.honest)):
        for other in sorted(set(ashore) - {name}):
            world.send(world.net.whole[name], [other])
    seconds = _until(world, watch, lambda: untold(world, ashore), FRESH_SECONDS)
    _until(world, watch, lambda: unsettled(world, ashore), WITNESSED_WITHIN)
    return seconds


def _late(world: WholeWorld, watch: WholeWatch) -> None:
    """Every file of the run comes once more, in the wrong order: nothing is changed by it."""
    for _sack in world.late_files():
        watch.check()
    world.net.run(MINUTE)
    watch.check()
    ashore = [name for name in world.plan.names if name != world.plan.island]
    why = unsettled(world, ashore)
    assert not why, f"{why}, after files that came late"


@dataclass
class WholeFigures:
    """What a sweep over many seeds came to."""

    ran: list[WholeRan] = field(default_factory=list)
    failed: list[BrokenPromiseError] = field(default_factory=list)
    took: float = 0.0

    @property
    def counts(self) -> Counter[str]:
        return sum((one.counts for one in self.ran), Counter[str]())

    @property
    def partitions(self) -> int:
        return sum(one.partitions for one in self.ran)

    def __str__(self) -> str:
        seconds = sorted(one.seconds for one in self.ran) or [0.0]
        notices, entries = sum(one.notices for one in self.ran), sum(one.entries for one in self.ran)
        return "\n".join(
            (
                f"{len(self.ran)} seeds of whole nodes, {len(self.failed)} failed, {self.took:.0f} s",
                f"{self.partitions} partitions and one-way cuts, {notices} notices, {entries} entries",
                ", ".join(f"{kind} {count}" for kind, count in sorted(self.counts.items())),
                f"virtual seconds to settle: p50 {seconds[len(seconds) // 2]:.0f}, max {seconds[-1]:.0f}",
            )
        )


def sweep(seeds: Iterable[int]) -> WholeFigures:
    """Play many seeds; failures are gathered."""
    figures, began = WholeFigures(), time.monotonic()
    for seed in seeds:
        try:
            figures.ran.append(run(seed))
        except BrokenPromiseError as failed:
            figures.failed.append(failed)
    figures.took = time.monotonic() - began
    return figures

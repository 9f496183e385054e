# SPDX-License-Identifier: Apache-2.0
"""One seed, one run: faults with safety checked throughout, healing, and everything equal in bounded time.

A failure names its seed and the one command that plays it again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from memrosters import CASPIAN
from memstore import BULK, FLASH, ROUTINE, channel_lane
from siminvariants import Watch, at_rest, unequal
from simschedule import PARTITIONS, schedule
from simworld import World

ROUNDS = 3  # of anti-entropy, each `sync_every` seconds at the most
LOOK_EVERY = 1.0
REST_SECONDS = 200.0
TREES_STAND = 2  # after so many entries of every lane
FRESH_SECONDS = 20.0  # for what is written when all is well: far from the next round


class BrokenPromiseError(AssertionError):
    """A promise was broken; says which, by which seed, and how to see it again."""

    def __init__(self, seed: int, why: str, target: str = "sim") -> None:
        super().__init__(f"seed {seed}: {why}\nreplay: SIM_FIRST={seed} SIM_SEEDS=1 make {target}")
        self.seed, self.why = seed, why


@dataclass
class Ran:
    """What one run came to."""

    seed: int
    trace: str
    counts: Counter[str]
    entries: int
    seconds: float  # virtual, from healing until every honest host had everything
    digests: int  # the most that any honest host sent to another meanwhile
    fresh: float  # virtual seconds, the longest that what was written when all was well took

    @property
    def partitions(self) -> int:
        return sum(self.counts[kind] for kind in PARTITIONS)


def run(seed: int) -> Ran:
    """Play a seed. BrokenPromiseError when a promise does not hold, whatever the core raised."""
    try:
        return _run(seed)
    except Exception as broken:
        raise BrokenPromiseError(seed, str(broken) or repr(broken)) from broken


def _run(seed: int) -> Ran:
    plan = schedule(seed)
    world = World(plan)
    watch = Watch(world)
    for step in plan.steps:
        world.play(step)
        watch.check()
    world.heal()
    before = Counter(world.net.frames)
    seconds = _until(world, unequal, ROUNDS * plan.limits.sync_every)
    sent = world.net.frames - before
    digests = max(sent[a, b, "digest"] for a in world.honest for b in plan.agencies)
    watch.check()
    world.net.run(max(0.0, world.last_file - world.net.now))
    _until(world, unequal, ROUNDS * plan.limits.sync_every)  # a file may bring an author what its disk lost
    _until(world, at_rest, REST_SECONDS)
    fresh = _fresh(world)
    watch.check()
    counts = world.counts + Counter({f"bad peer that {how}": 1 for how in plan.bad.values()})
    return Ran(seed, world.net.fingerprint(), counts, len(world.signed), seconds, digests, fresh)


def _until(world: World, wrong: Callable[[World], str], at_most: float) -> float:
    start = world.net.now
    while why := wrong(world):
        assert world.net.now - start < at_most, f"{why}, {at_most:.0f} s after healing"
        world.net.run(LOOK_EVERY)
    return world.net.now - start


def _fresh(world: World) -> float:
    """When all is well again, what is written now comes at once, whatever happened before: over the lanes'
    trees, and past a peer that was part of them and withholds all of a sudden."""
    most = 0.0
    for turn, priority in enumerate((ROUTINE, ROUTINE, ROUTINE, FLASH, BULK)):
        if turn == TREES_STAND:
            world.turn()
        for name in world.plan.readers:
            if name in world.honest:
                world.net.hosts[name].write(channel_lane(name, CASPIAN), 1, priority)
        most = max(most, _until(world, unequal, FRESH_SECONDS))
    return most


@dataclass
class Figures:
    """What a sweep over many seeds came to."""

    ran: list[Ran] = field(default_factory=list)
    failed: list[BrokenPromiseError] = field(default_factory=list)
    took: float = 0.0

    @property
    def partitions(self) -> int:
        return sum(one.partitions for one in self.ran)

    def __str__(self) -> str:
        counts = sum((one.counts for one in self.ran), Counter[str]())
        seconds = sorted(one.seconds for one in self.ran) or [0.0]
        digests = sorted(one.digests for one in self.ran) or [0]
        fresh = sorted(one.fresh for one in self.ran) or [0.0]
        middle, entries = len(seconds) // 2, sum(one.entries for one in self.ran)
        return "\n".join(
            (
                f"{len(self.ran)} seeds, {len(self.failed)} failed, {self.took:.0f} s",
                f"{self.partitions} partitions and one-way cuts, {entries} entries",
                ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())),
                f"virtual seconds to converge: p50 {seconds[middle]:.0f}, max {seconds[-1]:.0f}",
                f"digests on a line until then: p50 {digests[middle]}, max {digests[-1]}",
                f"virtual seconds for what is written then: p50 {fresh[middle]:.0f}, max {fresh[-1]:.0f}",
            )
        )


def first_failure(play: Callable[[int], object], seeds: Iterable[int]) -> BrokenPromiseError | None:
    """What the first seed that fails says; None when none of them does."""
    for seed in seeds:
        try:
            play(seed)
        except BrokenPromiseError as failed:
            return failed
    return None


def sweep(seeds: Iterable[int]) -> Figures:
    """Play many seeds; failures are gathered."""
    figures, began = Figures(), time.monotonic()
    for seed in seeds:
        try:
            figures.ran.append(run(seed))
        except BrokenPromiseError as failed:
            figures.failed.append(failed)
    figures.took = time.monotonic() - began
    return figures

# SPDX-License-Identifier: Apache-2.0
"""Partitions of ten real nodes, drawn from a seed, one after the other; all converge each time they heal."""

from __future__ import annotations

import itertools
import os
import random
import signal

import pytest
from growth import Growth
from netswitch import Line, Way
from networld import NAMES, World

pytestmark = pytest.mark.process

PARTITIONS = int(os.environ.get("NETNS_PARTITIONS", "1"))
SEED = int(os.environ.get("NETNS_SEED", "1"))
SECONDS = 4.0


def split(rng: random.Random) -> set[tuple[int, int]]:
    """Two or three groups that do not hear each other, and one pair of agencies cut one way."""
    groups = [rng.randrange(rng.choice((2, 3))) for _ in NAMES]
    pairs = list(itertools.permutations(range(1, len(NAMES) + 1), 2))
    apart = {(a, b) for a, b in pairs if groups[a - 1] != groups[b - 1]}
    return apart | {rng.choice(pairs)}


def lines(rng: random.Random) -> dict[int, Line]:
    """Every line its own: 20 to 300 ms one way with jitter, 0 to 10 % lost, some packets twice."""
    ways = [
        Way(delay=rng.uniform(0.01, 0.15), jitter=rng.uniform(0, 0.03), loss=rng.uniform(0, 0.1), twice=0.02)
        for _ in NAMES
    ]
    return {at: Line(way, Way(delay=way.delay)) for at, way in enumerate(ways, start=1)}


def test_partitions_heal_and_nothing_is_lost_or_doubled(world: World) -> None:
    """Groups apart, one way cut, one machine frozen, all others sending; then all have everything once, and
    once what is bounded has filled nobody holds more memory than before."""
    rng = random.Random(SEED)
    took = []
    growth = Growth(world)
    for number in range(PARTITIONS):
        frozen = rng.choice(NAMES)
        process = world.nodes[frozen].process
        assert process is not None
        world.lab.set(lines(rng), split(rng))
        process.send_signal(signal.SIGSTOP)
        try:
            world.busy([name for name in NAMES if name != frozen], (), SECONDS)
        finally:
            process.send_signal(signal.SIGCONT)
            world.lab.set({}, set())
        took.append(world.all_arrived())
        print(f"  seed {SEED}, partition {number + 1}: converged in {took[-1]:.1f} s", flush=True)
        growth.look()
    world.each_once()
    print(f"  {PARTITIONS} partitions, {len(world.sent)} notices, slowest {max(took):.1f} s")
    print(f"  overloaded by their own word: {world.overloaded()}")
    growth.check()

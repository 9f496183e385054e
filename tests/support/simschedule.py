# SPDX-License-Identifier: Apache-2.0
"""From a seed to a schedule of faults: who is in the network, what its lines are like, what goes wrong when.

A schedule is data: what chance decides about a network and its faults is decided before the run begins.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from memnet import Faults

from fanal.node.gossip.limits import GossipLimits

YEAR = 365 * 86400.0
BEHAVIOURS = ("withholds", "turns", "lies", "equivocates")
"""Who turns is helpful until the trees stand, and withholds from then on."""
KINDS = {
    "write": 20,
    "partition": 7,
    "heal": 3,
    "cut": 3,
    "drop": 3,
    "crash": 2,
    "commit-crash": 3,
    "start": 5,
    "backup": 3,
    "restore": 3,
    "courier": 3,
    "full": 2,
    "room": 6,
    "slow": 2,
}
"""What happens, and how often beside the others. Everything but writing is a fault or its end."""
PARTITIONS = ("partition", "cut")


@dataclass(frozen=True)
class Step:
    """One thing that happens, `wait` seconds after the one before. `amount` and `share` are in [0, 1)."""

    kind: str
    wait: float
    agency: str
    other: str
    amount: float
    share: float


@dataclass(frozen=True)
class Schedule:
    """A network and what happens to it."""

    seed: int
    readers: tuple[str, ...]
    outsider: str  # a member that may hold no lane but those addressed to it
    relay: str
    served: tuple[str, ...]
    links: tuple[tuple[str, str, Faults], ...]
    bad: dict[str, str]  # agency -> behaviour
    ahead: dict[str, float]  # seconds by which a clock is wrong; nodes wait by a clock that never jumps
    limits: GossipLimits
    steps: tuple[Step, ...]

    @property
    def agencies(self) -> tuple[str, ...]:
        return (*self.readers, self.outsider, self.relay)


def schedule(seed: int) -> Schedule:
    """Everything that the seed stands for."""
    rng = random.Random(f"fanal {seed}")
    readers = tuple(f"{letter}{letter}-{letter}" for letter in "ABCDEF"[: rng.randint(3, 6)])
    everybody = (*readers, "OO-O", "RR-R")
    bad = {}
    if rng.random() < 0.6:
        bad[rng.choice((*readers[1:], "RR-R"))] = rng.choice(BEHAVIOURS)
    return Schedule(
        seed,
        readers,
        "OO-O",
        "RR-R",
        tuple(sorted(rng.sample(readers, rng.randint(1, len(readers))))),
        tuple(_links(rng, everybody)),
        bad,
        {name: rng.choice((-YEAR, -300.0, 300.0, YEAR)) for name in everybody if rng.random() < 0.3},
        _limits(rng),
        tuple(_step(rng, everybody) for _ in range(rng.randint(10, 30))),
    )


def _links(rng: random.Random, names: tuple[str, ...]) -> list[tuple[str, str, Faults]]:
    """A ring and some of the other pairs."""
    ring = {tuple(sorted((name, names[at - 1]))) for at, name in enumerate(names)}
    pairs = [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]
    return [(a, b, faults_of(rng)) for a, b in pairs if (a, b) in ring or rng.random() < 0.6]


def faults_of(rng: random.Random) -> Faults:
    """A line of some kind."""
    return Faults(
        delay=rng.choice((0.02, 0.1, 0.3, 0.6)),
        jitter=rng.choice((0.0, 0.05, 0.5)),
        duplicate=rng.choice((0.0, 0.0, 0.1, 0.3)),
        unordered=rng.random() < 0.2,
        drop_link=rng.choice((0.0, 0.0, 0.01, 0.05)),
        bytes_per_second=rng.choice((0.0, 0.0, 8_000.0, 32_000.0)),
    )


def _limits(rng: random.Random) -> GossipLimits:
    """Small windows, so that a few entries fill them; small networks with and without trees."""
    return GossipLimits(
        batch_entries=8,
        batch_bytes=8 * 1024,
        window_entries=24,
        window_bytes=32 * 1024,
        window_least=8 * 1024,
        flash_extra=8,
        eager_members=rng.choice((0, 8)),
        eager_peers=rng.choice((1, 3)),
    )


def _step(rng: random.Random, names: tuple[str, ...]) -> Step:
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    agency, other = rng.sample(names, 2)
    long = rng.random() < 0.15  # long enough for silence to end a link
    return Step(kind, rng.uniform(0, 90 if long else 6), agency, other, rng.random(), rng.random())

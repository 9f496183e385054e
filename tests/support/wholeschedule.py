# SPDX-License-Identifier: Apache-2.0
"""From a seed to a schedule for whole nodes: who is in the network, by what lines, what goes wrong when."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from memnet import Faults
from simschedule import Step, faults_of

NAMES = ("GE-CUS", "TR-CUS", "AZ-CUS", "AM-CUS", "UA-CUS")
BEHAVIOURS = ("withholds", "lies", "garbles")
KINDS = {
    "write": 16,
    "withdraw": 5,
    "read": 4,
    "partition": 6,
    "heal": 3,
    "cut": 3,
    "drop": 2,
    "crash": 2,
    "commit-crash": 4,
    "start": 5,
    "backup": 2,
    "restore": 2,
    "export": 7,
    "import": 8,
    "truncated": 2,
    "misdirected": 1,
    "full": 2,
    "room": 5,
    "slow": 2,
    "lock": 2,
    "unlock": 4,
    "rotate": 2,
    "charter": 2,
}
TOPICS = {
    "files": {"attach": 10, "damage": 4},
}
"""What only some of the networks have, each with steps of its own."""
PARTITIONS = ("partition", "cut")


@dataclass(frozen=True)
class WholeSchedule:
    """A network and what happens to it. ``island``: whom files alone reach; "" when all have lines.
    ``relay``: a member that also carries what it cannot read, and has a line to all others ashore; "" for
    none."""

    seed: int
    names: tuple[str, ...]
    readers: tuple[str, ...]  # of the channel
    island: str
    relay: str
    lines: tuple[tuple[str, str, Faults], ...]
    bad: dict[str, str]  # agency -> behaviour
    ahead: dict[str, float]
    steps: tuple[Step, ...]
    topics: frozenset[str]


def whole_schedule(seed: int) -> WholeSchedule:
    """Everything that the seed stands for."""
    rng = random.Random(f"whole {seed}")
    names = NAMES[: rng.randint(3, 5)]
    island = names[-1] if len(names) > 3 and rng.random() < 0.5 else ""
    ashore = tuple(name for name in names if name != island)
    bad = {rng.choice(ashore[1:]): rng.choice(BEHAVIOURS)} if rng.random() < 0.4 else {}
    relay = rng.choice([name for name in ashore if name not in bad]) if rng.random() < 0.4 else ""
    topics = {topic: random.Random(f"{topic} {seed}") for topic in TOPICS}
    topics = {topic: more for topic, more in topics.items() if more.random() < 0.4}
    return WholeSchedule(
        seed,
        names,
        tuple(sorted(rng.sample(names, rng.randint(2, len(names))))),
        island,
        relay,
        tuple(_lines(rng, ashore, relay)),
        bad,
        {name: rng.choice((-140.0, 140.0)) for name in names if rng.random() < 0.3},
        tuple(_mixed(topics, names, [_step(rng, names, island) for _ in range(rng.randint(15, 35))])),
        frozenset(topics),
    )


def _mixed(topics: dict[str, random.Random], names: tuple[str, ...], steps: list[Step]) -> list[Step]:
    """With the steps of its topics among them. Each draws for itself, and changes no network without it."""
    for topic, rng in topics.items():
        for _ in range(rng.randint(4, 8)):
            steps.insert(rng.randint(0, len(steps)), _step(rng, names, "", TOPICS[topic]))
    return steps


def _lines(rng: random.Random, names: tuple[str, ...], relay: str) -> list[tuple[str, str, Faults]]:
    """A ring and most of the other pairs; with a relay, its own and a few of the others."""
    ring = {tuple(sorted((name, names[at - 1]))) for at, name in enumerate(names)}
    star = {tuple(sorted((name, relay))) for name in names}
    sure, share = (star, 0.3) if relay else (ring, 0.7)
    pairs = [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]
    return [(a, b, faults_of(rng)) for a, b in pairs if tuple(sorted((a, b))) in sure or rng.random() < share]


def _step(rng: random.Random, names: tuple[str, ...], island: str, kinds: Mapping[str, int] = KINDS) -> Step:
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    agency, other = rng.sample(names, 2)
    if kind == "export" and island not in ("", agency, other) and rng.random() < 0.7:
        agency, other = rng.choice(((agency, island), (island, agency)))
    long = rng.random() < 0.15  # long enough for silence to end a link
    return Step(kind, rng.uniform(0, 90 if long else 8), agency, other, rng.random(), rng.random())

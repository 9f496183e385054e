# SPDX-License-Identifier: Apache-2.0
"""How entries spread in a large network in memory: who got which when, how many copies crossed the lines.

The production core on seeded graphs of trust, lines of different speed, and peers that announce and withhold.
Signatures are stand-ins, so hundreds of agencies fit one process; the same seed gives the same figures.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from memhost import Host, Outcome, stub_ingest
from memnet import Faults, MemNet
from memrosters import CASPIAN, roster_of
from memstore import BULK, ROUTINE, channel_lane

from fanal.node.gossip.entitlement import LaneView, Roster
from fanal.node.gossip.events import Place
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import envelope_pb2, peer_pb2

SLOW, FAST = 256_000 / 8, 10_000_000 / 8  # bytes a second of a line
DELAY = (0.02, 0.25)
REGION = 12
SLOW_SHARE = 0.3  # of lines
EVERY = 2.0  # seconds between two entries of an author


def graph(count: int, degree: int, rng: random.Random) -> list[tuple[int, int]]:
    """Who trusts whom: a ring; of the rest three in five inside regions of twelve, the others anywhere."""
    edges = {(min(i, (i + 1) % count), max(i, (i + 1) % count)) for i in range(count)}
    while len(edges) < count * degree // 2:
        one = rng.randrange(count)
        near = (one // REGION * REGION + rng.randrange(REGION)) % count
        other = near if rng.random() < 0.6 else rng.randrange(count)
        if one != other:
            edges.add((min(one, other), max(one, other)))
    return sorted(edges)


def _connected(names: list[str], net: MemNet) -> set[str]:
    """The largest set of these that links between them connect: nothing is promised to the others."""
    left, largest = set(names), set[str]()
    while left:
        found, reached = set[str](), {min(left)}
        while reached:
            found |= reached
            ends = [link.ends for link in net.links.values() if not reached.isdisjoint(link.ends)]
            reached = ({end for pair in ends for end in pair} & left) - found
        left -= found
        largest = max(largest, found, key=len)
    return largest


@dataclass(frozen=True)
class Setting:
    """One measurement: how many, which way of spreading, and who is against it."""

    hosts: int
    way: str = "tree"  # flood: everything to everybody; pull: announced only
    priority: int = ROUTINE
    withholding: float = 0.0  # share of the hosts that announce and never send
    turned: bool = False  # they behave until the trees stand
    degree: int = 8
    seed: int = 7
    authors: int = 8
    size: int = 1500
    keyed: bool = False  # each entry comes with a new lane key


class Neighbour(Host):
    """A host that trusts those to whom it has a line."""

    def __init__(self, name: str, net: MemNet, limits: GossipLimits | None, trusted: frozenset[str]) -> None:
        super().__init__(name, net, limits)
        self.trusted = trusted

    @property
    def roster(self) -> Roster:
        return replace(super().roster, trusted=self.trusted)


@dataclass
class Seen:
    """What was written, where it came, and what crossed the lines."""

    written: dict[Place, tuple[str, float]] = field(default_factory=dict)  # author, time
    came: dict[Place, dict[str, float]] = field(default_factory=dict)
    envelopes: int = 0
    envelope_bytes: int = 0
    control: Counter[str] = field(default_factory=Counter)  # bytes of all other frames by kind
    wraps: dict[bytes, dict[str, float]] = field(default_factory=dict)  # KEY envelope -> reader, its own wrap
    wrap_bytes: Counter[frozenset[str]] = field(default_factory=Counter)  # per line, asking included


class Spread:
    """A network, its authors, and what was seen since the last `clear`."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.rng = random.Random(setting.seed)
        names = [f"XX-{number:05d}" for number in range(setting.hosts)]
        edges = graph(setting.hosts, setting.degree, self.rng)
        limits = GossipLimits(eager_members=10**9) if setting.way == "flood" else GossipLimits()
        trust = {
            name: frozenset(names[a + b - at] for a, b in edges if at in (a, b))
            for at, name in enumerate(names)
        }
        self.net = MemNet(
            names,
            roster_of(*names),
            setting.seed,
            limits,
            lambda name, net, limits: Neighbour(name, net, limits, trust[name]),
        )
        self.seen = Seen()
        for one, other in edges:
            speed = SLOW if self.rng.random() < SLOW_SHARE else FAST
            faults = Faults(delay=self.rng.uniform(*DELAY), bytes_per_second=speed)
            self.net.connect(names[one], names[other], faults)
        self.bad = set(self.rng.sample(names, round(setting.withholding * setting.hosts)))
        self.honest = sorted(_connected([n for n in names if n not in self.bad], self.net))
        self.authors = self.rng.sample(self.honest, min(setting.authors, len(self.honest)))
        self.net.watchers.append(self._watch)
        for host in self.net.hosts.values():
            host.ingest = self._ingest
        self.net.run(10.0)

    def clear(self) -> None:
        self.seen = Seen()

    def withhold(self) -> None:
        """From now on the bad announce and do not send."""
        for name in self.bad:
            self.net.hosts[name].withholds = True

    def write(self, count: int, wait: float = 4.0) -> None:
        """Each author writes `count` entries at times of its own; then time to arrive."""
        priority = BULK if self.setting.way == "pull" else self.setting.priority
        for author in self.authors:
            lane = channel_lane(author, CASPIAN)
            for turn in range(count):
                self.net.at(EVERY * (turn + self.rng.random()), self._writing(author, lane, priority))
        self.net.run(EVERY * count + wait)

    def arrive(self, at_most: float) -> None:
        """Wait for what has not come, so many seconds at the most."""
        until = self.net.now + at_most
        while self.missing() and self.net.now < until:
            self.net.run(1.0)

    def _writing(self, author: str, lane: LaneView, priority: int) -> Callable[[], None]:
        def write() -> None:
            host, size = self.net.hosts[author], self.setting.size
            if self.setting.keyed:
                (place,) = host.write(lane, 1, priority, size, rekey=True)
            else:
                place = host.write_plain(lane, priority, size)
            self.seen.written[place] = (author, self.net.now)

        return write

    def _watch(self, sender: str, receiver: str, frame: peer_pb2.Frame) -> None:
        kind = str(frame.WhichOneof("frame"))
        if kind == "entries":
            self.seen.envelopes += len(frame.entries.envelopes)
            self.seen.envelope_bytes += frame.ByteSize()
        else:
            self.seen.control[kind] += frame.ByteSize()
        if kind in ("wraps", "want_wraps"):
            self.seen.wrap_bytes[frozenset((sender, receiver))] += frame.ByteSize()

    def _ingest(
        self, host: Host, peer: str, envelopes: tuple[bytes, ...], wraps: tuple[envelope_pb2.WrapProof, ...]
    ) -> Outcome:
        outcome = stub_ingest(host, peer, envelopes, wraps)
        for meta in outcome.entries:
            self.seen.came.setdefault(meta.place, {})[host.name] = self.net.now
        for wrap in outcome.wraps:
            if wrap.recipient == host.name:
                self.seen.wraps.setdefault(wrap.key_manifest_sha256, {})[host.name] = self.net.now
        return outcome

    # what came of it, at honest hosts that an honest path connects

    def seconds(self) -> list[float]:
        """From writing to commit, of every entry at every honest host that has it."""
        found = []
        for place, (author, began) in self.seen.written.items():
            came = self.seen.came.get(place, {})
            found += [came[name] - began for name in self.honest if name != author and name in came]
        return found

    def readable(self) -> list[float]:
        """From writing until the entry and the own wrap of its key are there, at every honest host."""
        found = []
        for place, (author, began) in self.seen.written.items():
            key = self.net.hosts[author].store.entries[place][0].key_envelope
            came, wraps = self.seen.came.get(place, {}), self.seen.wraps.get(key, {})
            both = wraps.keys() & came.keys()
            found += [max(came[name], wraps[name]) - began for name in self.honest if name in both]
        return found

    def deliveries(self) -> int:
        """Entries times hosts that they should reach, the bad included."""
        return len(self.seen.written) * (self.setting.hosts - 1)

    def missing(self) -> int:
        """Entries that an honest host has not got."""
        return len(self.seen.written) * (len(self.honest) - 1) - len(self.seconds())

    def copies(self) -> float:
        """How often an entry crossed a line, for each host that it should reach."""
        return self.seen.envelopes / self.deliveries()

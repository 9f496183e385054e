# SPDX-License-Identifier: Apache-2.0
"""A network of production gossip cores in one process: virtual clock, seeded faults, repeatable traces.

Links carry serialized frames, in order, with delay; a test may cut them one way or both, drop them, make
them deliver twice or out of order, slow them down, and crash hosts before or after a commit. Every frame is
watched: one that names a lane to a host that may not hold it fails the test at once.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from memhost import Host, lanes_named

from fanal.node.gossip.entitlement import LaneView, Roster, may_hold
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import peer_pb2

START = 1_800_000_000.0
REDIAL_SECONDS = 1.0


@dataclass
class Faults:
    """What happens to frames on a link, by seeded chance."""

    delay: float = 0.010
    jitter: float = 0.0
    duplicate: float = 0.0  # chance that a frame arrives twice
    unordered: bool = False
    drop_link: float = 0.0  # chance per frame that the connection breaks
    bytes_per_second: float = 0.0  # 0: unlimited


@dataclass
class Link:
    """One connection between two hosts; `epoch` counts its lives."""

    ends: tuple[str, str]
    faults: Faults
    up: bool = False
    epoch: int = 0
    blocked: set[str] = field(default_factory=set)  # receivers whom nothing reaches
    held_back: dict[str, list[bytes]] = field(default_factory=dict)
    clear_at: dict[str, float] = field(default_factory=dict)  # per receiver: when the line is free again

    def queued_bytes(self, receiver: str) -> int:
        return sum(len(data) for data in self.held_back.get(receiver, ()))


class ThinLine:
    """The line of one host, for all that comes to it, or all that it sends, over any link: urgent frames
    first, as credits and the senders' queues bring about. `overhead`: what carrying a frame costs beside."""

    def __init__(self, net: MemNet, bytes_per_second: float, delay: float, overhead: int = 80) -> None:
        self.net, self.rate, self.delay, self.overhead = net, bytes_per_second, delay, overhead
        self.carried = 0
        self._waiting: list[tuple[int, int, bytes, Callable[[], None]]] = []
        self._count = itertools.count()
        self._busy = False

    def put(self, data: bytes, priority: int, arrive: Callable[[], None]) -> None:
        heapq.heappush(self._waiting, (priority, next(self._count), data, arrive))
        if not self._busy:
            self._next()

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if self._busy:
            _, _, data, arrive = heapq.heappop(self._waiting)
            size = len(data) + self.overhead
            self.carried += size
            self.net.at(size / self.rate + self.delay, arrive)
            self.net.at(size / self.rate, self._next)


class MemNet:
    """Hosts and the links between them. `run(seconds)` lets virtual time pass."""

    def __init__(
        self,
        agencies: Iterable[str],
        roster: Roster,
        seed: int = 0,
        limits: GossipLimits | None = None,
        host_type: Callable[[str, MemNet, GossipLimits | None], Host] = Host,
    ) -> None:
        self.now = START
        self.random = random.Random(seed)
        self.trace = hashlib.sha256()
        self.frames: Counter[tuple[str, str, str]] = Counter()  # sender, receiver, kind
        self.bytes: Counter[tuple[str, str]] = Counter()
        self.watchers: list[Callable[[str, str, peer_pb2.Frame], None]] = []
        self.loses: Callable[[peer_pb2.Frame], bool] = lambda frame: False  # frames that never arrive
        self.rosters: dict[int, Roster] = {1: roster}
        self.links: dict[frozenset[str], Link] = {}
        self.thin: dict[str, ThinLine] = {}  # whose links share one line, for what comes
        self.thin_up: dict[str, ThinLine] = {}  # the same for what they send
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._allowed: dict[tuple[str, bytes, int], bool] = {}
        self.hosts = {name: host_type(name, self, limits) for name in agencies}
        for host in self.hosts.values():
            host.start()

    # wiring

    def connect(self, a: str, b: str, faults: Faults | None = None) -> Link:
        """Two hosts that trust each other: the link comes up, and again after every loss."""
        link = self.links[frozenset((a, b))] = Link((a, b), faults or Faults())
        self.at(0.0, lambda: self._dial(link))
        return link

    def mesh(self, faults: Faults | None = None) -> None:
        for a, b in itertools.combinations(self.hosts, 2):
            self.connect(a, b, faults)

    def link(self, a: str, b: str) -> Link:
        return self.links[frozenset((a, b))]

    # faults

    def partition(self, *groups: Iterable[str]) -> None:
        """Nothing passes between the groups until `heal`."""
        where = {name: at for at, group in enumerate(groups) for name in group}
        for link in self.links.values():
            a, b = link.ends
            if where.get(a) != where.get(b):
                link.blocked = {a, b}

    def cut_one_way(self, sender: str, receiver: str) -> None:
        self.link(sender, receiver).blocked.add(receiver)

    def heal(self) -> None:
        """Everything passes again; what was held back on a connection that still lives arrives."""
        for link in self.links.values():
            link.blocked.clear()
            for receiver, frames in link.held_back.items():
                sender = link.ends[0] if receiver == link.ends[1] else link.ends[1]
                for data in frames:
                    self._carry(link, sender, receiver, data)
            link.held_back.clear()

    def drop(self, a: str, b: str) -> None:
        """The connection breaks; it is dialled again after a second."""
        self.down(self.link(a, b), "dropped")

    def down(self, link: Link, reason: str) -> None:
        if not link.up:
            return
        link.up = False
        link.epoch += 1
        link.held_back.clear()
        link.clear_at.clear()
        for end, other in (link.ends, link.ends[::-1]):
            self.hosts[end].link_down(other, reason)
        self.at(REDIAL_SECONDS, lambda: self._dial(link))

    def _dial(self, link: Link) -> None:
        a, b = (self.hosts[end] for end in link.ends)
        if link.up:
            return
        if link.blocked or not (a.alive and b.alive) or not (a.accepts(b.name) and b.accepts(a.name)):
            self.at(REDIAL_SECONDS, lambda: self._dial(link))
            return
        link.up = True
        heads = a.store.heads(), b.store.heads()
        a.link_up(b.name, b.run, heads[1])
        b.link_up(a.name, a.run, heads[0])

    # frames

    def transmit(self, sender: str, receiver: str, frame: peer_pb2.Frame, priority: int = 0) -> None:
        """A host writes a frame to a link."""
        link = self.links.get(frozenset((sender, receiver)))
        if link is None or not link.up:
            return
        self._watch(sender, receiver, frame)
        if self.loses(frame):
            return
        data = frame.SerializeToString(deterministic=True)
        self._carry(link, sender, receiver, data, priority)
        if self.random.random() < link.faults.duplicate:
            self._carry(link, sender, receiver, data, priority)
        if self.random.random() < link.faults.drop_link:
            epoch = link.epoch
            self.at(0.0, lambda: self.down(link, "lost") if link.epoch == epoch else None)

    def _carry(self, link: Link, sender: str, receiver: str, data: bytes, priority: int = 0) -> None:
        if receiver in link.blocked or not self.hosts[receiver].reading:
            link.held_back.setdefault(receiver, []).append(data)
            return
        epoch = link.epoch
        thin = self.thin.get(receiver) or self.thin_up.get(sender)
        if thin is not None:
            thin.put(data, priority, lambda: self._arrive(link, epoch, sender, receiver, data))
            return
        faults = link.faults
        wait = faults.delay + self.random.random() * faults.jitter
        arrival = self.now + wait
        if not faults.unordered:
            free = link.clear_at.get(receiver, 0.0)
            busy = len(data) / faults.bytes_per_second if faults.bytes_per_second else 0.0
            arrival = max(arrival, free) + busy
            link.clear_at[receiver] = arrival
        self.at(arrival - self.now, lambda: self._arrive(link, epoch, sender, receiver, data))

    def _arrive(self, link: Link, epoch: int, sender: str, receiver: str, data: bytes) -> None:
        if link.epoch != epoch:
            return
        if receiver in link.blocked:
            link.held_back.setdefault(receiver, []).append(data)
            return
        self.trace.update(f"{self.now:.6f} {sender}>{receiver} ".encode() + data)
        self.hosts[receiver].frame(sender, peer_pb2.Frame.FromString(data))

    def _watch(self, sender: str, receiver: str, frame: peer_pb2.Frame) -> None:
        kind = str(frame.WhichOneof("frame"))
        self.frames[sender, receiver, kind] += 1
        self.bytes[sender, receiver] += frame.ByteSize()
        for view in lanes_named(frame, self.hosts[sender].store):
            allowed = self.may_hold(receiver, view, self.hosts[sender].store.charter)
            assert allowed, f"{sender} named a foreign lane to {receiver}: {kind}"
        for watcher in self.watchers:
            watcher(sender, receiver, frame)

    def may_hold(self, agency: str, view: LaneView, charter: int) -> bool:
        """The rule of entitlement under a version of the charter, worked out once."""
        known = self._allowed.get((agency, view.lane, charter))
        if known is None:
            known = self._allowed[agency, view.lane, charter] = may_hold(agency, view, self.rosters[charter])
        return known

    # time

    def at(self, after: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + max(0.0, after), next(self._count), call))

    def run(self, seconds: float) -> None:
        """Let virtual time pass. After a jump of the clock what was due meanwhile happens now, late: time
        never goes back to live through what was jumped over."""
        until = self.now + seconds
        while self._events and self._events[0][0] <= until:
            self._next()()
        self.now = until

    def run_until(self, condition: Callable[[], bool], at_most: float = 600.0) -> float:
        """Let time pass until the condition holds; how long it took. AssertionError when it never does."""
        start = self.now
        while not condition():
            assert self._events, "nothing will ever happen again"
            assert self._events[0][0] <= start + at_most, f"not within {at_most} virtual seconds"
            self._next()()
        return self.now - start

    def _next(self) -> Callable[[], None]:
        due, _, call = heapq.heappop(self._events)
        self.now = max(self.now, due)
        return call

    # what should hold

    def converged(self) -> bool:
        """Every live host holds every entry of every lane it may hold, and the wraps due to it as reader."""
        everything = {}
        for host in self.hosts.values():
            for place, (meta, _) in host.store.entries.items():
                everything[place] = meta
        for host in self.hosts.values():
            if host.alive and any(
                place not in host.store.entries
                for place, meta in everything.items()
                if may_hold(host.name, meta.view, host.roster)
            ):
                return False
        return True

    def check_safety(self) -> None:
        """One effect per entry, and nobody holds what it may not."""
        for host in self.hosts.values():
            assert all(count == 1 for count in host.store.effects.values())
            for meta, _ in host.store.entries.values():
                assert host.was_ever_entitled(meta.view), f"{host.name} holds a foreign lane"

    def fingerprint(self) -> str:
        """The hash of every frame delivered so far, with its time."""
        return self.trace.hexdigest()

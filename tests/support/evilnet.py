# SPDX-License-Identifier: Apache-2.0
"""Three honest nodes and one evil peer on the network in memory, and what the three are measured by.

An honest node does one thing at a time here, and it takes virtual time: a frame FRAME_SECONDS, work on the
disk JOB_SECONDS and ENTRY_SECONDS for each entry in it. Frames of one peer are read one after the other.
Transport bounds what is not yet read by its window, so what the evil peer writes beyond WINDOW unread bytes
is not written. Who is cut is refused for `cut_seconds`, who has to rest is not read.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from evilpeer import EvilPeer
from frompage import sha256
from memnet import Faults
from nodenet import NodeHost, NodeNet, some_notice

from fanal.config.settings import Limits
from fanal.node.desk import condition
from fanal.node.forks import kept
from fanal.node.gossip.limits import GossipLimits
from fanal.node.incoming import Outcome
from fanal.node.lanes.written import Written
from fanal.v1 import peer_pb2
from fanal.v1.envelope_pb2 import EnvelopeClass

AUTHOR, NEAR, FAR, EVIL = "AM-CUS", "GE-CUS", "TR-CUS", "XX-CUS"
HONEST = (AUTHOR, NEAR, FAR)
FRAME_SECONDS, JOB_SECONDS, ENTRY_SECONDS = 0.0005, 0.001, 0.001
LINE_SECONDS = 0.05
NOTICE, RECEIPT = EnvelopeClass.NOTICE, EnvelopeClass.RECEIPT
WINDOW = 1024 * 1024
METER = {"requests_per_second": 20.0, "requests_burst": 100}
"""The meter of a node that is as slow as this."""


class BusyHost(NodeHost):
    """A node whose time is taken by what it does."""

    busy = 0.0
    spent = 0.0
    waiting: dict[str, deque[tuple[int, int, peer_pb2.Frame]]]
    refused_until = 0.0

    def frame(self, peer: str, frame: peer_pb2.Frame) -> None:
        self.net.unread[self.name, peer] += frame.ByteSize()
        self.net.deepest = max(self.net.deepest, self.net.unread[self.name, peer])
        waiting = self.__dict__.setdefault("waiting", {}).setdefault(peer, deque())
        waiting.append((self.life, self.net.link(self.name, peer).epoch, frame))
        if len(waiting) == 1:
            self._next(peer)

    def _next(self, peer: str) -> None:
        """Read what waits of one peer, one frame at a time, unless it has to rest."""
        waiting = self.waiting[peer]
        while waiting and waiting[0][:2] != (self.life, self.net.link(self.name, peer).epoch):
            self.net.unread[self.name, peer] -= waiting.popleft()[2].ByteSize()
        if not waiting:
            return
        rest = self.__dict__.setdefault("resting", {}).get(peer, 0.0) - self.net.now
        if rest > 1e-6:
            self.net.at(rest, lambda: self._next(peer))
        else:
            self._when_free(FRAME_SECONDS, lambda: self._read(peer))

    def _read(self, peer: str) -> None:
        life, epoch, frame = self.waiting[peer].popleft()
        self.net.unread[self.name, peer] -= frame.ByteSize()
        if (life, epoch) == (self.life, self.net.link(self.name, peer).epoch):
            super().frame(peer, frame)
        if self.waiting[peer]:
            self._next(peer)

    def rest(self, peer: str, seconds: float) -> None:
        super().rest(peer, seconds)
        resting = self.__dict__.setdefault("resting", {})
        resting[peer] = max(resting.get(peer, 0.0), self.net.now) + seconds

    def cut(self, peer: str, reason: str) -> None:
        if peer == EVIL and reason != "FANAL-E0703":
            self.refused_until = self.net.now + self.settings.limits.cut_seconds
        super().cut(peer, reason)

    def accepts(self, peer: str) -> bool:
        return super().accepts(peer) and (peer != EVIL or self.net.now >= self.refused_until)

    def _announce(self, written: Written) -> None:
        super()._announce(written)
        if self.name == AUTHOR:
            self.net.written |= {m.manifest_sha256: self.net.now for m in written.entries if m.klass == 1}

    def _when_free(self, cost: float, call: Callable[[], None]) -> None:
        self.busy = max(self.net.now, self.busy) + cost
        self.spent += cost
        self.net.at(self.busy - self.net.now, call)

    def _run(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        life = self.life

        def work() -> None:
            if life != self.life:
                return
            result = job()
            items = 0
            if isinstance(result, Outcome):
                self.net.took(self.name, result)
                items = len(result.entries) + len(result.known) + len(result.refused) + len(result.strikes)
            self._when_free(items * ENTRY_SECONDS, lambda: done(result) if life == self.life else None)

        self._when_free(JOB_SECONDS, work)


class EvilHost:
    """Carries the double where a node would be."""

    reading, run = True, b"e" * 16

    def __init__(self, net: EvilNet, peer: EvilPeer) -> None:
        self.name, self.net, self.peer, self.alive = EVIL, net, peer, True
        self.store = net.nodes[AUTHOR].store  # it says the truth about documents
        self.ups = 0

    def accepts(self, peer: str) -> bool:
        return True

    def link_up(self, peer: str, run: bytes, heads: object) -> None:
        self.ups += 1

    def link_down(self, peer: str, reason: str) -> None:
        pass

    def frame(self, peer: str, frame: peer_pb2.Frame) -> None:
        self.peer.frame(peer, frame)


@dataclass
class Report:
    """What the three honest nodes went through."""

    sent: int = 0
    times: list[float] = field(default_factory=list)
    missing: int = 0
    forged: int = 0
    cuts: list[str] = field(default_factory=list)
    strikes: int = 0
    linked: int = 0
    remembered: int = 0
    unread: int = 0
    spent: float = 0.0
    proofs: int = 0
    written: int = 0
    flying: int = 0
    rests: int = 0
    unopened: int = 0
    """Notices of the honest author that a reader holds and has not filed in its vault."""
    hoarded: int = 0
    """The most notices of the evil author at one honest node."""
    receipts: int = 0
    """Envelopes with receipts that the honest readers wrote."""
    said: set[str] = field(default_factory=set)
    """Error ids under which an honest node's operator is told of it."""

    @property
    def p99(self) -> float:
        return sorted(self.times)[max(0, -(-99 * len(self.times) // 100) - 1)] if self.times else 1e9


class EvilNet(NodeNet):
    """All four linked with each other; `links` names the pairs if not all are."""

    host_class = BusyHost

    def __init__(
        self,
        seed: int = 1,
        gossip: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        links: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        self.unread: Counter[tuple[str, str]] = Counter()
        self.deepest = self.remembered = 0
        self.written: dict[bytes, float] = {}
        self.arrived: dict[tuple[str, bytes], float] = {}
        self.host_limits = GossipLimits(**{**METER, **(gossip or {})})
        policy = {name: Limits(**(settings or {})) for name in HONEST}
        super().__init__(*HONEST, EVIL, seed=seed, linked=False, policy=policy)
        agency, charter = self.nodes[EVIL].agency, self.nodes[EVIL].documents[0]
        digest = sha256(charter.body)
        self.evil = EvilPeer(
            EVIL,
            agency.node,
            digest,
            (1, digest),
            lambda: self.now,
            self._tell,
            self.at,
            random.Random(seed),
        )
        self.carrier = EvilHost(self, self.evil)
        self.hosts[EVIL] = self.carrier  # type: ignore[assignment]
        pairs = [(a, b) for a in HONEST for b in (*HONEST, EVIL) if a < b]
        for a, b in links if links is not None else pairs:
            self.connect(a, b, Faults(delay=LINE_SECONDS))
        self.run(3)
        self.at(0.1, self._look)

    # wiring

    def _tell(self, peer: str, frame: peer_pb2.Frame) -> None:
        if self.unread[peer, EVIL] < WINDOW and self.hosts[EVIL].alive:
            self.transmit(EVIL, peer, frame)

    def took(self, name: str, outcome: Outcome) -> None:
        for meta in outcome.entries:
            self.arrived.setdefault((name, meta.manifest_sha256), self.now)

    @property
    def honest(self) -> list[BusyHost]:
        return [self.hosts[name] for name in HONEST]  # type: ignore[misc]

    def _look(self) -> None:
        self.remembered = max(self.remembered, *(remembered(host) for host in self.honest))
        self.at(0.1, self._look)

    # honest traffic

    def notices(self, count: int, every: float, to: tuple[str, ...] = (NEAR, FAR)) -> None:
        for number in range(count):
            self.at(number * every, lambda: self._send(to))

    def _send(self, to: tuple[str, ...]) -> None:
        self.nodes[AUTHOR].send(some_notice(AUTHOR, now=int(self.now)), to)

    def report(self, readers: tuple[str, ...] = (NEAR, FAR)) -> Report:
        found = Report(written=len(self.written), unread=self.deepest, remembered=self.remembered)
        for manifest, at in self.written.items():
            for name in readers:
                arrived = self.arrived.get((name, manifest))
                found.missing += arrived is None
                if arrived is not None:
                    found.times.append(arrived - at)
        for host in self.honest:
            found.cuts += [reason for peer, reason in host.cuts if peer == EVIL]
            found.strikes += sum(n for (what, _), n in host.node.counts.items() if what == "strike")
            found.linked += EVIL in host.host.core.linked
            found.rests += sum(peer == EVIL for peer, _ in host.rests)
            found.spent += host.spent
            found.forged += self._forged(host)
            found.proofs += bool(kept.known(host.node))
            rows = host.ledger.entries.since(0, 100_000)
            found.hoarded = max(found.hoarded, sum(r.author == EVIL and r.klass == NOTICE for r in rows))
            found.said |= {one.error.kind.id for one in host.node.conduct.of(EVIL, self.now)}
            found.said |= {one.id for one in condition.findings(host.node)}
            if host.name in readers:
                found.receipts += sum(r.author == host.name and r.klass == RECEIPT for r in rows)
                found.unopened += len(self.written) - sum(n.originator == AUTHOR for n in host.inbox())
            found.flying = max(found.flying, host.host.core.outstanding(EVIL)[1])
        return found

    def _forged(self, host: BusyHost) -> int:
        """Entries in an honest agency's name that it never wrote."""
        true = {r.manifest_sha256 for one in self.honest for r in one.ledger.entries.since(0, 100_000)
                if r.author == one.name}  # fmt: skip
        rows = host.ledger.entries.since(0, 100_000)
        return sum(row.author in HONEST and row.manifest_sha256 not in true for row in rows)


def remembered(host: NodeHost) -> int:
    """Everything that the core of a node remembers because of the evil peer, in items."""
    state = host.host.core._state
    count = len(state.wrap_wants) + len(state.fetches)
    count += sum(len(batches) for batches in state.expected.values())
    peer = state.peers.get(EVIL)
    link = state.link_of(EVIL)
    if peer is not None:
        count += len(peer.held) + len(peer.refused) + len(peer.lazy) + len(peer.pruned)
        count += sum(len(list(runs)) for runs in peer.held.values())
    if link is not None:
        session = link[1]
        count += len(session.in_flight) + len(session.loading) + session.ingesting_total
        count += len(session.brought) + len(session.not_found) + len(session.to_fetch) + len(session.taking)
        count += len(session.document_loads) + len(session.wrap_loads)
    return count

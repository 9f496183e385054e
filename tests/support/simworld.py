# SPDX-License-Identifier: Apache-2.0
"""Plays a schedule of faults on a network in memory of production cores, and lets everything heal."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from memhost import Host, stub_ingest
from memnet import MemNet
from memrosters import CASPIAN
from memstore import BULK, FLASH, KEY, ROUTINE, MemStore, channel_lane, explicit_lane, sha256, stub_envelope
from simlines import Lines
from simschedule import Schedule, Step

from fanal.node.gossip.entitlement import LaneView, RelayView, Roster, may_hold, readers_of, wraps_due
from fanal.node.gossip.events import OWN, Committed, EntryMeta, Place, WrapMeta, WrapsMissing
from fanal.v1 import envelope_pb2, peer_pb2

LIE = 50  # how many entries more a liar claims of every stream


def incarnation_of(host: Host) -> bytes:
    """Each run writes in an incarnation of its own."""
    return sha256(b"incarnation " + host.run)[:16]


class SimHost(Host):
    """A host whose every signature is noted, and whose runs are as a node's: each with a new incarnation."""

    signed: Callable[[EntryMeta], None] = staticmethod(lambda meta: None)

    def start(self) -> None:
        super().start()
        self.incarnation = incarnation_of(self)
        keys = [meta for meta, _ in self.store.entries.values() if meta.klass == KEY]
        waits = [meta for meta in keys if self._lacks_its_wrap(meta)]
        missing = (WrapMeta(meta.manifest_sha256, meta.place.lane, self.name) for meta in waits)
        self.feed(WrapsMissing(tuple(missing)))

    def _lacks_its_wrap(self, meta: EntryMeta) -> bool:
        """What a node finds when it opens what waits."""
        reads = self.name in readers_of(meta.view, self.roster) - {meta.view.author}
        return reads and (meta.manifest_sha256, self.name) not in self.store.wraps

    def _append(self, view: LaneView, klass: int, priority: int, body: bytes, key: bytes) -> EntryMeta:
        meta = super()._append(view, klass, priority, body, key)
        self.signed(meta)
        return meta


class World(Lines):
    """One network under one schedule. `counts` says what really happened."""

    def __init__(self, plan: Schedule) -> None:
        self.plan = plan
        relay = RelayView(plan.relay, frozenset({CASPIAN}), True, frozenset(plan.served))
        roster = Roster(frozenset(plan.agencies), {CASPIAN: frozenset(plan.readers)}, {plan.relay: relay})
        self.net = MemNet(plan.agencies, roster, plan.seed, plan.limits, SimHost)
        self.counts: Counter[str] = Counter()
        self.signed: dict[Place, EntryMeta] = {}
        self.saved: dict[str, MemStore] = {}
        self.last_file = self.net.now  # when the last file that is under way comes by hand
        self.gone: set[Place] = set()  # with a disk that alone had held it
        self.gone_wraps: set[tuple[bytes, str]] = set()
        self.honest = [name for name in plan.agencies if name not in plan.bad]
        for a, b, faults in plan.links:
            self.net.connect(a, b, replace(faults))
        for host in self.net.hosts.values():
            assert isinstance(host, SimHost)
            host.signed = self._note_signed
            host.clock_ahead = plan.ahead.get(host.name, 0.0)
            host.store.forgers = frozenset(plan.bad)
            host.start()  # with this clock from its first moment on
        for name, behaviour in plan.bad.items():
            self.net.hosts[name].withholds = behaviour == "withholds"
            self.net.hosts[name].lies = boast if behaviour == "lies" else None
        self.net.run(2.0)

    def _note_signed(self, meta: EntryMeta) -> None:
        twice = f"{meta.view.author} signed number {meta.place.seq} of an incarnation twice"
        assert meta.place not in self.signed, twice
        self.signed[meta.place] = meta

    def play(self, step: Step) -> None:
        """One step; what cannot be (a dead host that writes) is passed over."""
        if STEPS[step.kind](self, step):
            self.counts[step.kind] += 1
        self.net.run(step.wait)

    def heal(self) -> None:
        """Nothing goes wrong any more but lines that are long and slow, and peers that mean ill."""
        for link in self.net.links.values():
            link.faults.drop_link = 0.0
        self.net.heal()
        for host in self.net.hosts.values():
            host.full, host.crash_after_commits = False, 0
            if not host.alive:
                host.start()

    def turn(self) -> None:
        """Who was helpful so far withholds from now on."""
        for name, behaviour in self.plan.bad.items():
            self.net.hosts[name].withholds |= behaviour == "turns"

    # steps: each says whether it could be done

    def write(self, step: Step) -> bool:
        host = self.net.hosts[step.agency]
        if not host.alive or host.full or step.agency == self.plan.relay:
            return False
        count = 1 + int(step.amount**4 * 50)  # now and then more than a window holds
        priority = (ROUTINE, ROUTINE, FLASH, BULK)[int(step.share * 4)]
        view = explicit_lane(host.name, step.other)
        if host.name != self.plan.outsider and step.amount * 10 % 1 < 0.7:
            view = channel_lane(host.name, CASPIAN)
        host.write(view, count, priority, rekey=step.share * 10 % 1 < 0.3)
        if self.plan.bad.get(host.name) == "equivocates":
            self._equivocate(host, view)
        return True

    def _equivocate(self, host: Host, view: LaneView) -> None:
        """Another manifest at the newest place, for one half of the peers."""
        last = host.store.last[view.lane, host.incarnation]
        header = host.header(view, last.place.seq, sha256(b"another past"))
        header.envelope_class, header.priority = last.klass, last.priority
        other, _ = stub_envelope(header, b"something else")
        peers = [name for name in sorted(host.core.linked) if may_hold(name, view, host.roster)]
        for name in peers[::2]:
            frame = peer_pb2.Entries(envelopes=[other], pushed=True)
            self.net.transmit(host.name, name, peer_pb2.Frame(entries=frame))
        self.counts["equivocation"] += bool(peers)

    def partition(self, step: Step) -> bool:
        names = sorted(
            self.plan.agencies, key=lambda name: sha256(name.encode() + repr(step.amount).encode())
        )
        at = 1 + int(step.share * (len(names) - 1))
        self.net.partition(names[:at], names[at:])
        return True

    def crash(self, step: Step) -> bool:
        host = self.net.hosts[step.agency]
        if host.alive:
            host.crash()
            return True
        return False

    def commit_crash(self, step: Step) -> bool:
        self.net.hosts[step.agency].crash_after_commits = 1 + int(step.amount * 3)
        return True

    def start(self, step: Step) -> bool:
        dead = [host for host in self.net.hosts.values() if not host.alive]
        for host in dead:
            host.start()
        return bool(dead)

    def backup(self, step: Step) -> bool:
        """A backup that is too old at once."""
        self.write(step)
        self.saved[step.agency] = copied(self.net.hosts[step.agency].store)
        self.write(step)
        return True

    def restore(self, step: Step) -> bool:
        """The folder of whoever has a backup is put back; the node goes on as if nothing had happened."""
        if not self.saved:
            return False
        names = sorted(self.saved)
        host = self.net.hosts[names[int(step.amount * len(names))]]
        if host.alive:
            host.crash()
        host.store = copied(self.saved[host.name])
        host.start()
        self._forget_what_is_nowhere()
        self.write(replace(step, agency=host.name, other=self.plan.relay))
        return True

    def _forget_what_is_nowhere(self) -> None:
        """What a restored folder alone had held is gone with it: nobody had acknowledged it."""
        held = {place for host in self.net.hosts.values() for place in host.store.entries}
        wraps = {wrap for host in self.net.hosts.values() for wrap in host.store.wraps}
        self.gone.update(place for place in self.signed if place not in held)
        for meta in self.signed.values():
            if meta.klass == KEY:
                for reader in readers_of(meta.view, self.net.rosters[1]):
                    if (meta.manifest_sha256, reader) not in wraps:
                        self.gone_wraps.add((meta.manifest_sha256, reader))

    def courier(self, step: Step) -> bool:
        """A file is written now, comes later, and often twice."""
        sender, receiver = self.net.hosts[step.agency], self.net.hosts[step.other]
        entries = [meta for meta, _ in sender.store.entries.values()]
        views = {meta.place: meta.view for meta in entries}
        places = [place for place, view in views.items() if may_hold(receiver.name, view, receiver.roster)]
        if not places:
            return False
        loaded = [sender.store.load(p, wraps_due(receiver.name, views[p], sender.roster)) for p in places]
        envelopes = tuple(one.envelope for one in loaded if one is not None)
        proofs = tuple(wrap for one in loaded if one is not None for wrap in one.wraps)
        for times in range(1, 2 + int(step.share * 2)):
            after = step.amount * 120 * times
            self.net.at(after, lambda: self._carried(receiver, envelopes, proofs))
            self.last_file = max(self.last_file, self.net.now + after)
        return True

    def _carried(
        self, host: Host, envelopes: tuple[bytes, ...], proofs: tuple[envelope_pb2.WrapProof, ...]
    ) -> None:
        if host.alive and not host.full:
            outcome = stub_ingest(host, OWN, envelopes, proofs)
            host.feed(Committed(tuple(outcome.entries), OWN, 0, tuple(outcome.known), tuple(outcome.wraps)))

    def full(self, step: Step) -> bool:
        self.net.hosts[step.agency].full = True
        return True

    def room(self, step: Step) -> bool:
        full = [host for host in self.net.hosts.values() if host.full]
        for host in full:
            host.full = False
        return bool(full)

    def slow(self, step: Step) -> bool:
        link = self.net.links.get(frozenset((step.agency, step.other)))
        if link is None:
            return False
        link.faults.bytes_per_second = (8_000.0, 16_000.0, 125_000.0, 0.0)[int(step.amount * 4)]
        return True


STEPS: dict[str, Callable[[World, Step], bool]] = {
    "write": World.write,
    "partition": World.partition,
    "heal": World.heal_lines,
    "cut": World.cut,
    "drop": World.drop,
    "crash": World.crash,
    "commit-crash": World.commit_crash,
    "start": World.start,
    "backup": World.backup,
    "restore": World.restore,
    "courier": World.courier,
    "full": World.full,
    "room": World.room,
    "slow": World.slow,
}


def copied(store: MemStore) -> MemStore:
    """The tables of a store; rows are never changed, so they may be shared."""
    tables = {name: copy.copy(value) for name, value in vars(store).items()}
    return MemStore(**tables)


def boast(frame: peer_pb2.Frame) -> peer_pb2.Frame:
    """A clock that claims more than is held."""
    if frame.WhichOneof("frame") != "clock":
        return frame
    lie = peer_pb2.Frame.FromString(frame.SerializeToString())
    for row in lie.clock.rows:
        row.next += LIE
    return lie

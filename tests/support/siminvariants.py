# SPDX-License-Identifier: Apache-2.0
"""What must hold in a network under faults: always (`Watch`), and once the faults are over (`unequal`).

Honest hosts alone are judged; what a bad one says, keeps or loses is its own affair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from memstore import KEY
from simworld import World

from fanal.node.gossip.clock import held_of_clock
from fanal.node.gossip.entitlement import LaneView, readers_of
from fanal.node.gossip.events import Place
from fanal.node.gossip.sync import _live_rows as live_rows
from fanal.v1 import peer_pb2

SPANS = 10_000


class Watch:
    """Safety. Every frame of an honest host is read as it leaves; `check` looks at what all of them hold."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.honest = frozenset(world.honest)
        world.net.watchers.append(self._frame)

    def _frame(self, sender: str, receiver: str, frame: peer_pb2.Frame) -> None:
        if sender in self.honest:
            kind = frame.WhichOneof("frame")
            if kind == "ack":
                self._acknowledged(sender, frame.ack)
            elif kind == "clock":
                self._claimed(sender, frame.clock)
            elif kind == "entries":
                self._bounded(sender)

    def _acknowledged(self, sender: str, ack: peer_pb2.Acknowledgement) -> None:
        held = self.world.net.hosts[sender].store.entries
        for one in ack.stored:
            assert Place(one.lane, one.incarnation, one.seq) in held, f"{sender} acknowledged what it lacks"

    def _claimed(self, sender: str, clock: peer_pb2.Clock) -> None:
        held = self.world.net.hosts[sender].store.entries
        for row in clock.rows:
            for start, stop in held_of_clock(row, SPANS):
                places = (Place(row.lane, row.incarnation, seq) for seq in range(start, stop))
                assert all(place in held for place in places), f"{sender} claims entries it lacks"

    def _bounded(self, name: str) -> None:
        """What one peer costs is bounded, whatever it does; the window's bytes are its entries'."""
        host = self.world.net.hosts[name]
        if not host.alive:
            return
        limits, state = self.world.plan.limits, host.core._state
        assert len(state.wrap_wants) <= limits.wrap_wants, f"{name}: wraps wanted"
        expected = Counter(batch.starter for held in state.expected.values() for batch in held.values())
        assert expected == state.expecting, f"{name}: expected, as counted"
        assert max(expected.values(), default=0) <= limits.expected_per_peer, f"{name}: expected"
        for peer, session in state.linked():
            where = f"{name} to {peer.name}"
            assert len(session.in_flight) <= limits.window_entries + limits.flash_extra, f"{where}: window"
            size = sum(flight.size for flight in session.in_flight.values())
            assert session.in_flight_bytes == size, f"{where}: window bytes"
            assert session.ingesting_total <= limits.ingest_outstanding, f"{where}: outstanding"

    def check(self) -> None:
        """One effect per entry, no foreign body, nothing lost, nothing without bound."""
        net, held = self.world.net, set[Place]()
        for name, host in net.hosts.items():
            held.update(host.store.entries)
            if name in self.honest:
                assert all(count == 1 for count in host.store.effects.values()), f"{name}: two effects"
                for meta, _ in host.store.entries.values():
                    assert net.may_hold(name, meta.view, 1), f"{name} holds a foreign lane"
                self._bounded(name)
        lost = set(self.world.signed) - held - self.world.gone
        assert not lost, f"{len(lost)} entries are held by nobody"


def unequal(world: World) -> str:
    """Liveness: what an honest host still lacks that an honest path would bring; empty when nothing."""
    for view in _views(world):
        for group in _groups(world, view):
            stores = {name: world.net.hosts[name].store for name in sorted(group)}
            places = {p for store in stores.values() for p in store.entries if p.lane == view.lane}
            for name, store in stores.items():
                missing = sum(place not in store.entries for place in places)
                if missing:
                    return f"{name} lacks {missing} of {len(places)} entries of a lane of {view.author}"
            if view.author in group:
                reader = _unreadable(world, view, group)
                if reader:
                    return reader
    return ""


def _views(world: World) -> list[LaneView]:
    """The lanes of honest authors. Forged ones are compared by nobody: each holds what it saw first."""
    bad = {name for name, behaviour in world.plan.bad.items() if behaviour == "equivocates"}
    views = {meta.place.lane: meta.view for meta in world.signed.values()}
    return [view for view in views.values() if view.author not in bad]


def _groups(world: World, view: LaneView) -> Iterator[set[str]]:
    """Honest hosts that may hold the lane, by the links between them."""
    left = {name for name in world.honest if world.net.may_hold(name, view, 1)}
    while left:
        group, reached = set[str](), {min(left)}
        while reached:
            group |= reached
            ends = [link.ends for link in world.net.links.values() if not reached.isdisjoint(link.ends)]
            reached = ({end for pair in ends for end in pair} & left) - group
        left -= group
        yield group


def _unreadable(world: World, view: LaneView, group: set[str]) -> str:
    """A reader without its wrap of a KEY envelope that it holds."""
    for name in sorted(group & readers_of(view, world.net.rosters[1]) - {view.author}):
        store = world.net.hosts[name].store
        for meta, _ in store.entries.values():
            wrap = (meta.manifest_sha256, name)
            had = wrap in store.wraps or wrap in world.gone_wraps
            if meta.klass == KEY and meta.place.lane == view.lane and not had:
                return f"{name} cannot read a lane of {view.author}"
    return ""


def at_rest(world: World) -> str:
    """Between two honest linked hosts: equal digests, an empty window; empty when all is well."""
    for link in world.net.links.values():
        if not set(link.ends) <= set(world.honest):
            continue
        a, b = (world.net.hosts[name].core._state for name in link.ends)
        here, there = a.link_of(b.me), b.link_of(a.me)
        if here is None or there is None:
            return f"no link between {a.me} and {b.me}"
        if here[1].in_flight or there[1].in_flight:
            return f"unacknowledged between {a.me} and {b.me}"
        if live_rows(a, here[0]) != live_rows(b, there[0]):
            return f"digests differ between {a.me} and {b.me}"
    return ""

# SPDX-License-Identifier: Apache-2.0
"""One core with peers, fed by hand: what tests of the tree share."""

from __future__ import annotations

from memrosters import CASPIAN, roster_of
from memstore import ROUTINE, channel_lane

from fanal.node.gossip import actions, events
from fanal.node.gossip.actions import Action
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.events import EntryMeta, Heads, Place
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import envelope_pb2, peer_pb2

NAMES = tuple(f"{letter}{letter}-{letter}" for letter in "ABCDEFGHIJKL")
ME, AUTHOR, NEAR, FAR, THIRD = NAMES[0], NAMES[1], NAMES[2], NAMES[3], NAMES[4]
LANE = channel_lane(AUTHOR, CASPIAN)
INCARNATION = b"i" * 16
NOW = 1_800_000_000.0
LIMITS = GossipLimits()


def meta(seq: int, priority: int = ROUTINE) -> EntryMeta:
    return EntryMeta(Place(LANE.lane, INCARNATION, seq), LANE, 1, priority, bytes(32), 100)


def link(
    core: GossipCore, peer: str, store: bytes = b"s" * 16, at: float = NOW, thin: bool = False
) -> list[Action]:
    return core.handle(events.LinkUp(peer, store, Heads(1, b"c" * 32), thin), at)


def core_of(
    *peers: str, members: tuple[str, ...] = NAMES, limits: GossipLimits = LIMITS, thin: tuple[str, ...] = ()
) -> GossipCore:
    core = GossipCore(ME, roster_of(*members), Heads(1, b"c" * 32), limits=limits)
    for peer in peers:
        link(core, peer, thin=peer in thin)
    return core


def sent(out: list[Action], kind: str) -> list[str]:
    """To whom frames of the kind went."""
    return [a.peer for a in out if isinstance(a, actions.Send) and a.frame.WhichOneof("frame") == kind]


def pushed(core: GossipCore, peer: str, seq: int, at: float, first: bool = True) -> list[Action]:
    """The peer pushes an entry; the store finds it new, or known."""
    frame = peer_pb2.Frame(entries=peer_pb2.Entries(envelopes=[b"x"], pushed=True))
    (ingest,) = [a for a in core.handle(events.Received(peer, frame), at) if isinstance(a, actions.Ingest)]
    new, known = ((meta(seq),), ()) if first else ((), (meta(seq).place,))
    return core.handle(events.Committed(new, peer, ingest.request, known), at)


def announced(core: GossipCore, peer: str, start: int, stop: int, at: float, **more: object) -> list[Action]:
    run = envelope_pb2.SeqRange(start=start, stop=stop)
    runs = [peer_pb2.LaneRuns(lane=LANE.lane, incarnation=INCARNATION, ranges=[run])]
    frame = peer_pb2.Announce(runs=runs, pushed=True, **more)  # type: ignore[arg-type]
    return core.handle(events.Received(peer, peer_pb2.Frame(announce=frame)), at)


def receives(core: GossipCore, peer: str, at: float, **frame: object) -> list[Action]:
    return core.handle(events.Received(peer, peer_pb2.Frame(**frame)), at)  # type: ignore[arg-type]


def graft(start: int, stop: int) -> peer_pb2.Graft:
    runs = [envelope_pb2.SeqRange(start=start, stop=stop)]
    return peer_pb2.Graft(lane=LANE.lane, incarnation=INCARNATION, ranges=runs)


def write(core: GossipCore, seq: int, at: float, priority: int = ROUTINE) -> list[Action]:
    """A new entry is here from elsewhere; what follows within a moment. The store answers at once."""
    out = core.handle(events.Committed((meta(seq, priority),)), at)
    out += core.handle(events.Tick(), at + 0.1)
    for action in [a for a in out if isinstance(a, actions.LoadEntries)]:
        core.handle(events.Loaded(action.peer, action.request, ()), at + 0.1)
    return out


def loads(out: list[Action]) -> set[str]:
    return {a.peer for a in out if isinstance(a, actions.LoadEntries)}


PARENT, SECOND = NAMES[1:3]
PEERS = (NEAR, FAR, THIRD, NAMES[5])

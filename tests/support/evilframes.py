# SPDX-License-Identifier: Apache-2.0
"""A gossip core with an evil peer on its link: the frames it is fed, and what it answers."""

from memrosters import FOUR, LANE_A, roster_of
from memstore import explicit_lane

from fanal.node.gossip import actions, events
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.events import EntryMeta, Heads, Place
from fanal.v1 import envelope_pb2, peer_pb2

ME, EVIL, FRIEND = "AA-A", "BB-B", "CC-C"
NOW = 1_800_000_000.0
SECRET = explicit_lane(ME, FRIEND)  # EVIL may not hold this one
INCARNATION = b"i" * 16
HUGE = (1 << 63) - 1
Frame = peer_pb2.Frame


def committed(core: GossipCore, view, count: int) -> None:
    metas = tuple(
        EntryMeta(Place(view.lane, INCARNATION, seq), view, 1, 2, bytes(32), 1000) for seq in range(count)
    )
    core.handle(events.Committed(metas), NOW)


def core_with_evil_peer() -> GossipCore:
    core = GossipCore(ME, roster_of(*FOUR), Heads(1, b"c" * 32))
    committed(core, LANE_A, 100)
    committed(core, SECRET, 100)
    core.handle(events.LinkUp(EVIL, b"s" * 16, Heads(1, b"c" * 32)), NOW)
    return core


def feed(core: GossipCore, frame: Frame, times: int = 1) -> list[actions.Action]:
    out: list[actions.Action] = []
    for _ in range(times):
        out += core.handle(events.Received(EVIL, frame), NOW + 1)
    return out


def cuts(out: list[actions.Action]) -> list[str]:
    return [action.error.kind.id for action in out if isinstance(action, actions.Cut)]


def sent(out: list[actions.Action], kind: str) -> list:
    frames = [a.frame for a in out if isinstance(a, actions.Send) and a.peer == EVIL]
    return [getattr(frame, kind) for frame in frames if frame.WhichOneof("frame") == kind]


def want(lane: bytes, *ranges: tuple[int, int]) -> Frame:
    runs = [envelope_pb2.SeqRange(start=a, stop=b) for a, b in ranges]
    return Frame(want=peer_pb2.Want(lane=lane, incarnation=INCARNATION, ranges=runs))


def announce(lane: bytes, *ranges: tuple[int, int], pushed: bool = False) -> Frame:
    runs = [envelope_pb2.SeqRange(start=a, stop=b) for a, b in ranges]
    named = peer_pb2.LaneRuns(lane=lane, incarnation=INCARNATION, ranges=runs)
    return Frame(announce=peer_pb2.Announce(runs=[named], pushed=pushed))


def place(lane: bytes, seq: int) -> peer_pb2.LaneSeq:
    return peer_pb2.LaneSeq(lane=lane, incarnation=INCARNATION, seq=seq)

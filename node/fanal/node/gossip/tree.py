# SPDX-License-Identifier: Apache-2.0
"""The tree of each lane: who is pushed its entries, and who is only told of them (ADR 21).

Plumtree (Leitao, Pereira, Rodrigues, "Epidemic Broadcast Trees", 2007). Every edge is eager until the
receiver says that its copy came second. A lane has one author, so an edge is pruned for one direction only.
It promises: the edge over which a lane last came first is not pruned; a mark that is forgotten costs a copy,
never an entry; small networks and nodes with few peers prune nothing; the tree stands although its nodes
begin anew, one after the other. What it remembers is one parent for each lane and two bounded sets of lanes
for each peer.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.node.gossip.actions import Priority
from fanal.node.gossip.clock import Lane
from fanal.node.gossip.events import Place
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.state import State
from fanal.v1 import peer_pb2


def is_small(state: State) -> bool:
    """So few members that everything goes to everybody."""
    return len(state.roster.members) <= state.limits.eager_members


def pushes(state: State, peer: PeerState, session: Session, lane: bytes, own: bool) -> bool:
    """Whether the peer is pushed new entries of the lane; else it is told of them. Over a thin line, at
    either end, goes what the sender itself writes; of the rest what was grafted by the node behind it."""
    if own or lane in peer.lazy:
        return lane not in peer.lazy
    return not state.limits.thin and (not session.thin or lane in peer.grafted)


def came_first(state: State, peer: PeerState, places: Iterable[Place]) -> None:
    """Pushed entries were new: the peer is the lane's parent, unless it was asked to stop pushing."""
    for lane in dict.fromkeys(place.lane for place in places):
        if lane not in peer.pruned:
            held = state.book.lanes[lane]
            held.parent, held.brought_at = peer.name, state.now


def came_again(state: State, peer: PeerState, session: Session, places: Iterable[Place]) -> None:
    """Pushed entries were here already: one edge of their lane is too many."""
    counts: dict[bytes, int] = {}
    for place in places:
        counts[place.lane] = counts.get(place.lane, 0) + 1
    ignored = sum(count for lane, count in counts.items() if lane in peer.pruned)
    if not state.charge(peer, session, ignored):
        return
    losers: dict[str, list[bytes]] = {}
    for lane in counts:
        held = state.book.lanes.get(lane)
        loser = _loser(state, peer, session, held) if held is not None else None
        if loser is not None:
            losers.setdefault(loser, []).append(lane)
    for loser, lanes in losers.items():
        _prune(state, loser, lanes)


def _loser(state: State, peer: PeerState, session: Session, lane: Lane) -> str | None:
    """Whose edge to prune now that the peer's copy came second; None for nobody's."""
    if lane.view.author == state.me:
        return peer.name
    if not _prunes(state, lane):
        return None
    rival = session.rival(lane.view.lane, state.now - state.limits.graft_patience)
    if rival and rival != peer.name:
        # It announced long before the other delivered: its path is the faster one.
        lane.parent = peer.name
        return rival
    if lane.parent == peer.name or state.link_of(lane.parent) is None:
        lane.parent = peer.name
        return None
    return peer.name


def _prunes(state: State, lane: Lane) -> bool:
    """Whether this node has enough peers for the lane to do without some of their pushes."""
    if is_small(state):
        return state.limits.thin
    sources = sum(state.may_offer(peer.name, lane.view.lane) for peer, _ in state.linked())
    return sources > state.limits.eager_peers or state.limits.thin


def _prune(state: State, name: str, lanes: list[bytes]) -> None:
    link = state.link_of(name)
    if link is None:
        return
    for lane in lanes:
        link[0].pruned.add(lane)
    state.send(name, peer_pb2.Frame(prune=peer_pb2.Prune(lanes=lanes)))


def keep(before: PeerState | None, peer: PeerState) -> None:
    """The peer has begun a new run and has forgotten its marks; ours are as good as before. A wrong one
    costs a graft."""
    if before is not None:
        peer.lazy, peer.pruned, peer.grafted = before.lazy, before.pruned, before.grafted
        peer.forgot = True


def remind(state: State, peer: PeerState) -> None:
    """Tell a peer that has forgotten which lanes it need not push here, and which it asked not to be pushed:
    so the trees stand although their nodes begin anew, one after the other."""
    if not peer.forgot:
        return
    peer.forgot = False
    step = state.limits.ids_per_frame // 2
    marks = [[lane for lane in held if state.may_offer(peer.name, lane)] for held in (peer.pruned, peer.lazy)]
    for start in range(0, max(map(len, marks)), step):
        lanes, kept = (mine[start : start + step] for mine in marks)
        frame = peer_pb2.Prune(lanes=lanes, kept=kept)
        state.send(peer.name, peer_pb2.Frame(prune=frame), Priority.ROUTINE)


def forget(state: State) -> None:
    """The network is small now: everybody is pushed to again."""
    for peer in state.peers.values():
        peer.lazy.clear()
        peer.pruned.clear()

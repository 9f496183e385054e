# SPDX-License-Identifier: Apache-2.0
"""Entries that are taken later, because their author is over a quota: not acknowledged, not refused.

Who defers says until when and asks again by itself, of whoever holds them then. Who is told takes them out
of its window, sends them nowhere again by itself, and tells the operator if they are its own.
"""

from __future__ import annotations

from fanal.node.gossip import fetch, graft, push
from fanal.node.gossip.actions import RecordDeferred
from fanal.node.gossip.events import Deferred, Place
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import Later, State
from fanal.v1 import peer_pb2

LONGEST = 2 * 3600.0
"""A peer's word on how long it waits is believed up to this many seconds."""


def deferred(state: State, event: Deferred) -> None:
    """Tell the peer, remember that it holds them, and ask nobody before the time."""
    link = state.link_of(event.peer)
    for place in event.entries:
        key = place[:2]
        if link is not None:
            link[0].note_held(key, place.seq, place.seq + 1)
        _put_off(state, place, event.until)
        fetch.arrived(state, key, place.seq, event.peer)
        graft.arrived(state, key, place.seq, event.peer, False)
    if state.later:
        state.timers.set_earlier(("later",), event.until)
    step = state.limits.ids_per_frame
    for start in range(0, len(event.entries), step):
        named = [
            peer_pb2.LaneSeq(lane=one.lane, incarnation=one.incarnation, seq=one.seq)
            for one in event.entries[start : start + step]
        ]
        frame = peer_pb2.Deferred(entries=named, limit=event.limit, most=event.most, until=int(event.until))
        state.send(event.peer, peer_pb2.Frame(deferred=frame))


def _put_off(state: State, place: Place, until: float) -> None:
    later = state.later.get(place[:2])
    if later is None:
        if len(state.later) >= state.limits.rows_per_peer:
            return  # asked for with the next clock, and deferred again
        later = state.later[place[:2]] = Later(until, Ranges(cap=state.limits.spans_per_stream))
    later.until = min(later.until, until)
    later.runs.add(place.seq, place.seq + 1)


def due(state: State) -> None:
    """The time has come: who is known to hold them is asked, and a round finds who else does."""
    ready = [key for key, later in state.later.items() if later.until <= state.now]
    for key in ready:
        del state.later[key]
    for key in ready:
        fetch.consider(state, key)
    if state.later:
        state.timers.set(("later",), min(later.until for later in state.later.values()))
    for peer, _ in state.linked() if ready else ():
        state.timers.set_earlier(("sync", peer.name), state.now + state.limits.sync_after_change)


def told(state: State, peer: PeerState, session: Session, frame: peer_pb2.Deferred) -> None:
    """The peer takes these later; what was never sent changes nothing. Without entries: it takes nothing."""
    own: list[Place] = []
    for named in frame.entries:
        place = Place(named.lane, named.incarnation, named.seq)
        if session.release(place) is None:
            continue
        session.queue.discard(place[:2], place.seq, place.seq + 1)
        lane = state.book.lanes.get(place.lane)
        if lane is not None and lane.view.author == state.me:
            own.append(place)
    if own or not frame.entries:
        until = int(min(frame.until, state.now + LONGEST))
        state.out.append(RecordDeferred(peer.name, tuple(own), frame.limit, frame.most, until))
    push.pump(state, peer, session)


def unasked(session: Session, frame: peer_pb2.Deferred) -> int:
    """How many of the places named are not under way to the peer."""
    return sum(Place(one.lane, one.incarnation, one.seq) not in session.in_flight for one in frame.entries)

# SPDX-License-Identifier: Apache-2.0
"""Telling peers of entries without sending them, and being told.

Lazy edges of a tree and BULK entries are announced: gathered for a moment, then one frame for each peer that
names runs of many streams. Who is told of a pushed entry waits for it (`graft`); of another it asks at once.
"""

from __future__ import annotations

from itertools import islice

from fanal.node.gossip import acks, fetch, graft
from fanal.node.gossip.actions import Priority
from fanal.node.gossip.events import Place, Span
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import State
from fanal.v1 import envelope_pb2, peer_pb2


def later(
    state: State,
    peer: PeerState,
    session: Session,
    span: Span,
    priority: Priority,
    size: int = 0,
) -> None:
    """Tell the peer soon, unless it turns out to hold the span. BULK is for it to ask for."""
    session.to_announce.add(priority, span[:2], span.start, span.stop)
    session.largest = max(session.largest, size)
    delay = _delay(state, session, priority)
    state.timers.set_earlier(("announce", peer.name), state.now + delay)


def flush(state: State, peer: PeerState, session: Session) -> None:
    """The moment is over: one frame of what is pushed to others, one of what nobody pushes."""
    for priority in session.to_announce.waiting:
        named: dict[StreamKey, list[envelope_pb2.SeqRange]] = {}
        for span in session.to_announce.take(priority, state.limits.ids_per_frame):
            if state.may_offer(peer.name, span.lane):
                run = envelope_pb2.SeqRange(start=span.start, stop=span.stop)
                named.setdefault((span.lane, span.incarnation), []).append(run)
        if named:
            runs = [peer_pb2.LaneRuns(lane=k[0], incarnation=k[1], ranges=r) for k, r in named.items()]
            pushed = priority is not Priority.BULK
            alerts = session.thin and priority is Priority.FLASH
            frame = peer_pb2.Announce(runs=runs, pushed=pushed, largest=session.largest, alerts=alerts)
            state.send(peer.name, peer_pb2.Frame(announce=frame), priority)
    session.largest = 0
    if any(session.to_announce.waiting.values()):
        state.timers.set(("announce", peer.name), state.now + _delay(state, session, Priority.ROUTINE))


def _delay(state: State, session: Session, priority: Priority) -> float:
    """So long is gathered: a frame of its own for each entry, from and to each peer, is half of what a
    thin line carries. Whoever has the entry by then need not be told."""
    alert, limits = priority is Priority.FLASH, state.limits
    if session.thin and priority is not Priority.BULK:  # which nobody is sent before asking
        return limits.thin_told_alerts if alert else limits.thin_told
    if limits.thin and priority is Priority.ROUTINE:
        return limits.thin_delay
    return 0.0 if alert else limits.announce_delay


def announced(state: State, peer: PeerState, session: Session, frame: peer_pb2.Announce) -> None:
    """The peer holds these."""
    for named in frame.runs:
        key = (named.lane, named.incarnation)
        runs = Ranges((run.start, run.stop) for run in named.ranges)
        stream = state.book.stream(key)
        if stream is None:
            for run in runs:
                peer.note_held(key, *run)
            missing = runs
        elif state.may_offer(peer.name, key[0]):
            state.note_held(peer, session, key, runs)
            missing = Ranges(runs.minus(stream.held))
            if state.book.lanes[key[0]].view.author == peer.name:
                _confirm(state, peer, key, runs, stream.held)
        else:
            continue  # a request would name a lane to a peer that may not hold it
        if missing and key in peer.held:
            if frame.pushed:
                graft.expect(state, peer, key, missing, frame)
            else:
                fetch.consider(state, key)


def _confirm(state: State, peer: PeerState, key: StreamKey, runs: Ranges, held: Ranges) -> None:
    """The author learns who holds its entries also where somebody else brought them."""
    seqs = (seq for run in runs for both in held.within(*run) for seq in range(*both))
    acks.acknowledge(state, peer.name, [Place(*key, seq) for seq in islice(seqs, state.limits.ids_per_frame)])

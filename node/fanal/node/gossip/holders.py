# SPDX-License-Identifier: Apache-2.0
"""What of a stream a peer is worth asking for, and the asking."""

from __future__ import annotations

from collections.abc import Iterator

from fanal.node.gossip.clock import Stream
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import State
from fanal.v1 import envelope_pb2, peer_pb2

_NOTHING = Stream()


def missing(state: State, peer: PeerState, session: Session, key: StreamKey) -> Ranges:
    """What the peer is worth asking for: what it claims, and what a closed incarnation must contain.

    The end of a closed incarnation is its author's word alone, so a peer that once answered NotFound is not
    asked through to it: an author could send honest nodes asking each other for ever."""
    stream = state.book.stream(key) or _NOTHING
    if stream is not _NOTHING and not state.may_offer(peer.name, key[0]):
        return Ranges()  # a request would name a lane to a peer that may not hold it
    wanted = Ranges(peer.held[key].minus(stream.held)) if key in peer.held else Ranges()
    if stream.closed is not None and key not in session.incomplete:
        for run in stream.held.gaps(0, stream.closed):
            wanted.add(*run)
    for run in useless(state, peer, session, key):
        wanted.remove(*run)
    for batch in state.expected.get(key, {}).values():
        for run in batch.runs:  # somebody is sending them, else they are grafted
            wanted.remove(*run)
    return wanted


def useless(state: State, peer: PeerState, session: Session, key: StreamKey) -> Iterator[tuple[int, int]]:
    """What of the stream is not to be asked of the peer, whatever it claims."""
    later = state.later.get(key)
    for runs in (peer.refused.get(key), session.not_found.get(key), later.runs if later else None):
        yield from runs or ()


def hopeless(state: State, session: Session, key: StreamKey, start: int, stop: int) -> None:
    """The peer is not asked for these again before its next clock."""
    if key in session.not_found or len(session.not_found) < state.limits.rows_per_peer:
        cap = state.limits.spans_per_stream
        session.not_found.setdefault(key, Ranges(cap=cap)).add(start, stop)


def want(state: State, name: str, key: StreamKey, runs: Ranges) -> None:
    """Ask the peer for these; what is beyond one frame is asked for when they have come."""
    asked = list(runs)[: state.limits.ids_per_frame]
    ranges = [envelope_pb2.SeqRange(start=start, stop=stop) for start, stop in asked]
    frame = peer_pb2.Want(lane=key[0], incarnation=key[1], ranges=ranges)
    state.send(name, peer_pb2.Frame(want=frame))

# SPDX-License-Identifier: Apache-2.0
"""Asking for what is missing: one holder per stream at a time, a slice at a time, another holder on failure.

Nothing here trusts a claim for longer than its patience: who promises entries and does not send them loses
its turn and its score, and is asked again only after its next clock.
"""

from __future__ import annotations

from collections.abc import Iterator

from fanal.errors import FanalError
from fanal.node.gossip.actions import Noted
from fanal.node.gossip.clock import Stream
from fanal.node.gossip.errors import WITHHOLDS
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import LOOK_AGAIN, Fetch, State
from fanal.v1 import envelope_pb2, peer_pb2

FETCHES_PER_PEER = 64
_NOTHING = Stream()


def consider(state: State, key: StreamKey, *, pushed: bool = False) -> None:
    """Start fetching what some linked peer has of this stream and this node has not. A peer that is busy
    keeps the stream for later, so invented streams hold up nobody but their inventor. `pushed`: it may be on
    its way."""
    if key in state.fetches:
        return
    for peer, session in state.by_score(key[0]):
        runs = missing(state, peer, session, key).first(state.limits.fetch_slice)
        if not runs:
            continue
        if pushed and state.limits.thin:
            peer, session, runs = _parent_first(state, key, (peer, session, runs))
        if session.fetching < FETCHES_PER_PEER:
            _ask(state, peer, session, key, runs)
            return
        if len(session.to_fetch) < state.limits.rows_per_peer:
            session.to_fetch[key] = None


def _parent_first(
    state: State, key: StreamKey, found: tuple[PeerState, Session, Ranges]
) -> tuple[PeerState, Session, Ranges]:
    """On a thin line of our own who brings the lane is asked before anybody else: what is on its way from
    it is not sent again, and what it has not got it says."""
    lane = state.book.lanes.get(key[0])
    link = state.link_of(lane.parent) if lane is not None else None
    if link is None or link[0].score < 0 or not state.may_offer(link[0].name, key[0]):
        return found
    runs = Ranges(found[2])
    for run in useless(state, *link, key):
        runs.remove(*run)
    return (*link, runs) if runs else found


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


def arrived(state: State, key: StreamKey, seq: int) -> None:
    """An entry is here (or was refused for good): it need not be fetched any more."""
    fetch = state.fetches.get(key)
    if fetch is None:
        return
    if seq in fetch.runs:  # who brings other entries of the stream does not bring what was asked for
        fetch.progress = state.moment()
    fetch.runs.remove(seq, seq + 1)
    if not fetch.runs:
        _finish(state, key)


def not_stored(state: State, key: StreamKey, seq: int, source: str) -> None:
    """The peer brought it, and the store here did not take it: nobody has failed, and it is asked for again
    with the next comparison."""
    fetch = state.fetches.get(key)
    if fetch is None or fetch.peer != source:
        return
    fetch.progress = state.moment()
    fetch.runs.remove(seq, seq + 1)
    if not fetch.runs:
        _end(state, key)


def not_found(state: State, peer: PeerState, session: Session, frame: peer_pb2.NotFound) -> None:
    """The peer has not got, or will not give, what it was asked for."""
    for place in frame.entries:
        key = (place.lane, place.incarnation)
        fetch = state.fetches.get(key)
        if fetch is None or fetch.peer != peer.name or place.seq not in fetch.runs:
            continue
        session.incomplete.add(key)
        hopeless(state, session, key, place.seq, place.seq + 1)
        arrived(state, key, place.seq)


def out_of_patience(state: State, key: StreamKey) -> None:
    """The timer of a fetch: go on waiting if there was progress, else ask another holder."""
    fetch = state.fetches.get(key)
    if fetch is None:
        return
    limits = state.limits
    patience = limits.thin_most if limits.thin else limits.fetch_patience
    again = state.look_again(fetch.progress, patience)
    link = state.link_of(fetch.peer)
    if again is None and link is not None and link[1].brought_before(fetch.progress.at + patience):
        again = state.now + LOOK_AGAIN
    if again is not None:
        state.timers.set(("fetch", *key), again)
        return
    if link is not None:
        link[0].score -= 1
        error = FanalError(WITHHOLDS, peer=fetch.peer, seconds=int(patience))
        state.out.append(Noted(fetch.peer, error))
        for run in fetch.runs:
            hopeless(state, link[1], key, *run)
    _finish(state, key)


def link_lost(state: State, peer: str) -> None:
    """What was being fetched from the peer is asked of others."""
    for key in [key for key, fetch in state.fetches.items() if fetch.peer == peer]:
        _finish(state, key)


def _ask(state: State, peer: PeerState, session: Session, key: StreamKey, runs: Ranges) -> None:
    state.fetches[key] = Fetch(peer.name, runs, state.moment())
    session.fetching += 1
    session.to_fetch.pop(key, None)
    state.timers.set(("fetch", *key), state.now + state.limits.fetch_patience)
    asked = list(runs)[: state.limits.ids_per_frame]
    ranges = [envelope_pb2.SeqRange(start=start, stop=stop) for start, stop in asked]
    want = peer_pb2.Want(lane=key[0], incarnation=key[1], ranges=ranges)
    state.send(peer.name, peer_pb2.Frame(want=want))


def _finish(state: State, key: StreamKey) -> None:
    """It has ended: go on with what else is missing of the stream, then with other streams."""
    fetch = state.fetches.pop(key)
    state.timers.clear(("fetch", *key))
    consider(state, key)
    _go_on(state, fetch)


def _end(state: State, key: StreamKey) -> None:
    """It has ended, and the stream waits for the next comparison."""
    fetch = state.fetches.pop(key)
    state.timers.clear(("fetch", *key))
    _go_on(state, fetch)


def _go_on(state: State, fetch: Fetch) -> None:
    link = state.link_of(fetch.peer)
    if link is None:
        return
    session = link[1]
    session.fetching -= 1
    while session.to_fetch and session.fetching < FETCHES_PER_PEER:
        consider(state, session.to_fetch.popitem(last=False)[0])


def hopeless(state: State, session: Session, key: StreamKey, start: int, stop: int) -> None:
    """The peer is not asked for these again before its next clock."""
    if key in session.not_found or len(session.not_found) < state.limits.rows_per_peer:
        cap = state.limits.spans_per_stream
        session.not_found.setdefault(key, Ranges(cap=cap)).add(start, stop)

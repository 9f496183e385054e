# SPDX-License-Identifier: Apache-2.0
"""Asking for what is missing: one holder per stream at a time, a slice at a time, another holder on failure.

Nothing here trusts a claim for longer than its patience: who promises entries and does not send them loses
its turn and its score, and is asked again only after its next clock. Long before, another holder is asked too
(`second`).
"""

from __future__ import annotations

from fanal.node.gossip import owed, second
from fanal.node.gossip.holders import hopeless, missing, useless, want
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import Fetch, State
from fanal.v1 import peer_pb2

FETCHES_PER_PEER = 64


def consider(state: State, key: StreamKey, *, pushed: bool = False) -> None:
    """Start fetching what some linked peer has of this stream and this node has not. A peer that is busy
    keeps the stream for later, so invented streams hold up nobody but their inventor. `pushed`: it may be on
    its way."""
    if key in state.fetches:
        second.look(state, key)
        return
    for peer, session in owed.last(state, key):
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


def arrived(state: State, key: StreamKey, seq: int, source: str) -> None:
    """An entry is here (or was refused for good): it need not be fetched any more."""
    fetch, link = state.fetches.get(key), state.link_of(source)
    if link is not None and owed.paid(state, key, link[1], seq):
        _go_on(state, source)
    if fetch is None:
        return
    if seq not in fetch.runs:  # who brings other entries of the stream does not bring what was asked for
        second.repeated(state, key, fetch, seq, source)
        return
    second.brought(state, key, fetch, seq, source)
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
        forget_owed(state, peer.name, key)
        second.not_found(state, session, key, peer.name, place.seq)
        fetch = state.fetches.get(key)
        if fetch is None or fetch.peer != peer.name or place.seq not in fetch.runs:
            continue
        session.incomplete.add(key)
        hopeless(state, session, key, place.seq, place.seq + 1)
        fetch.progress = state.moment()
        fetch.runs.remove(place.seq, place.seq + 1)
        if not fetch.runs:
            _finish(state, key)


def out_of_patience(state: State, key: StreamKey) -> None:
    """The timer of a fetch: go on waiting if there was progress, else ask another holder."""
    fetch = state.fetches.get(key)
    if fetch is None:
        return
    link = state.link_of(fetch.peer)
    again = owed.patience_until(state, link[1], fetch.progress) if link is not None else None
    if again is not None:
        state.timers.set(("fetch", *key), again)
        return
    if link is not None:
        fetch.given.clear()  # it is blamed for all of it
        owed.blame(state, *link)
        for run in fetch.runs:
            hopeless(state, link[1], key, *run)
    _finish(state, key)


def owed_is_overdue(state: State, key: StreamKey, name: str) -> None:
    """The timer of what a peer owes."""
    if owed.overdue(state, key, name):
        _go_on(state, name)


def forget_owed(state: State, name: str, key: StreamKey) -> None:
    """The peer may know by now what of the stream is here, or has answered."""
    fetch, link = state.fetches.get(key), state.link_of(name)
    if fetch is not None and fetch.peer == name:
        fetch.given.clear()
    if link is not None and link[1].owes.pop(key, None) is not None:
        _go_on(state, name)


def link_lost(state: State, peer: str) -> None:
    """What was being fetched from the peer is asked of others."""
    second.link_lost(state, peer)
    for key in [key for key, fetch in state.fetches.items() if fetch.peer == peer]:
        _finish(state, key)


def _ask(state: State, peer: PeerState, session: Session, key: StreamKey, runs: Ranges) -> None:
    fetch = state.fetches[key] = Fetch(peer.name, runs, state.moment())
    session.fetching += 1
    session.to_fetch.pop(key, None)
    state.timers.set(("fetch", *key), state.now + state.limits.fetch_patience)
    want(state, peer.name, key, runs)
    second.begin(state, key, fetch, session)


def _finish(state: State, key: StreamKey) -> None:
    """It has ended: go on with what else is missing of the stream, then with other streams."""
    fetch = _close(state, key)
    owes = owed.leave(state, key, fetch)
    consider(state, key)
    if not owes:
        _go_on(state, fetch.peer)


def _end(state: State, key: StreamKey) -> None:
    """It has ended, and the stream waits for the next comparison."""
    _go_on(state, _close(state, key).peer)


def _close(state: State, key: StreamKey) -> Fetch:
    state.timers.clear(("fetch", *key))
    fetch = state.fetches.pop(key)
    second.end(state, key, fetch)
    return fetch


def _go_on(state: State, peer: str) -> None:
    """The peer may be asked for one stream more."""
    link = state.link_of(peer)
    if link is None:
        return
    session = link[1]
    session.fetching -= 1
    while session.to_fetch and session.fetching < FETCHES_PER_PEER:
        consider(state, session.to_fetch.popitem(last=False)[0])

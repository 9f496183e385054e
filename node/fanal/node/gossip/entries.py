# SPDX-License-Identifier: Apache-2.0
"""Entries coming in, their commit, and acknowledgements in both directions.

Acknowledged is only what `Committed` names, so only what is durable. A duplicate is acknowledged again and
has no other effect.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.errors import FanalError
from fanal.node.gossip import fetch, graft, push, second, tree, wraps
from fanal.node.gossip.acks import acknowledge
from fanal.node.gossip.actions import Ingest, RecordRefused
from fanal.node.gossip.errors import TOO_MUCH_UNANSWERED
from fanal.node.gossip.events import (
    NOT_FINAL,
    NOT_STORED,
    Committed,
    Damaged,
    EntryMeta,
    NotStored,
    Place,
    Refused,
)
from fanal.node.gossip.holders import hopeless
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import State
from fanal.v1 import envelope_pb2, peer_pb2

WRAPS_PER_ENTRY = 10  # how many wraps weigh as much as an entry in what is outstanding


def received(state: State, peer: PeerState, session: Session, frame: peer_pb2.Entries) -> None:
    """Hand envelopes to the incoming story."""
    request = _ingest(state, peer, session, len(frame.envelopes), tuple(frame.envelopes), ())
    if frame.pushed and request:
        session.pushed.add(request)


def received_wraps(state: State, peer: PeerState, session: Session, frame: peer_pb2.Wraps) -> None:
    """Hand wraps to the incoming story."""
    weight = 1 + len(frame.wraps) // WRAPS_PER_ENTRY
    _ingest(state, peer, session, weight, (), tuple(frame.wraps))


def _ingest(
    state: State,
    peer: PeerState,
    session: Session,
    weight: int,
    envelopes: tuple[bytes, ...],
    proofs: tuple[envelope_pb2.WrapProof, ...],
) -> int:
    if not envelopes and not proofs:
        return 0
    limit = state.limits.ingest_outstanding
    if session.ingesting_total + weight > limit:
        if _answers_nothing(state, session):
            return 0
        what = "entries"
        state.cut(peer.name, FanalError(TOO_MUCH_UNANSWERED, peer=peer.name, what=what, limit=limit))
        return 0
    request = state.request()
    session.ingesting[request] = weight, state.now
    session.ingesting_total += weight
    state.out.append(Ingest(peer.name, request, envelopes, proofs))
    return request


def _answers_nothing(state: State, session: Session) -> bool:
    """Whether this node's store hangs: then an honest peer sends again what it hears nothing of."""
    oldest = next(iter(session.ingesting.values()), (0, state.now))
    return state.now - oldest[1] >= state.limits.acknowledge_after


def committed(state: State, event: Committed) -> None:
    """Entries are durable: acknowledge them, note who has them, push them on."""
    link = state.link_of(event.source)
    pushed = False
    if link is not None:
        link[1].ingested(event.request)
        pushed = event.request in link[1].pushed
        link[1].pushed.discard(event.request)
    gap = False
    for meta in event.entries:
        gap |= _note(state, meta, event.source, pushed)
    places = [meta.place for meta in event.entries] + list(event.known)
    for place in places:  # before the tree learns of its new parents: the old ones may have failed
        graft.arrived(state, place[:2], place.seq, event.source, pushed)
    if link is not None:
        for place in places:
            link[1].release(place)
        _note_held(state, *link, places)
        acknowledge(state, event.source, places)
        _note_brought(state, link[1], [meta.place for meta in event.entries])
        _charge_repeats(state, *link, event.known)
        if event.entries:
            link[0].score = min(link[0].score + 1, 0)  # who brings news is asked again
            link[1].store_wait = 0.0
        if pushed:
            tree.came_first(state, link[0], (meta.place for meta in event.entries))
            tree.came_again(state, *link, event.known)
        if gap:
            # What was pushed overtakes what is less urgent: the rest is on its way.
            wait = state.limits.fetch_patience if pushed else state.limits.sync_after_change
            wait = state.limits.thin_sync if state.limits.thin else wait
            state.timers.set_earlier(("sync", event.source), state.now + wait)
    for meta in event.entries:
        push.push(state, meta, event.source)
    second.tell(state, places, event.source)
    for place in places:
        fetch.arrived(state, place[:2], place.seq, event.source)
    wraps.committed(state, event.wraps, event.source)
    if link is not None:
        push.pump(state, *link)


def not_stored(state: State, event: NotStored) -> None:
    """What the peer sent is not here after all: it is told so, and the next comparison asks again; soon, and
    later each time while nothing of what it sends can be stored."""
    link = state.link_of(event.source)
    if link is None:
        return
    session = link[1]
    session.ingested(event.request)
    session.pushed.discard(event.request)
    for place in event.places:
        graft.not_stored(state, place[:2], place.seq)
        fetch.not_stored(state, place[:2], place.seq, event.source)
    acknowledge(state, event.source, (), [(place, NOT_STORED) for place in event.places])
    limits = state.limits
    session.store_wait = min(max(2 * session.store_wait, limits.sync_after_change), limits.fetch_patience)
    state.timers.set_earlier(("sync", event.source), state.now + session.store_wait)


def damaged(state: State, event: Damaged) -> None:
    """Entries that are not good any more are fetched again, from whoever has them."""
    lost = {place[:2] for place in event.places if state.book.lose(place)}
    for key in sorted(lost):
        fetch.consider(state, key)
    for peer, _ in state.linked() if lost else ():
        state.timers.set_earlier(("sync", peer.name), state.now + state.limits.sync_after_change)


def _note(state: State, meta: EntryMeta, source: str, pushed: bool) -> bool:
    """Into the book; True when entries before it are missing."""
    key = (meta.place.lane, meta.place.incarnation)
    for stream in state.book.add(meta):
        for peer, _ in state.linked():
            if state.may_offer(peer.name, key[0]):
                peer.share(stream)
        fetch.consider(state, stream)
    if meta.klass == envelope_pb2.EnvelopeClass.KEY:
        state.book.add_key(key, meta.manifest_sha256, meta.place.seq)
        wraps.key_committed(state, meta, source, pushed)
    return key in state.book.holey


def refused(state: State, event: Refused) -> None:
    """Tell the peer what this node will not take, and do not ask it for that again."""
    link = state.link_of(event.peer)
    if link is None:
        return
    for place, reason in event.entries:
        if reason == NOT_FINAL:
            hopeless(state, link[1], place[:2], place.seq, place.seq + 1)
        else:
            link[0].note_refused(place[:2], place.seq)
        fetch.arrived(state, place[:2], place.seq, event.peer)
    acknowledge(state, event.peer, (), event.entries)
    _charge_repeats(state, *link, [place for place, _ in event.entries])


def _charge_repeats(state: State, peer: PeerState, session: Session, places: Iterable[Place]) -> None:
    """What a peer brings again over one link, held here or refused, is work for nothing: a token each.
    The first copy from each peer is free, and so is what was lost here and asked for again."""
    state.charge(peer, session, _note_brought(state, session, places))


def _note_brought(state: State, session: Session, places: Iterable[Place]) -> int:
    """Remember what came over this link; how many of these had come before."""
    again = 0
    for place in places:
        key = place[:2]
        if key not in session.brought and len(session.brought) >= state.limits.rows_per_peer:
            continue
        brought = session.brought.setdefault(key, Ranges(cap=state.limits.spans_per_stream))
        again += place.seq in brought
        brought.add(place.seq, place.seq + 1)
    return again


def unasked(session: Session, frame: peer_pb2.Acknowledgement) -> int:
    """How many of the places that an acknowledgement names are not under way to the peer."""
    named = [*frame.stored, *(verdict.entry for verdict in frame.refused)]
    return sum(Place(one.lane, one.incarnation, one.seq) not in session.in_flight for one in named)


def acknowledged(state: State, peer: PeerState, session: Session, frame: peer_pb2.Acknowledgement) -> None:
    """The peer has committed, or will never take, what it names. What was never sent changes nothing but
    what it is believed to hold."""
    stored: list[Place] = []
    for item in frame.stored:
        place = Place(item.lane, item.incarnation, item.seq)
        sent = session.release(place)
        stream = state.book.stream(place[:2])
        if stream is None or place.seq not in stream.held or not state.may_offer(peer.name, place.lane):
            peer.score -= 1
            continue
        if sent is not None:
            session.acknowledged(sent, state.now, state.limits)
        stored.append(place)
    _note_held(state, peer, session, stored)
    for verdict in frame.refused:
        place = Place(verdict.entry.lane, verdict.entry.incarnation, verdict.entry.seq)
        if session.release(place) is None or verdict.reason == NOT_STORED:
            continue
        session.queue.discard(place[:2], place.seq, place.seq + 1)
        lane = state.book.lanes.get(place.lane)
        if lane is not None and lane.view.author == state.me:
            state.out.append(RecordRefused(peer.name, place, verdict.reason))
    push.pump(state, peer, session)


def _note_held(state: State, peer: PeerState, session: Session, places: Iterable[Place]) -> None:
    runs: dict[StreamKey, Ranges] = {}
    for place in places:
        runs.setdefault(place[:2], Ranges()).add(place.seq, place.seq + 1)
    for key, held in runs.items():
        state.note_held(peer, session, key, held)

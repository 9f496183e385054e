# SPDX-License-Identifier: Apache-2.0
"""Wraps of lane keys on demand: asking holders one after the other, and answering those who ask.

The author's peers get their own wrap with the KEY envelope (`push`). Everybody else asks for it, and for
those of readers who may come here for theirs: first the author, then whoever last brought the lane. A holder
that lacks one asks on, remembers who asked, and passes it on when it comes, so a wrap crosses the lines
between author and reader only (ADR 22). What nobody has stays remembered, and is asked again when a link
comes up, and once a minute with a round: a peer may have it by then, or the store here take it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from fanal.node.gossip import push
from fanal.node.gossip.actions import LoadWraps, Priority
from fanal.node.gossip.entitlement import readers_of, wraps_due
from fanal.node.gossip.events import EntryMeta, LoadedWraps, WrapMeta
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.state import State, WrapWant
from fanal.v1 import peer_pb2

OUTSTANDING_LOADS = 64
LONGEST_WAIT = 60.0
AGAIN = 64
"""So many that all have been asked for in vain are asked for again in one round."""


def key_committed(state: State, meta: EntryMeta, source: str, pushed: bool) -> None:
    """A KEY envelope came. Its author and a relay that serves this node send the own wrap behind it; who else
    pushed it is asked for that at once. What is needed besides has time."""
    if meta.view.author == state.me:
        return
    relay = state.roster.relays.get(source)
    given = source == meta.view.author or (relay is not None and state.me in relay.serves)
    for recipient in wraps_due(state.me, meta.view, state.roster, state.away(meta.view)):
        at_once = recipient == state.me and pushed and not given
        wrap = WrapMeta(meta.manifest_sha256, meta.place.lane, recipient)
        want(state, wrap, 0.0 if at_once else state.limits.wrap_patience)


def want(state: State, wrap: WrapMeta, wait: float, asker: str = "") -> None:
    """Remember a missing wrap; the oldest are forgotten when there are too many."""
    name = (wrap.key_manifest_sha256, wrap.recipient)
    entry = state.wrap_wants.get(name)
    if entry is None:
        entry = state.wrap_wants[name] = WrapWant(wrap.lane)
        while len(state.wrap_wants) > state.limits.wrap_wants:
            gone, _ = state.wrap_wants.popitem(last=False)
            state.timers.clear(("wrap", *gone))
    if asker:
        entry.askers.add(asker)
    if entry.attempts < state.limits.wrap_attempts:
        state.timers.set_earlier(("wrap", *name), state.now + wait)


def missing(state: State, wrap: WrapMeta) -> None:
    """The driver lacks it: asked for at once and anew, whatever became of the answers so far."""
    entry = state.wrap_wants.get((wrap.key_manifest_sha256, wrap.recipient))
    if entry is not None:
        entry.attempts = 0
    want(state, wrap, 0.0)


def ask(state: State, key_manifest_sha256: bytes, recipient: str) -> None:
    """The timer of a missing wrap: ask the next holder."""
    entry = state.wrap_wants.get((key_manifest_sha256, recipient))
    if entry is None:
        return
    lane = state.book.lanes.get(entry.lane)
    author = lane.view.author if lane is not None else ""
    holders = [
        peer.name
        for peer, _ in sorted(state.by_score(entry.lane), key=lambda link: link[0].name != author)
        if peer.name not in entry.askers and state.may_offer(peer.name, entry.lane)
    ]
    if not holders:
        return  # asked again when a link comes up
    untried = [name for name in holders if name not in entry.tried]
    if not untried:
        entry.tried.clear()
        untried = holders
    entry.tried.add(untried[0])
    wait = min(state.limits.wrap_patience * 2**entry.attempts, LONGEST_WAIT)
    entry.attempts, entry.asked_at = entry.attempts + 1, state.now
    frame = peer_pb2.WantWraps(key_manifest_sha256=key_manifest_sha256, recipients=[recipient])
    state.send(untried[0], peer_pb2.Frame(want_wraps=frame))
    if entry.attempts < state.limits.wrap_attempts:
        state.timers.set(("wrap", key_manifest_sha256, recipient), state.now + wait)


def link_up(state: State, peer: PeerState) -> None:
    """A new link: whatever is still missing and may be there is asked for anew."""
    for name, entry in state.wrap_wants.items():
        if state.may_offer(peer.name, entry.lane) and peer.name not in entry.askers:
            entry.attempts = 0
            entry.tried.discard(peer.name)
            state.timers.set_earlier(("wrap", *name), state.now + state.limits.wrap_patience)


def again(state: State, peer: PeerState) -> None:
    """A round with the peer: what was asked for in vain, longest ago first, gets one attempt more."""
    vain = [
        (entry.asked_at, name)
        for name, entry in state.wrap_wants.items()
        if entry.attempts >= state.limits.wrap_attempts and state.now - entry.asked_at >= LONGEST_WAIT
        if state.may_offer(peer.name, entry.lane) and peer.name not in entry.askers
    ]
    for _, name in heapq.nsmallest(AGAIN, vain):
        state.wrap_wants[name].attempts -= 1
        state.timers.set_earlier(("wrap", *name), state.now)


def wanted(state: State, peer: PeerState, session: Session, frame: peer_pb2.WantWraps) -> None:
    """A peer asks for wraps (no names: for its own). The lane is judged when the store has told it."""
    if len(session.wrap_loads) >= OUTSTANDING_LOADS:
        return
    recipients = tuple(dict.fromkeys(frame.recipients)) or (peer.name,)
    _load(state, peer, session, frame.key_manifest_sha256, recipients)


def loaded(state: State, event: LoadedWraps) -> None:
    """Send the wraps that were read to a peer that may hold the lane; ask on for those not held."""
    link = state.link_of(event.peer)
    asked = link[1].wrap_loads.pop(event.request, None) if link else None
    if link is None or asked is None or event.view is None:
        return
    peer, session = link
    lane = event.view.lane
    if not state.may_offer(peer.name, lane):
        return
    key_manifest_sha256, recipients = asked
    found = set()
    for wrap in event.wraps:
        found.add(push.recipient_of(wrap))
        session.note_wrap(key_manifest_sha256, push.recipient_of(wrap), state.limits.wraps_remembered)
    # Its own it needs to read what it has; those of others have time.
    priority = Priority.FLASH if peer.name in recipients else Priority.ROUTINE
    push.send_wraps(state, peer, session, event.wraps, priority)
    readers = readers_of(event.view, state.roster)  # its author asks on too: it may have been put back
    for recipient in sorted((readers & set(recipients)) - found - {event.view.author}):
        want(state, WrapMeta(key_manifest_sha256, lane, recipient), 0.0, asker=peer.name)


def committed(state: State, wraps: Iterable[WrapMeta], source: str) -> None:
    """Wraps are durable here: pass them on to those who asked and to those they are due to."""
    for wrap in wraps:
        name = (wrap.key_manifest_sha256, wrap.recipient)
        entry = state.wrap_wants.pop(name, None)
        state.timers.clear(("wrap", *name))
        askers = entry.askers if entry is not None else set()
        link = state.link_of(source)
        if link is not None:
            link[1].note_wrap(*name, state.limits.wraps_remembered)
        for peer, session in state.linked():
            if _passes_on(state, peer, session, wrap, askers):
                _load(state, peer, session, wrap.key_manifest_sha256, (wrap.recipient,))


def _passes_on(state: State, peer: PeerState, session: Session, wrap: WrapMeta, askers: set[str]) -> bool:
    lane = state.book.lanes.get(wrap.lane)
    if lane is None or not state.may_offer(peer.name, wrap.lane):
        return False
    if not _has_key_envelope(state, peer, session, wrap):
        return False  # its wraps go with it
    due = peer.name in askers or wrap.recipient in wraps_due(peer.name, lane.view, state.roster)
    if wrap.lane in peer.lazy and peer.name not in (*askers, wrap.recipient):
        return False  # others' wraps take the edges that its entries take
    cap = state.limits.wraps_remembered
    return due and session.note_wrap(wrap.key_manifest_sha256, wrap.recipient, cap)


def _has_key_envelope(state: State, peer: PeerState, session: Session, wrap: WrapMeta) -> bool:
    key = state.book.keys.get(wrap.key_manifest_sha256)
    stream = state.book.stream(key) if key else None
    if key is None or stream is None:
        return True
    seq = stream.keys[wrap.key_manifest_sha256]
    flight = session.in_flight.get((*key, seq))  # type: ignore[call-overload]
    return peer.holds(key, seq) or (flight is not None and flight.size > 0)


def _load(
    state: State, peer: PeerState, session: Session, key_manifest_sha256: bytes, recipients: tuple[str, ...]
) -> None:
    request = state.request()
    session.wrap_loads[request] = (key_manifest_sha256, recipients)
    state.out.append(LoadWraps(peer.name, request, key_manifest_sha256, recipients))

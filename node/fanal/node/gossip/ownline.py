# SPDX-License-Identifier: Apache-2.0
"""A node whose own line is slow sends an entry to few and leaves it to them to pass it on (ADR 23).

Its line is the slow one when most of those whom it pushes a lane to keep it waiting for acknowledgements; one
slow peer says nothing of it. Then one peer is sent a ROUTINE entry and two an alert, and the rest are told
of it once it had time to spread, one after the other: who has it by then merely says so. Nothing rests on
those few: whoever is told and has it from nobody asks for it, and then others are the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fanal.node.gossip import announce, tree
from fanal.node.gossip.actions import Priority
from fanal.node.gossip.events import EntryMeta, Span
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import State
from fanal.v1.envelope_pb2 import SeqRange

CLASSES = (Priority.FLASH, Priority.ROUTINE, Priority.BULK)
COPIES, COPIES_OF_ALERTS = 1, 2
MOST_RELIED = 256
APART = 0.5
"""Seconds between one who is told and the next: who lacks the entry gets it, and hands it on."""


def priority_of(meta: EntryMeta) -> Priority:
    """What an entry is spread with: that of its header, ROUTINE for what no version of today knows."""
    return Priority(meta.priority) if meta.priority in CLASSES else Priority.ROUTINE


def spared(state: State, meta: EntryMeta, links: Sequence[tuple[PeerState, Session]]) -> dict[str, float]:
    """Which of these need neither be sent a new entry nor be told of it now, and after how many seconds each
    is told: an announcement now would overtake the entry, and each would ask for it here."""
    place, priority = meta.place, priority_of(meta)
    if priority is Priority.BULK or tree.is_small(state) or len(links) <= state.limits.eager_peers:
        return {}
    eager = [link for link in links if place.lane not in link[0].lazy] or list(links)
    if not _held_up(state, eager):
        return {}
    stuck, told_after = state.now - state.limits.told_after, state.limits.told_after
    order = sorted(
        links, key=lambda link: (link not in eager, link[1].thin, _waits(link[1], stuck), -link[0].score)
    )
    copies = COPIES_OF_ALERTS if priority is Priority.FLASH else COPIES
    names = [peer.name for peer, _ in order]
    state.relied[place] = set(names[:copies])
    if len(state.relied) > MOST_RELIED:
        state.relied.popitem(last=False)
    return {name: told_after + at * APART for at, name in enumerate(names[copies:])}


def tell_later(state: State, peer: PeerState, session: Session, meta: EntryMeta, delay: float) -> None:
    """Tell the peer when the entry had time to come from others."""
    session.to_tell.append((state.now + delay, meta))
    state.timers.set_earlier(("tell", peer.name), state.now + delay)


def tell(state: State, peer: PeerState, session: Session) -> None:
    """The time has come for some: one announcement of all of them."""
    for _, meta in [item for item in session.to_tell if item[0] <= state.now]:
        if not peer.holds(meta.place[:2], meta.place.seq):
            span = Span(*meta.place, meta.place.seq + 1)
            announce.later(state, peer, session, span, priority_of(meta), meta.size)
    session.to_tell = [item for item in session.to_tell if item[0] > state.now]
    if session.to_tell:
        state.timers.set(("tell", peer.name), min(due for due, _ in session.to_tell))


def asked(state: State, peer: str, key: StreamKey, ranges: Iterable[SeqRange]) -> None:
    """A peer had to ask for these here: those who were sent them first have not passed them on."""
    runs = Ranges((run.start, run.stop) for run in ranges)
    for place in [place for place in state.relied if place[:2] == key and place.seq in runs]:
        for name in state.relied.pop(place) - {peer}:
            link = state.link_of(name)
            if link is not None:
                link[0].score -= 1


def _held_up(state: State, eager: Sequence[tuple[PeerState, Session]]) -> bool:
    """Whether most of these links wait, more than one slow peer explains, or did lately; once so few are sent
    anything, one that waits is enough."""
    since, lately = state.now - state.limits.held_up_after, state.now - state.limits.held_up_for
    if state.limits.thin:
        return True
    eager = [link for link in eager if not link[1].thin]  # these say that it is their line
    waiting = sum(_waits(session, since) for _, session in eager)
    many = len(eager) > state.limits.eager_peers and 2 * waiting > len(eager)
    if many or (waiting and state.held_up_at > lately):
        state.held_up_at = state.now
    return state.held_up_at > lately


def _waits(session: Session, since: float) -> bool:
    oldest = next(iter(session.in_flight.values()), None)
    return oldest is not None and oldest.since <= since

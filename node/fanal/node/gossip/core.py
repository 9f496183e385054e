# SPDX-License-Identifier: Apache-2.0
"""The gossip core: one table from events to the modules that answer them.

It imports no clock, no randomness, no socket and no store, so the same code runs under grpc.aio and under a
deterministic simulator. It promises: no frame names a lane to a peer that may not hold it; what is
acknowledged to a peer was committed before; work and memory per event do not depend on the number of
entries; no frame of a peer makes it raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fanal.errors import FanalError
from fanal.node.gossip import (
    announce,
    deferring,
    documents,
    entries,
    fetch,
    graft,
    links,
    ownline,
    push,
    second,
    sync,
    wraps,
)
from fanal.node.gossip.actions import Action, Cut, HandOn, WakeAt
from fanal.node.gossip.clock import ClosedStreams
from fanal.node.gossip.entitlement import Roster
from fanal.node.gossip.events import (
    Committed,
    Damaged,
    Deferred,
    DocumentsMissing,
    DocumentsTaken,
    EntryMeta,
    Event,
    Heads,
    LaneInfo,
    LinkDown,
    LinkUp,
    Loaded,
    LoadedDocuments,
    LoadedWraps,
    NotStored,
    Received,
    Refused,
    RosterChanged,
    Tick,
    WrapsMissing,
)
from fanal.node.gossip.frames import check_frame
from fanal.node.gossip.limits import GossipLimits
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import State
from fanal.node.gossip.timers import Name
from fanal.v1 import peer_pb2

_FRAMES: dict[str, Callable[[State, PeerState, Session, Any], None]] = {
    "entries": entries.received,
    "wraps": entries.received_wraps,
    "ack": entries.acknowledged,
    "digest": sync.digest,
    "clock": sync.clock,
    "want": sync.wanted,
    "announce": announce.announced,
    "prune": sync.pruned,
    "graft": sync.grafted,
    "not_found": graft.not_found,
    "want_wraps": wraps.wanted,
    "documents": documents.received,
    "want_documents": documents.wanted,
    "heartbeat": links.heartbeat,
    "deferred": deferring.told,
}
_UNMETERED = {"entries", "wraps", "documents", "pieces"}  # bounded by what may be outstanding
ATTACHMENTS = {"want_pieces", "pieces", "attachment_news"}
HANDED_ON = {"checkpoint", "cosigned", "witnessed", "fork", *ATTACHMENTS}
"""Frames that are not about lanes: the driver gets them, checked and metered."""
BYTES_PER_TOKEN = 8192
UNASKED_PER_TOKEN = 64


class GossipCore:
    """One node's side of gossip. Feed every event to `handle` and perform the actions it returns, in order.

    `lanes` is read once, at construction; `closed` gives on demand what they leave out, the streams that are
    closed and complete, and must not raise. Not thread-safe: one event at a time.
    """

    def __init__(
        self,
        me: str,
        roster: Roster,
        heads: Heads,
        lanes: Iterable[LaneInfo] = (),
        limits: GossipLimits | None = None,
        closed: ClosedStreams | None = None,
    ) -> None:
        self._state = State(me, roster, heads, lanes, limits or GossipLimits(), closed)
        self._wake: float | None = None

    def handle(self, event: Event, now: float, lost: float = 0.0) -> list[Action]:
        """What is to be done about the event. `now`: Unix seconds; if it falls, time stands still. `lost`:
        in how many of them so far this node's own store has refused."""
        state = self._state
        state.now, state.lost = max(state.now, now), max(state.lost, lost)
        state.out = []
        if isinstance(event, Tick):
            self._wake = None  # it has been used up
        self._run_timers()
        _EVENTS[type(event)](state, event)
        self._cut_links()
        wake = state.timers.next()
        if wake is not None and wake != self._wake:
            state.out.append(WakeAt(wake))
        self._wake = wake
        return state.out

    @property
    def linked(self) -> tuple[str, ...]:
        """The peers to whom there is a link."""
        return tuple(peer.name for peer, _ in self._state.linked())

    @property
    def caught_up(self) -> bool:
        """Whether every linked peer was found to hold what is held here, and nothing is being fetched."""
        equal = all(peer.synced_at for peer, _ in self._state.linked())
        return equal and not self._state.fetches

    def identity_held(self, peer: str, agency: str) -> int:
        """The serial of an agency's identity document that a linked peer holds, or will once it has read what
        was sent; 0 when it is not known."""
        link = self._state.link_of(peer)
        return link[1].heads.identities.get(agency, (0, b""))[0] if link is not None else 0

    def lacking(self, lane: bytes, incarnation: bytes, held: Iterable[tuple[int, int]]) -> Ranges:
        """What of these runs, which the ledger holds, was never told as committed."""
        stream = self._state.book.stream((lane, incarnation))
        return Ranges(Ranges(held).minus(stream.held if stream else Ranges()))

    def doubtful(self) -> list[tuple[bytes, bytes]]:
        """Streams (lane, incarnation) to compare by ``lacking`` with a store that failed, beside those that
        the store says are open. However many are closed and complete, they are not among them."""
        return self._state.book.doubtful()

    def unheard(self, held: Iterable[EntryMeta]) -> tuple[EntryMeta, ...]:
        """Which of these, which the ledger holds, were never told as committed."""
        return tuple(
            one for one in held if self.lacking(*one.place[:2], [(one.place.seq, one.place.seq + 1)])
        )

    def outstanding(self, peer: str) -> tuple[int, int, int]:
        """Of a linked peer: entries queued, entries unacknowledged, bytes unacknowledged (metrics)."""
        link = self._state.link_of(peer)
        if link is None:
            return (0, 0, 0)
        session = link[1]
        return (sum(session.queue.waiting.values()), len(session.in_flight), session.in_flight_bytes)

    def _run_timers(self) -> None:
        for name in self._state.timers.pop_due(self._state.now):
            _run_timer(self._state, name)

    def _cut_links(self) -> None:
        """A link that is being cut is gone for the core at once."""
        for action in list(self._state.out):
            if isinstance(action, Cut):
                links.down(self._state, action.peer)


def _run_timer(state: State, name: Name) -> None:
    kind, *rest = name
    if kind in _STREAM_TIMERS:
        lane, incarnation, *more = rest
        assert isinstance(lane, bytes)
        assert isinstance(incarnation, bytes)
        _STREAM_TIMERS[kind](state, (lane, incarnation), *more)
        return
    if kind == "later":
        deferring.due(state)
        return
    if kind == "wrap":
        manifest, recipient = rest
        assert isinstance(manifest, bytes)
        assert isinstance(recipient, str)
        wraps.ask(state, manifest, recipient)
        return
    link = state.link_of(str(rest[0]))
    if link is not None:
        _PEER_TIMERS[str(kind)](state, *link)


_STREAM_TIMERS: dict[str | bytes, Callable[..., None]] = {
    "fetch": lambda state, key: fetch.out_of_patience(state, key),
    "second": lambda state, key: second.look(state, key),
    "owed": lambda state, key, name: fetch.owed_is_overdue(state, key, name),
    "graft": lambda state, key, number: graft.overdue(state, key, int.from_bytes(number)),
}
_PEER_TIMERS: dict[str, Callable[[State, PeerState, Session], None]] = {
    "flush": push.pump,
    "announce": announce.flush,
    "tell": ownline.tell,
    "stall": push.stalled,
    "sync": sync.begin_round,
    "beat": links.beat,
}


def _received(state: State, event: Received) -> None:
    link = state.link_of(event.peer)
    if link is None:
        return  # a frame that was on its way when the link was cut
    if state.now - link[1].last_heard > state.limits.contact_after:
        state.timers.set_earlier(("sync", event.peer), state.now)
    link[1].last_heard = state.now
    if not state.charge(*link, _cost(link[1], event.frame)):
        return
    try:
        kind = check_frame(event.peer, event.frame, state.limits)
    except FanalError as malformed:
        state.cut(event.peer, malformed)
        return
    if kind in HANDED_ON:
        state.out.append(HandOn(event.peer, event.frame))
    elif kind is not None:
        _FRAMES[kind](state, *link, getattr(event.frame, kind))


def _cost(session: Session, frame: peer_pb2.Frame) -> float:
    """What the peer's bucket pays for a frame: by its size, for every row and number in it is work.

    Acknowledgements cost as far as they name what was never sent."""
    kind = frame.WhichOneof("frame")
    if kind == "ack":
        return entries.unasked(session, frame.ack) / UNASKED_PER_TOKEN
    if kind == "deferred" and frame.deferred.entries:
        return deferring.unasked(session, frame.deferred) / UNASKED_PER_TOKEN
    return 0.0 if kind in _UNMETERED else 1.0 + frame.ByteSize() / BYTES_PER_TOKEN


def _wraps_missing(state: State, event: WrapsMissing) -> None:
    for wrap in event.wraps:
        wraps.missing(state, wrap)


_EVENTS: dict[type, Callable[[State, Any], None]] = {
    LinkUp: links.up,
    LinkDown: lambda state, event: links.down(state, event.peer),
    Received: _received,
    Committed: entries.committed,
    NotStored: entries.not_stored,
    Damaged: entries.damaged,
    Refused: entries.refused,
    Deferred: deferring.deferred,
    Loaded: push.loaded,
    LoadedWraps: wraps.loaded,
    LoadedDocuments: documents.loaded,
    DocumentsTaken: documents.taken,
    DocumentsMissing: documents.missing,
    WrapsMissing: _wraps_missing,
    RosterChanged: lambda state, event: links.roster_changed(state, event.roster),
    Tick: lambda state, event: None,
}

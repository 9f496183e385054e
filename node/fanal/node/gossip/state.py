# SPDX-License-Identifier: Apache-2.0
"""The state of the core, shared by the modules that answer events, and the few things all of them do."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from fanal.errors import FanalError
from fanal.node.gossip.actions import Action, Cut, Priority, RecordHeld, Rest, Send
from fanal.node.gossip.clock import ClosedStreams, LaneBook
from fanal.node.gossip.entitlement import LaneView, Roster, readers_of
from fanal.node.gossip.errors import TOO_MANY_REQUESTS
from fanal.node.gossip.events import Heads, LaneInfo, Place, Span
from fanal.node.gossip.limits import GossipLimits
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.timers import Timers
from fanal.v1 import peer_pb2

LOOK_AGAIN = 0.5
"""Seconds between two looks at a patience that the own store draws out."""
LONGEST_REST = 5.0
"""Below every limit of silence, so that a resting link is not taken for a dead one."""


class Moment(NamedTuple):
    """When something began, and for how long this node's own store had refused by then."""

    at: float
    lost: float


@dataclass
class Fetch:
    """A stream being fetched from one peer, and of others too while that one is silent (`second`)."""

    peer: str
    runs: Ranges
    progress: Moment  # anybody's
    quiet_since: float = 0.0  # when the peer itself was asked or last brought something
    look_at: float = 0.0  # then another one is asked
    second: str = ""  # who was asked last beside the peer, since the peer last brought something
    second_at: float = 0.0
    lent: int = 0  # entries that are asked of it
    asked: dict[str, Ranges] = field(default_factory=dict)  # of others, and not here
    given: Ranges = field(default_factory=Ranges)  # here from others, and not from the peer
    gave_up: set[str] = field(default_factory=set)  # others that were asked and had it not, or left


@dataclass
class Expected:
    """Entries that one announcement named: waited for, then asked of `asked`, then of as many as failed."""

    runs: Ranges
    starter: str
    transfer: float  # seconds that the largest takes on a slow line
    announcers: dict[str, int]  # who said that it holds them, in which order
    alerts: bool
    began: float
    due: float = 0.0  # and `transfer` on top
    waited: int = 0  # more times, because received entries were not committed yet
    asked: tuple[str, ...] = ()
    tried: set[str] = field(default_factory=set)


@dataclass
class Later:
    """Entries of one stream that are not asked for before `until`: their author is over a quota here."""

    until: float
    runs: Ranges


@dataclass
class WrapWant:
    """A wrap this node lacks: for itself, for a reader it serves, or for a peer that asked."""

    lane: bytes
    attempts: int = 0
    asked_at: float = 0.0
    tried: set[str] = field(default_factory=set)
    askers: set[str] = field(default_factory=set)


class State:
    """Everything the core remembers. `out` collects the actions of the event in hand."""

    def __init__(
        self,
        me: str,
        roster: Roster,
        heads: Heads,
        lanes: Iterable[LaneInfo],
        limits: GossipLimits,
        closed: ClosedStreams | None,
    ) -> None:
        self.me = me
        self.roster = roster
        self.heads = heads
        self.limits = limits
        self.book = LaneBook(lanes, limits.keys_per_stream, closed)
        self.peers: dict[str, PeerState] = {}
        self.timers = Timers()
        self.fetches: dict[StreamKey, Fetch] = {}
        self.expected: dict[StreamKey, dict[int, Expected]] = {}
        self.later: dict[StreamKey, Later] = {}
        self.wrap_wants: OrderedDict[tuple[bytes, str], WrapWant] = OrderedDict()
        self.flash: OrderedDict[Place, float] = OrderedDict()  # the newest, and since when
        self.relied: OrderedDict[Place, set[str]] = OrderedDict()  # the newest, and who was sent them first
        self.expecting: Counter[str] = Counter()  # batches of `expected`, by who began them
        self.asking: set[int] = set()  # batches of `expected` that somebody was asked for
        self.now = 0.0
        self.lost = 0.0  # seconds in which this node's own store has refused
        self.held_up_at = -math.inf  # when most links for a lane were last found waiting
        self.out: list[Action] = []
        self._linked: dict[str, tuple[PeerState, Session]] = {}
        self._requests = 0

    def is_thin(self, session: Session) -> bool:
        """Whether the line of this node or that of the peer is thin, as their operators say."""
        return self.limits.thin or session.thin

    def request(self) -> int:
        self._requests += 1
        return self._requests

    def moment(self) -> Moment:
        """Now, for `look_again`."""
        return Moment(self.now, self.lost)

    def look_again(self, since: Moment, patience: float) -> float | None:
        """When to look whether a peer has let this node wait for so long; None when it has. The time in which
        the own store refused is nobody else's doing, and may go on."""
        due = since.at + patience + (self.lost - since.lost)
        if self.now >= due:
            return None
        return due if self.lost == since.lost else max(due, self.now + LOOK_AGAIN)

    def note_flash(self, place: Place) -> None:
        self.flash[place] = self.now
        if len(self.flash) > self.limits.flash_remembered:
            self.flash.popitem(last=False)

    # links

    def linked(self) -> list[tuple[PeerState, Session]]:
        """Peers with a link, in the order in which the links came up."""
        return list(self._linked.values())

    def link_of(self, peer: str) -> tuple[PeerState, Session] | None:
        return self._linked.get(peer)

    def attach(self, peer: PeerState, session: Session) -> None:
        self.peers[peer.name] = peer
        self._linked[peer.name] = (peer, session)

    def detach(self, peer: str) -> bool:
        """Forget the link; False when there was none."""
        for name in ("flush", "announce", "sync", "beat", "stall", "tell"):
            self.timers.clear((name, peer))
        return self._linked.pop(peer, None) is not None

    def by_score(self, lane: bytes = b"") -> list[tuple[PeerState, Session]]:
        """Linked peers, the more helpful first, of equals the parent of the lane: what is on its way from it
        is not sent again. Names break ties so that a run repeats exactly."""
        held = self.book.lanes.get(lane)
        parent = held.parent if held is not None else ""
        return sorted(
            self._linked.values(), key=lambda link: (-link[0].score, link[0].name != parent, link[0].name)
        )

    def away(self, view: LaneView) -> list[str]:
        """Readers whom this node trusts and has no link to now: they may come here first."""
        readers = readers_of(view, self.roster) - {self.me}
        return [a for a in readers if a not in self._linked and self.roster.is_peer(a)]

    def committing(self) -> bool:
        """Whether entries were received that the incoming story has not answered."""
        return any(session.ingesting_total for _, session in self._linked.values())

    def may_offer(self, peer: str, lane: bytes) -> bool:
        """May a frame to the peer name this lane? Only lanes held here can be offered."""
        held = self.book.lanes.get(lane)
        return held is not None and self.roster.is_peer(peer) and held.allows(peer, self.roster)

    # actions

    def send(self, peer: str, frame: peer_pb2.Frame, priority: Priority = Priority.CONTROL) -> None:
        link = self._linked.get(peer)
        if link is not None:
            link[1].last_sent = self.now
            self.out.append(Send(peer, frame, priority))

    def cut(self, peer: str, error: FanalError) -> None:
        if peer in self._linked:
            self.out.append(Cut(peer, error))

    def charge(self, peer: PeerState, session: Session, cost: float) -> bool:
        """Take the cost from the peer's bucket; False when it has not got it: the frame is dropped, and the
        link rests until it would be paid. Requests in good form never cut a link (protocol.md, Gossip)."""
        if not cost or session.bucket.take(cost, self.now):
            return True
        peer.score -= 1
        rate = self.limits.requests_per_second
        error = FanalError(TOO_MANY_REQUESTS, peer=peer.name, limit=int(rate))
        self.out.append(Rest(peer.name, min(cost / rate, LONGEST_REST), error))
        return False

    def note_held(
        self, peer: PeerState, session: Session, key: StreamKey, runs: Iterable[tuple[int, int]]
    ) -> None:
        """The peer holds these of what this node holds too; of own lanes the driver is told, once."""
        stream = self.book.stream(key)
        if stream is None:
            return
        own = self.book.lanes[key[0]].view.author == self.me
        told = session.told.setdefault(key, Ranges()) if own else Ranges()
        news: list[Span] = []
        for start, stop in runs:
            peer.note_held(key, start, stop)
            session.queue.discard(key, start, stop)
            session.to_announce.discard(key, start, stop)
            if own:
                both = Ranges(stream.held.within(start, stop))
                news.extend(Span(*key, *run) for run in both.minus(told))
                for run in both:
                    told.add(*run)
        if news:
            last = self.out[-1] if self.out else None
            if isinstance(last, RecordHeld) and last.peer == peer.name:
                self.out[-1] = RecordHeld(peer.name, last.spans + tuple(news))
            else:
                self.out.append(RecordHeld(peer.name, tuple(news)))

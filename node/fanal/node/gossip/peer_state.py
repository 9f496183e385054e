# SPDX-License-Identifier: Apache-2.0
"""What is known of one peer. `Session` lives as long as a link; `PeerState` as long as the peer's store."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from fanal.node.gossip.actions import Priority, Wanted
from fanal.node.gossip.events import EntryMeta, Heads, Place
from fanal.node.gossip.limits import GossipLimits
from fanal.node.gossip.queue import SendQueue, StreamKey
from fanal.node.gossip.ranges import Ranges

RIVALS = 64


@dataclass
class InFlight:
    """An entry handed to the link or being read for it; `size` is 0 until it is read."""

    size: int
    since: float
    lost: float  # seconds, of `State.lost` then


@dataclass
class Loading:
    """A reading that the driver has not answered."""

    wanted: tuple[Wanted, ...]
    priority: Priority


@dataclass
class Owed:
    """Entries of a stream that the peer was asked for and others brought: one of them is to come."""

    runs: Ranges
    quiet_since: float
    since: float
    lost: float  # seconds, of `State.lost` then


@dataclass
class Bucket:
    """A token bucket: `take` is False when the peer has been too fast for too long."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, cost: float, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        if self.tokens < cost:
            return False
        self.tokens -= cost
        return True


class LaneSet:
    """The lanes marked last, as many as fit."""

    def __init__(self, cap: int) -> None:
        self._lanes: OrderedDict[bytes, None] = OrderedDict()
        self._cap = cap

    def __contains__(self, lane: bytes) -> bool:
        return lane in self._lanes

    def __len__(self) -> int:
        return len(self._lanes)

    def __iter__(self) -> Iterator[bytes]:
        return iter(list(self._lanes))

    def add(self, lane: bytes) -> None:
        self._lanes[lane] = None
        self._lanes.move_to_end(lane)
        if len(self._lanes) > self._cap:
            self._lanes.popitem(last=False)

    def discard(self, lane: bytes) -> None:
        self._lanes.pop(lane, None)

    def clear(self) -> None:
        self._lanes.clear()


@dataclass
class Session:
    """The state of one link. Nothing here outlives it."""

    heads: Heads
    bucket: Bucket
    queue: SendQueue
    to_announce: SendQueue  # ROUTINE: pushed to others; BULK: to be asked for
    last_heard: float
    in_flight: dict[Place, InFlight] = field(default_factory=dict)
    in_flight_bytes: int = 0
    window: int = 0  # bytes, see `limits`
    loading: dict[int, Loading] = field(default_factory=dict)
    wrap_loads: dict[int, tuple[bytes, tuple[str, ...]]] = field(default_factory=dict)
    document_loads: set[int] = field(default_factory=set)
    ingesting: dict[int, tuple[int, float]] = field(default_factory=dict)  # request -> envelopes, since when
    ingesting_total: int = 0
    brought: dict[StreamKey, Ranges] = field(default_factory=dict)  # by this peer, taken or refused
    to_tell: list[tuple[float, EntryMeta]] = field(default_factory=list)  # when, see `ownline`
    largest: int = 0  # bytes of the largest entry that is to be announced
    pushed: set[int] = field(default_factory=set)  # requests of what came without being asked for
    rivals: OrderedDict[bytes, tuple[str, float]] = field(default_factory=OrderedDict)  # lane -> who, when
    taking: set[int] = field(default_factory=set)
    sync_wait: float = 0.0
    sync_rounds: int = 0  # without coming out equal
    store_wait: float = 0.0  # until what could not be stored here is asked for again
    rows_with_holes: set[StreamKey] = field(default_factory=set)
    told: dict[StreamKey, Ranges] = field(default_factory=dict)  # of own lanes, to the driver
    not_found: dict[StreamKey, Ranges] = field(default_factory=dict)
    incomplete: set[StreamKey] = field(default_factory=set)  # the peer said so: only its clock is asked by
    wraps_known: OrderedDict[tuple[bytes, str], None] = field(default_factory=OrderedDict)
    thin: bool = False  # the peer says that its line is thin
    last_sent: float = 0.0
    digest_asked: float = -1e9  # when ours went out that is not answered yet
    digest_compared: float = -1e9
    round_at: float = -1e9  # when ours last went out
    fetching: int = 0  # streams being fetched over this link
    to_fetch: OrderedDict[StreamKey, None] = field(default_factory=OrderedDict)
    owes: dict[StreamKey, Owed] = field(default_factory=dict)
    alone: float = 0.0  # seconds that it is waited for before another one is asked too; 0: not known
    growth: int = 1  # times `second_entries` that others may be asked for in its place
    lent: int = 0  # so many they are asked for
    heads_asked: set[bytes] = field(default_factory=set)  # that were not ours, at our own end

    def ingested(self, request: int) -> None:
        """The incoming story has answered."""
        weight, _since = self.ingesting.pop(request, (0, 0.0))
        self.ingesting_total -= weight

    def brought_before(self, when: float) -> bool:
        """Whether the incoming story still has something that the peer brought before then."""
        oldest = next(iter(self.ingesting.values()), None)
        return oldest is not None and oldest[1] < when

    def note_wrap(self, key_manifest_sha256: bytes, recipient: str, cap: int) -> bool:
        """Remember that the peer has, or was sent, a wrap; False when that was known."""
        name = (key_manifest_sha256, recipient)
        if name in self.wraps_known:
            return False
        self.wraps_known[name] = None
        while len(self.wraps_known) > cap:
            self.wraps_known.popitem(last=False)
        return True

    def note_rival(self, lane: bytes, name: str, now: float) -> None:
        """This peer was asked for an entry of the lane, and another one brought it first."""
        self.rivals[lane] = (name, now)
        if len(self.rivals) > RIVALS:
            self.rivals.popitem(last=False)

    def rival(self, lane: bytes, since: float) -> str:
        """Who that was, once, unless it was before `since`; else empty."""
        name, at = self.rivals.pop(lane, ("", 0.0))
        return name if at >= since else ""

    def acknowledged(self, flight: InFlight, now: float, limits: GossipLimits) -> None:
        """An entry has left the window by its acknowledgement. The window follows the line: what comes back
        later than `acknowledge_after` would be sent twice. It grows only where it is used."""
        soon, late = limits.window_seconds
        took, used = now - flight.since, self.in_flight_bytes + flight.size >= self.window // 2
        step = -flight.size if took > late else flight.size if took < soon and used else 0
        self.window = max(limits.window_least, min(self.window + step, limits.window_bytes))

    def release(self, place: Place) -> InFlight | None:
        """The entry leaves the window."""
        gone = self.in_flight.pop(place, None)
        if gone is not None:
            self.in_flight_bytes -= gone.size
        return gone


class PeerState:
    """One peer: what its store holds as far as known, and the link if there is one."""

    def __init__(self, name: str, run: bytes, limits: GossipLimits) -> None:
        self.name = name
        self.run = run
        self.session: Session | None = None
        self.score = 0  # orders peers when several can be asked; never cuts
        self.held: dict[StreamKey, Ranges] = {}
        self.refused: dict[StreamKey, Ranges] = {}  # by this node, of this peer's copies
        self.lazy = LaneSet(limits.tree_lanes)  # the peer wants to be told only
        self.pruned = LaneSet(limits.tree_lanes)  # this node wants to be told only
        self.grafted = LaneSet(limits.tree_lanes)  # the peer, whose line is thin, wants to be pushed
        self.forgot = False  # the peer, its own marks: it has begun a new run
        self.shared: list[StreamKey] = []  # live streams both may hold, ascending; kept while linked
        self.pinned: dict[StreamKey, tuple[int, bytes]] = {}
        """Streams at whose end the two hold different branches of a fork, as (next, our head): each has seen
        the other's row, so they stay out of the pair's digest until either end moves."""
        self.synced_at = 0  # the book's counter when both last held the same
        self._limits = limits

    def note_held(self, key: StreamKey, start: int, stop: int) -> None:
        """The peer says it holds these; a lie costs nobody but itself."""
        runs = self.held.get(key)
        if runs is None:
            if len(self.held) >= self._limits.rows_per_peer:
                return
            runs = self.held[key] = Ranges(cap=self._limits.spans_per_stream)
        runs.add(start, stop)

    def pin(self, key: StreamKey, end: tuple[int, bytes]) -> None:
        if key in self.pinned or len(self.pinned) < self._limits.rows_per_peer:
            self.pinned[key] = end

    def holds(self, key: StreamKey, seq: int) -> bool:
        runs = self.held.get(key)
        return runs is not None and seq in runs

    def note_refused(self, key: StreamKey, seq: int) -> None:
        """This peer's copy was refused here and is not asked for again."""
        if key in self.refused or len(self.refused) < self._limits.rows_per_peer:
            self.refused.setdefault(key, Ranges(cap=self._limits.spans_per_stream)).add(seq, seq + 1)

    def share(self, key: StreamKey) -> None:
        at = bisect_left(self.shared, key)
        if self.shared[at : at + 1] != [key]:
            self.shared.insert(at, key)

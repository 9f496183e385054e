# SPDX-License-Identifier: Apache-2.0
"""What this node holds, stream by stream, and how two nodes find out that they hold the same.

A stream is one (lane, incarnation). Its digest row is lane || incarnation || next (8 bytes, big endian) ||
head; the digest is SHA-256(domain || rows sorted by lane and incarnation). Floor and holes are not part of
it. A closed incarnation that is held completely leaves the live clock.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable

from fanal.keys.pae import DIGEST_DOMAIN
from fanal.node.gossip.entitlement import LaneView, Roster, may_hold
from fanal.node.gossip.events import EntryMeta, LaneInfo, Place, StreamInfo
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.v1 import ledger_pb2

HOLES_PER_ROW = 1000
RESTING = 1024


class Stream:
    """One incarnation of a lane as held here. `changed` is the book's counter at the last change."""

    __slots__ = ("changed", "closed", "floor", "head", "held", "keys")

    def __init__(self, info: StreamInfo | None = None) -> None:
        self.held = Ranges()
        self.head = b""
        self.floor = 0
        self.closed: int | None = None
        self.changed = 0
        self.keys: OrderedDict[bytes, int] = OrderedDict()  # manifest of a KEY envelope -> its seq
        if info is not None:
            self.held.add(0, info.next)
            for start, stop in info.holes:
                self.held.remove(start, stop)
            self.head, self.floor, self.closed = info.head, info.floor, info.closed
            self.keys.update(info.keys)

    @property
    def next(self) -> int:
        return self.held.stop

    @property
    def end(self) -> int:
        """Below which every number is known to exist."""
        return max(self.next, self.closed or 0)

    @property
    def live(self) -> bool:
        """A closed incarnation leaves the clock once it is held to its end. One that goes on beyond the end
        its author gave stays: the author was restored, and finds what it lost by this row."""
        closed = self.closed
        return closed is None or self.next > closed or any(self.held.gaps(0, closed))

    def may_hold_key(self, start: int, stop: int, cap: int) -> bool:
        """Whether a KEY envelope may stand in the span: the newest `cap` are known, older ones are not."""
        return len(self.keys) >= cap or any(start <= seq < stop for seq in self.keys.values())

    def row(self, key: StreamKey) -> bytes:
        return b"".join((*key, self.next.to_bytes(8, "big"), self.head))

    def to_clock(self, key: StreamKey) -> ledger_pb2.LaneClock:
        holes: list[int] = []
        for start, stop in self.held.gaps(0, self.next):
            holes.extend(range(start, min(stop, start + HOLES_PER_ROW - len(holes))))
            if len(holes) >= HOLES_PER_ROW:
                break
        return ledger_pb2.LaneClock(
            lane=key[0], incarnation=key[1], floor=self.floor, next=self.next, head=self.head, holes=holes
        )


class Lane:
    """A lane, its streams, and a cache of who may hold it under the newest roster."""

    __slots__ = ("_allowed", "brought_at", "live", "parent", "streams", "view")

    def __init__(self, view: LaneView) -> None:
        self.view = view
        self.parent = ""  # who last pushed something new of it (tree)
        self.brought_at = -math.inf  # and when
        self.streams: dict[bytes, Stream] = {}
        self.live: set[bytes] = set()
        """Incarnations in the live clock: what rounds and links cost grows with these alone."""
        self._allowed: dict[str, bool] = {}

    def allows(self, agency: str, roster: Roster) -> bool:
        known = self._allowed.get(agency)
        if known is None:
            known = self._allowed[agency] = may_hold(agency, self.view, roster)
        return known

    def forget_allowed(self) -> None:
        self._allowed.clear()


ClosedStreams = Callable[[bytes, bytes], StreamInfo | None]
"""What the store holds of a stream that is closed and complete; None for any other."""


class LaneBook:
    """Every lane this node holds something of. With `closed` given, what is closed and complete is looked up
    when it is named, and the answers to the last `RESTING` questions are kept: nothing here grows with the
    number of past runs."""

    def __init__(
        self, lanes: Iterable[LaneInfo], keys_per_stream: int, closed: ClosedStreams | None = None
    ) -> None:
        self.lanes: dict[bytes, Lane] = {}
        self.holey: set[StreamKey] = set()  # streams with something missing below their end
        self.keys: dict[bytes, StreamKey] = {}  # manifest of a KEY envelope -> its stream
        self.counter = 1
        self._keys_per_stream = keys_per_stream
        self._look_up = closed
        self._resting: OrderedDict[StreamKey, Stream | None] = OrderedDict()  # None: not closed, or not here
        for info in lanes:
            self._start(info)

    def stream(self, key: StreamKey) -> Stream | None:
        lane = self.lanes.get(key[0])
        if lane is None:
            return None
        known = lane.streams.get(key[1])
        if known is not None or self._look_up is None:
            return known
        if key not in self._resting:
            info = self._look_up(*key)
            self._rest(key, Stream(info) if info is not None else None)
        return self._resting[key]

    def doubtful(self) -> list[StreamKey]:
        """Of which the store may hold more than was told here: every stream but those that were looked up."""
        absent = [key for key, stream in self._resting.items() if stream is None]
        return [(lane_id, one) for lane_id, lane in self.lanes.items() for one in lane.streams] + absent

    def _rest(self, key: StreamKey, stream: Stream | None) -> None:
        self._resting[key] = stream
        if len(self._resting) > RESTING:
            _, gone = self._resting.popitem(last=False)
            for manifest_sha256 in gone.keys if gone is not None else ():
                self.keys.pop(manifest_sha256, None)

    def _own(self, lane: Lane, key: StreamKey) -> Stream:
        """The stream, to be changed: it rests no more."""
        stream = lane.streams[key[1]] = self.stream(key) or Stream()
        self._resting.pop(key, None)
        return stream

    def add(self, meta: EntryMeta) -> list[StreamKey]:
        """Note a committed entry; the streams that it brings into the live clock: its own, when it is new or
        goes on beyond its end, or the one that it closes, when something of that is missing."""
        lane = self.lanes.setdefault(meta.place.lane, Lane(meta.view))
        key = (meta.place.lane, meta.place.incarnation)
        touched = [key]
        if meta.closes is not None and meta.closes.incarnation != key[1]:
            touched.append((key[0], meta.closes.incarnation))
        live = {one for one in touched if one[1] in lane.live}
        stream = self._own(lane, key)
        if meta.place.seq >= stream.next:
            stream.head = meta.manifest_sha256
        stream.held.add(meta.place.seq, meta.place.seq + 1)
        self._touch(key, stream)
        if meta.closes is not None and meta.closes.incarnation != key[1]:
            self._close(lane, (key[0], meta.closes.incarnation), meta.closes.next)
        return [one for one in touched if one[1] in lane.live and one not in live]

    def lose(self, place: Place) -> bool:
        """An entry is not held after all; False when it was not."""
        key = (place.lane, place.incarnation)
        stream = self.stream(key)
        if stream is None or place.seq not in stream.held:
            return False
        stream = self._own(self.lanes[place.lane], key)
        if place.seq + 1 == stream.next:
            stream.head = b""  # equal to nobody's, so that rows are exchanged
        stream.held.remove(place.seq, place.seq + 1)
        self._touch(key, stream)
        return True

    def add_key(self, key: StreamKey, manifest_sha256: bytes, seq: int) -> None:
        """Remember where a KEY envelope stands (the newest few of each stream)."""
        stream = self.stream(key)
        if stream is None:
            return
        stream.keys[manifest_sha256] = seq
        self.keys[manifest_sha256] = key
        while len(stream.keys) > self._keys_per_stream:
            self.keys.pop(stream.keys.popitem(last=False)[0], None)

    def _start(self, info: LaneInfo) -> None:
        lane = self.lanes.setdefault(info.view.lane, Lane(info.view))
        for row in info.rows:
            key = (info.view.lane, row.incarnation)
            stream = lane.streams[row.incarnation] = Stream(row)
            stream.changed = self.counter
            for manifest_sha256 in stream.keys:
                self.keys[manifest_sha256] = key
            self._judge(key, stream)

    def _close(self, lane: Lane, key: StreamKey, stop: int) -> None:
        stream = self._own(lane, key)
        stream.closed = max(stream.closed or 0, stop)
        self._touch(key, stream)

    def _touch(self, key: StreamKey, stream: Stream) -> None:
        self.counter += 1
        stream.changed = self.counter
        self._judge(key, stream)

    def _judge(self, key: StreamKey, stream: Stream) -> None:
        """Whether something of it is missing, and whether it is in the live clock."""
        lane = self.lanes[key[0]]
        (lane.live.add if stream.live else lane.live.discard)(key[1])
        if len(stream.held) > 1 or next(stream.held.gaps(0, stream.end), None) is not None:
            self.holey.add(key)
        else:
            self.holey.discard(key)
            if self._look_up is not None and not stream.live:
                self._rest(key, lane.streams.pop(key[1]))


def digest_of(rows: Iterable[bytes]) -> bytes:
    """SHA-256 over the domain and the sorted rows of the streams that both sides may hold."""
    return hashlib.sha256(DIGEST_DOMAIN + b"".join(sorted(rows))).digest()


def held_of_clock(row: ledger_pb2.LaneClock, cap: int) -> Ranges:
    """What a checked row claims to be held. A row that names as many holes as fit may have more behind
    them, so beyond the last only its newest entry is believed."""
    held = Ranges(cap=cap)
    full = len(row.holes) >= HOLES_PER_ROW
    start = 0
    for hole in row.holes:
        held.add(start, hole)
        start = hole + 1
    if full:
        start = max(start, row.next - 1)
    held.add(start, row.next)
    return held

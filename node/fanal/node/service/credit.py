# SPDX-License-Identifier: Apache-2.0
"""Byte credits of one stream: how much may be under way to the other side, and no more.

A slow line keeps what was sent in its queues, where nothing can be overtaken. So each receiver grants its
sender a window that follows what the line really delivers: rate times the least round trip, and 60 ms more.
What arrives in 60 ms is the longest queue that an alert meets, once the line has been measured. While the
line of this node itself is crowded (see `inflow`) a stream is granted what it brings in half a second, and
where the operator has said what the line carries all streams share that (see `thinline`). No
socket, no clock: times are given, monotonic seconds. Numbers of the peer are bounded here; what no honest
peer can say raises FanalError BAD_CREDIT.
"""

from __future__ import annotations

import collections
import math

from fanal.errors import FanalError
from fanal.node.service.errors import BAD_CREDIT
from fanal.node.service.inflow import LATE_SECONDS, Inflow
from fanal.node.service.thinline import ThinLine
from fanal.v1.peer_pb2 import Credit

START, FIRST = 2 * 1024, 16 * 1024
"""Granted before anything is said, and by the first Credit, which each side sends at once. Little is under
way until the first round trip has been measured, else our own bytes would be in it."""
LEAST, MOST = 4 * 1024, 1024 * 1024
NARROW = 2 * 1024
"""The least window on a crowded line: a small notice, and nine peers have 2.3 s of 64 kbit/s under way."""
BEYOND, BEYOND_WINDOWS = 64 * 1024, 4
"""CONTROL and FLASH may be sent so far beyond the grant, and so many windows: what nine peers hurry along
fills a line, too."""
BEYOND_THIN = 1024
"""So far on a thin line, at either end of it: nine peers together a second of 64 kbit/s."""
ABSURD = 16 * MOST
QUEUE_SECONDS = 0.06
GRANTS_PER_WINDOW, GRANTS_PER_THIN_WINDOW = 8, 2
_SLACK = 1.25
"""A window is granted in steps and used in pieces: so much more keeps the line full between them."""
_SAMPLES = 8
_GROWTH = 1.25
_SAMPLE_SECONDS, _QUIET_SECONDS, _STAMP_SECONDS = 0.05, 0.5, 0.25
_NARROW_STAMP_SECONDS = 2.0
"""On a crowded line the Credits of nine peers are bytes, too."""
_THIN_STAMP_SECONDS = 30.0
_RECENT_SECONDS = 1.0
_LONGEST_ROUND_TRIP = 30.0
_CREDITS, _CREDITS_PER_SECOND, _BYTES_PER_CREDIT = 100, 20, 512


class RoundTrip:
    """The least round trip to a peer over all its streams, of this period and the one before.

    The least one, because a queue that we fill ourselves makes every other one longer; kept beyond a stream,
    because the next one may begin on a line that is busy already."""

    PERIOD = 600.0

    def __init__(self) -> None:
        self._now = self._before = math.inf
        self._since = -math.inf

    @property
    def least(self) -> float | None:
        """Seconds; None before the first measurement."""
        found = min(self._now, self._before)
        return found if found < math.inf else None

    def note(self, seconds: float, now: float) -> None:
        """One measurement."""
        if now - self._since >= self.PERIOD:
            self._before, self._now, self._since = self._now, math.inf, now
        self._now = min(self._now, max(0.0, min(seconds, _LONGEST_ROUND_TRIP)))


class Grants:
    """What this side lets the other send: counts what comes, measures, and says so in Credit frames."""

    def __init__(
        self,
        agency: str,
        trip: RoundTrip,
        now: float,
        inflow: Inflow | None = None,
        line: ThinLine | None = None,
        thin_peer: bool = False,
    ) -> None:
        """`line`: that of this node, if it is thin."""
        self.received = 0
        self._line, self._sparing = line, line is not None or thin_peer
        self.window = FIRST
        self._agency, self._trip, self._inflow = agency, trip, inflow or Inflow()
        self._limit = START  # the highest ever granted: what is under way may still use it
        self._told = 0
        self._told_window = 0  # nothing told yet: the first Credit is due at once
        self._mark = (now, 0)
        self._recently, self._recent_rate = (now, 0), 0.0
        self._last = -math.inf
        self._rates: collections.deque[float] = collections.deque(maxlen=_SAMPLES)
        self._echo = 0
        self._stamp = 0
        self._stamped: float | None = None
        self._answered = -math.inf
        self._holding, self._told_holding = False, -math.inf  # we wait for the other side's credit
        self._held = False  # since the last measurement the other side waited for ours

    def took(self, size: int, now: float) -> None:
        """A message of so many bytes has come. BAD_CREDIT when the sender ignores what it was granted."""
        self.received += size
        if self.received > self._limit + BEYOND:
            raise FanalError(BAD_CREDIT, agency=self._agency, reason="ignored")
        if self._line is not None:
            self._line.took(self._agency, size, now)
        self._look(now)
        trip = self._trip.least or 0.0
        if now - self._last > max(2 * trip, _QUIET_SECONDS):
            self._mark = (now, self.received)  # silence says nothing of the line
        elif now - self._mark[0] >= max(trip, _SAMPLE_SECONDS):
            self._measure(now)
        self._last = now

    def heard(self, credit: Credit, now: float) -> None:
        """The other side's stamp is to be echoed; its echo of ours is a round trip."""
        self._echo = credit.stamp or self._echo
        self._held |= credit.held
        if self._stamped is not None and credit.echo == self._stamp:
            self._trip.note(now - self._stamped, now)
            self._inflow.note(self._agency, now - self._stamped - (self._trip.least or 0.0), now)
            self._stamped, self._answered = None, now

    def hold(self, now: float, window: int = MOST) -> None:
        """This side has more to send than the window allows: the other one should know, once in a while."""
        if self._sparing:
            return  # what is granted follows no measurement that a pause would spoil
        every = _STAMP_SECONDS if window >= LEAST else _NARROW_STAMP_SECONDS
        self._holding = now - self._told_holding >= every

    def due(self, now: float) -> bool:
        """Whether a Credit should be sent now: also to take back most of what was granted."""
        window = self._granted(now)
        parts = GRANTS_PER_THIN_WINDOW if self._sparing else GRANTS_PER_WINDOW
        step = min(window, self._told_window) // parts
        if self._echo or self._holding or 2 * window < self._told_window:
            return True
        return not self._told_window or self.received - self._told >= step

    def credit(self, now: float) -> Credit:
        """The grant to send now."""
        window = self._granted(now)
        said = Credit(received=self.received, window=window, echo=self._echo, held=self._holding)
        if self._holding:
            self._holding, self._told_holding = False, now
        every = _NARROW_STAMP_SECONDS if self._inflow.crowded(now) else _STAMP_SECONDS
        every = _THIN_STAMP_SECONDS if self._sparing else every
        if self._stamped is None and now - self._answered >= every:
            self._stamp, self._stamped = self._stamp % 0xFFFF_FFFF + 1, now
            said.stamp = self._stamp
        self._told, self._told_window, self._echo = self.received, window, 0
        self._limit = max(self._limit, self.received + window)
        return said

    def _granted(self, now: float) -> int:
        """The window of this stream, or its share of a thin or crowded line."""
        if self._line is not None:
            return self._line.window(self._agency, now)
        if not self._inflow.crowded(now):
            return self.window
        return int(min(self.window, max(NARROW, self._recent_rate * LATE_SECONDS)))

    def _look(self, now: float) -> None:
        """What comes at present, and whether an answer is late already."""
        since, received = self._recently
        if now - since >= _RECENT_SECONDS:
            self._recent_rate = (self.received - received) / (now - since)
            self._recently = (now, self.received)
        if self._stamped is not None and self._trip.least is not None:
            waited = now - self._stamped - self._trip.least
            if waited > LATE_SECONDS:
                self._inflow.note(self._agency, waited, now)

    def _measure(self, now: float) -> None:
        """The rate since the mark, and the window that follows. The second best of the last rates counts:
        a stall ends in a burst, and one burst is no rate. A low rate counts only when the sender was held up:
        else it had nothing to send, which says nothing of the line."""
        began, received = self._mark
        self._mark = (now, self.received)
        held, self._held = self._held, False
        rate, best = (self.received - received) / (now - began), max(self._rates, default=0.0)
        trip = self._trip.least
        if trip is None or not (held or rate > self._rate()):
            return
        self._rates.append(rate)
        wanted = (2 * rate if rate > _GROWTH * best else self._rate()) * (trip + QUEUE_SECONDS) * _SLACK
        self.window = int(max(LEAST, min(wanted, MOST)))

    def _rate(self) -> float:
        best = sorted(self._rates, reverse=True)[:2]
        return best[-1] if best else 0.0


class Allowance:
    """What the other side lets this one send."""

    def __init__(self, agency: str, now: float, thin: bool = False) -> None:
        """`thin`: the line of either side is."""
        self.sent = self.received = 0
        self.window = START
        self.thin = thin
        self._agency, self._began = agency, now
        self._credits = 0

    @property
    def beyond(self) -> int:
        """Bytes that may be sent beyond the grant if they are urgent."""
        if self.thin:
            return BEYOND_THIN
        return min(BEYOND, BEYOND_WINDOWS * max(NARROW, self.window))

    def room(self, urgent: bool) -> int:
        """Bytes that may be sent now; CONTROL and FLASH are urgent."""
        left = self.received + self.window - self.sent
        return max(0, left + self.beyond if urgent else left)

    def spend(self, size: int) -> None:
        """A message of so many bytes is being sent."""
        self.sent += size

    def heard(self, credit: Credit, now: float) -> None:
        """Take a grant. BAD_CREDIT when it names more than was sent, less than before, or an absurd window,
        or when there are far more grants than bytes could want."""
        self._credits += 1
        allowed = _CREDITS + self.sent / _BYTES_PER_CREDIT + (now - self._began) * _CREDITS_PER_SECOND
        if self._credits > allowed:
            raise FanalError(BAD_CREDIT, agency=self._agency, reason="flood")
        if not self.received <= credit.received <= self.sent:
            raise FanalError(BAD_CREDIT, agency=self._agency, reason="received")
        if credit.window > ABSURD:
            raise FanalError(BAD_CREDIT, agency=self._agency, reason="window")
        self.received, self.window = credit.received, min(credit.window, MOST)

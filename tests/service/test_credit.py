# SPDX-License-Identifier: Apache-2.0
"""Credits, pieces and their queue without a socket: what a line of a given rate and delay settles at."""

from __future__ import annotations

import heapq
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.errors import FanalError
from fanal.node.gossip.actions import Priority
from fanal.node.service import credit as rules
from fanal.node.service import errors
from fanal.node.service.credit import Allowance, Grants, RoundTrip
from fanal.node.service.outbox import Outbox
from fanal.node.service.parts import Joiner
from fanal.v1.peer_pb2 import Credit, Entries, Frame, Heartbeat, Part

A = "AZ-CUS"


class Line:
    """One direction of bulk over a line that delivers `rate` bytes a second; credits come back undelayed by
    anything but the distance. Virtual time."""

    def __init__(self, rate: float, one_way: float, trip: RoundTrip | None = None) -> None:
        self.rate, self.one_way = rate, one_way
        self.grants = Grants(A, trip or RoundTrip(), 0.0)
        self.sender = Grants(A, RoundTrip(), 0.0)  # what the sender says of itself
        self.allowance = Allowance(A, 0.0)
        self.outbox = Outbox(max_bytes=1 << 40)
        self.now, self.free, self._count = 0.0, 0.0, 0
        self._events: list[tuple[float, int, str, Any]] = []
        self.queue_seconds: list[tuple[float, float]] = []
        self.taken = 0

    def offer(self, size: int, count: int) -> None:
        for _ in range(count):
            assert self.outbox.put(Frame(entries=Entries(envelopes=[bytes(size)])), Priority.BULK)

    def run(self, until: float) -> None:
        self._turn()
        while self._events and self._events[0][0] <= until:
            self.now, _, what, value = heapq.heappop(self._events)
            if what == "data":
                self.taken += value
                self.grants.took(value, self.now)
            elif what == "said":
                self.grants.heard(value, self.now)
            else:
                self.allowance.heard(value, self.now)
                self.sender.heard(value, self.now)
            self._turn()
        self.now = until

    def _turn(self) -> None:
        if self.grants.due(self.now):
            self._at(self.now + self.one_way, "credit", self.grants.credit(self.now))
        self._say()
        while (message := self.outbox.take(self.allowance)) is not None:
            self.free = max(self.free, self.now) + len(message) / self.rate
            self.queue_seconds.append((self.now, self.free - self.now))
            self._at(self.free + self.one_way, "data", len(message))
        if len(self.outbox):
            self.sender.hold(self.now)
        self._say()

    def _say(self) -> None:
        if self.sender.due(self.now):
            self._at(max(self.free, self.now) + self.one_way, "said", self.sender.credit(self.now))

    def _at(self, when: float, what: str, value: Any) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, what, value))


@pytest.mark.parametrize(
    ("rate", "one_way"),
    [(8_000, 0.15), (64_000, 0.15), (64_000, 0.02), (1_000_000, 0.15), (1_000_000, 0.3), (250_000, 0.005)],
)
def test_a_measured_line_is_kept_full_and_its_queue_short(rate: float, one_way: float) -> None:
    """Four fifths of the rate; an alert waits for a quarter of a round trip, 80 ms and 4 KiB at most."""
    line = Line(rate, one_way)
    line.offer(30_000, int(rate * 60 / 30_000) + 1)
    line.run(20.0)
    before, settled = line.taken, [s for at, s in line.queue_seconds if at > 10.0]
    line.run(40.0)
    assert (line.taken - before) / 20.0 > 0.8 * rate
    settled = [s for at, s in line.queue_seconds if at > 10.0]
    assert max(settled) < 0.08 + 0.5 * one_way + rules.LEAST / rate


def test_the_window_follows_a_line_that_becomes_slower_and_faster_again() -> None:
    """A tenth of the rate: the window shrinks within seconds; ten times: it grows again."""
    line = Line(500_000, 0.05)
    line.offer(60_000, 250)
    line.run(5.0)
    wide = line.grants.window
    line.rate = 50_000
    line.run(12.0)
    narrow = line.grants.window
    line.rate = 500_000
    line.run(20.0)
    assert narrow < wide / 4
    assert line.grants.window > 2 * narrow


def test_a_trickle_does_not_narrow_the_window() -> None:
    """A sender that is never held up says nothing of the line, however little it sends."""
    line = Line(1_000_000, 0.15)
    line.offer(60_000, 100)
    line.run(6.0)
    wide = line.grants.window
    for second in range(7, 40):
        line.offer(500, 1)
        line.run(second)
    assert line.grants.window == pytest.approx(wide, rel=0.01)


def test_a_burst_after_a_stall_is_no_rate() -> None:
    """What waited comes all at once: the window does not grow with it."""
    trip = RoundTrip()
    trip.note(0.3, 0.0)
    grants, now = Grants(A, trip, 0.0), 0.0
    grants.credit(0.0)

    def flow(seconds: float, rate: float) -> None:
        nonlocal now
        for _ in range(int(seconds / 0.02)):
            now += 0.02
            grants.heard(Credit(held=True), now)
            grants.took(int(rate * 0.02), now)
            grants.credit(now)

    flow(6.0, 64_000)
    steady = grants.window
    now += 1.0
    grants.took(60_000, now)
    grants.credit(now)
    flow(0.4, 64_000)
    assert grants.window < 1.3 * steady


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 200_000)), max_size=60), st.floats(0, 100))
def test_whatever_comes_the_window_stays_between_its_ends(gaps: Any, trip_seconds: float) -> None:
    """4 KiB to 1 MiB, for any times, sizes and round trips, the same moment twice included."""
    trip, now = RoundTrip(), 0.0
    trip.note(trip_seconds, now)
    grants = Grants(A, trip, now)
    for gap, size in gaps:
        now += gap
        grants._limit = 1 << 60
        grants.took(size, now)
        grants.heard(Credit(held=True, stamp=1, echo=2), now)
        assert rules.LEAST <= grants.credit(now).window <= rules.MOST


def test_the_least_round_trip_of_two_periods_counts() -> None:
    """A queue that we fill ourselves changes nothing; a line that has become longer does, in time."""
    trip = RoundTrip()
    assert trip.least is None
    for at, seconds in ((0.0, 0.3), (10.0, 2.0), (650.0, 0.9)):
        trip.note(seconds, at)
        assert trip.least == 0.3
    trip.note(1.1, 1300.0)
    assert trip.least == 0.9


# --- the queue and the pieces -------------------------------------------------------------------------


def joined(messages: list[bytes]) -> list[Frame]:
    joiner, out = Joiner(1 << 20), []
    for message in messages:
        frame = Frame.FromString(message)
        if frame.WhichOneof("frame") == "part":
            whole = joiner.add(frame.part)
            if whole is None:
                continue
            frame = Frame.FromString(whole)
        out.append(frame)
    return out


@given(
    st.lists(st.tuples(st.sampled_from(sorted(Priority)), st.integers(0, 90_000)), max_size=12),
    st.integers(rules.LEAST, rules.MOST),
)
def test_frames_in_pieces_come_out_whole_and_in_order(frames: Any, window: int) -> None:
    """For any sizes, priorities and windows; no message of the low priorities is larger than its share."""
    outbox, allowance = Outbox(), Allowance(A, 0.0)
    for number, (priority, size) in enumerate(frames):
        assert outbox.put(Frame(entries=Entries(envelopes=[bytes([number]) + bytes(size)])), priority)
    outbox.finish()
    messages = []
    while not outbox.done:
        allowance.heard(Credit(received=allowance.sent, window=window), 1e6 * len(messages))
        while (message := outbox.take(allowance)) is not None:
            assert len(message) <= max(1024, window // 16, 16_384) + 24
            messages.append(message)
    order = [frame.entries.envelopes[0][0] for frame in joined(messages)]
    assert order == [n for _, n in sorted((p, n) for n, (p, _) in enumerate(frames))]


def test_an_alert_goes_between_the_pieces_of_a_large_frame() -> None:
    """The large frame was begun; the alert does not wait for its end."""
    outbox, allowance = Outbox(), Allowance(A, 0.0)
    large = Frame(entries=Entries(envelopes=[bytes(60_000)]))
    alert = Frame(heartbeat=Heartbeat(nonce=7))
    outbox.put(large, Priority.BULK)
    first = outbox.take(allowance)
    outbox.put(alert, Priority.FLASH)
    second = outbox.take(allowance)
    assert first is not None
    assert len(first) < 2_000
    assert second == alert.SerializeToString()


@pytest.mark.parametrize(
    ("window", "beyond"),
    [(100_000, rules.BEYOND), (rules.FIRST, rules.BEYOND), (2_000, 8_000), (0, 4 * rules.NARROW)],
)
def test_without_credit_only_what_is_urgent_goes_and_only_so_far(window: int, beyond: int) -> None:
    """At the grant nothing of low priority leaves; CONTROL and FLASH go four windows beyond it, 64 KiB at
    most, and no byte more."""
    outbox, allowance = Outbox(), Allowance(A, 0.0)
    allowance.heard(Credit(window=window), 0.0)
    for _ in range(40):
        outbox.put(Frame(entries=Entries(envelopes=[bytes(5_000)])), Priority.ROUTINE)
    while outbox.take(allowance) is not None:
        pass
    assert allowance.sent <= window
    for _ in range(40):
        outbox.put(Frame(entries=Entries(envelopes=[bytes(5_000)])), Priority.FLASH)
    while outbox.take(allowance) is not None:
        pass
    assert window + beyond - 5_100 < allowance.sent <= window + beyond
    assert len(outbox) > 26


@pytest.mark.parametrize(
    "part",
    [Part(priority=4, data=b"x"), Part(priority=1, data=b""), Part(priority=3, data=bytes(101))],
    ids=["unknown priority", "nothing", "beyond the largest message"],
)
def test_pieces_that_make_no_frame_are_refused(part: Part) -> None:
    """ValueError before anything is kept of them."""
    with pytest.raises(ValueError, match="part"):
        Joiner(100).add(part)


# --- what a peer may say ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("credit", "reason"),
    [
        (Credit(received=5_001, window=10), "received"),
        (Credit(received=(1 << 64) - 1, window=10), "received"),
        (Credit(received=999, window=10), "received"),
        (Credit(received=2_000, window=rules.ABSURD + 1), "window"),
        (Credit(received=2_000, window=(1 << 32) - 1), "window"),
    ],
    ids=["more than sent", "a negative number", "less than before", "an absurd window", "an overflow"],
)
def test_a_grant_that_no_honest_peer_gives_is_refused(credit: Credit, reason: str) -> None:
    """BAD_CREDIT names what is wrong; nothing of it counts."""
    allowance = Allowance(A, 0.0)
    allowance.spend(5_000)
    allowance.heard(Credit(received=1_000, window=10), 1.0)
    with pytest.raises(FanalError) as caught:
        allowance.heard(credit, 2.0)
    assert caught.value.kind is errors.BAD_CREDIT
    assert caught.value.facts["reason"] == reason
    assert (allowance.received, allowance.window) == (1_000, 10)


def test_a_generous_grant_is_used_up_to_one_mebibyte() -> None:
    """Sixteen are allowed to be said; a bounded amount is under way all the same."""
    allowance = Allowance(A, 0.0)
    allowance.heard(Credit(window=rules.ABSURD), 1.0)
    assert allowance.room(urgent=False) == rules.MOST


def test_a_sender_that_ignores_its_grant_is_found_at_the_first_byte_beyond() -> None:
    """At the limit and one past it; an earlier, wider grant stays good for what is under way."""
    grants = Grants(A, RoundTrip(), 0.0)
    grants.took(rules.START + rules.BEYOND, 1.0)
    with pytest.raises(FanalError) as caught:
        grants.took(1, 1.0)
    assert caught.value.facts["reason"] == "ignored"
    grants = Grants(A, RoundTrip(), 0.0)
    grants.credit(0.0)
    grants.window = rules.LEAST
    grants.credit(0.0)
    grants.took(rules.FIRST + rules.BEYOND, 1.0)


def test_an_echo_of_a_stamp_that_was_not_sent_measures_nothing() -> None:
    """Only the stamp that is out counts, and only once."""
    trip = RoundTrip()
    grants = Grants(A, trip, 0.0)
    stamp = grants.credit(5.0).stamp
    for echo in (stamp + 1, 0):
        grants.heard(Credit(echo=echo), 5.1)
        assert trip.least is None
    grants.heard(Credit(echo=stamp), 5.4)
    grants.heard(Credit(echo=stamp), 5.41)
    assert trip.least == pytest.approx(0.4)

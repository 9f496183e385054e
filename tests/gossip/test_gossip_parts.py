# SPDX-License-Identifier: Apache-2.0
"""The small parts of the core: queue, timers, clock rows, tokens."""

import hashlib

from fanal.node.gossip.actions import Priority
from fanal.node.gossip.clock import (
    DIGEST_DOMAIN,
    RESTING,
    LaneBook,
    Stream,
    digest_of,
    held_of_clock,
)
from fanal.node.gossip.entitlement import LaneView
from fanal.node.gossip.events import Closed, EntryMeta, LaneInfo, Place, Span, StreamInfo
from fanal.node.gossip.peer_state import Bucket
from fanal.node.gossip.queue import SendQueue
from fanal.node.gossip.timers import Timers

LANE, INC, OLD = b"l" * 32, b"i" * 16, b"o" * 16
KEY, OTHER = (LANE, INC), (b"m" * 32, INC)
VIEW = LaneView(LANE, "AA-A", channel="X")


def meta(seq: int, incarnation: bytes = INC, closes: Closed | None = None) -> EntryMeta:
    head = hashlib.sha256(b"%d" % seq).digest()
    return EntryMeta(Place(LANE, incarnation, seq), VIEW, 1, 2, head, 10, closes=closes)


def test_streams_of_one_priority_take_turns():
    """A lane with a long backlog does not hold up a lane with one entry."""
    queue = SendQueue(1000)
    queue.add(Priority.BULK, KEY, 0, 1000)
    queue.add(Priority.BULK, OTHER, 0, 1)
    assert queue.take(Priority.BULK, 64) == [Span(*KEY, 0, 64)]
    assert queue.take(Priority.BULK, 64) == [Span(*OTHER, 0, 1), Span(*KEY, 64, 127)]


def test_an_entry_stands_in_one_class_only_the_highest_it_was_queued_at():
    """Promotion takes it out of the lower class; a later, lower wish changes nothing."""
    queue = SendQueue(1000)
    queue.add(Priority.ROUTINE, KEY, 0, 10)
    queue.add(Priority.FLASH, KEY, 4, 5)
    queue.add(Priority.BULK, KEY, 0, 12)
    assert queue.waiting == {Priority.FLASH: 1, Priority.ROUTINE: 9, Priority.BULK: 2}
    assert queue.take(Priority.BULK, 64) == [Span(*KEY, 10, 12)]
    queue.discard(KEY, 0, 3)
    queue.discard_stream(OTHER)
    assert queue.take(Priority.ROUTINE, 64) == [Span(*KEY, 3, 4), Span(*KEY, 5, 10)]
    assert queue.streams() == {KEY}
    queue.discard_stream(KEY)
    assert sum(queue.waiting.values()) == 0


def test_a_queue_of_a_billion_entries_is_a_run():
    """Counts stay right and nothing is allocated per entry."""
    queue = SendQueue(1000)
    queue.add(Priority.BULK, KEY, 0, 10**9)
    assert queue.take(Priority.BULK, 3) == [Span(*KEY, 0, 3)]
    assert queue.waiting[Priority.BULK] == 10**9 - 3


def test_a_timer_set_again_fires_once_at_its_new_time():
    """Old deadlines of a name are forgotten, also after a thousand of them."""
    timers = Timers()
    for at in range(1000, 0, -1):
        timers.set(("sync", "AA-A"), at)
    timers.set(("sync", "AA-A"), 5.0)
    timers.set_earlier(("sync", "AA-A"), 7.0)
    timers.set(("beat", "AA-A"), 6.0)
    timers.clear(("beat", "AA-A"))
    assert timers.next() == 5.0
    assert list(timers.pop_due(4.9)) == []
    assert list(timers.pop_due(10_000)) == [("sync", "AA-A")]
    assert timers.next() is None
    assert len(timers._heap) < 100


def test_the_digest_is_sha_256_over_the_domain_and_the_sorted_rows():
    """lane || incarnation || next (8 bytes, big endian) || head, for another implementation to repeat."""
    a, b = Stream(StreamInfo(INC, 3, b"h" * 32)), Stream(StreamInfo(INC, 9, b"g" * 32, holes=((1, 2),)))
    rows = [a.row(OTHER), b.row(KEY)]
    first = LANE + INC + (9).to_bytes(8, "big") + b"g" * 32
    second = b"m" * 32 + INC + (3).to_bytes(8, "big") + b"h" * 32
    assert digest_of(rows) == hashlib.sha256(DIGEST_DOMAIN + first + second).digest()


def test_a_clock_row_says_what_is_held_and_is_understood_the_same_way():
    """Holes included; a row full of holes promises nothing between its last hole and its head."""
    stream = Stream(StreamInfo(INC, 10, b"h" * 32, holes=((2, 4), (7, 8))))
    row = stream.to_clock(KEY)
    assert list(row.holes) == [2, 3, 7]
    assert list(held_of_clock(row, 1000)) == [(0, 2), (4, 7), (8, 10)]
    late = Stream()
    late.held.add(5000, 5001)
    row = late.to_clock(KEY)
    assert (row.next, len(row.holes)) == (5001, 1000)
    assert list(held_of_clock(row, 1000)) == [(5000, 5001)]


def test_a_book_starts_from_the_heads_table_and_follows_commits():
    """Next, head and holes after entries in any order equal those of the rows."""
    book = LaneBook([LaneInfo(VIEW, (StreamInfo(INC, 2, b"h" * 32, keys=((b"k", 0),)),))], 64)
    assert book.keys == {b"k": KEY}
    assert not book.add(meta(4))
    stream = book.stream(KEY)
    assert stream is not None
    assert (stream.next, stream.head, book.holey) == (5, meta(4).manifest_sha256, {KEY})
    for seq in (2, 3):
        book.add(meta(seq))
    assert (stream.next, stream.head, book.holey) == (5, meta(4).manifest_sha256, set())


def test_a_closed_incarnation_leaves_the_clock_when_it_is_complete():
    """Until then it stays, and what is missing is known to be missing."""
    book = LaneBook([], 64)
    book.add(meta(0, OLD))
    book.add(meta(0, INC, Closed(OLD, 3)))
    old = book.stream((LANE, OLD))
    assert old is not None
    assert old.live
    assert book.holey == {(LANE, OLD)}
    book.add(meta(1, OLD))
    book.add(meta(2, OLD))
    assert not old.live
    assert book.holey == set()


def test_an_incarnation_closed_before_anything_of_it_was_seen_is_known_to_be_missing():
    """A new store learns of it from the entry that closes it."""
    book = LaneBook([], 64)
    book.add(meta(0, INC, Closed(OLD, 3)))
    old = book.stream((LANE, OLD))
    assert old is not None
    assert (old.next, old.end, book.holey) == (0, 3, {(LANE, OLD)})


def closed_book() -> tuple[LaneBook, list[bytes]]:
    """One closed stream in the store, and the incarnations that were looked up."""
    asked: list[bytes] = []

    def look_up(lane: bytes, incarnation: bytes) -> StreamInfo | None:
        asked.append(incarnation)
        return StreamInfo(OLD, 3, b"h" * 32, closed=3) if incarnation == OLD else None

    return LaneBook([LaneInfo(VIEW, ())], 64, look_up), asked


def test_what_is_closed_and_complete_is_looked_up_when_it_is_named():
    """Once, and in no lane that is not here."""
    book, asked = closed_book()
    for _ in range(2):
        old = book.stream((LANE, OLD))
        assert old is not None
        assert list(old.held) == [(0, 3)]
        assert book.stream((LANE, b"?" * 16)) is None
    assert book.stream((b"m" * 32, OLD)) is None
    assert asked == [OLD, b"?" * 16]


def test_a_closed_stream_that_loses_an_entry_is_live_until_it_is_whole_again():
    """Then it leaves memory, as does one that closes while the node runs."""
    book, _ = closed_book()
    assert book.lose(Place(LANE, OLD, 1))
    assert book.holey == {(LANE, OLD)}
    book.add(meta(1, OLD))
    book.add(meta(0, INC))
    book.add(meta(0, b"n" * 16, Closed(INC, 1)))
    assert book.holey == set()
    assert set(book.lanes[LANE].streams) == {b"n" * 16}


def test_invented_incarnations_take_no_more_memory_than_fits():
    """The oldest answers are forgotten."""
    book, asked = closed_book()
    for number in range(RESTING + 10):
        assert book.stream((LANE, number.to_bytes(16))) is None
    assert len(book._resting) == RESTING
    assert len(asked) == RESTING + 10


def test_the_keys_remembered_of_a_stream_are_the_newest_few():
    """A lane that is re-keyed for ever costs a bounded amount of memory."""
    book = LaneBook([], 4)
    for seq in range(10):
        book.add(meta(seq))
        book.add_key(KEY, b"%d" % seq, seq)
    assert set(book.keys) == {b"6", b"7", b"8", b"9"}


def test_a_bucket_refills_with_time_and_ignores_a_clock_that_falls():
    """One token a second after the burst of two."""
    bucket = Bucket(1.0, 2.0, 2.0, 100.0)
    assert [bucket.take(1.0, 100.0) for _ in range(3)] == [True, True, False]
    assert not bucket.take(1.0, 50.0)
    assert bucket.take(1.0, 55.0)

# SPDX-License-Identifier: Apache-2.0
"""The counts behind the quotas, each at its limit and one past it; no clock, no network."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limited import FOUNDED, HOUR, NOW, asked, quotas

from fanal.config.settings import Limits
from fanal.node.ledger.memory import MemoryLedger
from fanal.node.ledger.rows import Batch
from fanal.node.quotas.counting import MOST, Count, Kind, Usage
from fanal.node.quotas.quotas import Charge, Over
from fanal.v1.envelope_pb2 import EnvelopeClass


def kinds(found: Charge | Over) -> str:
    """What became of it, in a word."""
    if isinstance(found, Over):
        return found.limit
    return "demoted" if found.demoted else found.kinds[0].value


def test_routine_per_hour_at_the_limit_and_one_past_it() -> None:
    """The 600th of an hour is taken, the 601st waits until the next hour, and is taken then."""
    counts = quotas()
    assert {kinds(counts.take(asked(), NOW)) for _ in range(600)} == {"routine"}
    over = counts.take(asked(), NOW + 60)
    assert isinstance(over, Over)
    assert (over.limit, over.most, over.until) == ("routine_per_hour", 600, NOW + HOUR)
    assert kinds(counts.take(asked(), NOW + HOUR)) == "routine"


def test_flash_per_hour_at_the_limit_and_one_past_it() -> None:
    """Ten alerts travel as alerts; the eleventh is not refused: it travels as ROUTINE."""
    counts = quotas()
    found = [kinds(counts.take(asked(flash=True), NOW)) for _ in range(11)]
    assert found == ["flash"] * 10 + ["demoted"]
    assert kinds(counts.take(asked(flash=True, created=NOW + HOUR), NOW + HOUR)) == "flash"


def test_flash_over_quota_with_routine_over_quota_waits() -> None:
    """There is no third treatment: what is over both is taken later."""
    counts = quotas(Limits(flash_per_hour=0, routine_per_hour=1))
    assert [kinds(counts.take(asked(flash=True), NOW)) for _ in range(2)] == ["demoted", "routine_per_hour"]


def test_new_lanes_per_hour_at_the_limit_and_one_past_it() -> None:
    """Sixty lanes an hour; in those that are there more may come."""
    counts = quotas()
    assert {kinds(counts.take(asked(new_lane=True), NOW)) for _ in range(60)} == {"routine"}
    assert kinds(counts.take(asked(new_lane=True), NOW)) == "new_lanes_per_hour"
    assert kinds(counts.take(asked(), NOW)) == "routine"


def test_lanes_per_author_at_the_limit_and_one_past_it() -> None:
    """A thousand lanes in all, however slowly they come."""
    counts = quotas(Limits(new_lanes_per_hour=1_000_000, routine_per_hour=1_000_000))
    assert {kinds(counts.take(asked(new_lane=True), NOW)) for _ in range(1000)} == {"routine"}
    assert kinds(counts.take(asked(new_lane=True), NOW)) == "lanes_per_author"
    assert kinds(counts.take(asked(new_lane=True), NOW + 100 * HOUR)) == "lanes_per_author"


def test_open_incarnations_at_the_limit_and_one_past_it() -> None:
    """Sixteen of one lane that nobody goes on from."""
    counts = quotas()
    assert kinds(counts.take(asked(open_incarnations=16), NOW)) == "routine"
    assert kinds(counts.take(asked(open_incarnations=17), NOW)) == "open_incarnations"


def test_storage_per_author_at_the_limit_and_one_past_it() -> None:
    """To the last byte and not one more; what is erased makes room."""
    limit = 1024 * 1024
    counts = quotas(Limits(storage_per_author_bytes=limit))
    assert kinds(counts.take(asked(size=limit), NOW)) == "routine"
    assert kinds(counts.take(asked(size=1), NOW)) == "storage_per_author_bytes"
    counts.freed("GE-CUS", 1)
    assert kinds(counts.take(asked(size=1), NOW)) == "routine"


def test_a_flood_of_one_author_spends_no_other_authors_quota() -> None:
    """Counts are by author, whoever delivers."""
    counts = quotas(Limits(routine_per_hour=5, new_lanes_per_hour=5, storage_per_author_bytes=1024 * 1024))
    for n in range(500):
        counts.take(asked(flash=True, new_lane=n % 2 == 0), NOW)
    assert [kinds(counts.take(asked("TR-CUS", new_lane=True), NOW)) for _ in range(5)] == ["routine"] * 5


def test_what_was_within_its_quota_at_home_is_within_it_after_a_partition() -> None:
    """Eight hours at the limit arrive in one minute: all is taken, and the present hour is untouched."""
    counts = quotas()
    for hour in range(8, 0, -1):
        made = NOW - hour * HOUR
        found = {kinds(counts.take(asked(created=made + n), NOW)) for n in range(600)}
        assert found == {"routine"}, hour
    assert {kinds(counts.take(asked(), NOW)) for _ in range(600)} == {"routine"}
    assert kinds(counts.take(asked(), NOW)) == "routine_per_hour"


def test_a_clock_that_lies_gains_no_more_than_the_age_of_the_network() -> None:
    """Who dates its flood back can put on a node what it could have sent since the network began, and an
    hour of grace for the founder's clock; times of before that, and of the future, are clamped."""
    counts = quotas(Limits(routine_per_hour=10, flash_per_hour=0))
    times = [0, -5, FOUNDED - 10**9, FOUNDED, NOW - HOUR, NOW + 10**12]
    taken = sum(
        isinstance(counts.take(asked(created=times[n % len(times)]), NOW), Charge) for n in range(2000)
    )
    assert taken == 10 * (10 + 1) + 10


def test_an_alert_that_is_dated_back_is_no_alert() -> None:
    """FLASH is for this hour and the one before; older ones are ROUTINE, so no clock makes more of them."""
    counts = quotas()
    found = [kinds(counts.take(asked(flash=True, created=NOW - n * HOUR), NOW)) for n in (0, 1, 2, 5)]
    assert found == ["flash", "flash", "demoted", "demoted"]


def test_an_author_may_answer_all_that_the_others_may_send_it() -> None:
    """Receipts and keys have no limit of their own: twice what every member may send, and no more."""
    counts = quotas(Limits(routine_per_hour=7))
    receipt = asked(klass=EnvelopeClass.RECEIPT)
    found = [kinds(counts.take(receipt, NOW)) for _ in range(7 * 2 * 3 + 1)]
    assert found == ["answer"] * 42 + ["routine_per_hour"]
    assert kinds(counts.take(asked(), NOW)) == "routine"


def test_a_full_disk_defers_others_and_never_our_own() -> None:
    """disk_refuse_percent holds for everybody but this node's officers."""
    counts = quotas(full=True)
    over = counts.take(asked(), NOW)
    assert isinstance(over, Over)
    assert (over.limit, over.most, over.until) == ("disk_refuse_percent", 95, NOW + 60)
    assert kinds(counts.take(asked("AZ-CUS"), NOW, own=True)) == "routine"


def test_what_was_not_stored_is_not_counted() -> None:
    """A duplicate, a fork and a failed commit give back what they took."""
    counts = quotas(Limits(routine_per_hour=1))
    for _ in range(20):
        charge = counts.take(asked(new_lane=True), NOW)
        assert isinstance(charge, Charge)
        counts.give_back([charge])
    assert counts.used() == {
        "GE-CUS": {
            "flash_per_hour": 0,
            "routine_per_hour": 0,
            "new_lanes_per_hour": 0,
            "lanes_per_author": 0,
            "storage_per_author_bytes": 0,
        }
    }


def test_counts_survive_a_restart_as_a_setting() -> None:
    """What is written with the entries is what the next start counts from."""
    counts = quotas(Limits(routine_per_hour=3))
    for _ in range(3):
        counts.take(asked(), NOW)
    kept = {key: raw() for key, raw in counts.rows(["GE-CUS"])}
    again = quotas(Limits(routine_per_hour=3))
    again._load = kept.get
    assert kinds(again.take(asked(), NOW)) == "routine_per_hour"


def test_of_two_deliveries_the_later_commit_keeps_what_both_are() -> None:
    """Whichever was counted first: else a restart would give the author what the other one had used."""
    ledger, counts = MemoryLedger(os.urandom), quotas()
    rows = []
    for _ in range(2):
        counts.take(asked(), NOW)
        rows.append(counts.rows(["GE-CUS"]))
    for meta in reversed(rows):
        ledger.append(Batch(meta=meta))
    again = quotas()
    again._load = ledger.facts.meta
    assert again.of("GE-CUS", NOW) == counts.of("GE-CUS", NOW)


def test_the_state_of_an_author_is_small_whatever_it_sent() -> None:
    """A few numbers, not a list of envelopes."""
    counts = quotas(Limits(routine_per_hour=10_000_000))
    for n in range(5000):
        counts.take(asked(created=NOW - n * 60), NOW)
    ((_, row),) = counts.rows(["GE-CUS"])
    raw = row()
    assert raw is not None
    assert len(raw) < 300


def test_one_flood_is_one_line_and_a_count(caplog: pytest.LogCaptureFixture) -> None:
    """The operator reads how many wait, not a line for each."""
    counts = quotas(Limits(routine_per_hour=1))
    for _ in range(1000):
        counts.take(asked(), NOW)
    assert len(caplog.records) == 1
    (waiting,) = counts.waiting(NOW)
    assert (waiting.over.author, waiting.over.limit, waiting.count) == ("GE-CUS", "routine_per_hour", 999)
    assert counts.waiting(NOW + HOUR) == []


@given(
    st.binary(max_size=200) | st.sampled_from([b"[]", b'{"flash":3}', b'{"flash":[-1,0,0,0]}', b"1" * 9000])
)
def test_a_damaged_setting_is_nothing_used_and_never_an_exception(raw: bytes) -> None:
    """Own bytes, but an attacker with the disk may have written them."""
    usage = Usage.decode(raw)
    assert all(0 <= n <= MOST for c in usage.counts.values() for n in (c.hour, c.now, c.before, c.total))
    assert set(usage.counts) == set(Kind)


def test_a_clock_that_was_years_ahead_is_forgotten_when_it_is_put_right() -> None:
    """The hour of the jump would else hold for years, and everything would count as past."""
    counts = quotas(Limits(routine_per_hour=1))
    assert kinds(counts.take(asked(created=NOW), NOW + 90_000 * HOUR)) == "routine"
    assert [kinds(counts.take(asked(), NOW)) for _ in range(2)] == ["routine", "routine_per_hour"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=200), st.integers(0, 8))
def test_no_order_of_times_takes_more_than_the_limit(steps: list[tuple[int, int]], per_hour: int) -> None:
    """Whatever hours an author claims: this hour's and the past's are bounded by the limit times the hours,
    and nothing falls below zero."""
    founded = 10
    count = Count(founded)
    for step, created in steps:
        count.turn(count.hour + step)
        if count.room(min(created, count.hour), per_hour, founded):
            count.add(min(created, count.hour), 1)
    assert 0 <= count.now <= per_hour
    assert count.total <= per_hour * (count.hour - founded + 2)


def test_sizes_of_one_envelope_at_the_limit_and_one_past_it() -> None:
    """A node may take less than the protocol's 64 KiB, 16 KiB at FLASH and 500 agencies: what is larger waits
    for its operator, and an alert that is larger travels as ROUTINE."""
    counts = quotas(Limits(envelope_bytes=32_768, flash_bytes=8_192, recipients=3))
    assert kinds(counts.take(asked(content=32_768), NOW)) == "routine"
    assert kinds(counts.take(asked(content=32_769), NOW)) == "envelope_bytes"
    assert kinds(counts.take(asked(content=8_192, flash=True), NOW)) == "flash"
    assert kinds(counts.take(asked(content=8_193, flash=True), NOW)) == "demoted"
    assert kinds(counts.take(asked(recipients=3), NOW)) == "routine"
    assert kinds(counts.take(asked(recipients=4), NOW)) == "recipients"

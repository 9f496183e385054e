# SPDX-License-Identifier: Apache-2.0
"""The demo's corpus: which notices it takes, how they move to the present, what of them stays."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from fanal.cli.demo import corpus
from fanal.cli.demo.corpus import Issued, Selection
from fanal.cli.demo.plan import FIRST, RELAY, plan
from fanal.notices.check import check_notice
from fanal.notices.context import AgencyInfo, Context, MemoryNotices
from fanal.notices.drafts import new_notice_id, stamp
from fanal.notices.forms import from_json, to_json
from fanal.notices.refs import make_ref
from fanal.v1.notice_pb2 import Notice

CORPUS = Path(__file__).resolve().parents[1] / "notices" / "corpus"
NOW = 1_795_300_000
DAY = 86_400


@pytest.fixture(scope="module")
def whole() -> Selection:
    made = plan(8)
    return corpus.select(corpus.good(), made.agencies, made.channels)


def issue_all(selection: Selection, now: int = NOW) -> list[Notice]:
    """Every selected notice as the demo's officers would sign it at ``now``."""
    made, issued, counters = plan(8), Issued(), dict.fromkeys(FIRST, 0)
    delta = now - corpus.moment(selection.items)
    for item in selection.items:
        issued.ids.setdefault(item.notice.notice_id, new_notice_id(now, os.urandom))
        if item.notice.revision == 1:
            counters[item.notice.originator] += 1
            number = counters[item.notice.originator]
            issued.refs[item.notice.ref] = make_ref(item.notice.originator, 2026, number)
    signed = []
    for item in selection.items:
        readers = corpus.readers_of(item.notice, made.agencies, made.channels)
        draft = corpus.draft_of(item, issued, delta, readers, now)
        notice = stamp(draft, issued.refs[item.notice.ref], now, os.urandom)
        issued.statements[item.key] = hashlib.sha256(notice.SerializeToString()).hexdigest()
        signed.append(notice)
    return signed


@pytest.mark.parametrize("name", ["notices.jsonl", "bad_notices.jsonl", "context.json"])
def test_packaged_corpus_is_the_corpus_of_the_rules(name: str) -> None:
    """The demo sends the very bytes that the rules of notices are tested with."""
    assert corpus.text_of(name).encode() == (CORPUS / name).read_bytes()


def test_eight_agencies_give_at_least_25_notices_of_18_kinds(whole: Selection) -> None:
    """The default network carries enough of the corpus to be worth showing."""
    assert len(whole.items) >= 25
    assert whole.kinds >= 18


def test_every_notice_left_out_is_counted_with_its_reason(whole: Selection) -> None:
    """Sent and left out add up to the corpus; the one with attachments is left out as such."""
    assert len(whole.items) + sum(whole.left_out.values()) == len(corpus.good())
    assert whole.left_out[corpus.ATTACHMENTS] == 1


def test_selection_is_exactly_what_its_rule_says(whole: Selection) -> None:
    """Originator, a reader and every reference present, no attachment: all of those and no other."""
    chosen = {item.line for item in whole.items}
    ids = {item.notice.notice_id for item in whole.items}
    for item in corpus.good():
        fit = (
            item.notice.originator in FIRST
            and bool(set(FIRST) & ({*item.notice.recipients} | {item.notice.group and "AZ-CUS"}))
            and not item.notice.attachments
            and not [one for one in corpus.references(item.notice) if "-7" in one[13:16] and one not in ids]
        )
        assert fit == (item.line in chosen), item.line


def test_removing_a_notice_removes_those_that_refer_to_it() -> None:
    """Without the agency that asked there is nobody to answer, nor anything about the answer."""
    agencies = tuple(agency for agency in FIRST if agency != "TR-CUS")
    found = corpus.select(corpus.good(), agencies, {"CASPIAN": ("AZ-CUS", "KZ-CUS")})
    kinds = [item.kind for item in found.items if item.notice.originator == "GE-CUS"]
    assert found.left_out[corpus.NO_REFERENCE] > 0
    assert "SHIPMENT_FEEDBACK" not in kinds


def test_every_selected_notice_passes_the_whole_check_today(whole: Selection) -> None:
    """Moved by one delta, all four stages find nothing, neither error nor warning, in order of sending."""
    made = plan(8)
    known = MemoryNotices()
    context = Context(
        now=NOW,
        agencies={agency: AgencyInfo(agency in made.duty) for agency in made.agencies},
        groups={name: frozenset(members) for name, members in made.channels.items()},
        known=known,
    )
    for notice in issue_all(whole):
        report = check_notice(notice, context)
        assert report.problems == (), notice.ref
        known.add(notice)


def test_threads_are_kept_under_new_ids_and_refs(whole: Selection) -> None:
    """Nothing of the old ids and refs is left, and every reference leads to the notice it led to before."""
    signed = issue_all(whole)
    by_old = {
        item.notice.notice_id: notice.notice_id for item, notice in zip(whole.items, signed, strict=True)
    }
    old_refs = {item.notice.ref for item in whole.items}
    for item, notice in zip(whole.items, signed, strict=True):
        text = str(notice)
        assert not [old for old in (*by_old, *old_refs) if old in text]
        assert notice.in_reply_to == by_old.get(item.notice.in_reply_to, "")
        assert list(notice.related) == [by_old[one] for one in item.notice.related]
        assert list(notice.withdrawal.notice_ids) == [
            by_old[one] for one in item.notice.withdrawal.notice_ids
        ]


def test_feedback_names_the_new_ref_of_the_seizure(whole: Selection) -> None:
    """A ref named ahead of its notice is the one under which the notice is then issued."""
    signed = issue_all(whole)
    seizure = next(one for one in signed if one.HasField("seizure_report"))
    named = [one.shipment_feedback.seizure_ref for one in signed if one.shipment_feedback.seizure_ref]
    assert named == [seizure.ref]


def test_revision_names_the_hash_of_the_revision_before(whole: Selection) -> None:
    """previous_sha256 and the hash in a deletion are of what the demo signed, not of the corpus."""
    signed = issue_all(whole)
    hashes = {hashlib.sha256(one.SerializeToString()).hexdigest() for one in signed}
    named = [one.previous_sha256 for one in signed if one.revision > 1]
    named += [
        one.deletion_confirmation.notice_sha256 for one in signed if one.HasField("deletion_confirmation")
    ]
    assert len(named) == 2
    assert set(named) <= hashes


def test_bodies_are_not_edited_but_for_times_ids_and_refs(whole: Selection) -> None:
    """Every other value of a body stands as in the corpus, in its place."""
    for item, notice in zip(whole.items, issue_all(whole), strict=True):
        body = item.kind.lower()
        old, new = _leaves(to_json(item.notice)[body]), _leaves(to_json(notice)[body])
        assert old.keys() == new.keys()
        changed = {path.rpartition(".")[2].partition("[")[0] for path in old if old[path] != new[path]}
        moved = {"etd", "eta", "at", "verified", "reported", "date", "controlled_at", "deleted_at"}
        issued = {"seizure_ref", "notice_id", "notice_ids", "notice_sha256", "linked_notices"}
        assert changed <= moved | issued, item.kind


def _leaves(value: object, path: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        return {k: v for name, one in value.items() for k, v in _leaves(one, f"{path}.{name}").items()}
    if isinstance(value, list):
        return {k: v for at, one in enumerate(value) for k, v in _leaves(one, f"{path}[{at}]").items()}
    return {path: value}


def test_audience_is_cut_to_the_agencies_present(whole: Selection) -> None:
    """No absent agency stays among the recipients, no present one is lost, none is added."""
    for item, notice in zip(whole.items, issue_all(whole), strict=True):
        assert list(notice.recipients) == [one for one in item.notice.recipients if one in FIRST]
        assert notice.group == item.notice.group


def test_distances_in_time_are_kept(whole: Selection) -> None:
    """One delta: departure and arrival, issue and expiry of the corpus lie as far apart as before."""
    item = whole.items[0]
    moved = Notice()
    moved.CopyFrom(item.notice)
    corpus.shift(moved, 10 * DAY + 3_600)
    old, new = item.notice.shipment_warning.shipment, moved.shipment_warning.shipment
    assert new.eta.seconds - new.etd.seconds == old.eta.seconds - old.etd.seconds
    assert moved.expires_at.seconds - item.notice.expires_at.seconds == 10 * DAY + 3_600


@pytest.mark.parametrize(
    ("text", "days", "moved"),
    [
        ("2024-04-15", 1, "2024-04-16"),
        ("2024-02-28", 1, "2024-02-29"),
        ("2024-12-31", 1, "2025-01-01"),
        ("2024-04", 365, "2025-04"),
        ("2024", 366, "2025"),
        ("1985", 947, "1988"),
        ("no date", 5, "no date"),
    ],
)
def test_dates_move_and_stay_as_far_known_as_they_were(text: str, days: int, moved: str) -> None:
    """A year stays a year, a month a month; what is no date is left alone."""
    assert corpus.shift_date(text, days * DAY) == moved


@pytest.mark.parametrize(
    ("text", "days", "moved"),
    [
        ("2024-Q1", 90, "2024-Q2"),
        ("2024-Q4", 92, "2025-Q1"),
        ("2024-04", 31, "2024-05"),
        ("2024", 730, "2026"),
    ],
)
def test_periods_move_to_the_one_in_which_their_middle_lies(text: str, days: int, moved: str) -> None:
    """Quarters, months and years of statistics move like everything else."""
    assert corpus.shift_period(text, days * DAY) == moved


def test_periods_of_cells_and_births_of_persons_are_moved() -> None:
    """The schema decides what is a date or period, not the looks of a text: a licence with a year stays."""
    case = next(item for item in corpus.good() if item.kind == "STATISTICAL_RETURN")
    moved = Notice()
    moved.CopyFrom(case.notice)
    corpus.shift(moved, 365 * DAY)
    assert moved.statistical_return.cells[0].period != case.notice.statistical_return.cells[0].period
    warning = from_json({"shipment_warning": {"shipment": {"licence": "2024-04-15"}}})
    corpus.shift(warning, 365 * DAY)
    assert warning.shipment_warning.shipment.licence == "2024-04-15"


@pytest.mark.parametrize("count", [3, 4, 5, 8, 12])
def test_networks_of_other_sizes_have_somebody_behind_the_relay(count: int) -> None:
    """One agency is linked with nobody but the relay; all others with each other and the relay."""
    made = plan(count)
    assert len(made.agencies) == count
    assert made.linked(made.behind) == {RELAY}
    assert made.behind not in made.linked(made.governor)
    assert made.linked(RELAY) == set(made.agencies)
    assert all(made.governor in members for members in made.channels.values())


def test_duty_contacts_are_those_of_the_context() -> None:
    """FLASH may be sent by whom the corpus names a duty contact, and by nobody else."""
    assert plan(8).duty == {"IT-CGD", "TN-CGD", "UZ-CUS"}

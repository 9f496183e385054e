# SPDX-License-Identifier: Apache-2.0
"""Stage CONTEXT beyond the corpus: a notice among others, the directory, the groups and the clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.notices.check import check_notice, check_text
from fanal.notices.context import AgencyInfo, Context, MemoryNotices
from fanal.notices.contextfile import load_context
from fanal.notices.forms import from_json
from fanal.notices.refs import make_ref

Json = dict[str, Any]
Among = Callable[..., list[tuple[str, str]]]
Change = Callable[[Json, Json], Json]
SHA = "ab" * 32


def revision_2(change: Change, notice: Json, **more: Any) -> Json:
    return change(notice, {"revision": 2, "previous_sha256": SHA, "change_note": "x", **more})


def test_five_minutes_ahead_of_the_clock_is_allowed(good: dict[str, Json], change: Change) -> None:
    """The skew is 300 seconds: at the limit it passes, a nanosecond more does not."""
    directory = {"TR-CUS": AgencyInfo(), "GE-CUS": AgencyInfo(), "AZ-CUS": AgencyInfo()}
    notice = from_json(good["shipment_warning"])
    context = Context(notice.issued_at.seconds - 300, directory, {})
    assert check_notice(notice, context).problems == ()
    notice.issued_at.nanos = 1
    assert [one.code for one in check_notice(notice, context).problems] == ["ISSUED_IN_FUTURE"]


def test_an_unknown_originator_of_a_flash_is_one_finding(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """Who is not in the directory has no duty contact to look for."""
    notice = change(
        good["modus_operandi"],
        {"originator": "PL-NEW", "ref": make_ref("PL-NEW", 2024, 1), "urgency": "FLASH"},
    )
    assert check_among(notice) == [("UNKNOWN_ORIGINATOR", "originator")]


def test_a_revision_without_its_predecessor_waits(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """UNKNOWN_REFERENCE: a receiver parks it until the one before arrives."""
    second = revision_2(change, good["shipment_warning"])
    assert check_among(second) == [("UNKNOWN_REFERENCE", "previous_sha256")]
    assert check_among(second, good["shipment_warning"]) == []


def test_a_revision_by_another_agency_is_refused(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """Nobody edits another agency's notice."""
    stolen = {"originator": "AZ-CUS", "ref": make_ref("AZ-CUS", 2024, 9), "recipients": ["GE-CUS"]}
    second = revision_2(change, good["shipment_warning"], **stolen)
    assert check_among(second, good["shipment_warning"]) == [("NOT_ORIGINATOR", "originator")]


def test_a_revision_does_not_change_the_kind(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """A warning does not become a method."""
    body = good["modus_operandi"]["modus_operandi"]
    second = revision_2(change, good["shipment_warning"], shipment_warning=None, modus_operandi=body)
    assert check_among(second, good["shipment_warning"]) == [("WRONG_REFERENCE_KIND", "modus_operandi")]


def test_recipients_may_be_replaced_by_a_group_that_holds_them(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """Nobody is removed who still gets the notice through the group; with another group somebody is."""
    first = change(good["modus_operandi#2"], {"recipients": ["GE-CUS"], "group": None})
    wider = revision_2(change, first, group="CASPIAN")
    assert check_among(wider, first) == []
    without = revision_2(change, good["modus_operandi#2"], group=None, recipients=["GE-CUS", "KZ-CUS"])
    assert check_among(without, good["modus_operandi#2"]) == [("RECIPIENT_REMOVED", "recipients")]


def test_a_withdrawn_notice_never_comes_back(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """Also its first revision is refused when the withdrawal was here before it; a copy is no return."""
    notice, withdrawal = good["conveyance_notice"], good["withdrawal"]
    assert check_among(notice, withdrawal) == [("WITHDRAWN", "notice_id")]
    assert check_among(revision_2(change, notice), notice, withdrawal) == [("WITHDRAWN", "notice_id")]
    assert check_among(notice, notice, withdrawal) == []


def test_a_withdrawal_by_a_stranger_withdraws_nothing(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """Only the originator's withdrawal counts."""
    stranger = change(good["withdrawal"], {"originator": "TN-CGD"})
    assert check_among(good["conveyance_notice"], stranger) == []


def test_both_sides_of_an_equivocation_are_found(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """When two contents of one revision are known, either is reported."""
    one = good["shipment_warning"]
    other = change(one, {"legal_basis": "another"})
    assert check_among(other, one) == [("EQUIVOCATION", "revision")]
    assert check_among(one, one, other) == [("EQUIVOCATION", "revision")]


def test_a_reference_of_another_notice_is_refused(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """One reference, one notice; the revisions of one notice share it."""
    other = change(good["shipment_warning"], {"notice_id": "018ec697-7b00-7d8b-8c1b-fcf24bfb6748"})
    assert check_among(other, good["shipment_warning"]) == [("DUPLICATE_REF", "ref")]


def test_an_ack_may_answer_any_kind(check_among: Among, good: dict[str, Json], change: Change) -> None:
    """Acknowledgements have no kind of their own to answer, but a known one."""
    assert check_among(good["ack"], good["information_request"]) == []
    assert check_among(good["ack"]) == [("UNKNOWN_REFERENCE", "in_reply_to")]


def test_a_seizure_answers_a_warning_if_it_answers(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """notice.proto: in_reply_to is the warning, if there was one."""
    assert check_among(good["seizure_report"], good["shipment_warning"]) == []
    request = change(good["information_request#2"], {"recipients": ["GE-CUS"]})
    wrong = change(good["seizure_report"], {"in_reply_to": request["notice_id"]})
    assert check_among(wrong, request) == [("WRONG_REFERENCE_KIND", "in_reply_to")]


def test_one_may_go_on_in_ones_own_thread_but_not_answer_oneself(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """A second question may follow the first; a reply to one's own question is none."""
    first, second = good["information_request#2"], good["information_request"]
    more = {"notice_id": "018f7b7a-da80-7571-8a67-0428ee5e727b", "ref": make_ref("TR-CUS", 2024, 9)}
    follow_up = change(first, {**more, "in_reply_to": first["notice_id"]})
    assert check_among(follow_up, first) == []
    own = change(
        good["information_reply"],
        {"originator": "IT-FIN", "ref": make_ref("IT-FIN", 2024, 9), "recipients": ["NE-POL"]},
    )
    assert check_among(own, second) == [
        ("NOT_ADDRESSED", "originator"),
        ("ASKER_NOT_RECIPIENT", "recipients"),
    ]


def test_a_member_of_the_group_asked_may_answer(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """The audience of a question is its recipients and the members of its group; so is that of the answer."""
    asked = change(good["assistance_request"], {"group": "CASPIAN", "recipients": None})
    offer = change(
        good["assistance_offer"],
        {"originator": "GE-CUS", "ref": make_ref("GE-CUS", 2024, 9), "recipients": None, "group": "CASPIAN"},
    )
    assert check_among(offer, asked) == []


def test_a_late_partial_reply_from_before_the_final_one_passes(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """Order of arrival does not matter; the final one may be revised, and others may still answer."""
    request, partial, final = (
        good[name] for name in ("information_request", "information_reply", "information_reply#2")
    )
    assert check_among(partial, request, final) == []
    assert check_among(revision_2(change, final), request, final) == []
    after = change(partial, {"issued_at": "2024-04-19T06:00:00Z"})
    assert check_among(after, request, final) == [("AFTER_FINAL", "in_reply_to")]


def test_a_withdrawal_names_known_notices(check_among: Among, good: dict[str, Json], change: Change) -> None:
    """Each id is looked up, and the successor too."""
    old, new = good["route_observation"], good["route_observation#2"]
    assert check_among(good["withdrawal#2"], old, new) == []
    assert check_among(good["withdrawal#2"]) == [
        ("UNKNOWN_REFERENCE", "withdrawal.notice_ids[0]"),
        ("UNKNOWN_REFERENCE", "withdrawal.replaced_by"),
    ]


def test_a_withdrawal_may_name_who_has_left_the_network(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """It goes to whoever was sent the notice: no reason has to be given for one who cannot be reached now."""
    old, new = good["route_observation"], good["route_observation#2"]
    left = {"recipients": ["PL-NEW"]}
    assert check_among(change(good["withdrawal#2"], left), old, new) == []
    assert check_among(change(old, left)) == [("UNKNOWN_RECIPIENT", "recipients[0]")]


def test_consent_is_asked_of_and_given_by_the_originator(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """The notice asked about is known, its originator is asked, and nobody else decides."""
    warning, request, decision = (
        good[name] for name in ("shipment_warning", "consent_request", "consent_decision")
    )
    assert check_among(request) == [("UNKNOWN_REFERENCE", "consent_request.notice_id")]
    elsewhere = change(request, {"recipients": ["GE-CUS"]})
    assert check_among(elsewhere, warning) == [("ASKER_NOT_RECIPIENT", "recipients")]
    assert check_among(decision, warning, request) == []
    both = change(request, {"recipients": ["TR-CUS", "GE-CUS"]})
    by_other = change(decision, {"originator": "GE-CUS", "ref": make_ref("GE-CUS", 2024, 9)})
    assert check_among(by_other, warning, both) == [("NOT_ORIGINATOR", "originator")]


def test_a_match_joins_a_request_and_offers(
    check_among: Among, good: dict[str, Json], change: Change
) -> None:
    """Known notices of another kind are refused; unknown ones pass, as not everybody gets every offer."""
    match = good["assistance_match"]
    assert check_among(match) == []
    swapped = change(
        match,
        {"assistance_match.request": match["assistance_match"]["offers"][0],
         "assistance_match.offers": [match["assistance_match"]["request"]]},
    )  # fmt: skip
    assert check_among(swapped, good["assistance_request"], good["assistance_offer"]) == [
        ("WRONG_REFERENCE_KIND", "assistance_match.request"),
        ("WRONG_REFERENCE_KIND", "assistance_match.offers[0]"),
    ]


def test_an_entry_is_stale_after_366_days(check_among: Among, good: dict[str, Json], change: Change) -> None:
    """The clock stands at 2024-06-01: 366 days are fresh, 367 and never are not."""
    stale = [("STALE_ENTRY", "directory_entry.verified")]
    for verified, expected in (("2023-06-01", []), ("2023-05-31", stale), (None, stale)):
        entry = change(good["directory_entry"], {"directory_entry.verified": verified})
        assert check_among(entry) == expected


def test_an_accepted_warning_does_not_hide_an_error(
    good: dict[str, Json], change: Change, corpus: Path
) -> None:
    """A warning ends the check, unless the sender gave its reason: then the next stage runs as well."""
    context, known = load_context(corpus / "context.json")
    known.add(from_json(good["modus_operandi"]))
    mismatch = {"shipment_warning.shipment.conveyances[0].flag": "TR", "group": "BALTIC"}
    text = json.dumps(change(good["shipment_warning"], mismatch))
    assert [one.code for one in check_text(text, context).problems] == ["MID_FLAG_MISMATCH"]
    report = check_text(text, context, accepted={"MID_FLAG_MISMATCH"})
    assert [one.code for one in report.problems] == ["MID_FLAG_MISMATCH", "UNKNOWN_GROUP"]
    assert not report.ok


def test_memory_keeps_one_copy_of_a_notice(good: dict[str, Json], change: Change) -> None:
    """Adding an identical copy changes nothing; revisions come oldest first."""
    first = from_json(good["shipment_warning"])
    second = from_json(revision_2(change, good["shipment_warning"]))
    known = MemoryNotices([second, first, first])
    assert [one.revision for one in known.revisions(first.notice_id)] == [1, 2]
    assert list(known.revisions("x")) == list(known.replies_to("x")) == list(known.withdrawals_of("x")) == []
    context = replace(Context(0, {}, {}), known=known)
    assert context.latest(first.notice_id) == second


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", "$"), ("[]", "$"), ('{"now": 1}', "now"), ("{}", "now"), ('{"now": "2024"}', "now"),
        ('{"nows": 1}', "nows"), ('{"now": "2024-06-01T00:00:00Z", "agencies": []}', "agencies"),
        ('{"now": "2024-06-01T00:00:00Z", "agencies": {"A": 1}}', "agencies.A"),
        ('{"now": "2024-06-01T00:00:00Z", "agencies": {"A": {"duty_contact": 1}}}', "agencies.A"),
        ('{"now": "2024-06-01T00:00:00Z", "groups": {"A": "B"}}', "groups.A"),
        ('{"now": "2024-06-01T00:00:00Z", "groups": {"A": [1]}}', "groups.A"),
        ('{"now": "2024-06-01T00:00:00Z", "notices": 1}', "notices"),
    ],
)  # fmt: skip
def test_a_broken_context_file_names_the_field(tmp_path: Path, text: str, field: str) -> None:
    """FANAL-E0106 with the field, and no traceback."""
    (tmp_path / "context.json").write_text(text)
    with pytest.raises(FanalError) as refused:
        load_context(tmp_path / "context.json")
    assert refused.value.kind.id == "FANAL-E0106"
    assert refused.value.facts["field"] == field
    assert field in refused.value.sentence


@pytest.mark.parametrize(("line", "code"), [("{", "NOT_JSON"), ('{"kind": 1}', "UNKNOWN_FIELD")])
def test_a_broken_known_notice_names_its_line(tmp_path: Path, line: str, code: str) -> None:
    """A context is used whole or not at all."""
    context = {"now": "2024-06-01T00:00:00Z", "notices": "known.jsonl"}
    (tmp_path / "context.json").write_text(json.dumps(context))
    (tmp_path / "known.jsonl").write_text("{}\n" + line + "\n")
    with pytest.raises(FanalError) as refused:
        load_context(tmp_path / "context.json")
    assert refused.value.kind.id == "FANAL-E0107"
    assert (refused.value.facts["line"], refused.value.facts["code"]) == (2, code)


def test_an_over_long_known_notice_names_its_line(tmp_path: Path) -> None:
    """The bound on lines holds for known notices too."""
    (tmp_path / "context.json").write_text('{"now": "2024-06-01T00:00:00Z", "notices": "known.jsonl"}')
    (tmp_path / "known.jsonl").write_text("{}\n" + "x" * 300_000)
    with pytest.raises(FanalError) as refused:
        load_context(tmp_path / "context.json")
    assert refused.value.facts["line"] == 2

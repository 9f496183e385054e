# SPDX-License-Identifier: Apache-2.0
"""Composing: ids, references, defaults per kind, revisions and answers that the check accepts."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.notices.check import check_notice
from fanal.notices.compose import (
    ack,
    draft_json,
    make_ref,
    new_draft,
    new_notice_id,
    reply,
    reply_kind,
    revise,
    stamp,
    withdraw,
)
from fanal.notices.context import Context, MemoryNotices
from fanal.notices.contextfile import load_context
from fanal.notices.forms import from_json
from fanal.notices.kinds import ANSWERS, KINDS, NEED_DEADLINE, RETENTION_DAYS
from fanal.v1.notice_pb2 import AckStatus, DeadlineClass, Notice, Tlp, Urgency, WithdrawalReason

Json = dict[str, Any]
NOW = 1_716_000_000
SHA = "ab" * 32


def rng(size: int, count: Iterator[int] = itertools.count()) -> bytes:  # noqa: B008
    """Other bytes at every call, the same in every run."""
    return next(count).to_bytes(size)


def among(corpus: Path, notice: Notice, *known: Notice) -> list[tuple[str, str]]:
    directory, _known = load_context(corpus / "context.json")
    context = Context(directory.now, directory.agencies, directory.groups, MemoryNotices(known))
    return [(one.code, one.field) for one in check_notice(notice, context).problems]


def refused_id(call: Callable[[], object]) -> str:
    with pytest.raises(FanalError) as refused:
        call()
    assert "{" not in refused.value.sentence + refused.value.hint
    return refused.value.kind.id


def test_a_notice_id_is_a_uuid_of_version_7() -> None:
    """The first 48 bits are the time in milliseconds, so that ids sort by time."""
    made = uuid.UUID(new_notice_id(NOW, rng))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == NOW * 1000
    assert new_notice_id(NOW, rng) < new_notice_id(NOW + 1, rng)


def test_a_reference_carries_check_digits() -> None:
    """The references of the corpus are made again from their parts."""
    assert make_ref("NE-POL", 2024, 1) == "NE-POL-2024-000001-74"
    assert make_ref("XX-DOCLAB", 2024, 2) == "XX-DOCLAB-2024-000002-74"
    assert make_ref("GE-CUS", 2024, 999_999).startswith("GE-CUS-2024-999999-")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("ge-cus", 2024, 1), "FANAL-E0109"), (("GE-CUS", 2024, 0), "FANAL-E0110"),
     (("GE-CUS", 2024, 1_000_000), "FANAL-E0110"), (("GE-CUS", 10_000, 1), "FANAL-E0110")],
)  # fmt: skip
def test_a_reference_that_does_not_fit_is_refused(arguments: tuple[str, int, int], error: str) -> None:
    """Six digits of counter, four of year, an agency id."""
    assert refused_id(lambda: make_ref(*arguments)) == error


@pytest.mark.parametrize("kind", KINDS)
def test_a_fresh_draft_lacks_only_what_an_officer_knows(kind: str) -> None:
    """Every kind starts with sound defaults: all findings are REQUIRED, none is about times or handling."""
    draft = new_draft(kind, "GE-CUS", NOW, rng)
    problems = check_notice(draft).problems
    assert {one.code for one in problems} == {"REQUIRED"}
    assert {"ref", "recipients", "legal_basis"} <= {one.field for one in problems}
    header = (
        "urgency",
        "handling",
        "retention",
        "purpose",
        "expires_at",
        "reply_by",
        "notice_id",
        "revision",
    )
    assert not [one.field for one in problems if one.field.split(".")[0] in header]
    assert draft.HasField("reply_by") == (kind.lower() in NEED_DEADLINE)
    longest = RETENTION_DAYS[draft.retention.schedule] * 86_400
    assert draft.retention.delete_by.seconds - NOW <= longest


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_of_a_draft_shows_what_is_missing_and_parses(kind: str) -> None:
    """Required fields are shown empty, and the text read back has the same findings as the draft."""
    draft = new_draft(kind, "GE-CUS", NOW, rng)
    shown = draft_json(draft)
    assert {"ref", "recipients", "legal_basis", kind.lower()} <= shown.keys()
    again = from_json(json.dumps(shown))
    assert check_notice(again).problems == check_notice(draft).problems


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    """A typo gets a suggestion, also when nothing is near."""
    with pytest.raises(FanalError) as refused:
        new_draft("SHIPMENT_WARNIN", "GE-CUS", NOW, rng)
    assert refused.value.facts["nearest"] == "SHIPMENT_WARNING"
    assert refused_id(lambda: new_draft("", "GE-CUS", NOW, rng)) == "FANAL-E0108"
    assert refused_id(lambda: new_draft("ACK", "Georgia", NOW, rng)) == "FANAL-E0109"


def filled_request() -> Notice:
    draft = new_draft("INFORMATION_REQUEST", "GE-CUS", NOW, rng)
    draft.recipients.append("TR-CUS")
    draft.legal_basis = "UNTOC art. 27"
    body = draft.information_request
    body.type, body.deadline, body.question = "COMPANY", DeadlineClass.ROUTINE_7_DAYS, "Who owns it?"
    return draft


def issued(counter: int = 1) -> Notice:
    return stamp(filled_request(), make_ref("GE-CUS", 2024, counter), NOW, rng)


def test_a_filled_draft_passes_once_it_is_stamped(corpus: Path) -> None:
    """The stamp adds reference, time and the code lists that the notice was checked with."""
    made = issued()
    assert among(corpus, made) == []
    assert (made.revision, made.issued_at.seconds) == (1, NOW)
    assert {one.list for one in made.code_lists} == {"unlocode", "hs", "mid", "icao_doc_issuer"}


def test_the_stamp_leaves_the_draft_alone_and_gives_an_id() -> None:
    """A draft written by hand has no id; stamping twice from one draft gives two notices."""
    draft = filled_request()
    draft.notice_id, draft.revision = "", 0
    made = stamp(draft, make_ref("GE-CUS", 2024, 1), NOW, rng)
    assert (draft.notice_id, draft.ref) == ("", "")
    assert uuid.UUID(made.notice_id).version == 7
    assert refused_id(lambda: stamp(Notice(), "x", NOW, rng)) == "FANAL-E0114"


def test_a_revision_keeps_id_and_reference(corpus: Path) -> None:
    """Revision n+1 names the hash of n and what changed, and follows it in stage CONTEXT."""
    first = issued()
    second = stamp(revise(first, "GE-CUS", SHA, "typo", NOW + 60), "unused", NOW + 60, rng)
    assert (second.notice_id, second.ref, second.revision) == (first.notice_id, first.ref, 2)
    assert among(corpus, second, first) == []
    assert refused_id(lambda: revise(first, "TR-CUS", SHA, "x", NOW)) == "FANAL-E0112"


def test_a_reply_is_of_the_right_kind_and_goes_to_the_asker(corpus: Path) -> None:
    """Kind, parent, conversation and recipients are set; the check finds only what the officer must say."""
    parent = issued()
    made = stamp(reply(parent, "TR-CUS", NOW, rng), make_ref("TR-CUS", 2024, 1), NOW, rng, parent=parent)
    assert made.WhichOneof("body") == "information_reply"
    assert (made.in_reply_to, made.conversation_id) == (parent.notice_id, parent.notice_id)
    assert list(made.recipients) == ["GE-CUS"]
    made.legal_basis, made.evaluation.grade, made.information_reply.outcome = "x", 22, 1
    assert among(corpus, made, parent) == []


def test_a_third_notice_stays_in_the_conversation() -> None:
    """The conversation is the one of the parent, not the parent."""
    parent = issued()
    first = reply(parent, "TR-CUS", NOW, rng)
    follow = ack(first, "GE-CUS", AckStatus.READ, NOW, rng)
    assert follow.conversation_id == parent.notice_id
    assert stamp(follow, "x", NOW, rng, parent=first).conversation_id == parent.notice_id


def test_every_question_has_its_kind_of_answer(good: dict[str, Json]) -> None:
    """reply_kind is the inverse of the table of answers; other kinds have none."""
    for answer, question in ANSWERS.items():
        assert reply_kind(from_json(good[question])) == answer.upper()
    assert reply_kind(from_json(good["modus_operandi"])) is None
    assert reply_kind(Notice()) is None


def test_what_cannot_be_answered_is_refused(good: dict[str, Json]) -> None:
    """No reply to a kind that has none, to one's own question, or in another kind."""
    method, warning = from_json(good["modus_operandi"]), from_json(good["shipment_warning"])
    for call in (
        lambda: reply(method, "GE-CUS", NOW, rng),
        lambda: reply(warning, "TR-CUS", NOW, rng),
        lambda: reply(warning, "GE-CUS", NOW, rng, kind="INFORMATION_REPLY"),
        lambda: reply(method, "GE-CUS", NOW, rng, kind="SEIZURE_REPORT"),
        lambda: ack(warning, "TR-CUS", AckStatus.READ, NOW, rng),
    ):
        assert refused_id(call) == "FANAL-E0111"


def test_a_seizure_report_may_answer_a_warning(good: dict[str, Json]) -> None:
    """The second answer that a warning may get."""
    made = reply(from_json(good["shipment_warning"]), "GE-CUS", NOW, rng, kind="SEIZURE_REPORT")
    assert made.WhichOneof("body") == "seizure_report"


def test_an_answer_is_never_more_open_than_the_question(good: dict[str, Json]) -> None:
    """A stricter handling is taken over with its conditions; a more open one is not."""
    strict = reply(from_json(good["shipment_warning#7"]), "BG-CUS", NOW, rng)
    assert (strict.handling.tlp, bool(strict.handling.conditions)) == (Tlp.AMBER_STRICT, True)
    open_parent = from_json(good["shipment_warning"])
    open_parent.handling.tlp = Tlp.GREEN
    assert reply(open_parent, "GE-CUS", NOW, rng).handling.tlp == Tlp.AMBER


def test_an_answer_to_flash_is_urgent(good: dict[str, Json]) -> None:
    """FLASH needs a duty contact, which who answers may not have."""
    assert reply(from_json(good["boarding_request"]), "TN-CGD", NOW, rng).urgency == Urgency.URGENT


def test_an_ack_says_what_became_of_the_notice(corpus: Path) -> None:
    """Stamped, it passes all stages."""
    parent = issued()
    draft = ack(parent, "TR-CUS", AckStatus.FORWARDED, NOW, rng, forwarded_to="BG-CUS")
    made = stamp(draft, make_ref("TR-CUS", 2024, 1), NOW, rng, parent=parent)
    assert among(corpus, made, parent) == []
    rejected = ack(parent, "TR-CUS", AckStatus.REJECTED, NOW, rng, reason="Not ours.")
    assert rejected.ack.reason == "Not ours."


def test_a_withdrawal_reaches_everybody_who_got_the_notice(corpus: Path) -> None:
    """Recipients and group are those of the notice; only the originator withdraws."""
    notice = issued()
    notice.group = "CASPIAN"
    draft = withdraw(notice, "GE-CUS", WithdrawalReason.ERROR, NOW, rng, delete_required=True)
    made = stamp(draft, make_ref("GE-CUS", 2024, 2), NOW, rng)
    assert (list(made.recipients), made.group) == (["TR-CUS"], "CASPIAN")
    assert list(made.withdrawal.notice_ids) == [notice.notice_id]
    assert made.withdrawal.delete_required
    assert among(corpus, made, notice) == []
    superseded = withdraw(notice, "GE-CUS", WithdrawalReason.SUPERSEDED, NOW, rng, replaced_by=made.notice_id)
    assert superseded.withdrawal.replaced_by == made.notice_id
    wrong = WithdrawalReason.ERROR
    assert refused_id(lambda: withdraw(notice, "TR-CUS", wrong, NOW, rng)) == "FANAL-E0112"


@pytest.mark.parametrize("delete", [False, True])
def test_a_withdrawal_names_the_manifests_in_the_list_that_says_whether_to_delete(
    corpus: Path, delete: bool
) -> None:
    """The last 128 of them; the other list would contradict delete_required."""
    notice = issued()
    hashes = [bytes([number]) * 32 for number in range(130)]
    draft = withdraw(
        notice, "GE-CUS", WithdrawalReason.ERROR, NOW, rng, delete_required=delete, manifests=hashes
    )
    made = stamp(draft, make_ref("GE-CUS", 2024, 2), NOW, rng)
    body = made.withdrawal
    lists = (body.with_deletion, body.without_deletion)
    right, wrong = lists if delete else lists[::-1]
    assert (list(right), list(wrong)) == ([one.hex() for one in hashes[2:]], [])
    assert among(corpus, made, notice) == []
    wrong.append("ab" * 32)
    name = "without_deletion" if delete else "with_deletion"
    assert among(corpus, made, notice) == [("INCONSISTENT", f"withdrawal.{name}[0]")]
    wrong[0] = "AB" * 32
    assert ("FORMAT", f"withdrawal.{name}[0]") in among(corpus, made, notice)

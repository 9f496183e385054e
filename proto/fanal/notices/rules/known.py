# SPDX-License-Identifier: Apache-2.0
"""Rules of stage CONTEXT about directory, groups, clock and the notice's own earlier revisions."""

from __future__ import annotations

import datetime as dt

from fanal.i18n import _
from fanal.notices.context import Context
from fanal.notices.problem import Problem
from fanal.notices.rules.registry import Found, context_rule, in_context
from fanal.notices.times import DAY, date_span
from fanal.v1.notice_pb2 import AssistanceStep, Notice, Urgency

CLOCK_SKEW = 300
STALE_AFTER_DAYS = 366


@context_rule("ISSUED_IN_FUTURE")
def issued_by_now(notice: Notice, context: Context) -> Found:
    """notice.proto: not more than five minutes ahead of the clock of the receiver."""
    ahead = (notice.issued_at.seconds - context.now, notice.issued_at.nanos)
    if ahead > (CLOCK_SKEW, 0):
        message = _("The notice is issued more than five minutes ahead of the clock.")
        yield in_context("ISSUED_IN_FUTURE", "issued_at", message)


@context_rule("UNKNOWN_ORIGINATOR", "UNKNOWN_RECIPIENT")
def parties_are_in_the_directory(notice: Notice, context: Context) -> Found:
    """notices.md: an originator is a member; delivery to an agency that is not one (yet) is held. No reason
    is asked for in a withdrawal: it names whoever was sent the notice, those too who have left since."""
    if notice.originator not in context.agencies:
        yield in_context("UNKNOWN_ORIGINATOR", "originator", _("The originator is not in the directory."))
    for index, recipient in enumerate(notice.recipients):
        if recipient not in context.agencies and not notice.HasField("withdrawal"):
            message = _("{agency} is not in the directory; delivery is held.")
            yield in_context("UNKNOWN_RECIPIENT", f"recipients[{index}]", message, agency=recipient)


@context_rule("UNKNOWN_GROUP", "NOT_A_MEMBER")
def group_is_ours(notice: Notice, context: Context) -> Found:
    """WCO CENcomm: closed user groups; only a member writes to one."""
    if not notice.group:
        return
    members = context.groups.get(notice.group)
    if members is None:
        yield in_context("UNKNOWN_GROUP", "group", _("There is no such group."))
    elif notice.originator not in members:
        yield in_context("NOT_A_MEMBER", "group", _("The originator is not a member of the group."))


@context_rule("NO_DUTY_CONTACT")
def flash_has_a_duty_contact(notice: Notice, context: Context) -> Found:
    """notice.proto: FLASH only if the originator has a duty contact in the directory."""
    agency = context.agencies.get(notice.originator)
    if notice.urgency == Urgency.FLASH and agency is not None and not agency.duty_contact:
        message = _("FLASH needs a duty contact of the originator in the directory.")
        yield in_context("NO_DUTY_CONTACT", "urgency", message)


@context_rule("DUPLICATE_REF")
def ref_is_of_this_notice(notice: Notice, context: Context) -> Found:
    """A reference read out on the telephone means one notice."""
    if any(known != notice.notice_id for known in context.known.ids_of_ref(notice.ref)):
        yield in_context("DUPLICATE_REF", "ref", _("Another notice has this reference."))


@context_rule(
    "EQUIVOCATION", "WITHDRAWN", "UNKNOWN_REFERENCE", "NOT_ORIGINATOR", "WRONG_REFERENCE_KIND",
    "RECIPIENT_REMOVED",
)  # fmt: skip
def follows_its_predecessor(notice: Notice, context: Context) -> Found:
    """notices.md, Life cycle: one content per revision, in order, by the originator, to nobody less.

    A notice never contradicts its own identical copy.
    """
    known = context.known.revisions(notice.notice_id)
    same = [one for one in known if one.revision == notice.revision]
    if notice in same:
        if len(same) > 1:
            yield _equivocation()
        return
    found = _equivocation() if same else _succession(notice, context)
    if found is not None:
        yield found


def _equivocation() -> Problem:
    message = _("This revision is known with other content. Keep both and raise the alarm.")
    return in_context("EQUIVOCATION", "revision", message)


def _succession(notice: Notice, context: Context) -> Problem | None:
    withdrawals = context.known.withdrawals_of(notice.notice_id)
    if any(one.originator == notice.originator for one in withdrawals):
        return in_context("WITHDRAWN", "notice_id", _("The notice was withdrawn; that is final."))
    if notice.revision < 2:
        return None
    before = [one for one in context.known.revisions(notice.notice_id) if one.revision == notice.revision - 1]
    if not before:
        message = _("The revision before this one is not known.")
        return in_context("UNKNOWN_REFERENCE", "previous_sha256", message)
    return _compared(notice, before[0], context)


def _compared(notice: Notice, before: Notice, context: Context) -> Problem | None:
    if before.originator != notice.originator:
        message = _("{agency} issued this notice; nobody else revises it.")
        return in_context("NOT_ORIGINATOR", "originator", message, agency=before.originator)
    body = notice.WhichOneof("body")
    if before.WhichOneof("body") != body:
        message = _("A revision does not change the kind.")
        return in_context("WRONG_REFERENCE_KIND", body or "body", message)
    if context.audience(before) - context.audience(notice) - {notice.originator}:
        return in_context("RECIPIENT_REMOVED", "recipients", _("A revision only adds recipients."))
    return None


@context_rule("NOT_AGREED")
def published_summary_was_agreed(notice: Notice, context: Context) -> Found:
    """1540 Committee: summaries of requests are published with the consent of the State that asks."""
    match = notice.assistance_match
    if match.step == AssistanceStep.SUMMARY_PUBLISHED and not match.requester_agreed:
        message = _("The requester has not agreed to the publication.")
        yield in_context("NOT_AGREED", "assistance_match.requester_agreed", message)


@context_rule("STALE_ENTRY")
def directory_entry_is_fresh(notice: Notice, context: Context) -> Found:
    """notice.proto: a directory entry is stale after twelve months."""
    if not notice.HasField("directory_entry"):
        return
    verified = date_span(notice.directory_entry.verified)
    today = dt.date(1970, 1, 1) + dt.timedelta(days=context.now // DAY)
    if verified is None or (today - verified[1]).days > STALE_AFTER_DAYS:
        message = _("The entry was not verified within twelve months.")
        yield in_context("STALE_ENTRY", "directory_entry.verified", message)

# SPDX-License-Identifier: Apache-2.0
"""Rules of stage CONTEXT about other notices: what a reply, a withdrawal or a consent points at.

A receiver parks a notice whose only findings are UNKNOWN_REFERENCE until the missing one arrives.
"""

from __future__ import annotations

from fanal.i18n import _
from fanal.notices.context import Context
from fanal.notices.kinds import ANSWERS, NEED_PARENT
from fanal.notices.rules.registry import Found, context_rule, in_context
from fanal.notices.times import nanoseconds
from fanal.v1.notice_pb2 import Notice

_PARENTS: dict[str, frozenset[str]] = {
    **{reply: frozenset({parent}) for reply, parent in ANSWERS.items()},
    "seizure_report": frozenset({"shipment_warning", "threat_warning"}),
}
"""Bodies that a body may answer; one that is not named here may answer any."""


@context_rule("UNKNOWN_REFERENCE", "WRONG_REFERENCE_KIND", "NOT_ADDRESSED", "ASKER_NOT_RECIPIENT")
def reply_fits_its_parent(notice: Notice, context: Context) -> Found:
    """notices.md: a known parent of the right kind; from who got the question; to who asked it."""
    if not notice.in_reply_to:
        return
    parent = context.latest(notice.in_reply_to)
    if parent is None:
        yield in_context("UNKNOWN_REFERENCE", "in_reply_to", _("The notice answered is not known."))
        return
    body = notice.WhichOneof("body") or ""
    if parent.WhichOneof("body") not in _PARENTS.get(body, {parent.WhichOneof("body")}):
        message = _("This kind of notice does not answer that one.")
        yield in_context("WRONG_REFERENCE_KIND", "in_reply_to", message)
        return
    if parent.originator == notice.originator and body not in NEED_PARENT:
        return  # one's own thread goes on
    if notice.originator not in context.audience(parent):
        message = _("The originator did not get the notice that it answers.")
        yield in_context("NOT_ADDRESSED", "originator", message)
    if parent.originator not in context.audience(notice):
        message = _("{agency} asked and gets no answer.")
        yield in_context("ASKER_NOT_RECIPIENT", "recipients", message, agency=parent.originator)


@context_rule("AFTER_FINAL")
def nothing_after_the_final_reply(notice: Notice, context: Context) -> Found:
    """notice.proto: final means that nothing more will come; a revision of the final reply may."""
    if notice.WhichOneof("body") != "information_reply":
        return
    for other in context.known.replies_to(notice.in_reply_to):
        is_final = other.information_reply.final and other.originator == notice.originator
        later = nanoseconds(notice.issued_at) >= nanoseconds(other.issued_at)
        if is_final and later and other.notice_id != notice.notice_id:
            yield in_context("AFTER_FINAL", "in_reply_to", _("The final reply was given; revise that one."))
            return


@context_rule("UNKNOWN_REFERENCE", "NOT_ORIGINATOR")
def withdraws_its_own(notice: Notice, context: Context) -> Found:
    """notices.md: only the originator may withdraw. Again too, from somebody else, when the text is gone."""
    body = notice.withdrawal
    for index, notice_id in enumerate(body.notice_ids):
        field, known = f"withdrawal.notice_ids[{index}]", context.latest(notice_id)
        if known is None and not _withdrawn_before(notice, notice_id, context):
            yield in_context("UNKNOWN_REFERENCE", field, _("The notice withdrawn is not known."))
        elif known is not None and known.originator != notice.originator:
            message = _("{agency} issued that notice.")
            yield in_context("NOT_ORIGINATOR", field, message, agency=known.originator)
    if body.replaced_by and context.latest(body.replaced_by) is None:
        message = _("The notice that replaces it is not known.")
        yield in_context("UNKNOWN_REFERENCE", "withdrawal.replaced_by", message)


def _withdrawn_before(notice: Notice, notice_id: str, context: Context) -> bool:
    """Whether this very agency withdrew it: of its text nothing may be left to know it by."""
    earlier = context.known.withdrawals_of(notice_id) if notice.originator == context.me else ()
    return any(one.originator == context.me and one.notice_id != notice.notice_id for one in earlier)


@context_rule("UNKNOWN_REFERENCE", "ASKER_NOT_RECIPIENT")
def consent_is_asked_of_the_originator(notice: Notice, context: Context) -> Found:
    """Directive (EU) 2016/680 art. 35 (1) (c): the State that sent the data authorises."""
    if not notice.consent_request.notice_id:
        return
    asked_about = context.latest(notice.consent_request.notice_id)
    if asked_about is None:
        message = _("The notice asked about is not known.")
        yield in_context("UNKNOWN_REFERENCE", "consent_request.notice_id", message)
    elif asked_about.originator not in context.audience(notice):
        message = _("{agency} issued the notice asked about and is not asked.")
        yield in_context("ASKER_NOT_RECIPIENT", "recipients", message, agency=asked_about.originator)


@context_rule("NOT_ORIGINATOR")
def consent_is_given_by_the_originator(notice: Notice, context: Context) -> Found:
    """notice.proto: CONSENT_DECISION is of the originator of the notice asked about."""
    request = context.latest(notice.in_reply_to)
    if notice.WhichOneof("body") != "consent_decision" or request is None:
        return
    asked_about = context.latest(request.consent_request.notice_id)
    if asked_about is not None and asked_about.originator != notice.originator:
        message = _("{agency} issued the notice asked about and decides.")
        yield in_context("NOT_ORIGINATOR", "originator", message, agency=asked_about.originator)


@context_rule("WRONG_REFERENCE_KIND")
def match_joins_request_and_offers(notice: Notice, context: Context) -> Found:
    """notice.proto: a step between a request and offers. Unknown ones pass: not everybody gets all offers."""
    match = notice.assistance_match
    wanted = [("request", match.request, "assistance_request")]
    wanted += [(f"offers[{index}]", offer, "assistance_offer") for index, offer in enumerate(match.offers)]
    for name, notice_id, body in wanted:
        known = context.latest(notice_id)
        if known is not None and known.WhichOneof("body") != body:
            message = _("The notice named is of another kind.")
            yield in_context("WRONG_REFERENCE_KIND", f"assistance_match.{name}", message)

# SPDX-License-Identifier: Apache-2.0
"""Rules of requests, answers, assistance and the life of a notice: what one field needs of another."""

from __future__ import annotations

from fanal.i18n import _
from fanal.notices.rules.registry import At, Found, rule
from fanal.notices.times import nanoseconds
from fanal.v1.notice_pb2 import (
    Ack,
    AckStatus,
    AssistanceMatch,
    AssistanceStep,
    BoardingDecision,
    BoardingOutcome,
    BoardingRequest,
    ConsentAsk,
    ConsentDecision,
    ConsentRequest,
    ConveyanceType,
    DeadlineClass,
    Decision,
    DeletionConfirmation,
    InformationReply,
    InformationRequest,
    MlaTransmission,
    ReplyOutcome,
    Withdrawal,
    WithdrawalReason,
)

_URGENT = frozenset({DeadlineClass.URGENT_8_HOURS, DeadlineClass.URGENT_3_DAYS})


@rule("InformationRequest", "REQUIRED")
def urgent_question_says_why(body: InformationRequest, at: At) -> Found:
    """Framework Decision 2006/960/JHA art. 4 and Directive (EU) 2023/977 art. 5: urgency has a reason."""
    if body.deadline in _URGENT and not body.urgency_reason.strip():
        yield at.require("urgency_reason", _("A deadline of 8 hours or 3 days needs its reason."))


@rule("InformationReply", "REQUIRED")
def reply_says_why_or_where(body: InformationReply, at: At) -> Found:
    """Directive (EU) 2023/977 art. 6: a refusal has its ground; who is not competent names who is."""
    if body.outcome == ReplyOutcome.REFUSED and not body.refusal_reason:
        yield at.require("refusal_reason", _("A refusal needs its reason."))
    if body.outcome == ReplyOutcome.NOT_COMPETENT and not body.forwarded_to:
        yield at.require("forwarded_to", _("Name the agency that is competent."))


@rule("BoardingRequest", "REQUIRED", "INCONSISTENT")
def boarded_is_a_vessel_at_a_time(body: BoardingRequest, at: At) -> Found:
    """Protocol art. 8: a request to the flag State is about a vessel, where it was and when."""
    if body.vessel.type not in (ConveyanceType.UNSPECIFIED, ConveyanceType.VESSEL):
        yield at.find("INCONSISTENT", "vessel.type", _("Only a vessel is boarded."))
    if body.HasField("position") and not body.position.HasField("at"):
        yield at.require("position.at", _("Say when the vessel was there."))


@rule("BoardingDecision", "REQUIRED")
def boarding_conditions_are_named(body: BoardingDecision, at: At) -> Found:
    """Protocol art. 8 (5): the flag State may make its authorisation subject to conditions."""
    if body.decision == BoardingOutcome.AUTHORISED_WITH_CONDITIONS and not body.conditions:
        yield at.require("conditions", _("Name the conditions."))


@rule("MlaTransmission", "REQUIRED")
def courtesy_copy_names_the_channel(body: MlaTransmission, at: At) -> Found:
    """UNTOC art. 18 (13), (14): the request itself goes through the central authorities, in writing."""
    if body.courtesy_copy and not body.original_sent_by:
        yield at.require("original_sent_by", _("A courtesy copy says how the original travels."))


@rule("ConsentRequest", "REQUIRED")
def onward_share_names_to_whom(body: ConsentRequest, at: At) -> Found:
    """Directive (EU) 2016/680 art. 35 (1) (c): prior authorisation is given for a transfer, not for any."""
    if body.ask == ConsentAsk.ONWARD_SHARE and not body.to:
        yield at.require("to", _("Name the agencies to share with."))


@rule("ConsentDecision", "REQUIRED")
def limits_are_named(body: ConsentDecision, at: At) -> Found:
    """notice.proto: limits are required with GRANTED_WITH_LIMITS."""
    if body.decision == Decision.GRANTED_WITH_LIMITS and not body.limits.strip():
        yield at.require("limits", _("Say the limits in words."))


@rule("AssistanceMatch", "REQUIRED")
def proposed_match_names_offers(body: AssistanceMatch, at: At) -> Found:
    """1540 Committee, assistance template: a match is between a request and offers."""
    if body.step == AssistanceStep.MATCH_PROPOSED and not body.offers:
        yield at.require("offers", _("Name the offers that match."))


@rule("Ack", "REQUIRED")
def ack_says_why_or_where(body: Ack, at: At) -> Found:
    """notice.proto: a rejection has its reason, a forwarding its agency."""
    if body.status == AckStatus.REJECTED and not body.reason.strip():
        yield at.require("reason", _("Say why the notice is rejected."))
    if body.status == AckStatus.FORWARDED and not body.forwarded_to:
        yield at.require("forwarded_to", _("Name the agency that it was forwarded to."))


@rule("Withdrawal", "REQUIRED")
def superseded_names_the_successor(body: Withdrawal, at: At) -> Found:
    """notice.proto: replaced_by is required with SUPERSEDED."""
    if body.reason == WithdrawalReason.SUPERSEDED and not body.replaced_by:
        yield at.require("replaced_by", _("Name the notice that replaces it."))


@rule("Withdrawal", "INCONSISTENT")
def deletion_is_said_in_one_way(body: Withdrawal, at: At) -> Found:
    """notice.proto: the list of manifests says the same as delete_required."""
    wrong = "without_deletion" if body.delete_required else "with_deletion"
    if getattr(body, wrong):
        yield at.find("INCONSISTENT", f"{wrong}[0]", _("delete_required says the opposite."))


@rule("DeletionConfirmation", "DATE_ORDER")
def deleted_before_it_is_confirmed(body: DeletionConfirmation, at: At) -> Found:
    """notice.proto: deleted_at is not after issued_at."""
    if not body.HasField("deleted_at") or not at.notice.HasField("issued_at"):
        return
    if nanoseconds(body.deleted_at) > nanoseconds(at.notice.issued_at):
        yield at.find("DATE_ORDER", "deleted_at", _("The deletion is after its confirmation."))

# SPDX-License-Identifier: Apache-2.0
"""What a draft of each kind begins with: urgency, handling, purpose, retention, deadlines.

The start is the stricter choice; an officer opens up on purpose, never by forgetting.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fanal.notices.schema import BODIES
from fanal.v1.notice_pb2 import (
    EvidenceUse,
    Handling,
    HandlingCode,
    Onward,
    Purpose,
    RetentionClass,
    Tlp,
    Urgency,
)

HOUR = 3_600


def _closed() -> Handling:
    return Handling(
        tlp=Tlp.AMBER,
        code=HandlingCode.H1,
        onward=Onward.ORIGINATOR_CONSENT,
        evidence_use=EvidenceUse.WITH_CONSENT,
    )


def _community() -> Handling:
    return Handling(
        tlp=Tlp.GREEN, code=HandlingCode.H0, onward=Onward.COMMUNITY, evidence_use=EvidenceUse.WITH_CONSENT
    )


@dataclass(frozen=True)
class Defaults:
    """The start of one kind."""

    schedule: RetentionClass.Code
    purpose: Purpose.Code = Purpose.PREVENT_DETECT_INVESTIGATE
    urgency: Urgency.Code = Urgency.PRIORITY
    open_to_all: bool = False
    """Whether it is for the community: no persons, nothing sought."""
    expires_days: int = 90
    reply_hours: int = 0
    """Hours until the answer is wanted; 0 when none is."""

    def handling(self) -> Handling:
        return _community() if self.open_to_all else _closed()


_CASE = Defaults(RetentionClass.CASE)
_PERSON = Defaults(RetentionClass.PERSON, expires_days=180)
_SHIPMENT = Defaults(RetentionClass.SHIPMENT)
_DOCUMENT = Defaults(RetentionClass.DOCUMENT)
_ADMIN = Defaults(RetentionClass.ADMIN, purpose=Purpose.COOPERATION, urgency=Urgency.ROUTINE)
_FIGURES = Defaults(
    RetentionClass.STATISTIC, purpose=Purpose.STATISTICS, urgency=Urgency.ROUTINE, open_to_all=True
)

DEFAULTS: dict[str, Defaults] = {
    "shipment_warning": replace(_SHIPMENT, urgency=Urgency.URGENT, expires_days=30),
    "shipment_feedback": _SHIPMENT,
    "seizure_report": _SHIPMENT,
    "smuggling_case": replace(_CASE, expires_days=365),
    "person_notice": _PERSON,
    "document_notice": replace(_DOCUMENT, expires_days=365),
    "conveyance_notice": replace(_SHIPMENT, expires_days=60),
    "route_observation": _FIGURES,
    "modus_operandi": replace(_SHIPMENT, open_to_all=True),
    "threat_warning": replace(_SHIPMENT, purpose=Purpose.SAFEGUARD_PUBLIC_SECURITY, urgency=Urgency.URGENT),
    "cbrn_incident": replace(_SHIPMENT, purpose=Purpose.SAFEGUARD_PUBLIC_SECURITY),
    "information_request": replace(_CASE, reply_hours=7 * 24),
    "information_reply": _CASE,
    "document_exam_request": replace(_DOCUMENT, reply_hours=3 * 24),
    "document_exam_reply": _DOCUMENT,
    "boarding_request": replace(
        _SHIPMENT, purpose=Purpose.PROTECT_LIFE, urgency=Urgency.URGENT, expires_days=7, reply_hours=8
    ),
    "boarding_decision": replace(_SHIPMENT, purpose=Purpose.PROTECT_LIFE),
    "mla_transmission": replace(_CASE, purpose=Purpose.PROSECUTE, expires_days=365),
    "consent_request": replace(_ADMIN, reply_hours=7 * 24),
    "consent_decision": _ADMIN,
    "assistance_request": replace(_ADMIN, open_to_all=True, expires_days=365, reply_hours=90 * 24),
    "assistance_offer": replace(_ADMIN, open_to_all=True, expires_days=365),
    "assistance_match": replace(_ADMIN, open_to_all=True),
    "operation_announcement": replace(_ADMIN, expires_days=120),
    "operation_tally": _FIGURES,
    "statistical_return": _FIGURES,
    "knowledge_record": replace(_FIGURES, purpose=Purpose.COOPERATION),
    "directory_entry": replace(_ADMIN, open_to_all=True, expires_days=365),
    "ack": _ADMIN,
    "withdrawal": _ADMIN,
    "deletion_confirmation": _ADMIN,
}
assert tuple(DEFAULTS) == BODIES, "every kind has its defaults, in the order of the schema"

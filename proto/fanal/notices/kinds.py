# SPDX-License-Identifier: Apache-2.0
"""What kinds of notices have in common: which need a deadline, a parent, a grade; how long they are kept."""

from __future__ import annotations

from fanal.notices.schema import BODIES
from fanal.v1.notice_pb2 import Notice, RetentionClass

KINDS: tuple[str, ...] = tuple(body.upper() for body in BODIES)
"""Every kind, as tools show it: the name of the body in capitals."""

NEED_DEADLINE = frozenset(
    {"information_request", "document_exam_request", "boarding_request", "consent_request",
     "assistance_request"}
)  # fmt: skip
"""Requests: reply_by is required."""

ANSWERS: dict[str, str] = {
    "shipment_feedback": "shipment_warning",
    "information_reply": "information_request",
    "document_exam_reply": "document_exam_request",
    "boarding_decision": "boarding_request",
    "consent_decision": "consent_request",
    "assistance_offer": "assistance_request",
    "operation_tally": "operation_announcement",
}
"""Bodies that answer, and the one body that each answers."""

NEED_PARENT = frozenset(ANSWERS) | {"ack"}
"""Replies: in_reply_to is required."""

NEED_EVALUATION = frozenset(
    {"shipment_warning", "smuggling_case", "person_notice", "document_notice", "route_observation",
     "modus_operandi", "information_reply"}
)  # fmt: skip

NOMINAL = frozenset(
    {"smuggling_case", "person_notice", "document_notice", "information_request", "information_reply",
     "document_exam_request", "mla_transmission"}
)  # fmt: skip
"""Kinds that name persons or their documents."""

RETENTION_DAYS: dict[int, int] = {
    RetentionClass.SHIPMENT: 1_095,
    RetentionClass.CASE: 1_826,
    RetentionClass.PERSON: 1_826,
    RetentionClass.DOCUMENT: 3_653,
    RetentionClass.STATISTIC: 36_525,
    RetentionClass.ADMIN: 1_826,
}
"""Longest time from issue to deletion, in days."""


def kind_of(notice: Notice) -> str | None:
    """The kind of a notice ("SHIPMENT_WARNING"), None without a body."""
    body = notice.WhichOneof("body")
    return None if body is None else body.upper()


def body_field(kind: str) -> str:
    """The field of the body of ``kind``; raises KeyError for an unknown kind."""
    body = kind.lower()
    if body not in BODIES or kind != kind.upper():
        raise KeyError(kind)
    return body

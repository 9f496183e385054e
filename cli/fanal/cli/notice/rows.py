# SPDX-License-Identifier: Apache-2.0
"""What the node answers about notices, as rows of the JSON shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.cli.shown.text import when

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import NoticeRow, ProblemRow, ReaderRow
    from fanal.v1.officer_pb2 import CheckProblem, NoticeSummary, Reader


def summary_data(one: NoticeSummary) -> NoticeRow:
    """A notice's summary in the JSON shape."""
    return {
        "notice_id": one.notice_id,
        "ref": one.ref,
        "revision": one.revision,
        "kind": one.kind,
        "originator": one.originator,
        "urgency": one.urgency,
        "tlp": one.tlp,
        "issued_at": when(one.issued_at),
        "reply_by": when(one.reply_by),
        "received_at": when(one.received_at),
        "status": one.status,
        "read": one.read,
        "outgoing": one.outgoing,
        "in_reply_to": one.in_reply_to,
        "title": one.title,
        "revoked_key": one.revoked_key,
        "revoked_from": when(one.revoked_from),
    }


def reader_data(one: Reader) -> ReaderRow:
    """One reader of a notice in the JSON shape."""
    return {"agency": one.agency, "has_key": one.has_key, "held_reason": one.held_reason}


def problem_data(one: CheckProblem) -> ProblemRow:
    """One finding of the check in the JSON shape."""
    return {
        "code": one.code,
        "field": one.field,
        "severity": one.severity,
        "stage": one.stage,
        "message": one.message,
    }

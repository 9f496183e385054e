# SPDX-License-Identifier: Apache-2.0
"""What the node answers about notices, as rows of the JSON shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.cli.shown.text import when

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import AttachmentRow, NoticeRow, ProblemRow, ReaderRow
    from fanal.v1.notice_pb2 import Notice
    from fanal.v1.officer_pb2 import AttachmentState, CheckProblem, NoticeSummary, Reader, ShowReply


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


def attachment_rows(reply: ShowReply, notice: Notice | None) -> list[AttachmentRow]:
    """Each attachment with its state; of an erased notice only that there was one."""
    states = {one.attachment.hex(): one for one in reply.attachments}
    if notice is None:
        return [_attachment("", "", 0, one) for one in reply.attachments]
    return [
        _attachment(one.name, one.media_type, one.size_bytes, states.get(one.blob_id))
        for one in notice.attachments
    ]


def _attachment(name: str, media_type: str, size: int, state: AttachmentState | None) -> AttachmentRow:
    return {
        "name": name,
        "media_type": media_type,
        "size_bytes": size,
        "state": state.state if state else "MISSING",
        "have": state.have if state else 0,
        "total": state.total if state else 0,
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

# SPDX-License-Identifier: Apache-2.0
"""What an operator decides about kept notices: the answer to a recall, a legal hold, an order to erase.

Each decision is a leaf that names the person as a keyed HMAC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.inbox.interface import NoticeRecord, Status
from fanal.node.lanes.written import Written
from fanal.node.retention import erasing, holds, recall, restored, trusted
from fanal.node.retention.errors import BAD_TOKEN, HELD_BY_LAW, STILL_ISSUED, STILL_TAKES_BACK
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import RecallOutcome

if TYPE_CHECKING:
    from fanal.node.node import Node

CLOCK, INBOX = "clock", "inbox"
_OVER = (Status.WITHDRAWN, Status.EXPIRED, Status.ERASED)


def answer_recall(node: Node, actor: Actor, request: api.AnswerRecallRequest) -> tuple[str, Written]:
    """COMPLIED, REFUSED or HELD, told to the originator."""
    outcomes = {
        RecallOutcome.COMPLIED: recall.COMPLIED,
        RecallOutcome.REFUSED: recall.REFUSED,
        RecallOutcome.HELD: recall.HELD,
    }
    if request.outcome not in outcomes:
        raise FanalError(BAD_TOKEN, value=repr(int(request.outcome)), example=recall.REFUSED)
    outcome = outcomes[request.outcome]
    return outcome, recall.answer(node, actor, _found(node, request.notice), outcome, request.reason)


def set_hold(node: Node, actor: Actor, request: api.SetHoldRequest) -> tuple[bool, Written]:
    """Set a legal hold or lift it. What a recall wanted deleted meanwhile is deleted when it is lifted, and
    its originator told so; what was kept beyond its time follows with the retention job."""
    record = _found(node, request.notice)
    if request.hold:
        return holds.set_hold(node, actor, record, request.reason), Written()
    was_held = holds.lift(node, actor, record)
    known = node.vault.notices.recall(record.summary.notice_id, record.summary.originator)
    if known is not None and known.outcome == recall.HELD and known.originator != node.agency:
        return was_held, recall.answer(node, actor, record, recall.COMPLIED, "")
    return was_held, recall.settle(node)


def erase(node: Node, actor: Actor, request: api.EraseRequest) -> api.EraseReply:
    """An operator's order with its legal basis, for every revision and restatement. Raises HELD_BY_LAW, and
    STILL_ISSUED for an own notice on which others rely."""
    basis = holds.check_token(request.basis, "DATA_SUBJECT_RIGHTS")
    record = _found(node, request.notice)
    hold = holds.hold_on(node, record)
    if hold is not None:
        raise FanalError(HELD_BY_LAW, notice=record.summary.ref, reason=hold.reason)
    if record.summary.outgoing and record.summary.status not in _OVER:
        raise _still_needed(record)
    ids = node.vault.notices.envelopes(record.summary.notice_id, record.summary.originator)
    rows = [node.ledger.entries.get(envelope_id=one, author=record.summary.originator) for one in ids]
    actor_mac = person_mac(node.keys.person_key, actor.officer_id)
    held = [row for row in rows if row is not None]
    word = "order-" + basis.lower().replace("_", "-")
    result = erasing.erase(node, held, word, actor_mac)
    if result.hold is not None:
        raise FanalError(HELD_BY_LAW, notice=record.summary.ref, reason=result.hold.reason)
    final = result.final and result.clean
    return api.EraseReply(envelopes=result.count, state="FINAL" if final else "PENDING")


def _still_needed(record: NoticeRecord) -> FanalError:
    """Why an own notice stays. Nobody withdraws a withdrawal, so that one names its day instead."""
    summary = record.summary
    if summary.kind == "WITHDRAWAL":
        until = datetime.fromtimestamp(summary.expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return FanalError(STILL_TAKES_BACK, notice=summary.ref, until=until)
    return FanalError(STILL_ISSUED, notice=summary.ref)


def confirm(node: Node, actor: Actor, request: api.ConfirmRequest) -> api.ConfirmReply:
    """The clock is right; or nobody is left whom a restored node could ask."""
    if request.what == CLOCK:
        waiting = trusted.now(node).waits
        trusted.confirm(node, person_mac(node.keys.person_key, actor.officer_id))
    elif request.what == INBOX:
        waiting = bool(restored.closed(node))
        restored.reopen(node, person_mac(node.keys.person_key, actor.officer_id))
    else:
        raise FanalError(BAD_TOKEN, value=repr(request.what[:40]), example=CLOCK)
    return api.ConfirmReply(was_waiting=waiting)


def _found(node: Node, handle: str) -> NoticeRecord:
    return node.vault.notices.find(handle, node.now)

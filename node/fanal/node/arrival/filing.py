# SPDX-License-Identifier: Apache-2.0
"""A notice that has been opened: validated, filed, and followed by what it causes.

A withdrawal takes effect here, on arrival; a reply makes its question ANSWERED; a reply whose parent has not
come is parked and judged again when it does. A notice with errors is filed, marked and answered REJECTED.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from fanal.envelope.open import OpenedNotice
from fanal.errors import FanalError
from fanal.i18n import _
from fanal.node import failpoints, noticecontext
from fanal.node.errors import ORIGINATOR_MISMATCH
from fanal.node.inbox.interface import Filing, Judgement, NoticeFiling, Withdrawal, WithdrawalProof
from fanal.node.lanes import disclosing
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import Batch, DeliveryFact, EntryRow, State
from fanal.node.receipts import issuing
from fanal.node.retention import recall
from fanal.notices.check import Report, check_notice
from fanal.notices.problem import Problem, Stage, problem
from fanal.v1.envelope_pb2 import Statement
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

if TYPE_CHECKING:
    from fanal.node.node import Node

PARKED = "UNKNOWN_REFERENCE"


def file_notice(node: Node, row: EntryRow, opened: OpenedNotice, cursor: int | None) -> Written:
    """File one opened notice. Facts go to the ledger first, the vault's transaction moves the cursor last:
    a kill between them repeats the facts, which changes nothing."""
    notice = _parse(opened.notice_bytes)
    report = _judge(node, row.author, notice, opened.statement)
    rejected = _rejects(report.problems)
    written = Written()
    if rejected:
        written = issuing.issue_rejected(node, row, _named(report))
    elif notice is not None:
        _answered(node, row.author, notice)
    failpoints.hit("filing.before-vault")
    filing = Filing(
        cursor=cursor,
        notices=(_filing(node, row, opened, report, rejected),),
        withdrawals=() if rejected or notice is None else _withdrawals(row, notice, opened),
    )
    try:
        filed = node.vault.file(filing)
    except FanalError as error:
        if error.kind is not ORIGINATOR_MISMATCH:
            raise
        return written + _file_refused(node, row, opened, filing)
    failpoints.hit("filing.after-vault")
    if filing.withdrawals or (notice is not None and _is_recalled(node, row.author, notice)):
        written += recall.settle(node)
    return written + _join(node, filed.joined)


def _is_recalled(node: Node, author: str, notice: Notice) -> bool:
    """A notice or a late revision that its withdrawal has outrun."""
    return node.vault.notices.recall(notice.notice_id, author) is not None


def _file_refused(node: Node, row: EntryRow, opened: OpenedNotice, filing: Filing) -> Written:
    """It withdraws what only others have issued: filed and answered as such, and nothing is withdrawn."""
    foreign = problem(
        Stage.CONTEXT, "NOT_ORIGINATOR", "withdrawal.notice_ids[0]", _("Issued by another agency.")
    )
    report = Report(None, None, (foreign,))
    refused = replace(filing, notices=(_filing(node, row, opened, report, True),), withdrawals=())
    node.vault.file(refused)
    return issuing.issue_rejected(node, row, _named(report))


def _judge(node: Node, author: str, notice: Notice | None, statement: Statement) -> Report:
    """The notice by every rule. What we issued ourselves was judged before it was sealed."""
    if notice is None:
        return Report(None, None, (_unreadable(),))
    if author == node.agency:
        return Report(notice, None, ())
    reasons = {reason.code for reason in statement.reasons}
    return check_notice(notice, noticecontext.context(node, notice.originator), accepted=reasons)


def _rejects(problems: Sequence[Problem]) -> bool:
    """An error other than a parent that may still come."""
    return any(one.severity.value == "ERROR" and one.code != PARKED for one in problems)


def _named(report: Report) -> tuple[tuple[str, str], ...]:
    return tuple((one.code, one.field) for one in report.errors)


def _filing(node: Node, row: EntryRow, opened: OpenedNotice, report: Report, rejected: bool) -> NoticeFiling:
    return NoticeFiling(
        envelope_id=row.envelope_id,
        manifest_sha256=row.manifest_sha256,
        author=row.author,
        notice=opened.notice_bytes,
        statement=opened.statement_bytes,
        officer_signature=opened.officer_signature,
        content_key=opened.content_key,
        outgoing=row.author == node.agency,
        received_at=row.arrived,
        rejected=rejected,
        problems=report.problems,
    )


def _withdrawals(row: EntryRow, notice: Notice, opened: OpenedNotice) -> tuple[Withdrawal, ...]:
    body = notice.withdrawal
    proof = disclosing.withdrawal_proof(notice, opened.content) if body.notice_ids else WithdrawalProof()
    reason = WithdrawalReason.Code.Name(body.reason) if body.reason in WithdrawalReason.Code.values() else ""
    return tuple(
        Withdrawal(
            notice_id,
            row.author,
            reason,
            notice.issued_at.seconds,
            body.delete_required,
            row.manifest_sha256,
            proof,
        )
        for notice_id in body.notice_ids
    )


def _answered(node: Node, author: str, notice: Notice) -> None:
    """A reply of a recipient: our question is ANSWERED there."""
    if not notice.in_reply_to or author == node.agency:
        return
    asked = node.vault.notices.envelopes(notice.in_reply_to, node.agency)
    facts = tuple(DeliveryFact(one, author, State.ANSWERED, notice.issued_at.seconds) for one in asked)
    if facts:
        node.ledger.append(Batch(deliveries=facts))


def _join(node: Node, joined: Sequence[bytes]) -> Written:
    """Parked replies whose parent has come: judged again, and answered if they are wrong after all."""
    written = Written()
    for manifest in joined:
        record = node.vault.notices.get(node.now, manifest_sha256=manifest)
        row = node.ledger.entries.get(manifest_sha256=manifest)
        notice = _parse(record.notice) if record is not None else None
        if record is None or row is None or notice is None:
            continue
        report = _judge(node, row.author, notice, Statement.FromString(record.statement))
        rejected = _rejects(report.problems)
        if rejected:
            written += issuing.issue_rejected(node, row, _named(report))
        else:
            _answered(node, row.author, notice)
        node.vault.file(Filing(judgements=(Judgement(manifest, rejected, report.problems),)))
    return written


def _parse(data: bytes) -> Notice | None:
    try:
        return Notice.FromString(data)
    except DecodeError:
        return None


def _unreadable() -> Problem:
    return problem(Stage.PROTOBUF, "WRONG_TYPE", "$", _("These bytes are no notice."))

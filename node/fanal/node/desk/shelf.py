# SPDX-License-Identifier: Apache-2.0
"""What an officer finds in the vault: lists, one notice, and the mark that it was read.

Every look at a notice and every search is an access leaf, written before anything is shown.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fanal.envelope.errors import NOBODY
from fanal.envelope.receipts import read_receipt
from fanal.errors import FanalError
from fanal.node.arrival import revoked, suspects
from fanal.node.desk import attaching, recalled
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.desk.looks import Looks
from fanal.node.errors import FOLDER_UNKNOWN, NOTICE_UNKNOWN, REVISION_MISSING
from fanal.node.inbox.interface import Folder, ListQuery, NoticeRecord, Summary
from fanal.node.lanes import leaves
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import Batch, LeafRow
from fanal.node.receipts import issuing
from fanal.node.retention import holds, restored
from fanal.notices.problem import Problem
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import ReadReceipt, Statement, WarnReason
from fanal.v1.identity_pb2 import Custody

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.desk.shelf")

_DEFAULT_PAGE = 50


def listed(node: Node, actor: Actor, request: api.ListRequest, looks: Looks) -> api.ListReply:
    """One page, newest first. Every search by text or identifier is logged before it runs, a look over a
    folder once an hour and person."""
    query = ListQuery(
        now=node.now,
        folder=_folder(request.folder),
        kind=request.kind,
        text=request.query,
        identifier=request.identifier,
        unread=request.unread,
        since=request.since,
        limit=request.limit or _DEFAULT_PAGE,
        cursor=request.cursor,
    )
    restored.check_open(node)
    if query.text or query.identifier:
        _log(node, access(node, actor, "search", None, f"{query.text}\0{query.identifier}"))
    elif looks.due(actor.officer_id, node.ticks):
        _log(node, access(node, actor, "search", None))
        looks.logged(actor.officer_id, node.ticks)
    page = node.vault.notices.list(query)
    rows = [_judged(node, one) for one in page.summaries]
    return api.ListReply(notices=rows, next_cursor=page.cursor)


def shown(node: Node, actor: Actor, request: api.ShowRequest) -> api.ShowReply:
    """One notice, by id, unique prefix or ref. Logged as read by this officer before it is returned."""
    record = find(node, request.notice, request.revision)
    _log(node, access(node, actor, "read", record.envelope_id))
    return reply_of(node, record)


def find(node: Node, handle: str, revision: int = 0) -> NoticeRecord:
    """The notice that is asked for.

    Raises NOTICE_UNKNOWN, PREFIX_AMBIGUOUS, REVISION_MISSING and, after a restore, INBOX_CLOSED.
    """
    restored.check_open(node)
    record = node.vault.notices.find(handle, node.now, revision)
    if revision and record.summary.revision != revision:
        raise FanalError(REVISION_MISSING, notice=record.summary.ref, revision=revision)
    return record


def reply_of(node: Node, record: NoticeRecord) -> api.ShowReply:
    """Everything that an officer is shown of a notice; for callers who have logged that it is."""
    entry = node.ledger.entries.get(manifest_sha256=record.manifest_sha256)
    officer, custody, reasons = _signer(node, record)
    return api.ShowReply(
        summary=_judged(node, record.summary, record),
        notice=record.notice,
        statement=record.statement,
        officer_signature=record.officer_signature,
        manifest_sha256=record.manifest_sha256,
        problems=[problem_of(one) for one in record.problems],
        replies=[one.ref for one in node.vault.notices.replies(record.summary.notice_id, node.now)],
        officer=officer,
        custody=custody,
        reasons=reasons,
        leaf_index=entry.leaf if entry is not None and entry.leaf is not None else 0,
        attachments=attaching.states(node, record, entry),
        withdrawn_reason=record.withdrawn_reason,
        **_kept(node, record),
    )


def _judged(node: Node, summary: Summary, record: NoticeRecord | None = None) -> api.NoticeSummary:
    """The line of a notice, with the key under it that was revoked since; SUSPECT when nothing older covers
    it. Judged at each look: a revocation that comes later takes effect at once."""
    shown = summary_of(summary)
    if not node.directory.revocations(summary.originator):
        return shown
    record = record or node.vault.notices.find(summary.notice_id, node.now, summary.revision)
    entry = node.ledger.entries.get(manifest_sha256=record.manifest_sha256)
    signed = Statement.FromString(record.statement).officer_key_id
    doubt = revoked.doubt(node, entry, signed) if entry is not None else None
    if doubt is not None:
        shown.revoked_key, shown.revoked_from = doubt.key, doubt.cut_off
        shown.status = shown.status if doubt.vouched else suspects.SUSPECT
    return shown


def _kept(node: Node, record: NoticeRecord) -> dict[str, Any]:
    """What holds it, what was erased, to whom it was forwarded, and what we answered to its recall."""
    notices, summary = node.vault.notices, record.summary
    hold = holds.hold_on(node, record)
    erasure = node.ledger.facts.erasure(record.manifest_sha256)
    recall = notices.recall(summary.notice_id, summary.originator)
    restated = notices.restated_to(summary.notice_id, summary.originator) - {summary.originator}
    return {
        "hold_reason": hold.reason if hold else "",
        "erased_at": record.erased,
        "erasure_basis": erasure.basis if erasure else "",
        "erasure_state": ("FINAL" if erasure.final else "PENDING") if erasure else "",
        "statement_sha256": record.statement_sha256,
        "restated_to": sorted(restated),
        "sent_to": recalled.sent_to(node, record, restated),
        "withdrawn_by": recalled.withdrawn_by(node, record),
        "recall": recall.outcome if recall else "",
        "manifests": notices.manifests(summary.notice_id, summary.originator),
    }


def mark_read(node: Node, actor: Actor, request: api.MarkReadRequest) -> tuple[bool, Written]:
    """Take an officer's signed word that a notice was read, and tell its author once.

    The signature is verified as the author will verify it; our own notices need no receipt. While by this
    node's clock nobody has a key that is good to read the receipt, the notice stays unread.
    """
    receipt = ReadReceipt(body=request.body, officer_signature=request.officer_signature)
    statement, _officer = read_receipt(receipt, node.agency, node.directory)
    entry = node.ledger.entries.get(manifest_sha256=statement.manifest_sha256)
    with node.writing:
        record = node.vault.notices.get(node.now, manifest_sha256=statement.manifest_sha256)
        if record is None or entry is None:
            raise FanalError(NOTICE_UNKNOWN, notice=statement.manifest_sha256.hex()[:16])
        if record.reader:
            return False, Written()
        seen = access(node, actor, "read", record.envelope_id)
        written = Written()
        if entry.author == node.agency:
            _log(node, seen)
        else:
            try:
                written = issuing.issue_read(node, entry, receipt, seen)
            except FanalError as error:
                if error.kind is not NOBODY:
                    raise
                log.warning("not told to %s that a notice was read: %s", entry.author, error)
                return False, written
        return node.vault.mark_read(statement.manifest_sha256, actor.key_id, node.now), written


def summary_of(summary: Summary) -> api.NoticeSummary:
    return api.NoticeSummary(
        notice_id=summary.notice_id,
        ref=summary.ref,
        revision=summary.revision,
        kind=summary.kind,
        originator=summary.originator,
        urgency=summary.urgency,
        tlp=summary.tlp,
        issued_at=summary.issued_at,
        reply_by=summary.reply_by,
        status=summary.status.value,
        read=summary.read,
        outgoing=summary.outgoing,
        in_reply_to=summary.in_reply_to,
        title=summary.title,
        received_at=summary.received_at,
    )


def problem_of(problem: Problem) -> api.CheckProblem:
    return api.CheckProblem(
        code=problem.code,
        field=problem.field,
        severity=problem.severity.value,
        stage=problem.stage.value,
        message=problem.message,
    )


def _signer(node: Node, record: NoticeRecord) -> tuple[str, str, list[WarnReason]]:
    """The officer's pseudonym and custody, as the originator's identity names them, and the reasons given."""
    statement = Statement.FromString(record.statement)
    if not record.statement:
        return "", "", []
    officer = node.directory.officer(statement.author, statement.officer_key_id).key.officer
    if officer is None:
        return "", "", list(statement.reasons)
    return officer.officer_id, Custody.Code.Name(officer.custody), list(statement.reasons)


def _folder(name: str) -> Folder:
    try:
        return Folder(name or "inbox")
    except ValueError:
        raise FanalError(FOLDER_UNKNOWN, found=name[:40]) from None


def access(node: Node, actor: Actor, act: str, envelope_id: bytes | None, what: str = "") -> LeafRow:
    """The leaf of what a person does; ``what`` is told as a salted hash."""
    person_key = node.keys.person_key
    detail = leaves.detail(person_key, what.encode()) if what else None
    return leaves.access_leaf(person_mac(person_key, actor.officer_id), act, envelope_id, node.now, detail)


def _log(node: Node, leaf: LeafRow) -> None:
    node.ledger.append(Batch(leaves=(leaf,)))

# SPDX-License-Identifier: Apache-2.0
"""Recall: what a holder does about a withdrawal, and the answer that its originator gets.

Nothing to decide: the copy is marked, or erased when that was asked, and COMPLIED goes out by itself. A legal
hold answers HELD; an operator may refuse, with a reason. Whoever never had the notice complies like everybody
else, so the answer reveals nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.inbox.interface import NoticeRecord, Recall
from fanal.node.lanes import leaves
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import EntryRow, LeafRow
from fanal.node.receipts import issuing
from fanal.node.retention import erasing, holds
from fanal.node.retention.errors import GONE_ALREADY, HELD_BY_LAW, NOT_RECALLED
from fanal.v1.envelope_pb2 import RecallAnswer, Receipts

if TYPE_CHECKING:
    from fanal.node.node import Node

COMPLIED, REFUSED, HELD = "COMPLIED", "REFUSED", "HELD"
_PAGE = 32


def settle(node: Node) -> Written:
    """Erase what was withdrawn with deletion, here and at the originator, then answer what is unanswered.

    Idempotent: a kill between the two, or before the answer was marked, makes it answer again.
    """
    _delete(node)
    written = Written()
    while page := node.vault.notices.open_recalls(node.agency, _PAGE):
        for recall in page:
            hold = holds.held(node).get(f"{recall.originator}/{recall.notice_id}")
            outcome = HELD if hold is not None and recall.delete else COMPLIED
            written += _tell(node, recall, outcome, hold.reason if hold and outcome == HELD else "")
    return written


def answer(node: Node, actor: Actor, record: NoticeRecord, outcome: str, reason: str) -> Written:
    """A person decides. COMPLIED erases what was to be deleted, REFUSED and HELD keep it; HELD is a legal
    hold too. Raises NOT_RECALLED, GONE_ALREADY, HELD_BY_LAW, BAD_TOKEN."""
    recall = node.vault.notices.recall(record.summary.notice_id, record.summary.originator)
    if recall is None or recall.originator == node.agency:
        raise FanalError(NOT_RECALLED, notice=record.summary.ref)
    hold = holds.hold_on(node, record)
    if outcome == COMPLIED:
        if hold is not None:
            raise FanalError(HELD_BY_LAW, notice=record.summary.ref, reason=hold.reason)
        if recall.delete:
            erased = erasing.erase(node, _entries(node, recall), erasing.WITHDRAWAL, _mac(node, actor))
            if erased.hold is not None:
                raise FanalError(HELD_BY_LAW, notice=record.summary.ref, reason=erased.hold.reason)
        return _tell(node, recall, COMPLIED, "", _leaf(node, actor, recall, COMPLIED, ""))
    if record.erased:
        raise FanalError(GONE_ALREADY, notice=record.summary.ref)
    holds.check_token(reason, "OWN_PROCEEDINGS")
    if outcome == HELD and (hold is None or hold.reason != reason):
        holds.set_hold(node, actor, record, reason)
    return _tell(node, recall, outcome, reason, _leaf(node, actor, recall, outcome, reason))


def _delete(node: Node) -> None:
    after = b""
    while page := node.vault.notices.to_delete(_PAGE, after):
        after = page[-1].manifest_sha256
        rows = [node.ledger.entries.get(manifest_sha256=one.manifest_sha256) for one in page]
        erasing.erase(node, [row for row in rows if row is not None], erasing.WITHDRAWAL)


def _entries(node: Node, recall: Recall) -> list[EntryRow]:
    ids = node.vault.notices.envelopes(recall.notice_id, recall.originator)
    found = [node.ledger.entries.get(envelope_id=one, author=recall.originator) for one in ids]
    return [row for row in found if row is not None]


def _tell(node: Node, recall: Recall, outcome: str, reason: str, more: Sequence[LeafRow] = ()) -> Written:
    """The receipt goes into the ledger first; marked as answered, it is not sent again."""
    withdrawal = node.ledger.entries.get(manifest_sha256=recall.manifest_sha256)
    written = Written()
    if withdrawal is not None:
        told = RecallAnswer(
            manifest_sha256=recall.manifest_sha256,
            notice_id=recall.notice_id,
            outcome=outcome,
            reason=reason,
            at=node.now,
        )
        logged = [(outcome.lower(), withdrawal)]
        written = issuing.issue(node, withdrawal.author, Receipts(recalls=[told]), more, logged=logged)
    node.vault.answer(replace(recall, outcome=outcome, answer=reason, answered=node.now))
    return written


def _leaf(node: Node, actor: Actor, recall: Recall, outcome: str, reason: str) -> tuple[LeafRow, ...]:
    key = node.keys.person_key
    detail = leaves.detail(key, recall.notice_id.encode(), outcome.encode(), reason.encode())
    return (leaves.admin_leaf("recall-answered", detail, node.now, _mac(node, actor)),)


def _mac(node: Node, actor: Actor) -> bytes:
    return person_mac(node.keys.person_key, actor.officer_id)

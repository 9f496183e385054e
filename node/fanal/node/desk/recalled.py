# SPDX-License-Identifier: Apache-2.0
"""What is said of each holder of an own notice that was withdrawn: whether a withdrawal names it, and whether
it has answered. Computed, never stored.

A withdrawal may name fewer than hold the notice: it was signed before somebody else forwarded the notice, it
is meant for some alone, or who was to get it has left the network. Nobody is said not to be named while an
earlier withdrawal, which may name it, is no longer kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.node.inbox.interface import NoticeRecord, Recall, Summary
from fanal.node.lanes.audience import NOT_A_MEMBER
from fanal.node.ledger.rows import State
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

if TYPE_CHECKING:
    from fanal.node.node import Node

SILENT, OVERDUE = "RECALL_SILENT", "RECALL_OVERDUE"
NOT_NAMED, OUT_OF_REACH = "RECALL_NOT_NAMED", "RECALL_OUT_OF_REACH"


@dataclass(frozen=True)
class _Told:
    """``since``: agency -> when the first withdrawal that names it was sent. ``whole``: all are known.
    ``how``: what the last one asks, as `fanal notice withdraw` is told it."""

    since: Mapping[str, int]
    whole: bool
    how: str


def name(node: Node, recall: Recall, summary: Summary, deliveries: Iterable[api.Delivery]) -> None:
    """Give a reason to each delivery of a withdrawn notice whose recipient was not told or is silent."""
    told = _told(node, recall)
    for one in deliveries:
        if told.whole and one.recipient not in told.since and _may_hold(one):
            _not_named(node, one, {"notice": summary.ref, "how": told.how})
        elif not one.reason:
            _silent(node, one, told.since.get(one.recipient, recall.at))


def sent_to(node: Node, record: NoticeRecord, restated: Collection[str]) -> list[str]:
    """All who were sent an own notice, if neither it nor ``restated`` names all of them any more, since its
    text is gone, or its group has other members now, or none that we may write to; else nobody."""
    if not record.summary.outgoing:
        return []
    notices, notice = node.vault.notices, Notice.FromString(record.notice)
    sent = {
        fact.recipient
        for envelope_id in notices.envelopes(record.summary.notice_id, node.agency)
        for fact in node.ledger.facts.deliveries(envelope_id)
        if fact.reason != NOT_A_MEMBER
    }
    channel = node.directory.newest.channels.get(notice.group)
    members = channel.members if channel is not None and node.agency in channel.members else ()
    gone = not record.notice or (bool(notice.group) and not members)
    return sorted(sent) if gone or sent - {*notice.recipients, *members, *restated} else []


def withdrawn_by(node: Node, record: NoticeRecord) -> str:
    """The ref of the last withdrawal of an own notice that is kept, "" when there is none."""
    kept = _withdrawals(node, record.summary.notice_id) if record.summary.outgoing else []
    return kept[-1].summary.ref if kept else ""


def _withdrawals(node: Node, notice_id: str) -> list[NoticeRecord]:
    notices = node.vault.notices
    ids = notices.withdrawn_in(notice_id, node.agency)
    found = [notices.get(node.now, envelope_id=one, author=node.agency) for one in ids]
    return [record for record in found if record is not None]


def _told(node: Node, recall: Recall) -> _Told:
    kept = _withdrawals(node, recall.notice_id)
    since: dict[str, int] = {}
    for record in kept:
        for fact in node.ledger.facts.deliveries(record.envelope_id):
            if fact.reason != NOT_A_MEMBER:
                since.setdefault(fact.recipient, record.summary.received_at)
    whole = any(record.summary.issued_at == recall.at for record in kept)
    return _Told(since, whole, _how(Notice.FromString(kept[-1].notice), recall) if kept else "")


def _how(withdrawal: Notice, recall: Recall) -> str:
    body = withdrawal.withdrawal
    asks = ["--reason", WithdrawalReason.Code.Name(body.reason)]
    asks += ["--delete"] if recall.delete else []
    asks += ["--replaced-by", body.replaced_by] if body.replaced_by else []
    return " ".join(asks)


def _may_hold(one: api.Delivery) -> bool:
    """Whether the notice is at that recipient, or on its way, and it has said nothing of a withdrawal."""
    if one.state == State.HELD.value:
        return one.reason != NOT_A_MEMBER
    return one.state not in (State.WITHDRAWN.value, State.REFUSED.value, State.EXPIRED.value)


def _not_named(node: Node, one: api.Delivery, remedy: Mapping[str, str]) -> None:
    member = node.directory.newest.is_member(one.recipient)
    one.reason = NOT_NAMED if member else OUT_OF_REACH
    one.facts.clear()
    one.facts.update(remedy)


def _silent(node: Node, one: api.Delivery, since: int) -> None:
    """A holder that has not answered the recall, and whether it is overdue."""
    due = since + int(node.settings.recall_seconds)
    one.reason = OVERDUE if due <= node.now else SILENT
    one.facts["due"] = str(due)

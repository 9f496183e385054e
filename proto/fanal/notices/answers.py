# SPDX-License-Identifier: Apache-2.0
"""Drafts that answer or end a notice: reply, acknowledgement, withdrawal.

Each is addressed to who has to get it and is never more open than the notice that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fanal.errors import FanalError
from fanal.notices.drafts import Rng, new_draft, require_own
from fanal.notices.errors import NOT_ANSWERABLE
from fanal.notices.kinds import ANSWERS, kind_of
from fanal.v1.notice_pb2 import AckStatus, DeletionMethod, Notice, Urgency, WithdrawalReason

MAX_MANIFESTS = 128
"""Named in a withdrawal: it fits a FLASH envelope however often its notice was revised and forwarded."""
_REPLIES = {parent: reply for reply, parent in ANSWERS.items()}


def reply_kind(parent: Notice) -> str | None:
    """The kind that answers ``parent``, None when it is only acknowledged."""
    reply = _REPLIES.get(parent.WhichOneof("body") or "")
    return None if reply is None else reply.upper()


def reply(parent: Notice, originator: str, now: int, rng: Rng, *, kind: str | None = None) -> Notice:
    """A draft that answers ``parent`` in the right kind, to the agency that asked.

    A seizure report may be asked for by ``kind``; it answers a warning. Raises FanalError for a parent that
    this kind does not answer, and for one's own question.
    """
    wanted = kind or reply_kind(parent) or "REPLY"
    seizure = wanted == "SEIZURE_REPORT" and parent.WhichOneof("body") in (
        "shipment_warning",
        "threat_warning",
    )
    if parent.originator == originator or not (wanted == reply_kind(parent) or seizure):
        raise FanalError(NOT_ANSWERABLE, parent=kind_of(parent) or "-", kind=wanted)
    return _answer(parent, new_draft(wanted, originator, now, rng))


def ack(
    parent: Notice,
    originator: str,
    status: AckStatus.Code,
    now: int,
    rng: Rng,
    *,
    reason: str = "",
    forwarded_to: str = "",
) -> Notice:
    """A draft that tells the originator of ``parent`` what became of it. Always a human act."""
    if parent.originator == originator:
        raise FanalError(NOT_ANSWERABLE, parent=kind_of(parent) or "-", kind="ACK")
    made = _answer(parent, new_draft("ACK", originator, now, rng))
    made.ack.status, made.ack.reason, made.ack.forwarded_to = status, reason, forwarded_to
    made.legal_basis = parent.legal_basis
    return made


def withdraw(
    notice: Notice,
    originator: str,
    reason: WithdrawalReason.Code,
    now: int,
    rng: Rng,
    *,
    delete_required: bool = False,
    replaced_by: str = "",
    forwarded_to: Iterable[str] = (),
    sent_to: Sequence[str] = (),
    manifests: Iterable[bytes] = (),
) -> Notice:
    """A draft that withdraws one's own notice towards everybody who got it, ``forwarded_to`` included.

    ``sent_to``: who was sent it when its group had other members; they are named in place of the group.
    ``manifests``: SHA-256 of the signed manifest of each envelope that carried it, of which the last 128 are
    named: they tie the withdrawal to the notice when its content is gone. Raises FanalError for
    a notice of another agency.
    """
    require_own(notice, originator)
    made = new_draft("WITHDRAWAL", originator, now, rng)
    made.recipients.extend(dict.fromkeys([*notice.recipients, *forwarded_to, *sent_to]))
    made.group, made.legal_basis = "" if sent_to else notice.group, notice.legal_basis
    _close_like(made, notice)
    body = made.withdrawal
    body.notice_ids.append(notice.notice_id)
    body.reason, body.delete_required, body.replaced_by = reason, delete_required, replaced_by
    carried = body.with_deletion if delete_required else body.without_deletion
    carried.extend(one.hex() for one in [*manifests][-MAX_MANIFESTS:])
    return made


def deletion_confirmation(
    notice_id: str,
    statement_sha256: bytes,
    recipient: str,
    originator: str,
    deleted_at: int,
    now: int,
    rng: Rng,
    *,
    legal_basis: str,
    copies: int = 1,
) -> Notice:
    """A draft in which an officer of ``originator`` confirms to ``recipient`` that a notice was deleted.

    ``statement_sha256`` is of the statement that was signed for it; times are Unix seconds. Here keys are
    destroyed, so the method is CRYPTO_ERASURE. It is a signed claim, and proves no more than that.
    """
    made = new_draft("DELETION_CONFIRMATION", originator, now, rng)
    made.recipients.append(recipient)
    made.legal_basis = legal_basis
    body = made.deletion_confirmation
    body.notice_id, body.notice_sha256 = notice_id, statement_sha256.hex()
    body.deleted_at.FromSeconds(deleted_at)
    body.method, body.copies = DeletionMethod.CRYPTO_ERASURE, copies
    return made


def _answer(parent: Notice, made: Notice) -> Notice:
    made.in_reply_to = parent.notice_id
    made.conversation_id = parent.conversation_id or parent.notice_id
    made.recipients.append(parent.originator)
    # FLASH needs a duty contact, which the one who answers may not have.
    made.urgency = Urgency.URGENT if parent.urgency == Urgency.FLASH else parent.urgency or made.urgency
    _close_like(made, parent)
    return made


def _close_like(made: Notice, other: Notice) -> None:
    """Take over the handling of a notice that is stricter. TLP counts from RED = 1 to CLEAR = 5."""
    if 0 < other.handling.tlp <= made.handling.tlp:
        made.handling.CopyFrom(other.handling)

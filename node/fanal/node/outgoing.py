# SPDX-License-Identifier: Apache-2.0
"""The story of what leaves, from an officer's draft to the announcement.

    compose -> validate                                            `prepare`, here and at the officer
    -> sign by the officer                                         on the officer's machine
    -> check again -> seal -> sign by the node
    -> append to the ledger, with leaf and deliveries              `send`, here: one transaction
    -> announce                                                    `Host.committed`

Nothing is sealed that a reader would refuse, and `send` returns only after the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.envelope import redrelays
from fanal.envelope import statement as statements
from fanal.envelope.commitments import notice_commitment
from fanal.envelope.officer import CheckedDraft, check_draft
from fanal.envelope.statement import SignedDraft
from fanal.errors import FanalError
from fanal.keys.errors import KEY_NOT_CURRENT
from fanal.keys.identity_rules import use_name
from fanal.keys.trust import KeyStatus
from fanal.node import failpoints, noticecontext, numbering, restating
from fanal.node.arrival import opening
from fanal.node.attachments import keys as attached
from fanal.node.desk.actor import Actor
from fanal.node.errors import (
    CHARTER_MOVED,
    DRAINING,
    ENVELOPE_TAKEN,
    NOTICE_REFUSED,
    REASON_MISSING,
    SIGNED_BY_OTHER,
)
from fanal.node.lanes import audience
from fanal.node.lanes.audience import Resolved
from fanal.node.lanes.own import LaneBatch
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import DeliveryFact, EntryRow, State
from fanal.notices.check import Report, check_notice
from fanal.notices.compose import stamp
from fanal.notices.problem import CODES, Severity
from fanal.v1.envelope_pb2 import AttachmentKey, EnvelopeClass, EnvelopePriority, Statement
from fanal.v1.identity_pb2 import KeyUse
from fanal.v1.notice_pb2 import Notice, Urgency

if TYPE_CHECKING:
    from fanal.node.node import Node


WARNINGS = frozenset(code for (_, code), severity in CODES.items() if severity is Severity.WARN)


@dataclass(frozen=True)
class Prepared:
    """What an officer sees before signing. ``ref`` is "" for a dry run."""

    notice: Notice
    resolved: Resolved
    report: Report
    ref: str


@dataclass(frozen=True)
class Sent:
    """What the commit gave."""

    notice: Notice
    resolved: Resolved
    envelope_id: bytes
    leaf_index: int
    written: Written


def prepare(node: Node, draft: Notice, to: Iterable[str], *, dry_run: bool) -> Prepared:
    """Resolve the audience, check the draft as if issued now, and reserve a ref for it. Nothing is sent.

    Problems of the notice are in the report; a missing or unknown audience raises FanalError. A ref is
    reserved only for a draft without errors; one that is then not used leaves a gap, which is allowed.
    """
    addressed = Notice()
    addressed.CopyFrom(draft)
    audience.address(addressed, to)
    resolved = audience.resolve(addressed, node.agency, node.directory.newest)
    report = _check(node, stamp(addressed, addressed.ref or numbering.unused(node), node.now, node.rng))
    ref = addressed.ref
    if report.ok and not ref and not dry_run:
        ref = numbering.reserve(node)
    return Prepared(addressed, resolved, report, "" if dry_run else ref)


def prepare_restatement(node: Node, notice: bytes, to: Iterable[str], restates: bytes) -> Prepared:
    """What an officer sees before forwarding an own notice. Raises as ``restating``."""
    ref, resolved = restating.prepare(node, notice, to, restates)
    parsed = Notice.FromString(notice)
    return Prepared(parsed, resolved, Report(parsed, None, ()), ref)


def send(node: Node, actor: Actor, draft: SignedDraft, keys: Iterable[AttachmentKey] = ()) -> Sent:
    """Seal what the officer signed and commit it. Returns when it is durable; raises when it is not sent.

    NOTICE_REFUSED when the check finds an error, REASON_MISSING for a warning without a reason, CHARTER_MOVED
    when the audience was resolved under a charter that is no longer the newest, OVER_OWN_QUOTA and
    FLASH_USED_UP when this agency has sent as much as every node lets it, RED_BY_RELAY for TLP:RED over a
    DIRECT relay that the statement does not allow. The same bytes offered again,
    by a client that never heard the answer, get the same answer; ENVELOPE_TAKEN when they are not the same.
    ``keys`` are those of attachments whose files were handed in; they are durable before the commit.
    """
    if _entry_of(node, draft) is None:
        seen = node.directory
        checked = _checked(node, actor, draft)
        with node.writing:
            if _entry_of(node, draft) is None:
                if node.draining:
                    raise FanalError(DRAINING)
                if node.directory is not seen:  # another charter, or a revocation, came meanwhile
                    checked = _checked(node, actor, draft)
                _check_own_key(node)
                return _commit(node, draft, checked, attached.of_notice(node, checked.notice, keys))
    return _sent_before(node, actor, draft)


def _commit(node: Node, draft: SignedDraft, checked: CheckedDraft, keys: Sequence[AttachmentKey]) -> Sent:
    """Seal and append, under the writing lock."""
    notice, statement = checked.notice, checked.statement
    resolved = _resolved(node, notice, statement)
    batch = LaneBatch(node, node.now)
    content = draft.content()
    content.attachment_keys.extend(keys)
    batch.content(
        content,
        EnvelopeClass.NOTICE,
        statement.audience,
        statement.envelope_id,
        charter=node.directory.charter(statement.charter_version, statement.charter_sha256),
        priority=_priority(notice),
        expires=notice.expires_at.seconds,
    )
    failpoints.hit("outgoing.before-append")
    appended = batch.append(batch.rows[-1], deliveries=_queued(node, statement.envelope_id, resolved))
    failpoints.hit("outgoing.after-append")
    node.attachments.adopt([one.attachment for one in keys])
    leaf = appended.leaf_indexes[len(batch.rows) - 1]
    assert leaf is not None  # a fresh entry has its leaf
    return Sent(notice, resolved, statement.envelope_id, leaf, Written(batch.metas(), batch.wrap_metas()))


def _entry_of(node: Node, draft: SignedDraft) -> EntryRow | None:
    return node.ledger.entries.get(
        envelope_id=statements.decode(draft.statement).envelope_id, author=node.agency
    )


def _sent_before(node: Node, actor: Actor, draft: SignedDraft) -> Sent:
    """The answer to what is in the ledger already, if it is these very bytes of this very officer.

    A kill may have come between the commit and the own copy, so that is filed first.
    """
    opened = opening.open_arrived(node)
    statement, row = statements.decode(draft.statement), _entry_of(node, draft)
    kept = node.vault.notices.get(node.now, envelope_id=statement.envelope_id, author=node.agency)
    if kept is None and opened.written.failure is not None:
        raise opened.written.failure
    same = kept is not None and (kept.statement, kept.officer_signature) == (draft.statement, draft.signature)
    same = same and notice_commitment(draft.notice_salt, draft.notice) == statement.notice_commitment
    if row is None or row.leaf is None or row.author != node.agency or not same:
        raise FanalError(ENVELOPE_TAKEN, id=statement.envelope_id.hex())
    if statement.officer_key_id != actor.key_id:
        raise FanalError(SIGNED_BY_OTHER)
    notice = Notice.FromString(draft.notice)
    resolved = _resolved(node, notice, statement)
    return Sent(notice, resolved, statement.envelope_id, row.leaf, Written())


def _resolved(node: Node, notice: Notice, statement: Statement) -> Resolved:
    """A notice goes to whom it names; a restatement to whom its statement names."""
    if statement.restates:
        return restating.resolved(statement)
    return audience.resolve(notice, node.agency, node.directory.newest)


def _checked(node: Node, actor: Actor, draft: SignedDraft) -> CheckedDraft:
    """The officer's signature, rights and every promise of the statement; then the notice by its rules."""
    statement, charter = statements.decode(draft.statement), node.directory.newest
    if statement.officer_key_id != actor.key_id:
        raise FanalError(SIGNED_BY_OTHER)
    if statement.charter_sha256 != charter.sha256:
        raise FanalError(CHARTER_MOVED, found=statement.charter_version, expected=charter.version)
    checked = check_draft(draft, node.agency, charter, node.directory, node.now)
    onlookers = redrelays.onlookers(checked.notice, statement.audience, charter)
    redrelays.check(onlookers, redrelays.allowed_by(statement))
    if statement.restates:
        # These bytes were judged when they were issued.
        restating.check(node, draft.notice, statement.restates)
        return checked
    reasons = {reason.code for reason in statement.reasons}
    report = check_notice(checked.notice, noticecontext.context(node, node.agency), accepted=reasons)
    if report.errors:
        first = report.errors[0]
        raise FanalError(NOTICE_REFUSED, code=first.code, field=first.field, message=first.message)
    for warning in report.warnings:
        if warning.code not in reasons:
            raise FanalError(REASON_MISSING, code=warning.code, field=warning.field)
    return checked


def _check_own_key(node: Node) -> None:
    """Under a key that has run out, or that our newest identity names no more, nobody would open it. Asked
    under the writing lock: documents and the keys they name are taken up under it, one after the other."""
    use = KeyUse.NODE_SIGN
    known = node.directory.signing_key(node.agency, node.keys.signer.key_id, use, node.now)
    if known.status is not KeyStatus.CURRENT:
        raise FanalError(KEY_NOT_CURRENT, agency=node.agency, use=use_name(use))


def _queued(node: Node, envelope_id: bytes, resolved: Resolved) -> tuple[DeliveryFact, ...]:
    """One delivery per reader, and one, HELD, per name that the charter does not know."""
    facts = [
        DeliveryFact(envelope_id, agency, State.QUEUED, node.now)
        for agency in resolved.readers
        if agency != node.agency
    ]
    facts += [
        DeliveryFact(envelope_id, agency, State.HELD, node.now, audience.NOT_A_MEMBER)
        for agency in resolved.unknown
    ]
    return tuple(facts)


def _priority(notice: Notice) -> EnvelopePriority.Code:
    flash = notice.urgency == Urgency.FLASH
    return EnvelopePriority.FLASH if flash else EnvelopePriority.ROUTINE


def _check(node: Node, notice: Notice) -> Report:
    """Every stage; warnings end nothing here, so that the officer sees all that needs a reason at once."""
    return check_notice(notice, noticecontext.context(node, node.agency), accepted=WARNINGS)

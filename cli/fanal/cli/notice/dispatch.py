# SPDX-License-Identifier: Apache-2.0
"""Sending, whatever the notice: prepare, show who will read it, sign here, hand over. Reads top to bottom.

Promise: nothing is signed before the officer could see every reader and every relay; the audience that is
signed is resolved under a charter that this side has verified itself; TLP:RED passes no DIRECT relay that the
officer did not allow by name; the key never leaves this side.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from fanal.cli import errors
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.errors import Exit, FanalError, VerificationError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.files.attach import Attached
    from fanal.cli.shown.shapes import SendAnswer
    from fanal.envelope.redrelays import Onlooker
    from fanal.envelope.statement import SignedDraft
    from fanal.keys.charter_view import CharterView
    from fanal.v1.envelope_pb2 import AttachmentKey
    from fanal.v1.notice_pb2 import Notice
    from fanal.v1.officer_pb2 import PrepareReply, SendReply

GROUP = "group:"


@dataclass(frozen=True)
class Order:
    """What to send and how. ``to`` overrides the draft's audience; ``reasons``: code of a warning -> text."""

    draft: Notice
    to: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    yes: bool = False
    parent: Notice | None = None
    attach: tuple[str, ...] = ()
    """Paths of files that go with it."""
    allow_relays: tuple[str, ...] = ()
    """DIRECT relays that may carry it although it is TLP:RED."""
    follow: str = ""
    """Ref of the notice to track afterwards, if it is another one."""
    holders: tuple[str, ...] = ()
    """Who holds what a withdrawal takes back and is asked by none yet."""


ALLOW_RELAY = click.option(
    "--allow-relay",
    "allow_relays",
    multiple=True,
    metavar="AGENCY",
    help=_("This DIRECT relay may carry it although it is TLP:RED; repeatable."),
)
"""Of every command that sends a notice."""


def dispatch(session: Session, order: Order) -> None:
    """Sends the draft, or with ``dry_run`` only tells who could read it."""
    from fanal.cli.client.secret import require_answerable
    from fanal.cli.files.attach import seal_files

    address(order.draft, session.settings.agency, order.to)
    require_answerable(say(_("Sign and send?")), order.yes or order.dry_run)
    with ExitStack() as stack:
        _dispatch(session, order, seal_files(stack, session, order.draft, order.attach))


def _dispatch(session: Session, order: Order, files: Sequence[Attached]) -> None:
    from fanal.cli.files.attach import hand_in
    from fanal.envelope import redrelays

    prepared = _prepare(session, order)
    charter = audience_of(session, prepared)
    seen = redrelays.onlookers(order.draft, prepared.audience, charter)
    if order.dry_run:
        return _answer_dry(session, order, prepared, seen)
    _refuse_repeated(order.draft, prepared)
    _refuse_problems(prepared, order.reasons)
    redrelays.check(seen, order.allow_relays)
    if not session.out.as_json:
        session.out.note(preview(order.draft, prepared, seen, order.holders))
    _confirm(order, prepared)
    keys = hand_in(session, files)
    signed = _sign(session, order, prepared, charter, seen)
    sent = _send(session, signed, keys)
    return _answer(session, order, prepared, seen, sent)


def address(draft: Notice, agency: str, to: Sequence[str]) -> None:
    """Puts what was typed with --to into the draft; the originator is this agency."""
    draft.originator = draft.originator or agency
    names = list(dict.fromkeys(to))
    if not names:
        return
    groups = [name.removeprefix(GROUP) for name in names if name.startswith(GROUP)]
    if len(groups) > 1:
        choices = say(_("one group; name the other agencies one by one"))
        raise FanalError(
            errors.BAD_CHOICE, value=", ".join(groups), what=say(_("single group")), choices=choices
        )
    del draft.recipients[:]
    draft.recipients.extend(name for name in names if not name.startswith(GROUP))
    draft.group = groups[0] if groups else ""


def _prepare(session: Session, order: Order) -> PrepareReply:
    from fanal.v1.officer_pb2 import PrepareReply, PrepareRequest

    data = order.draft.SerializeToString(deterministic=True)
    request = PrepareRequest(to=order.to, notice=data, dry_run=order.dry_run)
    return session.client.call("Prepare", request, PrepareReply)


def audience_of(session: Session, prepared: PrepareReply) -> CharterView:
    """The charter as verified here, under which the audience has the readers that are shown.
    VerificationError when the node told others."""
    from fanal.cli.network.charters import named
    from fanal.envelope.audience import readers

    view = named(session, prepared.network, prepared.charter_version, prepared.charter_sha256)
    found = set(readers(prepared.audience, view))
    told = {reader.agency for reader in prepared.readers if reader.held_reason != "NOT_A_MEMBER"}
    if found - {session.settings.agency} != told - {session.settings.agency}:
        raise VerificationError(errors.WRONG_NETWORK)
    return view


def _refuse_repeated(draft: Notice, prepared: PrepareReply) -> None:
    """The same draft twice would be two notices of one id: an officer's slip, not somebody's forgery."""
    if draft.revision <= 1 and any(one.code == "EQUIVOCATION" for one in prepared.problems):
        raise FanalError(errors.SENT_BEFORE, notice=draft.notice_id)


def _refuse_problems(prepared: PrepareReply, reasons: Mapping[str, str]) -> None:
    """Errors stop the notice; a warning needs a reason."""
    wrong = [one for one in prepared.problems if one.severity == "ERROR"]
    if wrong:
        first = wrong[0]
        facts = {"code": first.code, "field": first.field, "message": first.message}
        raise FanalError(errors.NOTICE_REFUSED, count=len(wrong), **facts)
    for one in prepared.problems:
        if one.code not in reasons:
            raise FanalError(errors.REASON_NEEDED, code=one.code, field=one.field, message=one.message)


def _confirm(order: Order, prepared: PrepareReply) -> None:
    from fanal.cli.client.secret import confirm

    others = sum(reader.held_reason != "NOT_A_MEMBER" for reader in prepared.readers)
    confirm(say(_("Sign and send to {count} reader(s)?"), count=others), order.yes)


def _sign(
    session: Session, order: Order, prepared: PrepareReply, charter: CharterView, seen: Sequence[Onlooker]
) -> SignedDraft:
    """Stamps the notice and signs the statement with the officer's key. VerificationError, and no signature
    leaves, when the node put somebody into the audience whom the notice does not name."""
    from fanal.envelope.redrelays import consent
    from fanal.envelope.statement import check_against_notice, compose_signed, decode, handling_of
    from fanal.envelope.trust import CharterRef
    from fanal.notices.compose import stamp

    notice = stamp(order.draft, prepared.ref, session.now(), os.urandom, parent=order.parent)
    signed = compose_signed(
        notice.SerializeToString(deterministic=True),
        network=prepared.network,
        charter=CharterRef(prepared.charter_version, prepared.charter_sha256),
        envelope_id=os.urandom(16),
        author=session.settings.agency,
        audience=prepared.audience,
        handling=handling_of(notice),
        officer_seed=session.officer.seed,
        now=session.now(),
        reasons=sorted([*order.reasons.items(), *consent(seen)]),
    )
    check_against_notice(decode(signed.statement), notice, charter)
    return signed


def _send(session: Session, draft: SignedDraft, keys: Sequence[AttachmentKey]) -> SendReply:
    from fanal.v1.officer_pb2 import SendReply, SendRequest

    request = SendRequest(
        statement=draft.statement,
        officer_signature=draft.signature,
        notice=draft.notice,
        notice_salt=draft.notice_salt,
        field_salt=draft.field_salt,
        content_salt=draft.content_salt,
        attachment_keys=keys,
    )
    return session.client.call("Send", request, SendReply)


# --- What is shown ---------------------------------------------------------------------------------------


def not_asked(holders: Sequence[str], prepared: PrepareReply) -> list[str]:
    """Those of the holders of a notice who are not among the readers of its withdrawal."""
    return [one for one in holders if one not in {reader.agency for reader in prepared.readers}]


def preview(
    draft: Notice, prepared: PrepareReply, onlookers: Sequence[Onlooker], holders: Sequence[str] = ()
) -> str:
    """Who will be able to read it, what each will hold a key to, who carries it, and what the check says."""
    from fanal.cli.shown.words import reason_words
    from fanal.envelope.statement import handling_of

    kind = (draft.WhichOneof("body") or "").upper() or say(_("no body"))
    head, version = _("{kind}, TLP {tlp}, under charter {version}"), prepared.charter_version
    lines = [
        say(head, kind=kind, tlp=handling_of(draft), version=version),
        say(_("Will be able to read it:")),
    ]
    for reader in prepared.readers:
        held, _hint = reason_words(reader.held_reason, {"agency": reader.agency})
        key = say(_("gets its key") if reader.has_key else _("gets no key yet"))
        lines.append(
            f"  {reader.agency:<12} {key}" + ("; " + say(_("held: {why}"), why=held) if held else "")
        )
    if prepared.carriers:
        seen = _("Carried sealed by: {relays} (they see author, audience, size and time, never the content)")
        lines.append(say(seen, relays=", ".join(prepared.carriers)))
    else:
        lines.append(say(_("No relay carries it.")))
    watched = _(
        "TLP:RED over a DIRECT relay: {relay} carries it for {served}, only with --allow-relay {relay}."
    )
    lines += [say(watched, relay=one.relay, served=", ".join(one.serves)) for one in onlookers]
    left = not_asked(holders, prepared)
    if left:
        lines.append(say(_("Not asked by this, and still holds the notice: {left}"), left=", ".join(left)))
    attached = _("Attached: {name} ({size} bytes)")
    lines += [say(attached, name=one.name, size=one.size_bytes) for one in draft.attachments]
    finding = _("{severity}: {code} at {field}: {message}")
    for one in prepared.problems:
        facts = {"code": one.code, "field": one.field, "message": one.message}
        lines.append(say(finding, severity=one.severity, **facts))
    return "\n".join(lines)


def _answer_dry(session: Session, order: Order, prepared: PrepareReply, seen: Sequence[Onlooker]) -> None:
    text = preview(order.draft, prepared, seen, order.holders) + "\n" + say(_("Nothing was sent."))
    session.out.emit(_data(order, prepared, seen, None), text)
    missing = [one for one in prepared.problems if one.severity == "ERROR" or one.code not in order.reasons]
    if missing or any(one.relay not in order.allow_relays for one in seen):
        click.get_current_context().exit(Exit.POLICY)


def _answer(
    session: Session, order: Order, prepared: PrepareReply, seen: Sequence[Onlooker], sent: SendReply
) -> None:
    done = _("{ref} is sent; durable as leaf {index} of the ledger.")
    lines = [
        say(done, ref=sent.ref, index=sent.leaf_index),
        *fields((_("id"), sent.notice_id), (_("next"), f"fanal notice track {order.follow or sent.ref}")),
    ]
    session.out.emit(_data(order, prepared, seen, sent), "\n".join(lines))


def _data(
    order: Order, prepared: PrepareReply, seen: Sequence[Onlooker], sent: SendReply | None
) -> SendAnswer:
    from fanal.cli.notice.rows import problem_data, reader_data

    return {
        "notice_id": sent.notice_id if sent else "",
        "ref": sent.ref if sent else "",
        "envelope_id": sent.envelope_id.hex() if sent else "",
        "dry_run": order.dry_run,
        "kind": (order.draft.WhichOneof("body") or "").upper(),
        "readers": [reader_data(one) for one in prepared.readers],
        "carriers": list(prepared.carriers),
        "red_relays": [{"relay": one.relay, "serves": list(one.serves)} for one in seen],
        "problems": [problem_data(one) for one in prepared.problems],
        "not_asked": not_asked(order.holders, prepared),
    }

# SPDX-License-Identifier: Apache-2.0
"""``fanal notice amend`` and ``withdraw``: only the originator corrects a notice or takes it back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.notice.dispatch import ALLOW_RELAY, Order, dispatch
from fanal.cli.session import Session
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.v1.notice_pb2 import Notice
    from fanal.v1.officer_pb2 import ShowReply

_OVER = ("WITHDRAWN", "REFUSED", "EXPIRED")
_ASKED = ("RECALL_SILENT", "RECALL_OVERDUE", "NOT_A_MEMBER")
"""States and reasons of who has no notice to give back, or is asked already."""


@command(
    "amend",
    "fanal notice amend AZ-CUS-2024-000017-42 -o next.json",
    "fanal notice amend AZ-CUS-2024-000017-42 --file next.json --note 'plate corrected'",
    "fanal notice amend AZ-CUS-2024-000017-42 --file next.json --note 'photo added' --attach photo.jpg",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option(
    "-o", "--output", metavar="FILE", help=_("Write the notice as it is to this new file, to be edited.")
)
@click.option("--file", "given", metavar="FILE", help=_("Send this edited draft as the next revision."))
@click.option("--note", default="", metavar="TEXT", help=_("What was changed; readers see it."))
@click.option(
    "--reason", "reasons", multiple=True, metavar="CODE=TEXT", help=_("Why a warning is overridden.")
)
@click.option(
    "--attach", multiple=True, metavar="FILE", help=_("A file that goes with it, encrypted here; repeatable.")
)
@ALLOW_RELAY
@click.option("--dry-run", is_flag=True, help=_("Show who could read it; send nothing."))
@click.option("--yes", is_flag=True, help=_("Do not ask before signing."))
def amend(
    session: Session,
    notice: str,
    output: str | None,
    given: str | None,
    note: str,
    reasons: Sequence[str],
    attach: Sequence[str],
    allow_relays: Sequence[str],
    dry_run: bool,
    yes: bool,
) -> None:
    """Send the next revision of an own notice; it replaces the one before in every inbox.

    Files of the revision before stay with it as long as the draft names them. --attach adds one, or gives a
    new one in place of the file of that name.
    """
    from fanal.cli.notice.drafts import goes_with_file, read_draft, reasons_of, write_draft

    goes_with_file(given, attach)
    revision = _next_revision(session, notice, note)
    if given is None:
        return write_draft(
            session, revision, output, f"fanal notice amend {notice} --file {output} --note TEXT"
        )
    draft = read_draft(given)
    _continue(draft, revision)
    files, allowed = tuple(attach), tuple(allow_relays)
    return dispatch(
        session, Order(draft, (), reasons_of(reasons), dry_run, yes, attach=files, allow_relays=allowed)
    )


def _next_revision(session: Session, notice: str, note: str) -> Notice:
    from fanal.cli.notice.read import fetch
    from fanal.cli.notice.text import notice_of
    from fanal.notices.compose import revise

    reply = fetch(session, notice)
    current = notice_of(reply)
    if current is None or not reply.statement:
        raise FanalError(errors.TEXT_GONE, notice=notice)
    previous = hashlib.sha256(reply.statement).hexdigest()
    made = revise(current, session.settings.agency, previous, note, session.now())
    made.recipients.extend(one for one in reply.restated_to if one not in made.recipients)
    return made


def _continue(draft: Notice, revision: Notice) -> None:
    """What ties a revision to its notice is never taken from the edited file."""
    draft.notice_id, draft.ref = revision.notice_id, revision.ref
    draft.revision, draft.previous_sha256 = revision.revision, revision.previous_sha256
    draft.conversation_id = revision.conversation_id
    draft.change_note = revision.change_note or draft.change_note


@command(
    "withdraw",
    "fanal notice withdraw AZ-CUS-2024-000017-42 --reason ERROR",
    "fanal notice withdraw AZ-CUS-2024-000017-42 --reason DATA_SUBJECT_RIGHTS --delete",
    "fanal notice withdraw AZ-CUS-2024-000017-42 --reason ERROR --to KZ-CUS",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option(
    "--reason", "reason", required=True, metavar="REASON", help=_("ERROR, MATTER_CLOSED, SUPERSEDED ...")
)
@click.option("--delete", is_flag=True, help=_("Ask every holder to delete its copy and confirm."))
@click.option(
    "--to",
    multiple=True,
    metavar="AGENCY",
    help=_("From these only, such as one that track names; repeatable."),
)
@click.option("--replaced-by", metavar="NOTICE", help=_("With SUPERSEDED: the notice that replaces it."))
@ALLOW_RELAY
@click.option("--dry-run", is_flag=True, help=_("Show who would be told; send nothing."))
@click.option("--yes", is_flag=True, help=_("Do not ask before signing."))
def withdraw(
    session: Session,
    notice: str,
    reason: str,
    delete: bool,
    to: Sequence[str],
    replaced_by: str | None,
    allow_relays: Sequence[str],
    dry_run: bool,
    yes: bool,
) -> None:
    """Take an own notice back from everybody who got it. A withdrawn notice never comes back.

    With --to it is withdrawn here, and only those are asked to give it back; the others keep it.
    """
    from fanal.cli.notice.answer import parent_of
    from fanal.cli.notice.drafts import choice
    from fanal.cli.notice.read import fetch
    from fanal.notices.compose import withdraw as compose
    from fanal.v1.notice_pb2 import WithdrawalReason

    shown = fetch(session, notice)
    names = WithdrawalReason.Code.keys()[1:]  # without UNSPECIFIED
    code = getattr(WithdrawalReason, choice(reason, say(_("reason")), names))
    draft = compose(
        _withdrawn(session, shown, notice),
        session.settings.agency,
        code,
        session.now(),
        os.urandom,
        delete_required=delete,
        replaced_by=parent_of(session, replaced_by).notice_id if replaced_by else "",
        forwarded_to=shown.restated_to,
        sent_to=shown.sent_to,
        manifests=shown.manifests,
    )
    ref = shown.summary.ref
    order = Order(
        draft,
        tuple(to),
        dry_run=dry_run,
        yes=yes,
        allow_relays=tuple(allow_relays),
        follow=ref,
        holders=_holders(session, draft, ref, to),
    )
    dispatch(session, order)


def _holders(session: Session, draft: Notice, ref: str, to: Sequence[str]) -> tuple[str, ...]:
    """Who holds the notice, or will, and is asked by no withdrawal yet. FanalError when one of ``to`` was
    never sent it: a withdrawal would tell it that there is such a notice, and ask nothing of who has it."""
    from fanal.cli.notice.dispatch import GROUP
    from fanal.v1.officer_pb2 import TrackReply, TrackRequest

    deliveries = session.client.call("Track", TrackRequest(notice=ref), TrackReply).deliveries
    known = {*draft.recipients, *(one.recipient for one in deliveries)}
    strangers = [one for one in to if not one.startswith(GROUP) and one not in known]
    if strangers:
        raise FanalError(errors.NEVER_SENT, notice=ref, agencies=", ".join(strangers))
    return tuple(one.recipient for one in deliveries if one.state not in _OVER and one.reason not in _ASKED)


def _withdrawn(session: Session, shown: ShowReply, notice: str) -> Notice:
    """The notice that is taken back; when its text is gone, as much of it as an earlier withdrawal tells."""
    from fanal.cli.notice.answer import notice_in, parent_of

    if shown.notice or not shown.withdrawn_by:
        return notice_in(shown, notice)
    found = parent_of(session, shown.withdrawn_by)
    found.notice_id = shown.summary.notice_id
    del found.recipients[:]  # it may have been meant for some alone: who was sent the notice is told anew
    return found

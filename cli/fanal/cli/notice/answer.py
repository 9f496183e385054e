# SPDX-License-Identifier: Apache-2.0
"""``fanal notice ack`` and ``reply``: a person's answer to a notice, itself a notice."""

from __future__ import annotations

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

DELETION = "DELETION_CONFIRMATION"
STATUSES = ("ACCEPTED", "REJECTED", "FORWARDED")


@command(
    "ack",
    "fanal notice ack AZ-CUS-2024-000017-42 --status ACCEPTED",
    "fanal notice ack AZ-CUS-2024-000017-42 --status REJECTED --note 'not our competence'",
    "fanal notice ack AZ-CUS-2024-000017-42 --status FORWARDED --to GE-CUS",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option("--status", required=True, metavar="STATUS", help=_("ACCEPTED, REJECTED or FORWARDED."))
@click.option("--note", default="", metavar="TEXT", help=_("In words; needed with REJECTED."))
@click.option("--to", "forwarded_to", default="", metavar="AGENCY", help=_("To whom it was forwarded."))
@ALLOW_RELAY
@click.option("--dry-run", is_flag=True, help=_("Show who could read the answer; send nothing."))
def ack(
    session: Session,
    notice: str,
    status: str,
    note: str,
    forwarded_to: str,
    allow_relays: Sequence[str],
    dry_run: bool,
) -> None:
    """Tell the originator what became of a notice. Always a person's act, signed with your key."""
    from fanal.cli.notice.drafts import choice
    from fanal.notices.compose import ack as compose
    from fanal.v1.notice_pb2 import AckStatus

    code = getattr(AckStatus, choice(status, say(_("status")), STATUSES))
    parent = parent_of(session, notice)
    me, now = session.settings.agency, session.now()
    draft = compose(parent, me, code, now, os.urandom, reason=note, forwarded_to=forwarded_to)
    allowed = tuple(allow_relays)
    dispatch(session, Order(draft, dry_run=dry_run, yes=True, parent=parent, allow_relays=allowed))


@command(
    "reply",
    "fanal notice reply AZ-CUS-2024-000017-42 -o answer.json",
    "fanal notice reply AZ-CUS-2024-000017-42 --file answer.json --attach scan.pdf",
    "fanal notice reply AZ-CUS-2024-000017-42 --kind SEIZURE_REPORT -o seizure.json",
    "fanal notice reply AZ-CUS-2024-000017-42 --kind DELETION_CONFIRMATION --yes",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option("--kind", metavar="KIND", help=_("In place of the kind that usually answers it."))
@click.option("-o", "--output", metavar="FILE", help=_("Write the draft of the answer to this new file."))
@click.option("--file", "given", metavar="FILE", help=_("Send this filled-in draft as the answer."))
@click.option(
    "--reason", "reasons", multiple=True, metavar="CODE=TEXT", help=_("Why a warning is overridden.")
)
@click.option(
    "--attach", multiple=True, metavar="FILE", help=_("A file that goes with it, encrypted here; repeatable.")
)
@ALLOW_RELAY
@click.option("--dry-run", is_flag=True, help=_("Show who could read the answer; send nothing."))
@click.option("--yes", is_flag=True, help=_("Do not ask before signing."))
def reply(
    session: Session,
    notice: str,
    kind: str | None,
    output: str | None,
    given: str | None,
    reasons: Sequence[str],
    attach: Sequence[str],
    allow_relays: Sequence[str],
    dry_run: bool,
    yes: bool,
) -> None:
    """Make the draft of the fitting answer, or with --file send it, and files with --attach."""
    from fanal.cli.notice.drafts import goes_with_file, read_draft, reasons_of, write_draft
    from fanal.notices.compose import reply as compose

    goes_with_file(given, attach)
    if given is None and kind and kind.upper().replace("-", "_") == DELETION:
        return _confirm_deletion(session, notice, output, dry_run, yes, tuple(allow_relays))
    parent = parent_of(session, notice)
    if given is None:
        wanted = kind.upper().replace("-", "_") if kind else None
        draft = compose(parent, session.settings.agency, session.now(), os.urandom, kind=wanted)
        return write_draft(session, draft, output, f"fanal notice reply {notice} --file {output or 'FILE'}")
    draft = read_draft(given)
    _join(draft, parent)
    files, allowed = tuple(attach), tuple(allow_relays)
    return dispatch(session, Order(draft, (), reasons_of(reasons), dry_run, yes, parent, files, allowed))


def _confirm_deletion(
    session: Session, notice: str, output: str | None, dry_run: bool, yes: bool, allowed: tuple[str, ...]
) -> None:
    """The text is gone, so it is made of what stays: ids, the hash of the statement, the time. A claim."""
    from fanal.cli.notice.drafts import write_draft
    from fanal.cli.notice.read import fetch
    from fanal.notices.compose import deletion_confirmation

    shown = fetch(session, notice)
    if not shown.erased_at:
        raise FanalError(errors.NOT_ERASED, notice=notice)
    summary, me = shown.summary, session.settings.agency
    draft = deletion_confirmation(
        summary.notice_id,
        shown.statement_sha256,
        summary.originator,
        me,
        shown.erased_at,
        session.now(),
        os.urandom,
        legal_basis=shown.erasure_basis,
    )
    if output is not None:
        return write_draft(session, draft, output, f"fanal notice send {output}")
    return dispatch(session, Order(draft, dry_run=dry_run, yes=yes, allow_relays=allowed))


def parent_of(session: Session, notice: str) -> Notice:
    """The notice that is answered. FanalError when it is not here, or its text is gone."""
    from fanal.cli.notice.read import fetch

    return notice_in(fetch(session, notice), notice)


def notice_in(shown: ShowReply, notice: str) -> Notice:
    """The notice in a node's answer. FanalError when its text is gone."""
    from fanal.cli.notice.text import notice_of

    found = notice_of(shown)
    if found is None:
        raise FanalError(errors.TEXT_GONE, notice=notice)
    return found


def _join(draft: Notice, parent: Notice) -> None:
    """An answer points at its question and reaches at least who asked."""
    draft.in_reply_to = draft.in_reply_to or parent.notice_id
    if not draft.recipients and not draft.group:
        draft.recipients.append(parent.originator)

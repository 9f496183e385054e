# SPDX-License-Identifier: Apache-2.0
"""``fanal notice list`` and ``show``: what is here, and one notice with what verifies about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import NoticeList, NoticeRow
    from fanal.v1.officer_pb2 import ShowReply

FOLDERS = ("inbox", "sent", "all")


@command(
    "list",
    "fanal notice list --unread",
    "fanal notice list --kind SHIPMENT_WARNING --query container",
    "fanal notice list --folder sent --json",
    officer=True,
)
@click.option("--folder", type=click.Choice(FOLDERS), default="inbox", show_default=True)
@click.option("--kind", metavar="KIND", help=_("Of this kind only."))
@click.option("--query", metavar="WORDS", help=_("Full text."))
@click.option("--identifier", metavar="TEXT", help=_("Exactly this container, document, plate, vessel ..."))
@click.option("--unread", is_flag=True, help=_("Not yet read only."))
@click.option("--since", metavar="DATE", help=_("Received or sent from then on (UTC)."))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@click.option("--cursor", metavar="TEXT", help=_("Go on where an earlier list ended."))
def list_(
    session: Session,
    folder: str,
    kind: str | None,
    query: str | None,
    identifier: str | None,
    unread: bool,
    since: str | None,
    limit: int,
    cursor: str | None,
) -> None:
    """List notices that came in (or went out), newest first."""
    from fanal.cli.notice.rows import summary_data
    from fanal.cli.shown import spans
    from fanal.cli.shown.words import SUSPECTS
    from fanal.v1.officer_pb2 import ListReply, ListRequest

    request = ListRequest(
        folder=folder,
        kind=(kind or "").upper().replace("-", "_"),
        query=query or "",
        identifier=identifier or "",
        limit=limit,
        cursor=cursor or "",
        unread=unread,
        since=spans.since(since),
    )
    reply = session.client.call("List", request, ListReply)
    rows = [summary_data(one) for one in reply.notices]
    data: NoticeList = {"notices": rows, "next_cursor": reply.next_cursor}
    columns = (_("REF"), _("KIND"), _("FROM"), _("TLP"), _("URGENCY"), _("ISSUED"), _("STATUS"), _("TITLE"))
    session.out.emit_table(data, columns, [_cells(row) for row in rows], _("No notice."))
    if not session.out.as_json and any(row["status"] == "SUSPECT" for row in rows):
        session.out.note(say(SUSPECTS))
    if reply.next_cursor and not session.out.as_json:
        session.out.note(say(_("More: fanal notice list --cursor {cursor}"), cursor=reply.next_cursor))


def _cells(row: NoticeRow) -> tuple[str, ...]:
    status = row["status"] + ("" if row["read"] or row["outgoing"] else " " + say(_("unread")))
    who = say(_("(we)")) if row["outgoing"] else row["originator"]
    return row["ref"], row["kind"], who, row["tlp"], row["urgency"], row["issued_at"], status, row["title"]


@command(
    "show",
    "fanal notice show AZ-CUS-2024-000017-42",
    "fanal notice show 018f2c --no-receipt",
    "fanal notice show AZ-CUS-2024-000017-42 --json --mark-read",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option("--revision", default=0, type=click.IntRange(0), help=_("An earlier revision."))
@click.option("--no-receipt", is_flag=True, help=_("Do not tell the originator that you read it."))
@click.option("--mark-read", is_flag=True, help=_("With --json: a person has read it, send the receipt."))
def show(session: Session, notice: str, revision: int, no_receipt: bool, mark_read: bool) -> None:
    """Show one notice: NOTICE is its ref, its id or the beginning of its id.

    A person's reading sends a READ receipt signed with your key; a program's (--json) does not.
    """
    from fanal.cli.notice.text import shown_data, shown_text
    from fanal.cli.notice.verified import signature_words

    reply = fetch(session, notice, revision)
    words = signature_words(session, reply)
    wanted = (mark_read or not session.out.as_json) and not no_receipt
    data = shown_data(reply, words)
    if wanted and not reply.summary.outgoing and not reply.summary.read:
        data["read_receipt"] = _receipt(session, reply)
    session.out.emit(data, shown_text(data))


def fetch(session: Session, notice: str, revision: int = 0) -> ShowReply:
    """One notice from the node. FanalError with exit 9 when it is not here or not for this agency."""
    from fanal.v1.officer_pb2 import ShowReply, ShowRequest

    return session.client.call("Show", ShowRequest(notice=notice, revision=revision), ShowReply)


def _receipt(session: Session, reply: ShowReply) -> bool:
    """Signs "I have read this" here and hands it to the node; whether it was the first of this notice."""
    from fanal.cli.network.charters import held, verify_chain
    from fanal.v1.officer_pb2 import MarkReadReply, MarkReadRequest

    network = verify_chain(held(session.home)[:1]).network
    body, signature = session.officer.read_statement(
        network, session.settings.agency, reply.manifest_sha256, session.now()
    )
    request = MarkReadRequest(body=body, officer_signature=signature)
    return session.client.call("MarkRead", request, MarkReadReply).first

# SPDX-License-Identifier: Apache-2.0
"""``fanal notice print``: one notice for paper; the node logs the print before it hands the notice out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import PrintAnswer


@command(
    "print",
    "fanal notice print AZ-CUS-2024-000017-42 | lpr",
    "fanal notice print 018f2c -o notice.txt",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option("-o", "--output", metavar="FILE", help=_("A new file, for you alone; else standard output."))
@click.option("--revision", default=0, type=click.IntRange(0), help=_("An earlier revision."))
def print_(session: Session, notice: str, output: str | None, revision: int) -> None:
    """Print NOTICE (ref, id or the beginning of an id) as plain pages, ready for paper.

    Each page bears TLP, ref and status, and when and by whom it was printed: the 32 digits that stand for you
    in the ledger, where the print is a leaf before the notice is handed out. No READ receipt is sent.
    """
    from fanal.cli.copies.paper import Printed, pages
    from fanal.cli.notice.text import shown_data
    from fanal.cli.notice.verified import signature_words
    from fanal.cli.shown.newfile import check_new, new_file
    from fanal.v1.officer_pb2 import PrintReply, PrintRequest

    path = session.path(output) if output else None
    if path is not None:
        check_new(path)
    reply = session.client.call("Print", PrintRequest(notice=notice, revision=revision), PrintReply)
    logged = reply.logged
    data = shown_data(reply.shown, signature_words(session, reply.shown))
    printed = Printed(when(logged.at), logged.person.hex(), logged.leaf_index, session.settings.agency)
    made = pages(data, printed)
    text = "\f".join(made)
    row = data["summary"]
    answer: PrintAnswer = {
        "ref": row["ref"],
        "revision": row["revision"],
        "status": row["status"],
        "tlp": row["tlp"],
        "pages": len(made),
        "printed_at": printed.at,
        "printed_by": printed.person,
        "leaf": printed.leaf,
        "file": output or "",
        "text": "" if output else text,
    }
    if path is not None:
        with new_file(path) as file:
            file.write(text.encode("utf-8"))
        said = _("{count} pages of {ref} in {path}; the print is leaf {leaf}.")
        session.out.emit(answer, say(said, count=len(made), ref=row["ref"], path=output, leaf=printed.leaf))
    elif session.out.as_json:
        session.out.emit(answer, "")
    else:
        session.out.write(text.removesuffix("\n"))

# SPDX-License-Identifier: Apache-2.0
"""``fanal notice export``: opened notices as JSON lines; each is logged before the node hands it out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import NoticesExported
    from fanal.v1.officer_pb2 import ExportReply

AT_ONCE = 64
"""Notices that a node takes in one call."""
_PAGE = 500


@command(
    "export",
    "fanal notice export --since 2026-11-01 -o november.jsonl",
    "fanal notice export AZ-CUS-2024-000017-42 018f2c -o two.jsonl",
    officer=True,
)
@click.argument("notices", nargs=-1, metavar="[NOTICE]...")
@click.option("--since", metavar="DATE", help=_("All since then (UTC), in their last revision."))
@click.option("-o", "--output", required=True, metavar="FILE", help=_("A new file, for you alone."))
def export(session: Session, notices: tuple[str, ...], since: str | None, output: str) -> None:
    """Write these notices, or all since a date, to a file: a line of JSON each, as notice show --json prints.

    In the ledger each exported notice is a leaf of its own, written before the node hands it out. No READ
    receipt is sent. The file can be read by whoever gets it: handle it as its notices say.
    """
    from fanal.cli.notice.text import shown_data
    from fanal.cli.notice.verified import verifier
    from fanal.cli.shown.newfile import new_file

    if bool(notices) == (since is not None):
        raise click.UsageError(say(_("Name notices, or give --since.")))
    path, verified = session.path(output), verifier(session)
    digest, count, size, person = hashlib.sha256(), 0, 0, b""
    with new_file(path) as file:
        for reply in _handed_out(session, iter(notices) if notices else _listed(session, since)):
            person = reply.logged.person
            for shown in reply.shown:
                data = shown_data(shown, verified(shown))
                line = (json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
                file.write(line)
                digest.update(line)
                count, size = count + 1, size + len(line)
    answer: NoticesExported = {
        "file": output,
        "bytes": size,
        "sha256": digest.hexdigest(),
        "notices": count,
        "exported_by": person.hex(),
    }
    rows = fields(
        (_("file"), output),
        (_("notices"), str(count)),
        (_("bytes"), str(size)),
        (_("SHA-256"), answer["sha256"]),
        (_("logged as"), answer["exported_by"]),
    )
    session.out.emit(answer, "\n".join(rows))


def _listed(session: Session, since: str | None) -> Iterator[str]:
    """Ids of all notices from then on, newest first."""
    from fanal.cli.shown import spans
    from fanal.v1.officer_pb2 import ListReply, ListRequest

    request = ListRequest(folder="all", limit=_PAGE, since=spans.since(since))
    while True:
        reply = session.client.call("List", request, ListReply)
        yield from (one.notice_id for one in reply.notices)
        if not reply.next_cursor:
            return
        request.cursor = reply.next_cursor


def _handed_out(session: Session, wanted: Iterator[str]) -> Iterator[ExportReply]:
    """The node answers with as many of those asked for as fit; the rest is asked for again."""
    from fanal.v1.officer_pb2 import ExportReply, ExportRequest

    while left := list(islice(wanted, AT_ONCE)):
        while left:
            reply = session.client.call("Export", ExportRequest(notices=left), ExportReply)
            yield reply
            left = left[len(reply.shown) or len(left) :]

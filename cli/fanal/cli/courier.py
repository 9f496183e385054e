# SPDX-License-Identifier: Apache-2.0
"""``fanal courier``: files that go between agencies without a line, made and taken in by this agency's node.

A file gets its name only when it is whole and its SHA-256 is what the node logged.
"""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import CANNOT_WRITE, NODE_LOST
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, when
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import CourierExported, CourierImported
    from fanal.v1.officer_pb2 import CourierExportReply, CourierImportReply

MIB = 1024 * 1024
MOST_MIB, LEAST_MIB = 256, 2
PIECE = 256 * 1024
PATIENCE = 3600.0
"""Seconds that the node may take over one file."""


@command(
    "export",
    "fanal courier export --to GE-CUS /media/stick/ge-cus.courier",
    "fanal courier export --to GE-CUS ge-1.courier --max-size 16",
    "fanal courier export --to GE-CUS ge-2.courier --max-size 16 --rest",
    "fanal courier export --to GE-CUS ge.courier --all",
    officer=True,
)
@click.argument("file", metavar="FILE")
@click.option("--to", required=True, metavar="AGENCY", help=_("Whom the file is for; it needs no line."))
@click.option("--all", "everything", is_flag=True, help=_("Also what AGENCY is known to have already."))
@click.option(
    "--max-size",
    type=click.IntRange(LEAST_MIB, MOST_MIB),
    default=MOST_MIB,
    metavar="MIB",
    help=_("No larger than so many MiB [2 to 256, default 256]."),
)
@click.option("--rest", is_flag=True, help=_("Only what the files since AGENCY's newest one left out."))
def export(session: Session, file: str, to: str, everything: bool, max_size: int, rest: bool) -> None:
    """Write to FILE what AGENCY may have and is not known to have: documents, sealed notices, receipts,
    attachments.

    Nothing in the file can be read on the way; who carries it sees that it is from you to AGENCY. It goes by
    any means: a stick, a disc, mail. AGENCY takes it in with fanal courier import and gives its own file
    back, which brings receipts and says what arrived. A file that is lost is made again by this command.
    AGENCY must be a member of the network already; nobody joins by file. Attachments come last in the file.
    Exit 3: more waits than fits in the size; --rest makes the next file, and AGENCY imports them in order.
    """
    from fanal.cli.shown.newfile import check_new, new_file
    from fanal.keys.agency import check_agency
    from fanal.v1.officer_pb2 import CourierExportReply, CourierExportRequest

    path = session.path(file)
    check_new(path)
    request = CourierExportRequest(to=check_agency(to), all=everything, rest=rest, max_bytes=max_size * MIB)
    made = session.client.call("CourierExport", request, CourierExportReply, seconds=PATIENCE)
    with new_file(path) as new:
        _fetch(session, made, new)
    answer: CourierExported = {
        "file": str(path),
        "to": to,
        "number": made.number,
        "bytes": made.size,
        "sha256": made.sha256.hex(),
        "envelopes": made.entries,
        "documents": made.documents,
        "attachments": made.attachments,
        "attachments_part": made.attachments_part,
        "partial": made.partial,
    }
    rows = fields(
        (_("file"), answer["file"]),
        (_("for"), say(_("{agency}, number {number}"), agency=to, number=made.number)),
        (_("bytes"), str(made.size)),
        (_("SHA-256"), answer["sha256"]),
        (_("envelopes"), str(made.entries)),
        (_("documents"), str(made.documents)),
        (_("attachments"), _attachments(made)),
        (_("next"), say(_("there: {command}"), command=f"fanal courier import {path.name}")),
    )
    session.out.emit(answer, "\n".join(rows))
    if made.partial:
        text = _(
            "The file is full and more waits for {agency}. 'fanal courier export --to {agency} FILE --rest' "
            "makes the next one, for {agency} to import after this one. Without --rest each export begins "
            "with the same until a file of {agency} has said what it holds."
        )
        session.out.note(say(text, agency=to))
        click.get_current_context().exit(Exit.PARTIAL)


@command(
    "import",
    "fanal courier import /media/stick/az-cus.courier",
    "fanal courier import az.courier --json",
    officer=True,
)
@click.argument("file", metavar="FILE")
def import_(session: Session, file: str) -> None:
    """Take in what another agency exported for this one.

    The whole file is refused, and nothing is changed, when it is damaged, cut short, of another network, for
    another agency, or not signed by the agency whose name it bears. Otherwise each part is checked as if it
    had come over a line. Files may come in any order and twice; after an interruption import the same file
    again. What came is answered by the next fanal courier export to its sender. The sender must be a member
    of the network; nobody joins by file. Exit 3: a part was not taken in, and the answer says how much.
    """
    from fanal.v1.officer_pb2 import CourierImportReply, CourierImportRequest

    handle, sha256 = _hand_in(session, file)
    request = CourierImportRequest(handle=handle)
    reply = session.client.call("CourierImport", request, CourierImportReply, seconds=PATIENCE)
    if reply.sha256 != sha256:
        raise FanalError(NODE_LOST, method="CourierImport")
    answer: CourierImported = {
        "file": file,
        "from": reply.sender,
        "number": reply.number,
        "created": when(reply.created),
        "sha256": sha256.hex(),
        "new": reply.entries,
        "known": reply.known,
        "refused": reply.refused,
        "waiting": reply.waiting,
        "documents": reply.documents,
        "attachments": reply.attachments,
        "attachments_part": reply.attachments_part,
        "older": reply.older,
    }
    session.out.emit(answer, "\n".join(_lines(reply, answer)))
    if reply.refused or reply.waiting:
        click.get_current_context().exit(Exit.PARTIAL)


def _fetch(session: Session, made: CourierExportReply, file: IO[bytes]) -> None:
    """All pieces; NODE_LOST when they are not the file that was logged."""
    from fanal.v1.officer_pb2 import CourierReadReply, CourierReadRequest

    digest, size = hashlib.sha256(), 0
    while piece := session.client.call(
        "CourierRead", CourierReadRequest(handle=made.handle, offset=size), CourierReadReply
    ).piece:
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    if (size, digest.digest()) != (made.size, made.sha256):
        raise FanalError(NODE_LOST, method="CourierRead")


def _hand_in(session: Session, file: str) -> tuple[bytes, bytes]:
    """The handle of the file at the node, and its SHA-256. CANNOT_WRITE; the node's limit on its size."""
    from fanal.v1.officer_pb2 import CourierWriteReply, CourierWriteRequest

    handle, size, digest = b"", 0, hashlib.sha256()
    try:
        with session.path(file).open("rb") as source:
            while (piece := source.read(PIECE)) or not handle:
                request = CourierWriteRequest(handle=handle, offset=size, piece=piece)
                handle = session.client.call("CourierWrite", request, CourierWriteReply).handle
                size += len(piece)
                digest.update(piece)
    except OSError as error:
        raise FanalError(CANNOT_WRITE, path=file, reason=error.strerror or "-") from error
    return handle, digest.digest()


def _attachments(reply: CourierExportReply | CourierImportReply) -> str:
    whole, part = reply.attachments, reply.attachments_part
    return say(_("{whole}, and of {part} more a part"), whole=whole, part=part) if part else str(whole)


def _lines(reply: CourierImportReply, answer: CourierImported) -> list[str]:
    rows = [
        (_("from"), say(_("{agency}, number {number}"), agency=reply.sender, number=reply.number)),
        (_("made"), answer["created"]),
        (_("SHA-256"), answer["sha256"]),
        (_("new"), str(reply.entries)),
        (_("known before"), str(reply.known)),
        (_("documents"), say(_("newer ones came") if reply.documents else _("nothing new"))),
        (_("attachments"), _attachments(reply)),
    ]
    if reply.refused:
        rows.append((_("refused"), say(_("{count}, see the log"), count=reply.refused)))
    if reply.waiting:
        hint = _("{count} cannot be taken yet; this file, or the next one of this agency, has them again")
        rows.append((_("left out"), say(hint, count=reply.waiting)))
    if reply.older:
        rows.append((_("note"), say(_("a newer file of this agency was taken in before"))))
    rows.append((_("next"), f"fanal courier export --to {reply.sender} FILE"))
    return fields(*rows)

# SPDX-License-Identifier: Apache-2.0
"""``fanal audit export``: a ledger as one file for another machine; nothing in it can be opened.

Promise: beside a running node the file gets its name only after the node has logged its SHA-256; where no
node can log it, the command says so.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import ExportAnswer

NOT_LOGGED = _(
    "This export is not in the ledger: no running node could log it. "
    "Note the SHA-256, and who made it and why."
)


@command(
    "export",
    "fanal audit export -o az-cus.ledger.zip",
    "fanal audit export /media/copy/data -o copy.zip --json",
    officer=True,
)
@click.argument("ledger", required=False, metavar="[LEDGER]")
@click.option("-o", "--output", required=True, metavar="FILE", help=_("A new file."))
def export(session: Session, ledger: str | None, output: str) -> None:
    """Write LEDGER (else that of FANAL_HOME) to one file that fanal audit verify checks anywhere.

    Leaves, checkpoints, documents, manifests with their signatures and the hashes of what is left out: bodies
    and lane keys. While the node of FANAL_HOME runs, it logs the export of its ledger by you (right read or
    audit) before the file is there. Of a stopped node's ledger, or a copy, the export is no leaf: note the
    SHA-256 that is printed.
    """
    from fanal.cli.auditor.source import data_of, ledger_at
    from fanal.cli.shown.newfile import new_file
    from fanal.node.ledger.exporting import write_export

    path = session.path(output)
    leaf = -1
    with new_file(path) as file, ledger_at(session, ledger) as source:
        write_export(source.view, file)
        size = source.view.size()
        length = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256")
        if data_of(session, ledger)[1] and _node_runs(session):
            leaf = _logged(session, digest.digest())
    answer: ExportAnswer = {
        "file": str(path),
        "sha256": digest.hexdigest(),
        "bytes": length,
        "size": size,
        "logged": leaf >= 0,
        "leaf": leaf,
    }
    logged = say(_("leaf {index}"), index=leaf) if leaf >= 0 else "-"
    rows = fields(
        (_("file"), answer["file"]),
        (_("leaves"), str(answer["size"])),
        (_("SHA-256"), answer["sha256"]),
        (_("logged as"), logged),
        (_("next"), f"fanal audit verify {path} --network ID"),
    )
    session.out.emit(answer, "\n".join(rows))
    if leaf < 0:
        session.out.note(say(NOT_LOGGED))


def _node_runs(session: Session) -> bool:
    """Whether a node answers; what only looks like one, or may not be asked, is an error."""
    from fanal.cli.client.channel import reach
    from fanal.cli.errors import NODE_DEAD, NODE_NOT_RUNNING

    try:
        reach(session.settings)
    except FanalError as error:
        if error.kind in (NODE_NOT_RUNNING, NODE_DEAD):
            return False
        raise
    return True


def _logged(session: Session, sha256: bytes) -> int:
    """The leaf in which the node names this officer and the file."""
    from fanal.v1.officer_pb2 import LogExportReply, LogExportRequest

    return session.client.call("LogExport", LogExportRequest(file=sha256), LogExportReply).logged.leaf_index

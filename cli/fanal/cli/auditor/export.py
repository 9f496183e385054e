# SPDX-License-Identifier: Apache-2.0
"""``fanal audit export``: a ledger as one file for another machine; nothing in it can be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import ALREADY_THERE
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import ExportAnswer


@command(
    "export",
    "fanal audit export -o az-cus.ledger.zip",
    "fanal audit export /media/copy/data -o copy.zip --json",
)
@click.argument("ledger", required=False, metavar="[LEDGER]")
@click.option("-o", "--output", required=True, metavar="FILE", help=_("A new file."))
def export(session: Session, ledger: str | None, output: str) -> None:
    """Write LEDGER (else that of FANAL_HOME) to one file that fanal audit verify checks anywhere.

    Leaves, checkpoints, documents, manifests with their signatures and the hashes of what is left out: bodies
    and lane keys. Reads only, also beside a running node, so this export itself is not a leaf of the ledger:
    note the SHA-256 that is printed.
    """
    import hashlib

    from fanal.cli.auditor.source import ledger_at
    from fanal.node.ledger.exporting import written_to

    path = session.path(output)
    if path.exists():
        raise FanalError(ALREADY_THERE, path=str(path))
    with ledger_at(session, ledger) as source:
        written_to(source.view, path)
        size = source.view.size()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    answer: ExportAnswer = {
        "file": str(path),
        "sha256": digest,
        "bytes": path.stat().st_size,
        "size": size,
        "logged": False,
    }
    rows = fields(
        (_("file"), answer["file"]),
        (_("leaves"), str(answer["size"])),
        (_("SHA-256"), digest),
        (_("next"), f"fanal audit verify {path} --network ID"),
    )
    session.out.emit(answer, "\n".join([say(_("Exported; the ledger holds no leaf about it.")), *rows]))

# SPDX-License-Identifier: Apache-2.0
"""``fanal audit prove``: the evidence bundle of a notice, sent or received, in one file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import NODE_LOST
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanal.cli.shown.audit_shapes import ProveAnswer
    from fanal.v1.officer_pb2 import ProveReply


@command(
    "prove",
    "fanal audit prove AZ-CUS-2026-000017-42 -o proof.zip",
    "fanal audit prove 018f2c -o court.zip --content --lang fr",
    "fanal audit prove 018f2c -o short.zip --field originator --field issued_at",
    officer=True,
)
@click.argument("notice", metavar="ID")
@click.option("-o", "--output", required=True, metavar="FILE.zip", help=_("A new file."))
@click.option("--content", is_flag=True, help=_("Show the whole notice."))
@click.option("--field", "paths", multiple=True, metavar="PATH", help=_("Show this field only; repeatable."))
@click.option(
    "--lang", default="en", type=click.Choice(["en", "fr", "ru", "ar"]), help=_("Language of the README.")
)
def prove(
    session: Session, notice: str, output: str, content: bool, paths: tuple[str, ...], lang: str
) -> None:
    """Write all that proves what became of notice ID: that it was sent, stored, read, withdrawn or erased.

    Without --content and --field nothing of its text is shown, and the right AUDIT suffices. The export is
    logged before the file is written. Whoever gets it checks it with fanal audit verify, or with the script
    verify.sh in it, and the network id from paper.
    """
    from fanal.cli.shown.newfile import check_new, new_file
    from fanal.v1.officer_pb2 import ProveReply, ProveRequest

    if content and paths:
        raise click.UsageError(say(_("--content shows every field; leave --field out.")))
    path = session.path(output)
    check_new(path)
    request = ProveRequest(notice=notice, content=content, fields=paths, lang=lang)
    bundle = _whole(session.client.stream("Prove", request, ProveReply))
    with new_file(path) as file:
        file.write(bundle)
    answer: ProveAnswer = {
        "file": str(path),
        "bytes": len(bundle),
        "sha256": hashlib.sha256(bundle).hexdigest(),
        "shows": "content" if content else "fields" if paths else "proof",
    }
    rows = fields(
        (_("file"), answer["file"]),
        (_("bytes"), str(answer["bytes"])),
        (_("SHA-256"), answer["sha256"]),
        (_("next"), f"fanal audit verify {path} --network ID"),
    )
    session.out.emit(answer, "\n".join(rows))


def _whole(pieces: Iterator[ProveReply]) -> bytes:
    """All pieces; NODE_LOST when some of what the first one announced did not come."""
    first = next(pieces, None)
    parts = [first.bundle, *(piece.bundle for piece in pieces)] if first is not None else []
    bundle = b"".join(parts)
    if first is None or len(bundle) != first.size:
        raise FanalError(NODE_LOST, method="Prove")
    return bundle

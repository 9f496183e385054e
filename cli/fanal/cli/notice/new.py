# SPDX-License-Identifier: Apache-2.0
"""``fanal notice new``: a draft with ids, times, the defaults of its kind and every required field."""

from __future__ import annotations

import os

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.i18n import _


@command(
    "new",
    "fanal notice new                                    # the kinds there are",
    "fanal notice new SHIPMENT_WARNING -o draft.json",
    "fanal notice new information_request > draft.json",
)
@click.argument("kind", required=False)
@click.option("-o", "--output", metavar="FILE", help=_("Write the draft to this new file."))
@click.option("--originator", metavar="AGENCY", help=_("In place of the agency of this folder."))
def new(session: Session, kind: str | None, output: str | None, originator: str | None) -> None:
    """Make a draft of KIND to fill in; without KIND list the kinds. Needs no node."""
    from fanal.cli.notice.drafts import write_draft
    from fanal.notices.compose import new_draft
    from fanal.notices.kinds import KINDS

    if kind is None:
        return session.out.emit({"kinds": list(KINDS)}, "\n".join(KINDS))
    agency = originator or session.settings.agency
    draft = new_draft(kind.upper().replace("-", "_"), agency, session.now(), os.urandom)
    return write_draft(session, draft, output, f"fanal notice send {output} --to AGENCY", checked=True)

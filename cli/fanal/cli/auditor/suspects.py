# SPDX-License-Identifier: Apache-2.0
"""``fanal audit suspects``: what was signed with keys that are no longer good, and what vouches for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import NO_CHARTER
from fanal.cli.session import Session
from fanal.cli.shown.text import when
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import SuspectsAnswer


@command(
    "suspects",
    "fanal audit suspects",
    "fanal audit suspects --ledger az-cus.zip --all --json",
)
@click.option("--ledger", metavar="LEDGER", help=_("A data folder or an export [default: FANAL_HOME's]."))
@click.option("--all", "everything", is_flag=True, help=_("Those that something vouches for as well."))
def suspects(session: Session, ledger: str | None, everything: bool) -> None:
    """Envelopes under keys that were retired or revoked, or of agencies that left, and not vouched for.

    A retired key's envelope is good if a later manifest under a current key chains to it; a revoked key's
    only under a checkpoint cosigned before the cut-off that includes its leaf. Which officer signed is sealed
    inside: officers' keys that were revoked are named, and fanal notice list marks what they signed. Exit 0:
    none; 7: some are listed.
    """
    from fanal.cli.auditor.source import ledger_at
    from fanal.node.auditing.suspects import revoked_officers
    from fanal.node.auditing.suspects import suspects as suspicious
    from fanal.node.ledger.audit_trust import trust_of

    with ledger_at(session, ledger) as source:
        trusted = trust_of(source.view, source.agency, source.network)
        if trusted.directory is None:
            raise FanalError(NO_CHARTER)
        found = list(suspicious(source.view, trusted.directory, trusted.agency))
    answer: SuspectsAnswer = {
        "suspects": [
            {
                "envelope_id": one.row.envelope_id.hex(),
                "author": one.row.author,
                "lane": one.row.lane.hex(),
                "seq": one.row.seq,
                "leaf": -1 if one.row.leaf is None else one.row.leaf,
                "arrived": when(one.row.arrived),
                "standing": one.standing,
                "cut_off": when(one.cut_off),
                "vouched": one.vouched,
            }
            for one in found
            if everything or not one.vouched
        ],
        "revoked_officers": [
            {"agency": one.agency, "officer": one.officer, "cut_off": when(one.cut_off)}
            for one in revoked_officers(trusted.directory)
        ],
    }
    columns = (_("envelope"), _("author"), _("number"), _("standing"), _("cut-off"), _("vouched for by"))
    rows = [
        (one["envelope_id"], one["author"], str(one["seq"]), one["standing"], one["cut_off"], one["vouched"])
        for one in answer["suspects"]
    ]
    session.out.emit_table(answer, columns, rows, _("Nothing here is suspect by its node's key."))
    for officer in answer["revoked_officers"]:
        text = _(
            "The key of officer {officer} of {agency} is revoked from {cut_off} on. What it signed is "
            "sealed: fanal notice list --folder all marks it SUSPECT at each reader."
        )
        session.out.note(say(text, **officer))
    if any(not one["vouched"] for one in answer["suspects"]):
        click.get_current_context().exit(Exit.UNDECIDED)

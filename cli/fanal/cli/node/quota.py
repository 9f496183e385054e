# SPDX-License-Identifier: Apache-2.0
"""``fanal quota``: what each author has used of this node's limits, and what helps when it is over one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.completion import agencies
from fanal.cli.session import Session
from fanal.cli.shown.text import when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import UseRow
    from fanal.v1.officer_pb2 import Use

MUCH = 80
"""Percent of a limit from which on a person should know."""


@command("quota", "fanal quota", "fanal quota GE-CUS", "fanal quota --all --json", officer=True)
@click.argument("agency", required=False, default="", shell_complete=agencies)
@click.option("--all", "whole", is_flag=True, help=_("Also what was not used at all."))
def quota(session: Session, agency: str, whole: bool) -> None:
    """Show what each author has used of this node's limits per author, and what waits because of them."""
    rows = [row for row in _rows(session, agency) if whole or agency or row["used"] or row["waiting"]]
    columns = (_("AGENCY"), _("LIMIT"), _("USED"), _("MOST"), _("PERCENT"), _("WAITING"), _("NEXT"))
    cells = [
        (
            row["agency"],
            row["limit"],
            str(row["used"]),
            str(row["most"]),
            str(row["percent"]),
            str(row["waiting"]),
            row["next"],
        )
        for row in rows
    ]
    session.out.emit_table({"uses": rows}, columns, cells, _("Nobody has used anything of a limit yet."))


def _rows(session: Session, agency: str) -> list[UseRow]:
    from fanal.keys.agency import check_agency
    from fanal.v1.officer_pb2 import PeersReply, PeersRequest

    me = session.settings.agency
    if agency:
        check_agency(agency)
    asked = PeersRequest(agency="" if agency == me else agency)
    reply = session.client.call("Peers", asked, PeersReply)
    own = [] if agency and agency != me else [use_data(me, use, own=True) for use in reply.own]
    others = [] if agency == me else reply.peers
    return [*own, *(use_data(peer.agency, use) for peer in others for use in peer.used)]


def use_data(agency: str, use: Use, *, own: bool = False) -> UseRow:
    """One limit of one author in the JSON shape, with the remedy when it is nearly used up."""
    percent = 100 * use.used // use.most if use.most else 100
    return {
        "agency": agency,
        "limit": use.limit,
        "used": use.used,
        "most": use.most,
        "percent": percent,
        "waiting": use.waiting,
        "until": when(use.until),
        "next": _remedy(agency, use, own) if use.waiting or percent >= MUCH else "",
    }


def _remedy(agency: str, use: Use, own: bool) -> str:
    if own:
        text = _("wait for the next hour or day, or raise {limit} under [limits]")
    elif use.waiting:
        text = _(
            "asked for again {time}; raise {limit} under [limits], "
            "or: fanal peer block {agency} --reason FLOODING"
        )
    else:
        text = _("if that is right, raise {limit} under [limits]")
    return say(text, limit=use.limit, agency=agency, time=when(use.until))

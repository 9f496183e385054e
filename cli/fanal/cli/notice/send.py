# SPDX-License-Identifier: Apache-2.0
"""``fanal notice send``: who will read it is shown first; then the officer signs and the node takes it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fanal.cli.command import command
from fanal.cli.notice.dispatch import ALLOW_RELAY, Order, dispatch
from fanal.cli.session import Session
from fanal.i18n import _


@command(
    "send",
    "fanal notice send draft.json --to GE-CUS --to TR-CUS --dry-run",
    "fanal notice send draft.json --to group:CASPIAN",
    "fanal notice send draft.json --to GE-CUS --attach scan.pdf --attach photo.jpg",
    "fanal notice send draft.json --reason MID_FLAG_MISMATCH='re-flagged last week' --yes",
    officer=True,
)
@click.argument("draft", metavar="DRAFT")
@click.option(
    "--to", multiple=True, metavar="WHO", help=_("AGENCY or group:NAME; repeatable or with commas.")
)
@click.option(
    "--dry-run", is_flag=True, help=_("Show who could read it and what the check says; send nothing.")
)
@click.option(
    "--reason", "reasons", multiple=True, metavar="CODE=TEXT", help=_("Why a warning is overridden.")
)
@click.option(
    "--attach", multiple=True, metavar="FILE", help=_("A file that goes with it, encrypted here; repeatable.")
)
@ALLOW_RELAY
@click.option("--yes", is_flag=True, help=_("Do not ask before signing."))
def send(
    session: Session,
    draft: str,
    to: Sequence[str],
    dry_run: bool,
    reasons: Sequence[str],
    attach: Sequence[str],
    allow_relays: Sequence[str],
    yes: bool,
) -> None:
    """Send the notice in DRAFT (a JSON file, - is standard input) as a signed and sealed message.

    --to replaces the draft's own recipients and group. Every reader and every relay is shown before you sign.
    A notice of TLP:RED is refused if a relay that the charter marks DIRECT would carry it: that relay cannot
    read it, but sees who writes to whom, and when. --allow-relay is your consent, and you sign it.
    The command returns once the notice is durable in the node's ledger.
    """
    from fanal.cli.notice.drafts import read_draft, reasons_of

    names = tuple(name.strip() for one in to for name in one.split(",") if name.strip())
    given = reasons_of(reasons)
    order = Order(
        read_draft(draft), names, given, dry_run, yes, attach=tuple(attach), allow_relays=tuple(allow_relays)
    )
    dispatch(session, order)

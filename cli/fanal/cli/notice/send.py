# SPDX-License-Identifier: Apache-2.0
"""``fanal notice send``: who will read it is shown first; then the officer signs and the node takes it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fanal.cli.command import command
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
@click.option("--yes", is_flag=True, help=_("Do not ask before signing."))
def send(
    session: Session,
    draft: str,
    to: Sequence[str],
    dry_run: bool,
    reasons: Sequence[str],
    attach: Sequence[str],
    yes: bool,
) -> None:
    """Send the notice in DRAFT (a JSON file, - is standard input) as a signed and sealed message.

    --to replaces the draft's own recipients and group. Every reader and every relay is shown before you sign.
    The command returns once the notice is durable in the node's ledger.
    """
    from fanal.cli.notice.dispatch import Order, dispatch
    from fanal.cli.notice.drafts import read_draft, reasons_of

    names = tuple(name.strip() for one in to for name in one.split(",") if name.strip())
    order = Order(read_draft(draft), names, reasons_of(reasons), dry_run, yes, attach=tuple(attach))
    dispatch(session, order)

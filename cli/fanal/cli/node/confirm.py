# SPDX-License-Identifier: Apache-2.0
"""``fanal node confirm``: an operator's word where the node may not decide by itself."""

from __future__ import annotations

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.i18n import _, say


@command("confirm", "fanal node confirm clock", "fanal node confirm inbox", officer=True)
@click.argument("what", type=click.Choice(("clock", "inbox")))
def confirm(session: Session, what: str) -> None:
    """Say that the clock is right although it jumped, or that a restored inbox may open without any peer."""
    from fanal.v1.officer_pb2 import ConfirmReply, ConfirmRequest

    reply = session.client.call("Confirm", ConfirmRequest(what=what), ConfirmReply)
    done = _("Confirmed, and in the ledger under your name.")
    session.out.emit({"what": what, "was_waiting": reply.was_waiting}, say(done))

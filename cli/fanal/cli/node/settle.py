# SPDX-License-Identifier: Apache-2.0
"""``fanal node settle``: an operator has looked into an incident that ``fanal doctor`` names."""

from __future__ import annotations

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.i18n import _, say


@command(
    "settle",
    'fanal node settle fork-3f9a0c77be41d205 --reason "restored the backup of Sunday, nothing else runs"',
    officer=True,
)
@click.argument("finding", metavar="FINDING")
@click.option(
    "--reason", required=True, metavar="TEXT", help=_("What it was and what was done; kept encrypted.")
)
def settle(session: Session, finding: str, reason: str) -> None:
    """Say that an incident was looked into, so that it is no problem any more. Nothing of it is deleted.

    fanal doctor prints the key of each finding that can be settled; fanal doctor --all shows the settled
    ones with who, when and why. A new proof is a new finding.
    """
    from fanal.v1.officer_pb2 import SettleReply, SettleRequest

    reply = session.client.call("Settle", SettleRequest(finding=finding, reason=reason), SettleReply)
    done = _("Settled, and in the ledger under your name. Proofs and both branches stay.")
    before = _("It was settled before; the first reason stands.")
    data = {"finding": finding, "was_settled": reply.was_settled}
    session.out.emit(data, say(before if reply.was_settled else done))

# SPDX-License-Identifier: Apache-2.0
"""``fanal node``: run this agency's node, and ask whether it is serving."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.errors import FanalError
from fanal.i18n import _, say


@command(
    "run",
    "fanal node run",
    "fanal node run --listen 0.0.0.0:7443 --log-file /var/log/fanal.log",
    "fanal node run --key-file /run/credentials/fanal/unlock.key",
)
@click.option("--listen", metavar="HOST:PORT", help=_("Where to listen for peers."))
@click.option("--advertise", metavar="HOST:PORT", help=_("The address others are told."))
@click.option("--log-level", metavar="LEVEL", help=_("debug, info, warning or error."))
@click.option("--log-file", metavar="FILE", help=_("Write the log there instead of stderr."))
@click.option(
    "--key-file", "unlock_key", metavar="FILE", help=_("The 32-byte key that opens the node's keys.")
)
def run(session: Session, log_file: str | None, unlock_key: str | None, **flags: Any) -> None:
    """Run the node until SIGTERM or Ctrl-C. Without a key file it starts locked: it stores and relays only.

    Prints one JSON line when it is ready. A passphrase is never asked for, because a node is started by a
    service manager: open a locked node with fanal unlock.
    """
    from fanal.config.load import load
    from fanal.node.service.daemon import run_node

    gc.set_threshold(700)  # CPython's own, which main() raised for commands that end soon
    # A relative path is meant from where the command was typed, not from the agency's folder.
    given = {**flags, "key_file": Path(unlock_key).absolute() if unlock_key else None}
    settings = load(session.home, given)
    code = run_node(session.home, settings, Path(log_file) if log_file else None)
    if code:
        click.get_current_context().exit(code)


@command("health", "fanal node health", "fanal node health --json")
def health(session: Session) -> None:
    """Ask the node whether it is serving. Needs no key; exit 0 when it is, 5 when not."""
    from fanal.cli.client.channel import health as ask

    status = ask(session.settings)
    if status != "SERVING":
        raise FanalError(errors.UNHEALTHY, status=status)
    session.out.emit({"status": status}, say(_("The node is serving.")))

# SPDX-License-Identifier: Apache-2.0
"""``fanal node``: run this agency's node, and ask whether it is serving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.errors import FanalError

if TYPE_CHECKING:
    from fanal.keys.secret import Secret


@command(
    "run",
    "fanal node run",
    "fanal node run --listen 0.0.0.0:7443",
    "fanal node run --passphrase-fd 3 3<secret",
)
@click.option("--listen", metavar="HOST:PORT", help="Where to listen for peers.")
@click.option("--advertise", metavar="HOST:PORT", help="The address others are told.")
@click.option("--log-level", metavar="LEVEL", help="debug, info, warning or error.")
@click.option(
    "--key-file", "node_key_file", metavar="FILE", help="The 32-byte key that opens the node's keys."
)
@click.option(
    "--passphrase-fd", "node_fd", type=click.IntRange(0, 1023), metavar="N", help="Passphrase there."
)
def run(session: Session, node_key_file: str | None, node_fd: int | None, **flags: Any) -> None:
    """Run the node until SIGTERM or Ctrl-C. Without a secret it starts locked: it stores and relays only.

    Logs go to stderr. The secret comes from --key-file, --passphrase-fd or the setting key_file; it is never
    asked for, because a node is started by a service manager. Open a locked one with fanal unlock.
    """
    from fanal.config.load import load
    from fanal.node.service.daemon import run_node

    session.key_file, session.passphrase_fd = node_key_file, node_fd
    settings = load(session.home, flags)
    code = run_node(session.home, settings, _secret(session))
    if code:
        raise click.exceptions.Exit(code)


def _secret(session: Session) -> Secret | None:
    """The secret given on the command line; None leaves it to the setting key_file."""
    from fanal.cli.secret import secret_for

    if session.key_file or session.passphrase_fd is not None:
        return secret_for(session, "the node")
    return None


@command("health", "fanal node health", "fanal node health --json")
def health(session: Session) -> None:
    """Ask the node whether it is serving. Needs no key; exit 0 when it is, 5 when not."""
    from fanal.cli.client import health as ask

    status = ask(session.settings)
    if status != "SERVING":
        raise FanalError(errors.UNHEALTHY, status=status)
    session.out.emit({"status": status}, "The node is serving.")

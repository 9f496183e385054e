# SPDX-License-Identifier: Apache-2.0
"""``fanal audit verify``: every leaf, node, checkpoint and signature of a data folder; no node, no secret."""

from __future__ import annotations

import click

from fanal.cli.command import command
from fanal.cli.session import Session


@command(
    "verify",
    "fanal audit verify",
    "fanal audit verify /media/copy/data",
    "fanal audit verify --json",
)
@click.argument("folder", required=False)
def verify(session: Session, folder: str | None) -> None:
    """Check the ledger in FOLDER."""

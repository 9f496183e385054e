# SPDX-License-Identifier: Apache-2.0
"""``fanal node backup`` and ``fanal node restore``: all that a node holds, except its private keys.

The keys have a backup of their own, sealed, without those for reading: ``fanal key backup``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.folder_shapes import NodeBackup
    from fanal.node.datafolder.manifest import Manifest

KEY_FILE = click.option("--key-file", metavar="FILE", help=_("The 32-byte key that opens the node's keys."))
PASSPHRASE = click.option(
    "--passphrase-fd", type=click.IntRange(0, 1023), metavar="N", help=_("The node's passphrase there.")
)


@command("backup", "fanal node backup /media/backup/az-cus-2026-11-26", "fanal node backup DIR --json")
@click.argument("folder", metavar="DIR")
@KEY_FILE
@PASSPHRASE
def backup(session: Session, folder: str) -> None:
    """Copy ledger, vault, attached files, erasure lists, documents and settings to DIR, a new folder.

    The node may run meanwhile. Private keys are not in it, and without them nothing in it can be read; they
    have their own: fanal key backup. A notice erased later still stands in DIR, and the vault's key opens it:
    keep few backups, keep them apart from the keys, and delete those that fanal doctor names.
    """
    from fanal.cli.local.init import refuse_existing, whole_or_nothing
    from fanal.cli.node.migrate import vault_key
    from fanal.node.datafolder import backup as backups
    from fanal.node.datafolder.noted import Copied, note

    home, target, data = session.home.require(), Path(folder).absolute(), session.settings.data
    refuse_existing(target)
    backups.refuse_inside(home, data, target)
    with whole_or_nothing(target) as beside:
        made = backups.make(home, data, beside, vault_key(session), session.settings.agency, session.now())
    note(home, Copied(target, made.made))
    lines = [
        say(_("{agency} is in {path}: {leaves} leaves of its ledger."), **_facts(made, target)),
        say(_("It holds no private key: make sure of those with fanal key backup.")),
        say(_("What is erased from now on still stands in it. Delete it in time.")),
    ]
    session.out.emit(_data(made, target), "\n".join(lines))


@command(
    "restore",
    "fanal node restore /media/backup/az-cus-2026-11-26",
    "fanal key restore az.keybackup && fanal node restore DIR      # on another machine",
)
@click.argument("folder", metavar="DIR")
@KEY_FILE
@PASSPHRASE
def restore(session: Session, folder: str) -> None:
    """Put a backup's data into the agency's folder, which holds the keys and no data. Nothing is replaced.

    DIR is verified first: every file, the network, and that no database is newer than this program. The node
    begins a new incarnation at its start, so no number is given twice; peers send what they hold, and the
    inbox stays closed until one of them was caught up with: nothing withdrawn meanwhile is shown.

    What this agency itself ordered to be erased after the backup is known only from a newer list of erasures:
    if the old folder, or a newer backup of the keys, still has one, put its file erasures into the agency's
    folder before the first start.
    """
    from fanal.cli.node.migrate import vault_key
    from fanal.node.datafolder.restore import restore as put

    home, source = session.home.require(), Path(folder).absolute()
    made = put(home, session.settings.data, source, vault_key(session), session.settings.agency)
    as_of = _("{time}: {leaves} leaves, root {root}")
    erased = _(
        "orders to erase given after {time} count only if {path} names them: put the newest list there"
    )
    rows = fields(
        (_("as of"), say(as_of, time=when(made.made), leaves=made.leaves, root=made.root[:16])),
        (_("lost"), say(_("leaves written since, which notices were read here since, files under way"))),
        (_("comes back"), say(_("from peers, while it runs: each envelope that one of them still holds"))),
        (_("erased since"), say(erased, time=when(made.made), path=home.path / "erasures")),
        (_("first"), "fanal node run"),
        (_("then"), say(_("fanal doctor; fanal key rotate ENCRYPT if the keys came from their backup"))),
    )
    done = _("{agency} is restored from {path}. The other machine must never run again.")
    session.out.emit(_data(made, source), "\n".join([say(done, **_facts(made, source)), *rows]))


def _facts(made: Manifest, folder: Path) -> dict[str, str | int]:
    return {"agency": made.agency, "path": str(folder), "leaves": made.leaves}


def _data(made: Manifest, folder: Path) -> NodeBackup:
    return {
        "folder": str(folder),
        "agency": made.agency,
        "network": made.network,
        "made": when(made.made),
        "leaves": made.leaves,
        "root": made.root,
        "files": len(made.files),
        "bytes": sum(length for length, _digest in made.files.values()),
    }

# SPDX-License-Identifier: Apache-2.0
"""``fanal node migrate``: the data folder to the newest formats before the first start of a new program."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.errors import Exit
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.folder_shapes import Migrated
    from fanal.node.ledger.formats import Step


@command(
    "migrate",
    "fanal node migrate --dry-run          # also while the old program runs",
    "fanal node migrate",
    "fanal node migrate --delete-copies    # once the new program has proved itself",
)
@click.option("--dry-run", is_flag=True, help=_("Tell formats, room and copies; change nothing."))
@click.option("--delete-copies", is_flag=True, help=_("Only overwrite and remove what migrations left."))
@click.option("--key-file", metavar="FILE", help=_("The 32-byte key that opens the node's keys."))
@click.option(
    "--passphrase-fd", type=click.IntRange(0, 1023), metavar="N", help=_("The node's passphrase there.")
)
def migrate(session: Session, dry_run: bool, delete_copies: bool) -> None:
    """Bring the stopped node's data to the newest formats, each database copied first. A start does the same.

    The copies hold what is erased from now on: delete them once the new program has proved itself. Exit 1
    when --dry-run finds too little room.
    """
    from fanal.node.datafolder import migration
    from fanal.node.datafolder.files import steps
    from fanal.node.ledger.formats import free_bytes

    data = session.settings.data
    if delete_copies:
        _delete(session, dry_run)
        return
    key = vault_key(session)
    available = free_bytes(data) if data.is_dir() else 0
    plan = steps(data, key) if dry_run else migration.run(data, key)
    answer = _answer(plan, available, dry_run=dry_run)
    _tell(session, answer)
    if dry_run and answer["needed"] > available:
        click.get_current_context().exit(Exit.FAILED)


def vault_key(session: Session) -> Callable[[], bytes]:
    """Opens node.keys when it is asked the first time; raises the keystore's refusals and KEY_ABSENT."""
    import functools

    @functools.cache
    def key() -> bytes:
        from fanal.cli.client.secret import secret_for
        from fanal.node.unlocked import unlock

        secret = secret_for(session, say(_("the node's keys")))
        return unlock(session.home.node_keys, secret, session.settings.agency).vault_key

    return key


def _answer(plan: list[Step], available: int, *, dry_run: bool) -> Migrated:
    return {
        "dry_run": dry_run,
        "needed": sum(one.needed for one in plan),
        "available": available,
        "files": [
            {
                "path": str(one.path),
                "format": one.found,
                "newest": one.newest,
                "needed": one.needed,
                "copy": str(one.copy) if one.due else "",
            }
            for one in plan
        ],
    }


def _tell(session: Session, answer: Migrated) -> None:
    columns = (_("FILE"), _("FORMAT"), _("NEWEST"), _("NEEDED"), _("COPY"))
    cells = [
        (row["path"], str(row["format"]), str(row["newest"]), str(row["needed"]), row["copy"])
        for row in answer["files"]
    ]
    session.out.emit_table(answer, columns, cells, "")
    if not session.out.as_json:
        session.out.write("\n" + _summary(answer))


def _summary(answer: Migrated) -> str:
    needed, available = answer["needed"], answer["available"]
    if not needed:
        return say(_("All is of the newest format."))
    if not answer["dry_run"]:
        return say(_("Done. The older data are in the copies; put them back only under the older program."))
    room = say(_("{needed} bytes needed, {available} free."), needed=needed, available=available)
    enough = _("Nothing was changed. Stop the node and run: fanal node migrate")
    short = _("Nothing was changed. Make room first, for example: fanal node free-reserve")
    return f"{room} {say(enough if available >= needed else short)}"


def _delete(session: Session, dry_run: bool) -> None:
    from fanal.node.datafolder.migration import delete_copies, old_copies

    data = session.settings.data
    found = [str(path) for path in (old_copies(data) if dry_run else delete_copies(data))]
    done = _("would be deleted: {path}") if dry_run else _("deleted: {path}")
    lines = [say(done, path=path) for path in found] or [say(_("There is no such copy."))]
    session.out.emit({"dry_run": dry_run, "deleted": found}, "\n".join(lines))

# SPDX-License-Identifier: Apache-2.0
"""``fanal doctor``: one row a check, each with what mends it. A failed check never stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import CheckRow


@command("doctor", "fanal doctor", "fanal doctor --all", "fanal doctor --json", officer=True)
@click.option(
    "--all", "everything", is_flag=True, help=_("Name the settled findings too: who, when and why.")
)
def doctor(session: Session, everything: bool) -> None:
    """Check files, keys, certificate, clock, disk, node and peers, and say what mends each.

    Works without a running node as far as it goes. Exit 0 when nothing is a problem, else 1. An incident that
    was looked into is settled with fanal node settle, and is counted apart from then on.
    """
    rows = list(run_checks(session, settled=everything))
    data = {"checks": rows, "ok": not any(row["level"] == "problem" for row in rows)}
    cells = [(say(row["subject"]), say(row["level"]), row["sentence"], row["next"]) for row in rows]
    session.out.emit_table(data, (_("CHECK"), _("RESULT"), _("FOUND"), _("NEXT")), cells, "")
    if not data["ok"]:
        click.get_current_context().exit(Exit.FAILED)


def run_checks(session: Session, *, settled: bool = False) -> Iterator[CheckRow]:
    """Local checks first, then what the node says of itself and its peers. ``settled``: name those too."""
    from fanal.cli.local import doctor_copies, doctor_local, doctor_node
    from fanal.cli.main import as_fanal_error

    checks: list[tuple[str, Callable[[Session], Iterator[CheckRow]]]] = [
        (_("folder"), doctor_local.folder),
        (_("settings"), doctor_local.settings),
        (_("address"), doctor_local.address),
        (_("permissions"), doctor_local.permissions),
        (_("permissions"), doctor_local.owners),
        (_("keys"), doctor_local.keys),
        (_("certificate"), doctor_local.certificate),
        (_("clock"), doctor_local.clock),
        (_("disk"), doctor_local.disk),
        (_("copies"), doctor_copies.copies),
        (_("charter"), doctor_local.charter),
        (_("identity"), doctor_local.taken_up),
        (_("node"), partial(doctor_node.node, settled=settled)),
    ]
    for subject, check in checks:
        try:
            yield from check(session)
        except (FanalError, OSError) as raised:
            error = as_fanal_error(raised)
            yield {
                "subject": subject,
                "level": "problem",
                "sentence": f"{error.sentence} [{error.kind.id}]",
                "next": error.hint,
            }
            if subject in ("folder", "settings"):
                return

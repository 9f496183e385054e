# SPDX-License-Identifier: Apache-2.0
"""``fanal audit verify``: every leaf, node, checkpoint and signature of a data folder; no node, no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.audit import EXITS, check_lines, check_rows, hangs_on
from fanal.i18n import _, say

if TYPE_CHECKING:
    from pathlib import Path

    from fanal.cli.shown.shapes import AuditAnswer
    from fanal.proof.audit import AuditReport


@command(
    "verify",
    "fanal audit verify",
    "fanal audit verify /media/copy/data --network 73628c88...",
    "fanal audit verify proof.zip --network 73628c88...",
    "fanal audit verify --json",
)
@click.argument("folder", required=False, metavar="[LEDGER|BUNDLE]")
@click.option(
    "--network", metavar="ID", help=_("The network id from elsewhere, for example from paper (hex).")
)
@click.option("--agency", default="", metavar="AGENCY", help=_("Whose ledger it should be."))
def verify(session: Session, folder: str | None, network: str | None, agency: str) -> None:
    """Check LEDGER: a data folder, an agency's folder or an export; else that of FANAL_HOME. Or check an
    evidence bundle (fanal audit prove), for which no folder, node or secret is needed.

    Reads only, also while the node runs. Prints each check with what was expected and found. Exit 0: all of
    it verifies; 6: something does not; 7: something needed is missing, such as the network's id, which only
    this agency's own folder does not ask for.
    """
    from fanal.cli.auditor.bundle import is_bundle, verify_file
    from fanal.cli.auditor.source import ledger_at, network_id
    from fanal.node.ledger.audit import audit_view

    if folder is not None and is_bundle(folder):
        verify_file(session, session.path(folder), network_id(network))
        return
    with ledger_at(session, folder, agency, network_id(network)) as ledger:
        report = audit_view(ledger.view, agency=ledger.agency, network=ledger.network)
    answer = audit_data(report, ledger.path)
    session.out.emit(answer, _text(answer))
    code = EXITS[answer["verdict"]]
    if code:
        click.get_current_context().exit(code)


def audit_data(report: AuditReport, folder: Path) -> AuditAnswer:
    """The JSON shape of a report."""
    return {
        "folder": str(folder),
        "verdict": report.verdict.value,
        "size": report.size,
        "root": report.root.hex(),
        "first_bad": report.first_bad,
        "checks": check_rows(report.checks),
    }


def _text(answer: AuditAnswer) -> str:
    lines = check_lines(answer["checks"])
    if answer["first_bad"] is not None:
        lines.append(say(_("first bad leaf: {index}"), index=answer["first_bad"]))
    lines += hangs_on(answer["checks"], answer["verdict"])
    verdict = say(answer["verdict"]).upper()
    total = _("{verdict}: {size} leaves, root {root}")
    lines.append(say(total, verdict=verdict, size=answer["size"], root=answer["root"]))
    return "\n".join(lines)

# SPDX-License-Identifier: Apache-2.0
"""``fanal audit verify``: every leaf, node, checkpoint and signature of a data folder; no node, no secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import BAD_CHOICE
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import AuditAnswer
    from fanal.proof.audit import AuditReport

EXITS = {_("passed"): Exit.OK, _("failed"): Exit.VERIFICATION_FAILED, _("undecided"): Exit.UNDECIDED}
NETWORK_HEX = 64


@command(
    "verify",
    "fanal audit verify",
    "fanal audit verify /media/copy/data --network 73628c88...",
    "fanal audit verify --json",
)
@click.argument("folder", required=False, metavar="[FOLDER]")
@click.option(
    "--network", metavar="ID", help=_("The network id from elsewhere, for example from paper (hex).")
)
@click.option("--agency", default="", metavar="AGENCY", help=_("Whose ledger it should be."))
def verify(session: Session, folder: str | None, network: str | None, agency: str) -> None:
    """Check the ledger in FOLDER (a data folder, or an agency's folder; else that of FANAL_HOME).

    Reads only, also while the node runs. Prints each check with what was expected and found. Exit 0: all of
    it verifies; 6: something does not; 7: something needed is missing.
    """
    from fanal.node.ledger.audit import audit_folder

    data, agency = _where(session, folder, agency)
    brought = _network(network) if network else None
    report = audit_folder(data, agency=agency, network=brought)
    answer = audit_data(report, data)
    session.out.emit(answer, _text(answer))
    code = EXITS[answer["verdict"]]
    if code:
        click.get_current_context().exit(code)


def _where(session: Session, folder: str | None, agency: str) -> tuple[Path, str]:
    """The data folder, and whose it should be: known only for this agency's own."""
    if folder is None:
        return session.settings.data, agency or session.settings.agency
    path = Path(folder)
    inner = path / "data"
    return (inner if (path / "fanal.toml").is_file() and inner.is_dir() else path), agency


def _network(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if 2 * len(found) != NETWORK_HEX:
        choices = say(_("{count} hexadecimal digits"), count=NETWORK_HEX)
        raise FanalError(BAD_CHOICE, value=repr(text)[:80], what=say(_("network id")), choices=choices)
    return found


def audit_data(report: AuditReport, folder: Path) -> AuditAnswer:
    """The JSON shape of a report."""
    checks = report.checks
    return {
        "folder": str(folder),
        "verdict": report.verdict.value,
        "size": report.size,
        "root": report.root.hex(),
        "first_bad": report.first_bad,
        "checks": [
            {
                "name": one.name,
                "status": one.status.value,
                "expected": one.expected,
                "found": one.found,
                "detail": one.detail,
            }
            for one in checks
        ],
    }


def _text(answer: AuditAnswer) -> str:
    lines = []
    for check in answer["checks"]:
        lines.append(
            f"{say(check['status']):<10} {check['name']}"
            + (f": {check['detail']}" if check["detail"] else "")
        )
        if check["status"] != "passed":
            lines += [
                "           " + one
                for one in fields(
                    (_("expected"), check["expected"] or "-"), (_("found"), check["found"] or "-")
                )
            ]
    if answer["first_bad"] is not None:
        lines.append(say(_("first bad leaf: {index}"), index=answer["first_bad"]))
    verdict = say(answer["verdict"]).upper()
    total = _("{verdict}: {size} leaves, root {root}")
    lines.append(say(total, verdict=verdict, size=answer["size"], root=answer["root"]))
    return "\n".join(lines)

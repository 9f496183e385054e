# SPDX-License-Identifier: Apache-2.0
"""``fanal audit verify BUNDLE``: an evidence bundle, with no node, no secret and no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli.errors import CANNOT_WRITE
from fanal.cli.shown.audit import EXITS, check_rows
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.session import Session
    from fanal.cli.shown.audit_shapes import BundleAnswer
    from fanal.cli.shown.shapes import AuditRow


def is_bundle(given: str) -> bool:
    """Whether a file is to be read as a bundle: any file that is no export of a ledger."""
    from fanal.node.ledger.exported import is_export

    return Path(given).is_file() and not is_export(Path(given))


def verify_file(session: Session, path: Path, network: bytes | None) -> None:
    """Prints every check; exit 0, 6 or 7 by the verdict."""
    from fanal.proof.evidence.container import MAX_BUNDLE
    from fanal.proof.evidence.verify import verify_bundle

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BUNDLE + 1)
    except OSError as error:
        raise FanalError(CANNOT_WRITE, path=str(path), reason=error.strerror or "-") from error
    report = verify_bundle(data, network)
    answer: BundleAnswer = {"verdict": report.verdict.value, "checks": check_rows(report.checks)}
    session.out.emit(answer, _text(answer))
    code = EXITS[answer["verdict"]]
    if code:
        click.get_current_context().exit(code)


def _text(answer: BundleAnswer) -> str:
    lines = [line for check in answer["checks"] for line in _lines(check)]
    return "\n".join([*lines, say(answer["verdict"]).upper()])


def _lines(check: AuditRow) -> list[str]:
    """One line, under it what else the detail says; expected and found only where they differ."""
    expected, found = check["expected"], check["found"]
    detail, *more = check["detail"].split("\n")
    passed = check["status"] == "passed"
    said = ", ".join(one for one in (found if passed else "", detail) if one)
    lines = [f"{say(check['status']):<10} {check['name']}" + (f": {said}" if said else "")]
    lines += ["           " + one for one in more]
    if not passed and (expected or found) and expected != found:
        lines.append("           " + say(_("expected {expected}"), expected=expected or "-"))
        lines.append("           " + say(_("found    {found}"), found=found or "-"))
    return lines

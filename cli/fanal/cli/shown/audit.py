# SPDX-License-Identifier: Apache-2.0
"""How checks of an audit stand in JSON and on a screen, for every command that makes some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fanal.cli.shown.meaning import meaning
from fanal.cli.shown.text import fields
from fanal.errors import Exit
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import AuditRow
    from fanal.proof.audit import Check

EXITS = {_("passed"): Exit.OK, _("failed"): Exit.VERIFICATION_FAILED, _("undecided"): Exit.UNDECIDED}


def check_rows(checks: Iterable[Check]) -> list[AuditRow]:
    """Checks as JSON."""
    return [
        {
            "name": one.name,
            "status": one.status.value,
            "expected": one.expected,
            "found": one.found,
            "detail": one.detail,
        }
        for one in checks
    ]


def check_lines(rows: Sequence[AuditRow]) -> list[str]:
    """One line a check; what did not pass with what was expected and found, and what a failure means."""
    lines = []
    for check in rows:
        detail = f": {check['detail']}" if check["detail"] else ""
        lines.append(f"{say(check['status']):<10} {check['name']}{detail}")
        if check["status"] != "passed":
            values = ((_("expected"), check["expected"] or "-"), (_("found"), check["found"] or "-"))
            lines += ["           " + one for one in fields(*values)]
        lines += means(check)
    return lines


def hangs_on(rows: Sequence[AuditRow], verdict: str) -> list[str]:
    """A line that names the checks which decided a verdict other than passed."""
    names = ", ".join(dict.fromkeys(one["name"] for one in rows if one["status"] == verdict))
    text = _("False: {names}") if verdict == "failed" else _("Open: {names}")
    return [] if verdict == "passed" else [say(text, names=names)]


def means(check: AuditRow) -> list[str]:
    """A line that tells an auditor what a failed check means and what to do; none for any other."""
    text = meaning(check["name"]) if check["status"] == "failed" else ""
    return [f"           {text}"] if text else []

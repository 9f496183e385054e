# SPDX-License-Identifier: Apache-2.0
"""``fanal audit verify BUNDLE``: an evidence bundle, with no node, no secret and no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli.errors import CANNOT_WRITE
from fanal.cli.shown.audit import EXITS, check_rows, means
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.session import Session
    from fanal.cli.shown.audit_shapes import BundleAnswer
    from fanal.cli.shown.shapes import AuditRow


_NOT_TO_MISS = {
    "withdrawal.names": _("Its author has withdrawn this notice (withdrawal.names)."),
    "log.erasure": _("Who made this bundle has erased the content (log.erasure)."),
}
_COUNTED = {
    "bundle.form": _("{count} files"),
    "charters": _("to version {count}"),
    "identities": _("{count} documents"),
    "fields": _("{count} fields"),
    "receipts.chain": _("{count} manifests"),
    "log.inclusion": _("{count} entries"),
    "log.leaves": _("{count} entries"),
    "log.receipts": _("{count} receipts"),
}
"""What the number is that a passed check found."""


def _kind(name: str) -> str:
    return "fields" if name.endswith(".fields") else name


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
    session.out.emit(answer, _text(answer, report.needed))
    code = EXITS[answer["verdict"]]
    if code:
        click.get_current_context().exit(code)


def _text(answer: BundleAnswer, needed: tuple[str, ...]) -> str:
    lines = [line for check in answer["checks"] for line in _lines(check)]
    return "\n".join([*lines, *_verdict(answer, needed)])


def _verdict(answer: BundleAnswer, needed: tuple[str, ...]) -> list[str]:
    """The verdict in a sentence, and ahead of it what somebody who reads only that must not miss."""
    passed = {one["name"] for one in answer["checks"] if one["status"] == "passed"}
    lines = [say(text) for name, text in _NOT_TO_MISS.items() if name in passed]
    word = say(answer["verdict"]).upper()
    if answer["verdict"] == "failed":
        names = ", ".join(one["name"] for one in answer["checks"] if one["status"] == "failed")
        return [*lines, say(_("{word}: do not rely on this bundle. False: {names}"), word=word, names=names)]
    if answer["verdict"] == "undecided":
        text = _("{word}: neither proven nor false as long as this is open: {names}")
        return [*lines, say(text, word=word, names=", ".join(needed))]
    count = sum(one["status"] == "undecided" for one in answer["checks"])
    text = _("{word}: what this bundle shows is proven. What it does not show is named in {count} lines.")
    return [*lines, say(text, word=word, count=count)]


def _lines(check: AuditRow) -> list[str]:
    """One line, under it what else the detail says; expected and found only where they differ."""
    expected, found = check["expected"], check["found"]
    detail, *more = check["detail"].split("\n")
    passed = check["status"] == "passed"
    shown = say(_COUNTED[_kind(check["name"])], count=found) if _kind(check["name"]) in _COUNTED else found
    said = ", ".join(one for one in (shown if passed else "", detail) if one)
    lines = [f"{say(check['status']):<10} {check['name']}" + (f": {said}" if said else "")]
    lines += ["           " + one for one in more]
    if not passed and (expected or found) and expected != found:
        lines.append("           " + say(_("expected {expected}"), expected=expected or "-"))
        lines.append("           " + say(_("found    {found}"), found=found or "-"))
    return lines + means(check)

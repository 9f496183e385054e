# SPDX-License-Identifier: Apache-2.0
"""`fanal notice check`: the rules of notices on a file, without a node. Verdicts on stdout, sum on stderr."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.notices.checkfile import CheckedLine
    from fanal.v1.notice_pb2 import Notice


@command(
    "check",
    "fanal notice check --draft draft.json             # before it is sent",
    "fanal notice check notices.jsonl --context context.json",
    "fanal notice check - --json < notices.jsonl",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--context",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Clock, directory, groups and known notices, as JSON; adds the fourth stage."),
)
@click.option("--draft", is_flag=True, help=_("A draft: what sending adds is taken as given."))
def check(session: Session, file: Path, context: Path | None, draft: bool) -> None:
    """Check notices by all rules, before they are sent. No node is needed.

    FILE holds one notice as JSON, or one on each line (JSON lines); - is standard input.

    Four stages run in order, and one that finds something ends the check: JSON, the schema, the notice by
    itself, and, with --context, the notice among others. An ERROR stops a notice; a WARN needs a reason when
    it is sent. Earlier notices of FILE without an error are known to the later ones.

    A draft has no ref yet, and often no audience: both come when it is sent. With --draft it is checked as if
    it were sent now. Among other notices it is checked by fanal notice send --dry-run.

    Exit code 0: every notice may be issued. 1: at least one may not.
    """
    from fanal.notices.checkfile import check_file

    total = refused = warned = 0
    if draft and context is not None:
        facts = {"what": say(_("pair")), "choices": say(_("one of them"))}
        raise FanalError(errors.BAD_CHOICE, value="--draft with --context", **facts)
    for checked in check_file(file, context, _finish(session) if draft else None):
        report = checked.report
        total, refused = total + 1, refused + (not report.ok)
        warned += report.ok and bool(report.problems)
        session.out.write(_line(checked) if session.out.as_json else _block(checked))
    session.out.note(_summary(total, refused, warned, complete=draft or context is not None))
    click.get_current_context().exit(Exit.FAILED if refused else Exit.OK)


def _finish(session: Session) -> Callable[[Notice], Notice]:
    from fanal.notices.compose import as_if_sent

    return lambda notice: as_if_sent(notice, session.now(), os.urandom)


def _line(checked: CheckedLine) -> str:
    return json.dumps(checked.as_json(), separators=(",", ":"))


def _block(checked: CheckedLine) -> str:
    report = checked.report
    head = say(
        _("line {line}: {kind}: {verdict}"),
        line=checked.line,
        kind=report.kind or say(_("no notice")),
        verdict=_verdict(checked),
    )
    lines = [head]
    for one in report.problems:
        lines.append(f"  {one.severity:<5} {one.code} {_shown(one.field)}")
        lines.append(f"        {_shown(one.message)}")
    return "\n".join(lines)


def _verdict(checked: CheckedLine) -> str:
    report = checked.report
    if not report.problems:
        return say(_("ok"))
    stage = report.problems[0].stage
    if report.ok:
        return say(_("ok with a warning, stage {stage}; send it with a reason"), stage=stage)
    return say(_("refused, stage {stage}"), stage=stage)


def _shown(text: str) -> str:
    """Text of a stranger on a terminal: no control sequence, nothing invisible."""
    return json.dumps(text)[1:-1].replace('\\"', '"')


def _summary(total: int, refused: int, warned: int, *, complete: bool) -> str:
    text = say(
        _("{total} checked: {good} ok, {warned} ok with a warning, {refused} refused."),
        total=total,
        good=total - refused - warned,
        warned=warned,
        refused=refused,
    )
    if not complete:
        text += " " + say(_("Add --context FILE to check them among other notices."))
    return text

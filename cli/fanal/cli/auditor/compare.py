# SPDX-License-Identifier: Apache-2.0
"""``fanal audit compare``: two checkpoints of one log, or two agencies' ledgers against each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.audit import EXITS, check_lines, check_rows, hangs_on
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import CompareAnswer
    from fanal.node.auditing.views import Side


@command(
    "compare",
    "fanal audit compare az-cus.zip ge-cus.zip",
    "fanal audit compare old.checkpoint /srv/fanal/az-cus/data",
    "fanal audit compare monday.zip friday.zip --json",
)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
def compare(session: Session, first: str, second: str) -> None:
    """Compare A with B: each a data folder, an export, or a file with one checkpoint.

    Of one log: is one the continuation of the other? Of two agencies: what one says it sent against what the
    other logged, receipts on both sides, and the heads that each saw of the other's log. Exit 0: they agree;
    6: they cannot both be true, and what differs is named; 7: one copy is older, or something is missing.
    """
    from fanal.node.auditing.compare import compare as compare_sides

    with _side(session, first) as a, _side(session, second) as b:
        result = compare_sides(a, b)
        agencies = a.agency, b.agency
    answer: CompareAnswer = {
        "a": first,
        "b": second,
        "agency_a": agencies[0],
        "agency_b": agencies[1],
        "verdict": result.verdict.value,
        "checks": check_rows(result.checks),
        "differences": [
            {"what": one.what, "where": one.where, "wrong": one.wrong} for one in result.differences
        ],
    }
    session.out.emit(answer, _text(answer))
    click.get_current_context().exit(EXITS[answer["verdict"]])


@contextmanager
def _side(session: Session, given: str) -> Iterator[Side]:
    from fanal.cli.auditor.source import data_of, ledger_at
    from fanal.node.auditing.views import side_of_ledger, side_of_note
    from fanal.node.ledger.exported import is_export

    path, _own = data_of(session, given)
    if path.is_file() and not is_export(path):
        yield side_of_note(path)
        return
    with ledger_at(session, given) as ledger:
        yield side_of_ledger(given, ledger.view)


def _text(answer: CompareAnswer) -> str:
    lines = check_lines(answer["checks"])
    for one in answer["differences"]:
        mark = say(_("wrong")) if one["wrong"] else say(_("open"))
        lines.append(f"  {mark:<6} {one['what']}: {one['where']}")
    lines += hangs_on(answer["checks"], answer["verdict"])
    lines.append(say(answer["verdict"]).upper())
    return "\n".join(lines)

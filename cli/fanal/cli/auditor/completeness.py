# SPDX-License-Identifier: Apache-2.0
"""``fanal audit completeness``: which numbers of a lane are here, erased, or missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import BAD_CHOICE
from fanal.cli.session import Session
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import CompletenessAnswer
    from fanal.node.auditing.completeness import Stream

STATES = (_("present"), _("manifest-only"), _("missing"))
_SPAN = re.compile(r"([0-9]{1,18})\.\.([0-9]{1,18})?", re.ASCII)


@command(
    "completeness",
    "fanal audit completeness",
    "fanal audit completeness 91be02 0..120",
    "fanal audit completeness 91be02 --ledger az-cus.zip --json",
)
@click.argument("lane", required=False, default="", metavar="[LANE]")
@click.argument("span", required=False, metavar="[N..M]")
@click.option("--ledger", metavar="LEDGER", help=_("A data folder or an export [default: FANAL_HOME's]."))
def completeness(session: Session, lane: str, span: str | None, ledger: str | None) -> None:
    """Which numbers of LANE (the first digits of its id; else of every lane) are here.

    A node writes in a new incarnation after each start: it counts from 0 without gaps, its first entry names
    the incarnation it goes on from, and every manifest names the one before it. Exit 0: nothing is
    missing; 6: a manifest does not follow the one before it; 7: numbers are missing here.
    """
    from fanal.cli.auditor.source import ledger_at
    from fanal.node.auditing.completeness import completeness as count

    first, last = _numbers(span)
    with ledger_at(session, ledger) as source:
        streams = count(source.view, lane, first, last)
    answer = _data(streams)
    rows = [
        (
            one["lane"][:16],
            one["author"],
            one["incarnation"][:8],
            f"{part['first']}..{part['last']}",
            say(part["state"]),
            part["why"],
            ", ".join(after[:8] for after in one["successors"]),
        )
        for one in answer["streams"]
        for part in one["numbers"]
    ]
    columns = (_("lane"), _("author"), _("incarnation"), _("numbers"), _("state"), _("why"), _("goes on in"))
    session.out.emit_table(answer, columns, rows, _("There is no lane here yet."))
    for one in answer["streams"]:
        if one["went_on_twice"]:
            text = _(
                "{author} went on twice in lane {lane}, from incarnation {incarnation}: a restored backup or "
                "a copied data folder. Both branches are here."
            )
            words = {"lane": one["lane"][:16], "incarnation": one["incarnation"][:8], "author": one["author"]}
            session.out.note(say(text, **words))
        for number in one["broken"]:
            text = _("Number {number} of lane {lane} does not follow the manifest before it.")
            session.out.note(say(text, number=number, lane=one["lane"][:16]))
    click.get_current_context().exit(_code(answer))


def _code(answer: CompletenessAnswer) -> int:
    if any(one["broken"] for one in answer["streams"]):
        return Exit.VERIFICATION_FAILED
    return Exit.UNDECIDED if any(one["missing"] for one in answer["streams"]) else Exit.OK


def _data(streams: list[Stream]) -> CompletenessAnswer:
    return {
        "streams": [
            {
                "lane": one.lane.hex(),
                "author": one.author,
                "incarnation": one.incarnation.hex(),
                "closed": one.closed,
                "present": one.count(STATES[0]),
                "manifest_only": one.count(STATES[1]),
                "missing": one.count(STATES[2]),
                "numbers": [
                    {"first": part.first, "last": part.last, "state": part.state, "why": part.why}
                    for part in one.stretches
                ],
                "broken": list(one.broken),
                "successors": [incarnation.hex() for incarnation, _stop in one.successors],
                "went_on_twice": one.went_on_twice,
            }
            for one in streams
        ]
    }


def _numbers(span: str | None) -> tuple[int, int | None]:
    if span is None:
        return 0, None
    found = _SPAN.fullmatch(span)
    if not found or (found[2] and int(found[2]) < int(found[1])):
        what = say(_("span of numbers"))
        raise FanalError(BAD_CHOICE, value=repr(span)[:80], what=what, choices="0..120, 7..")
    return int(found[1]), int(found[2]) if found[2] else None

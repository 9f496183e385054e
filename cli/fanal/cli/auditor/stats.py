# SPDX-License-Identifier: Apache-2.0
"""``fanal audit stats``: a ledger in figures, from a data folder or an export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import duration, fields, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import StatsAnswer
    from fanal.node.auditing.stats import Stats


@command("stats", "fanal audit stats", "fanal audit stats az-cus.zip --json")
@click.argument("ledger", required=False, metavar="[LEDGER]")
def stats(session: Session, ledger: str | None) -> None:
    """Count what LEDGER (a data folder or an export; else that of FANAL_HOME) holds, in one pass.

    Leaves by type, month and peer; what people did; refusals, incidents, erasures; checkpoints, how many of
    them reach the charter's quorum, and the longest stretch without one. Counts only: fanal audit verify says
    whether it is true.
    """
    from fanal.cli.auditor.source import ledger_at
    from fanal.node.auditing.stats import stats as counted
    from fanal.node.ledger.audit_trust import trust_of

    with ledger_at(session, ledger) as source:
        trusted = trust_of(source.view, source.agency, source.network)
        answer = _data(trusted.agency, counted(source.view, trusted))
    session.out.emit(answer, "\n".join(_text(answer)))


def _data(agency: str, found: Stats) -> StatsAnswer:
    return {
        "agency": agency,
        "leaves": found.leaves,
        "unreadable": found.unreadable,
        "first": when(found.first),
        "last": when(found.last),
        "by_type": _sorted(found.types),
        "by_month": _sorted(found.months),
        "by_peer": _sorted(found.peers),
        "by_access": _sorted(found.acts),
        "refusals": _sorted(found.refusals),
        "incidents": _sorted(found.incidents),
        "erasures": _sorted(found.erasures),
        "checkpoints": {
            "stored": found.checkpoints,
            "with_quorum": found.quorate,
            "quorum": found.needed,
            "longest_gap_leaves": found.gap.leaves,
            "longest_gap_leaves_from": found.gap.leaves_from,
            "longest_gap_seconds": found.gap.seconds,
            "longest_gap_seconds_from": found.gap.seconds_from,
        },
    }


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _text(answer: StatsAnswer) -> list[str]:
    points = answer["checkpoints"]
    gap = _("{leaves} leaves after leaf {start}; {time} after leaf {since}")
    longest = say(
        gap,
        leaves=points["longest_gap_leaves"],
        start=points["longest_gap_leaves_from"],
        time=duration(points["longest_gap_seconds"]),
        since=points["longest_gap_seconds_from"],
    )
    quorate = say(_("{count}, of {needed} agencies"), count=points["with_quorum"], needed=points["quorum"])
    lines = fields(
        (_("agency"), answer["agency"] or "?"),
        (_("leaves"), str(answer["leaves"])),
        (_("unreadable"), str(answer["unreadable"])),
        (_("from"), answer["first"] or "-"),
        (_("to"), answer["last"] or "-"),
        (_("checkpoints"), str(points["stored"])),
        (_("with quorum"), quorate if points["with_quorum"] is not None else say(_("no charter here"))),
        (_("longest stretch without one"), longest),
    )
    parts = (
        (_("by type"), answer["by_type"]),
        (_("by month"), answer["by_month"]),
        (_("by peer"), answer["by_peer"]),
        (_("what people did"), answer["by_access"]),
        (_("refusals"), answer["refusals"]),
        (_("incidents"), answer["incidents"]),
        (_("erasures"), answer["erasures"]),
    )
    for title, counts in parts:
        lines += ["", say(title)]
        lines += fields(*((name, str(number)) for name, number in counts.items())) if counts else ["  0"]
    return lines

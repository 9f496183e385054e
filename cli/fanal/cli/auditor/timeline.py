# SPDX-License-Identifier: Apache-2.0
"""``fanal audit timeline``: everything a ledger says about one envelope, in the order of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import EventRow, TimelineAnswer
    from fanal.node.auditing.history import Event, Timeline


@command(
    "timeline",
    "fanal audit timeline 5f0c9a41d7e2",
    "fanal audit timeline 5f0c9a41d7e2 --ledger az-cus.zip --json",
)
@click.argument("what", metavar="ID")
@click.option("--ledger", metavar="LEDGER", help=_("A data folder or an export [default: FANAL_HOME's]."))
def timeline(session: Session, what: str, ledger: str | None) -> None:
    """Every leaf about one envelope: sent, received, receipts, reads, erasure, and the checkpoint over each.

    ID is an envelope id or a manifest hash in hex, or the first eight or more digits of one. The id and the
    ref of a notice are sealed inside it: fanal notice show --json tells the agency's officers its manifest.
    """
    from fanal.cli.auditor.source import ledger_at
    from fanal.node.auditing.history import timeline as history

    with ledger_at(session, ledger) as source:
        found = history(source.view, what)
    answer = _data(found)
    session.out.emit(answer, _text(answer))


def _data(found: Timeline) -> TimelineAnswer:
    row = found.entry
    return {
        "envelope_id": row.envelope_id.hex(),
        "manifest_sha256": row.manifest_sha256.hex(),
        "author": row.author,
        "class": found.klass,
        "lane": row.lane.hex(),
        "incarnation": row.incarnation.hex(),
        "seq": row.seq,
        "created": when(row.created),
        "expires": when(row.expires),
        "content_held": found.held,
        "events": [_event(one) for one in found.events],
        "deliveries": [
            {"recipient": recipient, "state": state, "since": when(since)}
            for recipient, (state, since) in sorted(found.deliveries.items())
        ],
    }


def _event(one: Event) -> EventRow:
    return {
        "leaf": one.index,
        "time": when(one.time),
        "type": one.type,
        "values": one.words,
        "checkpoint": one.checkpoint,
        "cosigned": list(one.cosigned),
    }


def _text(answer: TimelineAnswer) -> str:
    held = say(_("yes")) if answer["content_held"] else say(_("no"))
    lines = fields(
        (_("envelope"), answer["envelope_id"]),
        (_("manifest"), answer["manifest_sha256"]),
        (_("author"), f"{answer['author']} ({answer['class']} {answer['seq']})"),
        (_("content held"), held),
    )
    for event in answer["events"]:
        kept = ("kind", "act", "peer", "actor", "basis", "state", "what", "code")
        words = " ".join(f"{key}={event['values'][key]}" for key in kept if key in event["values"])
        lines.append(f"{event['time']}  {event['leaf']:>7}  {event['type']} {words}".rstrip())
        if not event["checkpoint"]:
            lines.append(" " * 31 + say(_("not covered by a checkpoint yet")))
        elif event["cosigned"]:
            who = ", ".join(event["cosigned"])
            text = _("checkpoint {size}, cosigned by {agencies}")
            lines.append(" " * 31 + say(text, size=event["checkpoint"], agencies=who))
        else:
            lines.append(" " * 31 + say(_("checkpoint {size}"), size=event["checkpoint"]))
    lines += [f"{one['recipient']}: {one['state']} {one['since']}" for one in answer["deliveries"]]
    return "\n".join(lines)

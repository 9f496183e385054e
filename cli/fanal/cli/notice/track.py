# SPDX-License-Identifier: Apache-2.0
"""``fanal notice track``: per recipient the state, since when, the reason and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import when
from fanal.i18n import _

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import DeliveryRow, Tracked
    from fanal.v1.officer_pb2 import Delivery

OF_LINKS = "FANAL-E08"
"""How the ids of errors of a link begin (fanal.node.service.errors)."""
NOT_TRUSTED = "FANAL-E0828"
"""No file is made for an agency that the operator does not trust."""


@command(
    "track", "fanal notice track AZ-CUS-2024-000017-42", "fanal notice track 018f2c --json", officer=True
)
@click.argument("notice", metavar="NOTICE")
def track(session: Session, notice: str) -> None:
    """Show where an own notice is at each recipient, why it is not further, and what to do."""
    from fanal.cli.notice.rows import summary_data
    from fanal.v1.officer_pb2 import TrackReply, TrackRequest

    reply = session.client.call("Track", TrackRequest(notice=notice), TrackReply)
    rows = [delivery_data(one, reply.summary.ref, session.now()) for one in reply.deliveries]
    data: Tracked = {"summary": summary_data(reply.summary), "deliveries": rows}
    columns = (_("RECIPIENT"), _("STATE"), _("SINCE"), _("REASON"), _("NEXT"))
    cells = [
        (row["recipient"], row["state"], row["since"], row["reason"] or row["meaning"], row["next"])
        for row in rows
    ]
    session.out.emit_table(data, columns, cells, _("No recipient."))


def delivery_data(one: Delivery, ref: str, now: int) -> DeliveryRow:
    """One delivery in the JSON shape, its state and reason in words."""
    from fanal.cli.shown.words import NO_LINE, next_step, or_by_file, reason_words, state_words

    sentence, hint = reason_words(one.reason, {"agency": one.recipient, **one.facts})
    step = next_step(one.state, one.recipient, ref, one.via, hint, one.reason)
    unlinked = one.reason in NO_LINE or (one.reason.startswith(OF_LINKS) and one.reason != NOT_TRUSTED)
    if one.state == "QUEUED" and unlinked:
        step = or_by_file(step, one.recipient, one.since, now)
    return {
        "recipient": one.recipient,
        "state": one.state,
        "since": when(one.since),
        "meaning": state_words(one.state, one.recipient, one.via, one.reason),
        "reason": sentence,
        "reason_id": one.reason,
        "next": step,
        "via": one.via,
    }

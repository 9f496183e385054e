# SPDX-License-Identifier: Apache-2.0
"""``fanal node drain``: take no new work, finish what was taken, say what is left; then stop or go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.errors import Exit
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.key_shapes import Drained
    from fanal.v1.officer_pb2 import DrainReply, DrainRequest

LOOK_SECONDS = 0.2


@command(
    "drain",
    "fanal node drain",
    "fanal node drain --wait 120 --stop",
    "fanal node drain --resume",
    officer=True,
)
@click.option("--wait", type=click.FloatRange(0, 3600), default=30.0, show_default=True, help=_("Seconds."))
@click.option("--stop", is_flag=True, help=_("End the node afterwards, as SIGTERM does."))
@click.option("--resume", is_flag=True, help=_("Take new work again, and wait for nothing."))
def drain(session: Session, wait: float, stop: bool, resume: bool) -> None:
    """Stop taking officers' notices and peers' envelopes, and wait until what was taken is handed on.

    Peers that are away are not waited for: what is for them stays in the ledger. Exit 3 when something is
    left after the wait; it is safe there, and goes on with the next start or with --resume.
    """
    from fanal.v1.officer_pb2 import DrainRequest

    reply = _call(session, DrainRequest.RESUME if resume else DrainRequest.BEGIN)
    end = time.monotonic() + wait
    while not resume and _busy(reply) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
        reply = _call(session, DrainRequest.LOOK)
    if stop and not resume:
        reply = _call(session, DrainRequest.STOP)
    _tell(session, reply, stopped=stop and not resume)
    if not resume and _busy(reply):
        click.get_current_context().exit(Exit.PARTIAL)


def _call(session: Session, what: DrainRequest.What) -> DrainReply:
    from fanal.v1.officer_pb2 import DrainReply, DrainRequest

    return session.client.call("Drain", DrainRequest(what=what), DrainReply)


def _busy(reply: DrainReply) -> bool:
    return bool(reply.owed or any(one.linked for one in reply.left))


def _tell(session: Session, reply: DrainReply, *, stopped: bool) -> None:
    data: Drained = {
        "draining": reply.draining,
        "stopped": stopped,
        "receipts_owed": reply.owed,
        "left": [
            {
                "agency": one.agency,
                "queued": one.queued,
                "in_flight": one.in_flight,
                "bytes": one.bytes,
                "linked": one.linked,
            }
            for one in reply.left
        ],
    }
    cells = [
        (
            one.agency,
            str(one.queued),
            str(one.in_flight),
            str(one.bytes),
            say(_("yes") if one.linked else _("no")),
        )
        for one in reply.left
    ]
    columns = (_("PEER"), _("QUEUED"), _("IN FLIGHT"), _("BYTES"), _("LINKED"))
    empty = _("Nothing is left.") if reply.draining else _("The node takes new work.")
    session.out.emit_table(data, columns, cells, empty)

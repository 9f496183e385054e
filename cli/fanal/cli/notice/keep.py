# SPDX-License-Identifier: Apache-2.0
"""``fanal notice recall``, ``hold`` and ``erase``: what an operator decides about notices that are kept."""

from __future__ import annotations

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.errors import FanalError
from fanal.i18n import _, say


@command(
    "recall",
    "fanal notice recall AZ-CUS-2024-000017-42 --refuse OWN_PROCEEDINGS",
    "fanal notice recall AZ-CUS-2024-000017-42 --hold COURT_ORDER",
    "fanal notice recall AZ-CUS-2024-000017-42 --comply",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option("--refuse", metavar="REASON", help=_("Keep it and say why: a token such as OWN_PROCEEDINGS."))
@click.option("--hold", metavar="REASON", help=_("Keep it under a legal hold: a token such as COURT_ORDER."))
@click.option("--comply", is_flag=True, help=_("Do now what the withdrawal asks."))
def recall(session: Session, notice: str, refuse: str | None, hold: str | None, comply: bool) -> None:
    """Answer a withdrawal of another agency; without a decision the node has complied by itself."""
    from fanal.v1.envelope_pb2 import RecallOutcome
    from fanal.v1.officer_pb2 import AnswerRecallReply, AnswerRecallRequest

    _one_of(refuse=refuse is not None, hold=hold is not None, comply=comply)
    outcome = RecallOutcome.COMPLIED
    if refuse is not None or hold is not None:
        outcome = RecallOutcome.REFUSED if refuse is not None else RecallOutcome.HELD
    request = AnswerRecallRequest(notice=notice, outcome=outcome, reason=refuse or hold or "")
    reply = session.client.call("AnswerRecall", request, AnswerRecallReply)
    told = _("{outcome} is told to the originator of {notice}.")
    session.out.emit(
        {"notice": notice, "outcome": reply.outcome}, say(told, outcome=reply.outcome, notice=notice)
    )


@command(
    "hold",
    "fanal notice hold AZ-CUS-2024-000017-42 --reason COURT_ORDER",
    "fanal notice hold AZ-CUS-2024-000017-42 --release",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option("--reason", metavar="TOKEN", help=_("Why the law wants it kept, for example COURT_ORDER."))
@click.option("--release", is_flag=True, help=_("Lift the hold: what is due is erased."))
def hold(session: Session, notice: str, reason: str | None, release: bool) -> None:
    """Keep a notice from being erased, visibly, until the hold is lifted."""
    from fanal.v1.officer_pb2 import SetHoldReply, SetHoldRequest

    _one_of(reason=reason is not None, release=release)
    request = SetHoldRequest(notice=notice, hold=not release, reason=reason or "")
    reply = session.client.call("SetHold", request, SetHoldReply)
    done = _("The hold on {notice} is lifted.") if release else _("{notice} is under a legal hold.")
    data = {"notice": notice, "held": not release, "was_held": reply.was_held}
    session.out.emit(data, say(done, notice=notice))


@command(
    "erase",
    "fanal notice erase AZ-CUS-2024-000017-42 --basis DATA_SUBJECT_RIGHTS",
    officer=True,
)
@click.argument("notice", metavar="REF")
@click.option("--basis", required=True, metavar="TOKEN", help=_("The legal basis, for example COURT_ORDER."))
@click.option("--yes", is_flag=True, help=_("Do not ask for the ref to be typed again."))
def erase(session: Session, notice: str, basis: str, yes: bool) -> None:
    """Erase the content of a notice from this node for good. The proof that it existed stays."""
    from fanal.v1.officer_pb2 import EraseReply, EraseRequest

    if not yes:
        question = say(_("This cannot be undone. Type {ref} again to erase it"), ref=notice)
        if click.prompt(question, err=True) != notice:
            raise FanalError(errors.NOT_CONFIRMED)
    reply = session.client.call("Erase", EraseRequest(notice=notice, basis=basis), EraseReply)
    done = _("{count} envelope(s) of {notice} erased; {state}.")
    data = {"notice": notice, "envelopes": reply.envelopes, "state": reply.state}
    session.out.emit(data, say(done, count=reply.envelopes, notice=notice, state=reply.state))


def _one_of(**given: bool) -> None:
    """Exactly one of these options. FanalError BAD_CHOICE."""
    names = ", ".join(f"--{name}" for name in given)
    if sum(given.values()) != 1:
        chosen = ", ".join(f"--{name}" for name, wanted in given.items() if wanted) or say(_("none"))
        raise FanalError(errors.BAD_CHOICE, value=chosen, what=say(_("option")), choices=names)

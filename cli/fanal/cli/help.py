# SPDX-License-Identifier: Apache-2.0
"""``fanal help``: topics as plain text files, every exit code, every error id with what to do about it."""

from __future__ import annotations

from pathlib import Path

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.lazy import suggestion
from fanal.cli.session import Session
from fanal.errors import ErrorKind, Exit, FanalError
from fanal.i18n import _, say, translate

FOLDER = Path(__file__).parent / "topics"
TOPICS = {
    "start": _("the first hour: an agency, a network, a notice"),
    "send": _("writing and sending a notice"),
    "receive": _("reading, acknowledging and answering"),
    "join": _("bringing another agency into the network"),
    "operator": _("running a node"),
    "auditor": _("checking a ledger without trusting anyone"),
    "handling": _("TLP, handling codes, what they forbid"),
    "states": _("what track shows and what to do next"),
    "config": _("every setting and where it comes from"),
    "exit-codes": _("what a script can rely on"),
    "errors": _("every error id"),
}
EXITS = {
    Exit.OK: _("all was done"),
    Exit.FAILED: _("it failed; the error says why"),
    Exit.USAGE: _("the command was not understood, or a value is wrong"),
    Exit.PARTIAL: _("a part was done; the message says which"),
    Exit.NOT_PERMITTED: _("not permitted"),
    Exit.UNREACHABLE: _("the node, or another node, cannot be reached"),
    Exit.VERIFICATION_FAILED: _("something signed, sealed or logged does not verify"),
    Exit.UNDECIDED: _("it could not be decided; something needed is missing"),
    Exit.POLICY: _("a rule forbids it"),
    Exit.NOT_FOUND: _("there is no such thing, or not for you"),
    Exit.TIMEOUT: _("no answer in time"),
    Exit.INTERRUPTED: _("interrupted from the keyboard"),
}


@command("help", "fanal help", "fanal help start", "fanal help FANAL-E0910")
@click.argument("topic", required=False)
def help_(session: Session, topic: str | None) -> None:
    """Explain a topic, an exit code or an error id."""
    if topic is None:
        topics = {name: say(about) for name, about in TOPICS.items()}
        rows, data = list(topics.items()), {"topics": topics}
        return session.out.emit_table(data, (_("TOPIC"), _("ABOUT")), rows, "")
    if topic.upper().startswith(("FANAL-", "E0")):
        return _error(session, topic.upper())
    text = topic_text(topic.lower())
    return session.out.emit({"topic": topic.lower(), "text": text}, text)


def topic_text(topic: str) -> str:
    """The text of a topic. FanalError UNKNOWN_TOPIC with the nearest names."""
    if topic == "exit-codes":
        return "\n".join(f"{int(code):>4}  {say(meaning)}" for code, meaning in EXITS.items())
    if topic == "errors":
        from fanal.cli.errors_all import every

        return "\n".join(f"{kind.id}  {translate(kind.sentence)}" for kind in every())
    if topic not in TOPICS:
        near = suggestion(topic, list(TOPICS)).strip() or ", ".join(TOPICS)
        raise FanalError(errors.UNKNOWN_TOPIC, topic=topic, topics=near)
    text = (FOLDER / f"{topic}.txt").read_text(encoding="utf-8").rstrip("\n")
    return "\n\n".join(translate(paragraph) for paragraph in text.split("\n\n"))


def _error(session: Session, text: str) -> None:
    from fanal.cli.errors_all import every

    wanted = text if text.startswith("FANAL-") else f"FANAL-{text}"
    known = {kind.id: kind for kind in every()}
    if wanted not in known:
        near = suggestion(wanted, list(known)).strip() or say(_("fanal help errors lists all"))
        raise FanalError(errors.UNKNOWN_TOPIC, topic=wanted, topics=near)
    kind: ErrorKind = known[wanted]
    sentence, hint = translate(kind.sentence), translate(kind.hint)
    data = {"id": kind.id, "sentence": sentence, "hint": hint, "exit": int(kind.exit)}
    head = say(
        _("{id} (exit {code}, {meaning})"), id=kind.id, code=int(kind.exit), meaning=say(EXITS[kind.exit])
    )
    lines = [head, f"  {sentence}", "  " + say(_("next: {hint}"), hint=hint)]
    session.out.emit(data, "\n".join(lines))

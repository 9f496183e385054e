# SPDX-License-Identifier: Apache-2.0
"""The checks of ``fanal doctor`` that ask the running node: itself, its findings, each of its peers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli.errors import NO_TERMINAL, WHICH_OFFICER
from fanal.cli.local.doctor_local import row
from fanal.cli.session import Session
from fanal.cli.shown.text import when
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import CheckRow, PeerRow
    from fanal.v1.officer_pb2 import StatusReply

SKEW = 5
"""Seconds by which the node's clock and ours may differ on one machine."""


def node(session: Session, *, settled: bool = False) -> Iterator[CheckRow]:
    """Whether it runs; then, as the officer, what it says, unless there is no way to ask for the key."""
    from fanal.cli.client.channel import reach
    from fanal.v1.officer_pb2 import StatusReply, StatusRequest

    path = reach(session.settings)
    yield row("node", "ok", say(_("listens on {path}"), path=path))
    yield from _descriptors(session)
    try:
        reply = session.client.call("Status", StatusRequest(settled=settled), StatusReply)
    except FanalError as error:
        if error.kind not in (NO_TERMINAL, WHICH_OFFICER):
            raise
        if error.kind is WHICH_OFFICER:
            text = _("asking it needs to know which officer you are: {officers}")
            yield row("node", "unchecked", say(text, **error.facts), "fanal doctor --officer ID")
        else:
            yield row(
                "node", "unchecked", say(_("asking it needs your key")), "fanal doctor --passphrase-fd N"
            )
        return
    yield from _itself(session, reply)
    yield from _peers(session, reply)


def _descriptors(session: Session) -> Iterator[CheckRow]:
    """A node that may open nothing more cannot answer either; proc(5) shows it from outside."""
    from fanal.node.ledger.lock import holder

    pid = holder(session.settings.data)
    try:
        count = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        limits = Path(f"/proc/{pid}/limits").read_text("ascii", "replace")
    except OSError:
        return
    limit = next((line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")), "")
    if limit.isdigit() and count * 10 >= int(limit) * 9:
        text = _("it has {count} files and connections open, of {limit} that it may have")
        step = _("raise the limit (ulimit -n, or LimitNOFILE= of the service), then start the node again")
        yield row("node", "problem", say(text, count=count, limit=int(limit)), say(step))


def _itself(session: Session, reply: StatusReply) -> Iterator[CheckRow]:
    from fanal.cli.node.status import finding_data

    if reply.locked:
        yield row(
            "node",
            "problem",
            say(_("it is locked: it stores and relays, but cannot read or send")),
            "fanal unlock",
        )
    if abs(reply.now - session.now()) > SKEW:
        yield row(
            "clock", "problem", say(_("the node's clock differs from this machine's")), "timedatectl status"
        )
    installed = _installed()
    if installed and reply.software and installed not in reply.software:
        text = _("the node runs {running}, installed is {installed}")
        sentence = say(text, running=reply.software, installed=installed)
        yield row("version", "warning", sentence, say(_("restart the node")))
    for finding in reply.findings:
        data = finding_data(finding)
        if data["level"] != "ok":
            yield row(data["subject"], data["level"], data["sentence"], data["next"])
    yield from _settled(reply)


def _settled(reply: StatusReply) -> Iterator[CheckRow]:
    """Incidents that an operator has looked into: how many, or each with who, when and why."""
    from fanal.cli.shown.words import reason_words

    for one in reply.settled:
        sentence, _hint = reason_words(one.finding.id, one.finding.facts)
        text = _("{sentence} {key}, settled {time} by {officer}: {reason}")
        unknown = say(_("(not known: locked, or the vault was restored)"))
        said = say(
            text,
            sentence=sentence,
            key=one.finding.key,
            time=when(one.at),
            officer=one.officer or unknown,
            reason=one.reason or unknown,
        )
        yield row(one.finding.subject, "settled", said)
    if reply.settled_count and not reply.settled:
        count = say(_("{count} settled finding(s)"), count=reply.settled_count)
        yield row("settled", "ok", count, "fanal doctor --all")


def _peers(session: Session, reply: StatusReply) -> Iterator[CheckRow]:
    """How many are linked; each one that is not, for an officer who may ask."""
    from fanal.cli.node.peer import deed_line, peers

    try:
        known = peers(session)
    except FanalError as error:
        if error.kind.exit is not Exit.NOT_PERMITTED:
            raise
        yield _linked(reply.peers_connected, reply.peers_trusted)
        return
    yield _linked(sum(peer["state"] == "CONNECTED" for peer in known), len(known))
    yield from (_peer(peer) for peer in known if peer["state"] != "CONNECTED")
    for one in known:
        for deed in one["conduct"]:
            said = deed_line(deed)
            text = said if one["agency"] in said else f"{one['agency']}: {said}"
            yield row("peer", "warning", text, deed["next"] or f"fanal peer show {one['agency']}")


def _linked(linked: int, count: int) -> CheckRow:
    level = "ok" if linked or not count else "problem"
    sentence = say(_("{linked} of {count} linked"), linked=linked, count=count)
    return row("peers", level, sentence, "" if level == "ok" else "fanal peer list")


def _peer(peer: PeerRow) -> CheckRow:
    level = "unchecked" if peer["state"] == "NOT_TRUSTED" else "warning"
    return row("peer", level, f"{peer['agency']}: {peer['state']}: {peer['reason']}", peer["next"])


def _installed() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("fanal")
    except PackageNotFoundError:
        return ""

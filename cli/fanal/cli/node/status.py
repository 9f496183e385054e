# SPDX-License-Identifier: Apache-2.0
"""``fanal status``, ``whoami`` and ``unlock``: how the node is, who is asking, and opening its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import duration, fields, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import FindingRow, StatusAnswer, WhoAmI
    from fanal.v1.officer_pb2 import Finding, StatusReply, WhoAmIReply


@command("status", "fanal status", "fanal status --json", officer=True)
def status(session: Session) -> None:
    """Show how the node is: network, ledger, peers, what waits and what needs attention."""
    from fanal.v1.officer_pb2 import StatusReply, StatusRequest

    reply = session.client.call("Status", StatusRequest(), StatusReply)
    data = status_data(reply)
    session.out.emit(data, _status_text(data, reply))


def status_data(reply: StatusReply) -> StatusAnswer:
    """The JSON shape of a status."""
    return {
        "agency": reply.agency,
        "network": reply.network.hex(),
        "network_name": reply.network_name,
        "charter_version": reply.charter_version,
        "locked": reply.locked,
        "incarnation": reply.incarnation.hex(),
        "ledger_size": reply.ledger_size,
        "ledger_root": reply.ledger_root.hex(),
        "checkpoint": reply.checkpoint,
        "peers_connected": reply.peers_connected,
        "peers_trusted": reply.peers_trusted,
        "inbox_unread": reply.inbox_unread,
        "waiting_deliveries": reply.waiting_deliveries,
        "software": reply.software,
        "started_at": when(reply.started_at),
        "now": when(reply.now),
        "listen": reply.listen,
        "findings": [finding_data(one) for one in reply.findings],
        "settled": reply.settled_count,
    }


def finding_data(finding: Finding) -> FindingRow:
    """A finding of the node in words."""
    from fanal.cli.shown.words import reason_words

    sentence, hint = reason_words(finding.id, finding.facts)
    row: FindingRow = {
        "level": finding.level,
        "subject": finding.subject,
        "id": finding.id,
        "sentence": sentence,
        "next": say(_("{hint} Then: {command}"), hint=hint, command=_settle(finding))
        if finding.key
        else hint,
        "key": finding.key,
    }
    return row


def _settle(finding: Finding) -> str:
    return f"fanal node settle {finding.key} --reason TEXT"


def _status_text(data: StatusAnswer, reply: StatusReply) -> str:
    up = duration(reply.now - reply.started_at) if reply.started_at else "?"
    address = reply.listen or say(_("listens nowhere"))
    node = say(_("up {time}, {software}, {address}"), time=up, software=reply.software, address=address)
    network = data["network_name"] or say(_("(none)"))
    head = _("{agency} in network {network}, charter {version}")
    peers = _("{linked} of {count} linked")
    waiting = _("{count} deliveries not yet stored at their recipient")
    ledger = _("{size} leaves, root {root}")
    lines = [
        say(head, agency=data["agency"], network=network, version=data["charter_version"]),
        *fields(
            (_("node"), (say(_("LOCKED")) + ", " if data["locked"] else "") + node),
            (_("peers"), say(peers, linked=data["peers_connected"], count=data["peers_trusted"])),
            (_("inbox"), say(_("{count} unread"), count=data["inbox_unread"])),
            (_("waiting"), say(waiting, count=data["waiting_deliveries"])),
            (_("ledger"), say(ledger, size=data["ledger_size"], root=data["ledger_root"][:16])),
            (_("network id"), data["network"]),
        ),
    ]
    for row in data["findings"]:
        lines += [f"{say(row['level'])}: {row['subject']}: {row['sentence']}"]
        lines += ["  " + say(_("next: {hint}"), hint=row["next"])]
    if data["locked"]:
        lines.append(say(_("next: {hint}"), hint="fanal unlock"))
    return "\n".join(lines)


@command("whoami", "fanal whoami", "fanal whoami --officer officer-2", officer=True)
def whoami(session: Session) -> None:
    """Show who you are to the node: your agency, pseudonym, rights and key."""
    from fanal.v1.officer_pb2 import WhoAmIReply, WhoAmIRequest

    reply = session.client.call("WhoAmI", WhoAmIRequest(), WhoAmIReply)
    data = _whoami_data(reply)
    rights = ", ".join(data["rights"]) or say(_("no rights"))
    own, theirs = _("by you, good until {time}"), _("by the node, good until {time}")
    kept = say(own if data["custody"] == "OWN" else theirs, time=data["not_after"])
    head = _("{officer} of {agency}: {rights}")
    lines = [
        say(head, officer=data["officer"], agency=data["agency"], rights=rights),
        *fields((_("key"), data["key_id"]), (_("kept"), kept)),
    ]
    session.out.emit(data, "\n".join(lines))


def _whoami_data(reply: WhoAmIReply) -> WhoAmI:
    from fanal.v1.identity_pb2 import Custody, OfficerRight

    return {
        "agency": reply.agency,
        "officer": reply.officer.officer_id,
        "rights": [OfficerRight.Code.Name(right) for right in reply.officer.rights],
        "custody": Custody.Code.Name(reply.officer.custody),
        "key_id": reply.key_id.hex(),
        "not_after": when(reply.not_after),
    }


@command("unlock", "fanal unlock", "fanal unlock --key-file /media/key/unlock.key", officer=True)
def unlock(session: Session) -> None:
    """Open the node's keys after a start without them. The secret is typed or read from a file.

    Your own key is opened first, for the call is signed. --passphrase-fd reads one line for each; a single
    line serves both.
    """
    from fanal.cli.client.secret import secret_for
    from fanal.keys.secret import KeyFile
    from fanal.v1.officer_pb2 import UnlockReply, UnlockRequest

    client = session.client
    secret = secret_for(session, say(_("the node")))
    is_key = isinstance(secret, KeyFile)
    data = secret.key if isinstance(secret, KeyFile) else secret.text.encode()
    reply = client.call("Unlock", UnlockRequest(secret=data, is_key=is_key), UnlockReply)
    text = say(_("The node is open.") if reply.was_locked else _("The node was open already."))
    session.out.emit({"was_locked": reply.was_locked}, text)

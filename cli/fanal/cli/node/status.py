# SPDX-License-Identifier: Apache-2.0
"""``fanal status``, ``whoami`` and ``unlock``: how the node is, who is asking, and opening its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import duration, when

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
        "next": hint,
    }
    return row


def _status_text(data: StatusAnswer, reply: StatusReply) -> str:
    up = duration(reply.now - reply.started_at) if reply.started_at else "?"
    lines = [
        f"{data['agency']} in network {data['network_name'] or '(none)'}, charter {data['charter_version']}",
        f"  node        {'LOCKED, ' if data['locked'] else ''}up {up}, {data['software']}, {data['listen']}",
        f"  peers       {data['peers_connected']} of {data['peers_trusted']} linked",
        f"  inbox       {data['inbox_unread']} unread",
        f"  waiting     {data['waiting_deliveries']} deliveries not yet stored at their recipient",
        f"  ledger      {data['ledger_size']} leaves, root {data['ledger_root'][:16]}",
        f"  network id  {data['network']}",
    ]
    for row in data["findings"]:
        lines += [f"{row['level']}: {row['subject']}: {row['sentence']}", f"  next: {row['next']}"]
    if data["locked"]:
        lines.append("next: fanal unlock")
    return "\n".join(lines)


@command("whoami", "fanal whoami", "fanal whoami --officer officer-2", officer=True)
def whoami(session: Session) -> None:
    """Show who you are to the node: your agency, pseudonym, rights and key."""
    from fanal.v1.officer_pb2 import WhoAmIReply, WhoAmIRequest

    reply = session.client.call("WhoAmI", WhoAmIRequest(), WhoAmIReply)
    data = _whoami_data(reply)
    text = (
        f"{data['officer']} of {data['agency']}: {', '.join(data['rights']) or 'no rights'}\n"
        f"  key    {data['key_id']}\n"
        f"  kept   {'by you' if data['custody'] == 'OWN' else 'by the node'}, good until {data['not_after']}"
    )
    session.out.emit(data, text)


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
    secret = secret_for(session, "the node")
    is_key = isinstance(secret, KeyFile)
    data = secret.key if isinstance(secret, KeyFile) else secret.text.encode()
    reply = client.call("Unlock", UnlockRequest(secret=data, is_key=is_key), UnlockReply)
    text = "The node is open." if reply.was_locked else "The node was open already."
    session.out.emit({"was_locked": reply.was_locked}, text)

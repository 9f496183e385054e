# SPDX-License-Identifier: Apache-2.0
"""``fanal peer``: the other agencies' nodes as this node sees them, and why one cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.completion import agencies
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, groups, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import DeedRow, PeerRow
    from fanal.v1.officer_pb2 import Deed, Peer


@command("list", "fanal peer list", "fanal peer list --json", officer=True)
def list_(session: Session) -> None:
    """List every other member: linked or not, since when, what waits for it, and why."""
    rows = peers(session)
    columns = (_("AGENCY"), _("STATE"), _("SINCE"), _("WAITING"), _("REASON"), _("NEXT"))
    cells = [
        (row["agency"], row["state"], row["since"], str(row["waiting"]), row["reason"], row["next"])
        for row in rows
    ]
    session.out.emit_table({"peers": rows}, columns, cells, _("This network has no other member yet."))


@command("show", "fanal peer show GE-CUS", officer=True)
@click.argument("agency", shell_complete=agencies)
def show(session: Session, agency: str) -> None:
    """Show one peer in full: addresses, keys and until when, versions, what went there and what waits."""
    row = peers(session, _checked(agency))[0]
    spki = bytes.fromhex(row["tls_spki_sha256"])
    none, never = say(_("none")), say(_("never"))
    head = _("{agency}: {state} since {time}")
    counts = _("{sent} sent, {received} received, {waiting} waiting")
    until = say(_("good until {time}"), time=row["certificate_not_after"] or "?")
    lines = [
        say(head, agency=row["agency"], state=row["state"], time=row["since"] or never),
        *fields(
            (_("reason"), row["reason"] or none),
            (_("next"), row["next"] or say(_("nothing to do"))),
            (_("addresses"), ", ".join(row["endpoints"]) or none),
            (_("last contact"), row["last_contact"] or never),
            (_("envelopes"), say(counts, sent=row["sent"], received=row["received"], waiting=row["waiting"])),
            (_("relay"), say(_("yes") if row["relay"] else _("no"))),
            (_("certificate"), until),
            (_("reading key"), _reading_key(row)),
            (_("speaks"), _speaks(row)),
            (_("fingerprint"), groups(spki[:16])),
            *((_("conduct"), deed_line(deed)) for deed in row["conduct"]),
        ),
    ]
    session.out.emit(row, "\n".join(lines))


@command("ping", "fanal peer ping GE-CUS", officer=True)
@click.argument("agency", shell_complete=agencies)
def ping(session: Session, agency: str) -> None:
    """Measure the way to a peer and back over the link that is open."""
    from fanal.v1.officer_pb2 import PingReply, PingRequest

    reply = session.client.call("Ping", PingRequest(agency=_checked(agency)), PingReply)
    milliseconds = reply.round_trip_us / 1000
    data = {"agency": agency, "round_trip_us": reply.round_trip_us}
    session.out.emit(
        data, say(_("{agency}: {time} ms there and back"), agency=agency, time=f"{milliseconds:.2f}")
    )


@command("block", "fanal peer block GE-CUS --reason FLOODING", officer=True)
@click.argument("agency")
@click.option("--reason", required=True, metavar="TOKEN", help=_("Why, for example FLOODING."))
def block(session: Session, agency: str, reason: str) -> None:
    """Cut an agency's node off until you unblock it. What it wrote still comes through others."""
    _cut(session, _checked(agency), reason)


@command("unblock", "fanal peer unblock GE-CUS", officer=True)
@click.argument("agency")
def unblock(session: Session, agency: str) -> None:
    """Let an agency's node in again that was blocked."""
    _cut(session, _checked(agency), "")


def _cut(session: Session, agency: str, reason: str) -> None:
    from fanal.v1.officer_pb2 import BlockPeerReply, BlockPeerRequest

    request = BlockPeerRequest(agency=agency, reason=reason, unblock=not reason)
    reply = session.client.call("BlockPeer", request, BlockPeerReply)
    done = _("{agency} is blocked ({reason}).") if reason else _("{agency} is not blocked any more.")
    data = {"agency": agency, "blocked": bool(reason), "reason": reason, "was_blocked": reply.was_blocked}
    session.out.emit(data, say(done, agency=agency, reason=reason))


def peers(session: Session, agency: str = "") -> list[PeerRow]:
    """Peers as the node tells them; one when ``agency`` is given."""
    from fanal.v1.officer_pb2 import PeersReply, PeersRequest

    reply = session.client.call("Peers", PeersRequest(agency=agency), PeersReply)
    return [peer_data(peer, session.now()) for peer in reply.peers]


def peer_data(peer: Peer, now: int) -> PeerRow:
    """One peer in the JSON shape, its reason in words."""
    from fanal.cli.shown.words import NO_LINE, PEER, or_by_file, reason_words

    sentence, hint = reason_words(
        peer.reason, {"agency": peer.agency, "address": ", ".join(peer.endpoints), **peer.facts}
    )
    meaning, step = PEER.get(peer.state, ("", ""))
    step = hint or (say(step, agency=peer.agency) if step else "")
    if peer.state in NO_LINE:
        step = or_by_file(step, peer.agency, peer.last_contact or peer.since, now)
    reading_until = when(peer.reading_key_not_after)
    reading, reading_step = reason_words(
        peer.reading_key_reason, {"agency": peer.agency, "when": reading_until}
    )
    return {
        "agency": peer.agency,
        "state": peer.state,
        "since": when(peer.since),
        "reason": sentence or ("" if peer.state == "CONNECTED" else say(meaning) if meaning else ""),
        "reason_id": peer.reason,
        "next": step or reading_step,
        "endpoints": list(peer.endpoints),
        "tls_spki_sha256": peer.tls_spki_sha256.hex(),
        "sent": peer.sent,
        "received": peer.received,
        "waiting": peer.waiting,
        "relay": peer.relay,
        "last_contact": when(peer.last_contact),
        "certificate_not_after": when(peer.certificate_not_after),
        "reading_key_not_after": reading_until,
        "reading_key_reason": reading,
        "reading_key_reason_id": peer.reading_key_reason,
        "protocol": peer.protocol,
        "protocols": peer.protocols,
        "software": peer.software,
        "conduct": [deed_data(deed, peer.agency) for deed in peer.conduct],
    }


def deed_data(deed: Deed, agency: str) -> DeedRow:
    """What an agency did, in words."""
    from fanal.cli.shown.words import reason_words

    sentence, hint = reason_words(deed.id, {"agency": agency, "peer": agency, **deed.facts})
    return {
        "id": deed.id,
        "sentence": sentence,
        "next": hint,
        "count": deed.count,
        "first": when(deed.first),
        "last": when(deed.last),
    }


def deed_line(deed: DeedRow) -> str:
    """One line for people: what, how often, when last."""
    text = _("{sentence} {count} time(s), last {time}")
    return say(text, sentence=deed["sentence"], count=deed["count"], time=deed["last"])


def _reading_key(row: PeerRow) -> str:
    """The key that notices are sealed to: until when, or what is wrong with it and what to do."""
    time, reason = row["reading_key_not_after"], row["reading_key_reason"]
    if not time:
        return say(_("none known"))
    if not reason:
        return say(_("good until {time}"), time=time)
    return say(_("until {time}. {reason}"), time=time, reason=reason)


def _speaks(row: PeerRow) -> str:
    if not row["protocol"]:
        return say(_("not known: not linked"))
    text = _("protocol {version} (it knows {versions}), {software}")
    known, software = row["protocols"], row["software"] or say(_("software not named"))
    return say(text, version=row["protocol"], versions=known, software=software)


def _checked(agency: str) -> str:
    from fanal.keys.agency import check_agency

    return check_agency(agency)

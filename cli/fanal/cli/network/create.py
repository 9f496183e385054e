# SPDX-License-Identifier: Apache-2.0
"""``fanal network create`` and ``invite``: a network begins with one agency and grows by invitation."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import duration, fields, groups, when
from fanal.errors import FanalError
from fanal.i18n import _, say

DAY = 86_400


@command(
    "create",
    "fanal network create caspian",
    "fanal network create caspian --channel CASPIAN --channel PROLIFERATION",
)
@click.argument("name")
@click.option(
    "--channel", "channels", multiple=True, metavar="NAME[=AGENCY,...]", help=_("A closed user group.")
)
@click.option(
    "--days",
    default=730,
    show_default=True,
    type=click.IntRange(1, 3_650),
    help=_("Validity of the charter."),
)
@click.option(
    "--key-file", "root_key_file", metavar="FILE", help=_("The 32-byte key that opens the agency's root.")
)
@click.option(
    "--passphrase-fd", "root_fd", type=click.IntRange(0, 1023), metavar="N", help=_("Passphrase there.")
)
def create(
    session: Session,
    name: str,
    channels: Sequence[str],
    days: int,
    root_key_file: str | None,
    root_fd: int | None,
) -> None:
    """Make a network whose only member and governor is this agency; signed with the agency's root."""
    from fanal.cli.local.key import own_identity
    from fanal.cli.network.charters import remember, verify_chain
    from fanal.keys.charter import FileReservations, draft_first, member_of, sign_charter

    home = session.home.require()
    _refuse_second(session)
    own = own_identity(home)
    root = open_root(session, root_key_file, root_fd)
    draft = draft_first(
        name,
        member_of(own.agency, own.root, governor=True),
        created=session.now(),
        expires=session.now() + days * DAY,
        nonce=secrets.token_bytes(16),
        channels=_channels(channels, own.agency),
    )
    document = sign_charter(root, draft, FileReservations(home.root))
    view = verify_chain([document])
    remember(home, [document], first=1)
    data = {
        "network": view.network.hex(),
        "name": view.name,
        "version": 1,
        "fingerprint": groups(view.network),
    }
    lines = [
        say(_("Network {name} made; {agency} is its governor."), name=view.name, agency=own.agency),
        *fields((_("network id"), view.network.hex()), (_("fingerprint"), groups(view.network))),
        say(_("Print the network id: an auditor needs it from elsewhere.")),
        say(_("Next: fanal node run; then fanal network invite AGENCY -o FILE.")),
    ]
    session.out.emit(data, "\n".join(lines))


def _refuse_second(session: Session) -> None:
    from fanal.cli.network.charters import read_document
    from fanal.keys.charter import view_of

    files = session.home.charter_files()
    if files:
        raise FanalError(errors.HAS_CHARTER, network=view_of(read_document(files[0])).name)


def open_root(session: Session, key_file: str | None, descriptor: int | None):  # type: ignore[no-untyped-def]
    """The agency's root, opened by --key-file, --passphrase-fd, unlock.key or a prompt."""
    from fanal.cli.client.secret import secret_for
    from fanal.keys.root import load

    session.key_file = key_file or session.key_file
    session.passphrase_fd = session.passphrase_fd if descriptor is None else descriptor
    return load(session.home.root, secret_for(session, say(_("the agency's root"))))


def _channels(given: Sequence[str], agency: str) -> dict[str, tuple[str, ...]]:
    """NAME or NAME=A,B; the founder belongs to each."""
    channels = {}
    for one in given:
        name, _, members = one.partition("=")
        channels[name] = tuple(sorted({agency, *(part for part in members.split(",") if part)}))
    return channels


@command(
    "invite",
    "fanal network invite GE-CUS -o ge.token",
    "fanal network invite GE-CUS --hours 2 | ssh ge fanal network join -",
    officer=True,
)
@click.argument("agency")
@click.option("-o", "--output", metavar="FILE", help=_("Write the token there, mode 0600."))
@click.option(
    "--hours", default=24, show_default=True, type=click.IntRange(1, 168), help=_("How long it is good.")
)
def invite(session: Session, agency: str, output: str | None, hours: int) -> None:
    """Make a one-use token for another agency. Hand it over privately: it holds a secret.

    The node listens for the joining agency while the token is out. The agency runs fanal network join; you
    let it in with fanal network approve after both have read out a code by telephone.
    """
    from fanal.cli.network.tokens import token_text
    from fanal.keys.agency import check_agency
    from fanal.keys.files import write_private
    from fanal.v1.officer_pb2 import InviteReply, InviteRequest

    request = InviteRequest(agency=check_agency(agency), valid_seconds=hours * 3600)
    reply = session.client.call("Invite", request, InviteReply)
    token = token_text(reply, session.settings.agency, agency)
    data = {
        "agency": agency,
        "token_id": reply.token_id.hex(),
        "address": reply.address,
        "expires": when(reply.expires),
        "file": output or "",
        "token": "" if output else token,
    }
    if output:
        write_private(Path(output), token.encode() + b"\n", replace=False)
    good = duration(reply.expires - session.now())
    done = say(
        _("Token for {agency} in {path}, good for {time}."), agency=agency, path=output or "", time=good
    )
    session.out.emit(data, done if output else token)
    step = _("Next: {agency} runs fanal network join; then you run fanal network approve {agency}.")
    session.out.note(say(step, agency=agency))

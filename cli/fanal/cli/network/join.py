# SPDX-License-Identifier: Apache-2.0
"""``fanal network join``: answer an invitation, compare the code by telephone, keep what was verified."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, groups
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.config.home import Home
    from fanal.keys.joining import Invite
    from fanal.node.service.join_client import Joined

TOKEN_LIMIT = 64 * 1024


@command(
    "join",
    "fanal network join ge.token",
    "ssh az fanal network invite GE-CUS | fanal network join - --code '1234 5678 ...'",
    "fanal network join ge.token --code -      # the code is read from standard input",
)
@click.argument("token", metavar="TOKENFILE")
@click.option("--code", metavar="DIGITS", help=_("What the other side reads out; asked for when missing."))
@click.option(
    "--wait", default=900, show_default=True, type=click.IntRange(1, 86_400), help=_("Seconds to wait.")
)
def join(session: Session, token: str, code: str | None, wait: int) -> None:
    """Join the network of an invitation; TOKENFILE is the file with the token, - is standard input.

    Both sides see six groups of four digits. Read yours out on a telephone number you know, type what the
    other reads. The command waits until the other side approves; the same token can be used again until then.
    """
    from fanal.cli.network.charters import read_document
    from fanal.node.service.join_client import request_join

    home = session.home.require()
    if home.charter_files():
        raise FanalError(errors.HAS_CHARTER, network=_name(home))
    if {token, code} == {"-"}:
        raise FanalError(
            errors.BAD_CHOICE,
            value="-",
            what=say(_("source of both")),
            choices=say(_("a file for the token")),
        )
    invite = _invite(session, token)
    identity = read_document(home.identity_files()[-1])
    joined = request_join(invite, identity, _compare(session, invite, code), wait_seconds=float(wait))
    keep(home, joined, session.settings.agency)
    view = joined.directory.newest
    members = sorted(view.members)
    data = {
        "network": view.network.hex(),
        "name": view.name,
        "version": view.version,
        "members": members,
        "fingerprint": groups(view.network),
    }
    head = _("{agency} belongs to the network {name} since charter {version}.")
    lines = [
        say(head, agency=session.settings.agency, name=view.name, version=view.version),
        *fields((_("network id"), view.network.hex()), (_("members"), ", ".join(members))),
        say(_("Next: fanal node run.")),
    ]
    session.out.emit(data, "\n".join(lines))


def _name(home: Home) -> str:
    from fanal.cli.network.charters import held
    from fanal.keys.charter import view_of

    return view_of(held(home)[-1]).name


def _invite(session: Session, token: str) -> Invite:
    from fanal.config.files import read_bounded
    from fanal.keys.joining import decode_invite

    return decode_invite(read_bounded(session.path(token), TOKEN_LIMIT).decode("ascii", errors="replace"))


def _compare(session: Session, invite: Invite, code: str | None) -> Callable[[str], None]:
    """Called with our digits once the other side has answered; goes on only when both sides see the same."""

    def compare(shown: str) -> None:
        from fanal.cli.network.compare import compare_code

        compare_code(session, shown, code, invite.inviter)
        session.out.note(say(_("Waiting for {agency} to approve ..."), agency=invite.inviter))

    return compare


def keep(home: Home, joined: Joined, me: str) -> None:
    """Writes the verified charters and the others' identities. Charter 1 comes last: it means joined."""
    from fanal.keys.documents import encode_document
    from fanal.keys.files import write_private
    from fanal.keys.identity import parse_identity

    for folder in (home.peers_folder, home.charter_folder):
        with contextlib.suppress(FileExistsError):
            Path(folder).mkdir(mode=0o700)
    for document in joined.identities:
        agency = parse_identity(document).agency
        if agency != me:
            write_private(home.peer_file(agency), encode_document(document), replace=True)
    for version, document in reversed(list(enumerate(joined.charters, 1))):
        write_private(home.charter_file(version), encode_document(document), replace=True)

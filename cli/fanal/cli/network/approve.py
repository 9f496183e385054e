# SPDX-License-Identifier: Apache-2.0
"""``fanal network approve``: compare the code read out by telephone, sign charter N+1, let the agency in.

The agency's root signs here, not in the node; the version is reserved on disk before it signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import when
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.keys.charter import Changes, CharterView
    from fanal.v1.officer_pb2 import PendingJoin


@command(
    "approve",
    "fanal network approve",
    "fanal network approve GE-CUS",
    "fanal network approve TN-CGD --relay --direct --serves GE-CUS,TR-CUS",
    officer=True,
)
@click.argument("agency", required=False)
@click.option("--code", metavar="DIGITS", help=_("What the other side reads out; asked for when missing."))
@click.option(
    "--channel", "channels", multiple=True, metavar="NAME", help=_("Put it into this channel; repeatable.")
)
@click.option("--relay", is_flag=True, help=_("It carries what it cannot read."))
@click.option("--direct", is_flag=True, help=_("As a relay, also what goes to named agencies it serves."))
@click.option("--serves", metavar="A,B", default="", help=_("Whom the relay serves."))
@click.option("--governor", is_flag=True, help=_("It may sign charters too."))
@click.option("--refuse", is_flag=True, help=_("Turn the request down."))
def approve(
    session: Session,
    agency: str | None,
    code: str | None,
    channels: Sequence[str],
    relay: bool,
    direct: bool,
    serves: str,
    governor: bool,
    refuse: bool,
) -> None:
    """Without AGENCY list who asks to join. With it, let that agency in.

    Both sides see six groups of four digits. Each reads its own out by telephone and types what the other
    reads; the machine compares. If they differ, somebody is in between: stop.
    """
    from fanal.cli.network.compare import compare_code

    if agency is None:
        return _list(session)
    join = _one(session, agency)
    if refuse:
        return _refuse(session, join)
    compare_code(session, join.code, code, join.agency)
    serving = tuple(part for part in serves.split(",") if part)
    if (direct or serving) and not relay:
        raise FanalError(
            errors.BAD_CHOICE, value="--direct/--serves", what=say(_("option alone")), choices="--relay"
        )
    _admit(session, join, _Wish(tuple(channels), relay, direct, serving, governor))
    return None


class _Wish:
    """What the newcomer shall be."""

    def __init__(
        self, channels: tuple[str, ...], relay: bool, direct: bool, serves: tuple[str, ...], governor: bool
    ) -> None:
        self.channels, self.relay, self.direct = channels, relay, direct
        self.serves, self.governor = serves, governor


def _pending(session: Session) -> list[PendingJoin]:
    from fanal.v1.officer_pb2 import PendingJoinsReply, PendingJoinsRequest

    return list(session.client.call("PendingJoins", PendingJoinsRequest(), PendingJoinsReply).joins)


def _list(session: Session) -> None:
    rows = [
        {"agency": one.agency, "token_id": one.token_id.hex(), "arrived": when(one.arrived), "code": one.code}
        for one in _pending(session)
    ]
    cells = [(row["agency"], row["arrived"], row["code"]) for row in rows]
    session.out.emit_table(
        {"pending": rows}, (_("AGENCY"), _("ASKED"), _("READ OUT")), cells, _("Nobody asks to join.")
    )


def _one(session: Session, agency: str) -> PendingJoin:
    for one in _pending(session):
        if one.agency == agency:
            return one
    raise FanalError(errors.NO_PENDING, agency=agency)


def _refuse(session: Session, join: PendingJoin) -> None:
    from fanal.v1.officer_pb2 import RefuseJoinReply, RefuseJoinRequest

    session.client.call("RefuseJoin", RefuseJoinRequest(token_id=join.token_id), RefuseJoinReply)
    data = {"agency": join.agency, "admitted": False, "version": 0}
    session.out.emit(data, say(_("{agency} was refused."), agency=join.agency))


def _admit(session: Session, join: PendingJoin, wish: _Wish) -> None:
    from fanal.cli.network.charters import in_force

    view = in_force(session)
    version = sign_and_apply(session, view, _changes(session, view, join, wish), join.token_id)
    data = {"agency": join.agency, "admitted": True, "version": version}
    done = _("{agency} is a member since charter {version}.")
    session.out.emit(data, say(done, agency=join.agency, version=version))


def _changes(session: Session, view: CharterView, join: PendingJoin, wish: _Wish) -> Changes:
    from fanal.keys.charter import Changes, RelayView, member_of
    from fanal.keys.identity import verify_own_claim

    newcomer = verify_own_claim(join.identity, session.now())
    if newcomer.agency != join.agency:
        raise FanalError(errors.CODES_DIFFER)
    relays = {join.agency: RelayView(join.agency, wish.direct, wish.serves)} if wish.relay else {}
    channels = {} if wish.relay else dict.fromkeys(wish.channels, (join.agency,))
    carried = _carried(view, join.agency, wish) if wish.relay else {}
    return Changes(
        created=session.now(),
        add=(member_of(join.agency, newcomer.root, wish.governor),),
        join=channels,
        channels=carried,
        relays=relays,
    )


def _carried(view: CharterView, agency: str, wish: _Wish):  # type: ignore[no-untyped-def]
    """The channels named, with the newcomer as a relay of each; FanalError for one that does not exist."""
    from dataclasses import replace

    view_channels = {}
    for name in wish.channels:
        view.members_of(name)
        channel = view.channels[name]
        view_channels[name] = replace(channel, relays=tuple(sorted({*channel.relays, agency})))
    return view_channels


def sign_and_apply(session: Session, view: CharterView, changes: Changes, token_id: bytes = b"") -> int:
    """Signs the charter after ``view`` with the agency's root and hands it to the node; its version."""
    from fanal.cli.network.charters import remember
    from fanal.cli.network.create import open_root
    from fanal.keys.charter import FileReservations, draft_next, sign_charter
    from fanal.v1.officer_pb2 import ApplyCharterReply, ApplyCharterRequest

    root = open_root(session, None, None)
    document = sign_charter(root, draft_next(view, changes), FileReservations(session.home.root))
    request = ApplyCharterRequest(charter=document, token_id=token_id)
    reply = session.client.call("ApplyCharter", request, ApplyCharterReply)
    remember(session.home, [document], first=view.version + 1)
    return int(reply.version)

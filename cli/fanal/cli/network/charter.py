# SPDX-License-Identifier: Apache-2.0
"""``fanal network charter``: show the network's constitution, or change channels, relays and members.

``--export`` writes an editable JSON; ``--apply`` reads it back and signs charter N+1 with the agency's root.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, groups, when
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import ChannelRow, CharterAnswer, RelayRow
    from fanal.keys.charter import Changes, ChannelView, CharterView, RelayView


@command(
    "charter",
    "fanal network charter",
    "fanal network charter --export charter.json     # edit channels, relays, remove",
    "fanal network charter --apply charter.json",
    "fanal network charter --revoke revocations-0002.waiting",
    officer=True,
)
@click.option("--export", "export", metavar="FILE", help=_("Write the editable part as JSON."))
@click.option("--apply", "apply_file", metavar="FILE", help=_("Sign and apply an edited export."))
@click.option("--revoke", "revoke_file", metavar="FILE", help=_("Put an agency's revocations into it."))
@click.option("--yes", is_flag=True, help=_("Do not ask before signing."))
def charter(
    session: Session, export: str | None, apply_file: str | None, revoke_file: str | None, yes: bool
) -> None:
    """Show members, channels and relays of the charter in force, or change them.

    In the exported file channels and relays can be edited; "remove" takes agencies out of the network.
    With --revoke a key is no longer good from a time that its agency alone may not set (fanal key revoke).
    """
    from fanal.cli.network.charters import in_force

    view = in_force(session)
    if sum(map(bool, (export, apply_file, revoke_file))) > 1:
        raise FanalError(
            errors.BAD_CHOICE,
            value="--export, --apply, --revoke",
            what=say(_("pair")),
            choices=say(_("one of them")),
        )
    if revoke_file:
        return _revoke(session, view, revoke_file, yes)
    if export:
        return _export(session, view, Path(export))
    if apply_file:
        return _apply(session, view, apply_file, yes)
    data = charter_data(view)
    session.out.emit(data, _text(data, view.expired(session.now())))
    return None


def charter_data(view: CharterView) -> CharterAnswer:
    """The JSON shape of a charter."""
    return {
        "network": view.network.hex(),
        "name": view.name,
        "version": view.version,
        "sha256": view.sha256.hex(),
        "created": when(view.created),
        "expires": when(view.expires),
        "threshold": view.threshold,
        "members": [{"agency": one.agency, "governor": one.governor} for one in view.members.values()],
        "channels": [_channel_data(one) for one in view.channels.values()],
        "relays": [_relay_data(one) for one in view.relays.values()],
        "fingerprint": groups(view.network),
    }


def _channel_data(one: ChannelView) -> ChannelRow:
    return {"name": one.name, "members": list(one.members), "relays": list(one.relays)}


def _relay_data(one: RelayView) -> RelayRow:
    return {"agency": one.agency, "direct": one.direct, "serves": list(one.serves)}


def _text(data: CharterAnswer, expired: bool) -> str:
    members = [row["agency"] + ("*" if row["governor"] else "") for row in data["members"]]
    head = (
        _("Network {name}, charter {version} (EXPIRED)")
        if expired
        else _("Network {name}, charter {version}")
    )
    period, governors = _("{start} to {end}"), _("{members}   (* governor; {threshold} must sign)")
    listed = say(governors, members=", ".join(members), threshold=data["threshold"])
    rows = [
        (_("network id"), data["network"]),
        (_("fingerprint"), data["fingerprint"]),
        (_("in force"), say(period, start=data["created"], end=data["expires"])),
        (_("members"), listed),
        *((_("channel"), _channel_words(row)) for row in data["channels"]),
        *((_("relay"), _relay_words(row)) for row in data["relays"]),
    ]
    return "\n".join([say(head, name=data["name"], version=data["version"]), *fields(*rows)])


def _channel_words(row: ChannelRow) -> str:
    plain, carried = _("{name}: {members}"), _("{name}: {members}; carried by {relays}")
    members, relays = ", ".join(row["members"]), ", ".join(row["relays"])
    return say(carried if relays else plain, name=row["name"], members=members, relays=relays)


def _relay_words(row: RelayRow) -> str:
    plain, direct = (
        _("{agency} serves {served}"),
        _("{agency} serves {served}, also what goes to named agencies"),
    )
    served = ", ".join(row["serves"]) or say(_("all"))
    return say(direct if row["direct"] else plain, agency=row["agency"], served=served)


def _export(session: Session, view: CharterView, path: Path) -> None:
    data = charter_data(view)
    text = json.dumps({**data, "remove": []}, indent=2, ensure_ascii=False) + "\n"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise FanalError(errors.ALREADY_THERE, path=str(path)) from error
    session.out.emit(
        {"file": str(path), "version": view.version},
        say(_("Charter {version} is in {path}."), version=view.version, path=path),
    )


def _apply(session: Session, view: CharterView, given: str, yes: bool) -> None:
    from fanal.cli.client.secret import confirm
    from fanal.cli.network.approve import sign_and_apply

    wanted = _read(session, given, view)
    changes, words = _changes(session, view, wanted)
    if not words:
        raise FanalError(errors.NOTHING_CHANGED)
    for line in words:
        session.out.note(line)
    confirm(say(_("Sign charter {version} with the agency's root?"), version=view.version + 1), yes)
    version = sign_and_apply(session, view, changes)
    session.out.emit(
        {"version": version, "changes": words}, say(_("Charter {version} is in force."), version=version)
    )


def _revoke(session: Session, view: CharterView, given: str, yes: bool) -> None:
    """Charter N+1 with the revocations of a file that its agency's root has signed."""
    from fanal.cli.client.secret import confirm
    from fanal.cli.network.approve import sign_and_apply
    from fanal.cli.network.charter_file import new_revocations
    from fanal.config.files import read_bounded
    from fanal.keys.charter import Changes

    found = new_revocations(read_bounded(session.path(given), session.read_limit), view)
    if not found:
        raise FanalError(errors.NOTHING_CHANGED)
    text = _("{agency}: key {key} no longer good from {time} on: {reason}")
    words = [
        say(text, agency=one.agency, key=one.key_id.hex()[:16], time=when(one.cut_off), reason=one.reason)
        for one in found
    ]
    for line in words:
        session.out.note(line)
    confirm(say(_("Sign charter {version} with the agency's root?"), version=view.version + 1), yes)
    documents = tuple(one.document for one in found)
    version = sign_and_apply(session, view, Changes(created=session.now(), revocations=documents))
    session.out.emit(
        {"version": version, "changes": words}, say(_("Charter {version} is in force."), version=version)
    )


def _read(session: Session, given: str, view: CharterView) -> dict[str, Any]:
    from fanal.cli.network.charter_file import parse_edited, reason_against
    from fanal.config.files import read_bounded

    try:
        wanted: dict[str, Any] = parse_edited(read_bounded(session.path(given), session.read_limit))
    except (ValueError, RecursionError) as error:
        raise FanalError(errors.BAD_CHARTER_FILE, path=given, reason=say(_("it is not JSON"))) from error
    reason = reason_against(wanted, charter_data(view))
    if reason:
        raise FanalError(errors.BAD_CHARTER_FILE, path=given, reason=reason)
    return wanted


def _changes(session: Session, view: CharterView, wanted: dict[str, Any]) -> tuple[Changes, list[str]]:
    """What the file asks for, and in words; views compare by value, so an untouched row is no change."""
    from fanal.keys.charter import Changes, ChannelView, RelayView

    def names(row: dict[str, Any], key: str) -> tuple[str, ...]:
        return tuple(sorted(set(row.get(key, []))))

    channels = {
        row["name"]: ChannelView(row["name"], names(row, "members"), names(row, "relays"))
        for row in wanted.get("channels", [])
    }
    relays = {
        row["agency"]: RelayView(row["agency"], row.get("direct", False), names(row, "serves"))
        for row in wanted.get("relays", [])
    }
    new_channels = _difference(view.channels, channels)
    new_relays = _difference(view.relays, relays)
    removed = tuple(wanted.get("remove", []))
    channel, relay = _("channel {name}: {change}"), _("relay {name}: {change}")
    words = [say(channel, name=name, change=_worded(one)) for name, one in new_channels.items()]
    words += [say(relay, name=name, change=_worded(one)) for name, one in new_relays.items()]
    words += [say(_("member {name}: removed"), name=name) for name in removed]
    changes = Changes(created=session.now(), remove=removed, channels=new_channels, relays=new_relays)
    return changes, words


def _difference(before: Any, after: Any) -> dict[str, Any]:
    changed = {name: one for name, one in after.items() if before.get(name) != one}
    return changed | {name: None for name in before if name not in after}


def _worded(one: ChannelView | RelayView | None) -> str:
    from fanal.keys.charter import ChannelView

    if one is None:
        return say(_("removed"))
    if isinstance(one, ChannelView):
        text, relays = _("members {members}; relays {relays}"), ", ".join(one.relays) or say(_("none"))
        return say(text, members=", ".join(one.members), relays=relays)
    served = ", ".join(one.serves) or say(_("all"))
    return say(_("serves {served}, direct") if one.direct else _("serves {served}"), served=served)

# SPDX-License-Identifier: Apache-2.0
"""A notice of TLP:RED and the relays that would carry it: refused unless the officer's statement allows them.

A relay that the charter marks DIRECT holds the lanes of those it serves, and sees who writes to whom, how
urgently, how much and when. Promise: neither the officer's client nor the author's node lets such a notice
pass a DIRECT relay that the signed statement does not name. The consent is a reason of the statement, so it
is proved and shown like any other. A relay of a channel is part of that channel, and not judged here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from fanal.envelope.audience import readers
from fanal.envelope.errors import RED_BY_RELAY
from fanal.errors import FanalError
from fanal.keys.charter_view import CharterView
from fanal.v1.envelope_pb2 import Audience, Statement
from fanal.v1.notice_pb2 import Notice, Tlp

CODE: Final = "RED_BY_RELAY"
"""Of the reason; its text names the relays that are allowed, with commas."""


@dataclass(frozen=True)
class Onlooker:
    """A DIRECT relay of a lane, and those of its readers for whose sake it is one."""

    relay: str
    serves: tuple[str, ...]


def onlookers(notice: Notice, audience: Audience, charter: CharterView) -> tuple[Onlooker, ...]:
    """The DIRECT relays that would carry the notice without being its readers, if it is TLP:RED."""
    if notice.handling.tlp != Tlp.RED or audience.channel:
        return ()
    named = {agency for agency in readers(audience, charter) if charter.is_member(agency)}
    found = [
        Onlooker(relay.agency, tuple(sorted(named.intersection(relay.serves))))
        for relay in charter.relays.values()
        if relay.direct and charter.is_member(relay.agency) and relay.agency not in named
    ]
    return tuple(sorted((one for one in found if one.serves), key=lambda one: one.relay))


def check(found: Iterable[Onlooker], allowed: Collection[str]) -> None:
    """Raise RED_BY_RELAY, naming them, unless all of these relays are allowed."""
    refused = [one for one in found if one.relay not in allowed]
    if refused:
        raise FanalError(
            RED_BY_RELAY,
            relays=", ".join(one.relay for one in refused),
            served=", ".join(sorted({agency for one in refused for agency in one.serves})),
            options=" ".join(f"--allow-relay {one.relay}" for one in refused),
        )


def consent(found: Iterable[Onlooker]) -> list[tuple[str, str]]:
    """The reason that allows these relays; none where there are none."""
    names = ", ".join(one.relay for one in found)
    return [(CODE, names)] if names else []


def allowed_by(statement: Statement) -> frozenset[str]:
    """The relays that the officer has allowed."""
    texts = [reason.text for reason in statement.reasons if reason.code == CODE]
    return frozenset(name.strip() for text in texts for name in text.split(","))

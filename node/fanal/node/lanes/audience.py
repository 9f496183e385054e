# SPDX-License-Identifier: Apache-2.0
"""From what an officer typed or a notice says to the readers of a lane; shown before anything is encrypted.

Promise: an empty audience is an error, an unknown name is held with a warning and an error if nobody is left,
the author is always included, and nothing is ever added silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.envelope import audience as audiences
from fanal.errors import FanalError
from fanal.keys.charter import CharterView
from fanal.node.errors import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN, CHANNEL_FOREIGN, CHANNEL_UNKNOWN
from fanal.node.gossip.entitlement import LaneView, is_relay_of
from fanal.node.lanes import readingkeys
from fanal.v1.envelope_pb2 import Audience
from fanal.v1.notice_pb2 import Notice
from fanal.v1.officer_pb2 import Reader

if TYPE_CHECKING:
    from fanal.node.node import Node

NO_KEY = "NO_KEY"
NOT_A_MEMBER = "NOT_A_MEMBER"
_GROUP = "group:"


@dataclass(frozen=True)
class Resolved:
    """Who will be able to read: the lane's audience, and named agencies that the charter does not know."""

    audience: Audience
    readers: tuple[str, ...]
    unknown: tuple[str, ...]


def address(notice: Notice, to: Iterable[str]) -> None:
    """Put what the officer typed into the draft; with nothing typed the draft's own audience stands."""
    names = list(dict.fromkeys(to))
    if not names:
        return
    groups = [name.removeprefix(_GROUP) for name in names if name.startswith(_GROUP)]
    if len(groups) > 1:
        raise FanalError(CHANNEL_UNKNOWN, name=", ".join(groups))
    del notice.recipients[:]
    notice.recipients.extend(name for name in names if not name.startswith(_GROUP))
    notice.group = groups[0] if groups else ""


def resolve(notice: Notice, me: str, charter: CharterView) -> Resolved:
    """The audience of a notice under a charter. A group alone is its channel's lane; a group and recipients,
    or recipients alone, are an explicit list. Raises FanalError when nobody would read it."""
    if notice.group:
        _check_channel(notice.group, me, charter)
    if notice.group and not notice.recipients:
        audience = audiences.channel(notice.group)
        readers = audiences.readers(audience, charter)
        if set(readers) <= {me}:
            raise FanalError(AUDIENCE_EMPTY)
        return Resolved(audience, readers, ())
    members = charter.members_of(notice.group) if notice.group else ()
    named = {*notice.recipients, *members} - {me}
    known = {agency for agency in named if charter.is_member(agency)}
    if not named:
        raise FanalError(AUDIENCE_EMPTY)
    if not known:
        raise FanalError(AUDIENCE_UNKNOWN, names=", ".join(sorted(named)[:5]))
    audience = audiences.explicit(me, known)
    return Resolved(audience, tuple(audience.agencies), tuple(sorted(named - known)))


def reader_keys(node: Node, audience: Audience, now: int) -> dict[str, tuple[bytes, bytes]]:
    """The current encryption key of every reader that has one, the author included. An agency that has left
    the network stays in an explicit list, and gets no key any more."""
    return node.directory.encryption_keys(_readers(node, audience), now)


def fingerprint(node: Node, audience: Audience, now: int) -> bytes:
    """Changes whenever the readers or their keys do: then a new lane key is due."""
    keys = reader_keys(node, audience, now)
    return b"".join(
        agency.encode() + b"\0" + (keys[agency][0] if agency in keys else b"")
        for agency in _readers(node, audience)
    )


def _readers(node: Node, audience: Audience) -> list[str]:
    """Ascending; members of the newest charter only."""
    charter = node.directory.newest
    return sorted(agency for agency in audiences.readers(audience, charter) if charter.is_member(agency))


def shown(node: Node, resolved: Resolved, now: int) -> list[Reader]:
    """Each reader as the officer sees it before signing, the author left out."""
    keys = reader_keys(node, resolved.audience, now)
    rows = [
        Reader(
            agency=agency,
            has_key=agency in keys,
            held_reason="" if agency in keys else _why_no_key(node, agency, now),
        )
        for agency in resolved.readers
        if agency != node.agency
    ]
    return rows + [
        Reader(agency=agency, has_key=False, held_reason=NOT_A_MEMBER) for agency in resolved.unknown
    ]


def _why_no_key(node: Node, agency: str, now: int) -> str:
    """The error id of a reading key that has ended, or a token."""
    found = readingkeys.of(node.directory, agency, now)
    return found.finding.kind.id if found.ended and found.finding else NO_KEY


def carriers(node: Node, resolved: Resolved) -> list[str]:
    """The relays that will hold ciphertext of it."""
    lane = audiences.lane_id(node.network, node.agency, resolved.audience)
    view, roster = LaneView.of_audience(lane, node.agency, resolved.audience), node.roster()
    return sorted(
        agency
        for agency in roster.relays
        if agency not in resolved.readers and is_relay_of(agency, view, roster)
    )


def _check_channel(name: str, me: str, charter: CharterView) -> None:
    if name not in charter.channels:
        raise FanalError(CHANNEL_UNKNOWN, name=name[:64])
    if me not in charter.channels[name].members:
        raise FanalError(CHANNEL_FOREIGN, name=name)

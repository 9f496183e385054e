# SPDX-License-Identifier: Apache-2.0
"""Who may hold which lane: the one rule for offering, answering, accepting and keeping. Default deny.

An agency may hold a lane when the newest charter names it as a member and it is

- the author of the lane, or
- a reader: a member of the lane's channel, or named in its explicit audience, or
- a relay of the lane's channel, or
- for an explicit audience, a DIRECT relay that serves the author or a reader.

A node offers a lane to an agency only if that agency may hold it and stands on the node's own trust list.
Everything is judged by the newest charter, so a removed member gets nothing as soon as its removal is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fanal.v1 import envelope_pb2


@dataclass(frozen=True)
class LaneView:
    """A lane by its author and audience; exactly one of `channel` and `agencies` is set."""

    lane: bytes
    author: str
    channel: str = ""
    agencies: frozenset[str] = frozenset()

    @classmethod
    def of_audience(cls, lane: bytes, author: str, audience: envelope_pb2.Audience) -> LaneView:
        return cls(lane, author, audience.channel, frozenset(audience.agencies))


@dataclass(frozen=True)
class RelayView:
    """A relay as the charter names it: `serves` bounds what it carries for explicit audiences, and whose
    wraps it is given."""

    agency: str
    channels: frozenset[str] = frozenset()
    direct: bool = False
    serves: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Roster:
    """The newest charter and the own trust list, as far as entitlement goes. `trusted` None means every
    member (the setting `peers = "*"`)."""

    members: frozenset[str]
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    relays: Mapping[str, RelayView] = field(default_factory=dict)
    trusted: frozenset[str] | None = None

    def is_peer(self, agency: str) -> bool:
        """May this node have a link to the agency at all?"""
        return agency in self.members and (self.trusted is None or agency in self.trusted)


def readers_of(view: LaneView, roster: Roster) -> frozenset[str]:
    """The members who may read the lane now, the author included."""
    if view.channel and view.agencies:
        return frozenset()  # malformed: no audience at all
    named = roster.channels.get(view.channel, frozenset()) if view.channel else view.agencies
    return (named | {view.author}) & roster.members


def is_relay_of(agency: str, view: LaneView, roster: Roster) -> bool:
    """May the agency carry the lane without reading it?"""
    relay = roster.relays.get(agency)
    if relay is None or agency not in roster.members:
        return False
    if view.channel:
        return view.channel in relay.channels
    return relay.direct and not relay.serves.isdisjoint(readers_of(view, roster))


def may_hold(agency: str, view: LaneView, roster: Roster) -> bool:
    """The rule of this module, for any agency, this node included (a relay refuses other lanes)."""
    if view.author not in roster.members or bool(view.channel) == bool(view.agencies):
        return False
    return agency in readers_of(view, roster) or is_relay_of(agency, view, roster)


def may_offer(peer: str, view: LaneView, roster: Roster) -> bool:
    """May this node name, send or acknowledge the lane to the peer?"""
    return roster.is_peer(peer) and may_hold(peer, view, roster)


def wraps_due(holder: str, view: LaneView, roster: Roster, away: Iterable[str] = ()) -> tuple[str, ...]:
    """Whose wraps a holder of the lane needs, in the order of sending.

    A reader its own first, then those of readers who will come to it for theirs (`away`); a relay those of
    the readers it serves.
    """
    readers = readers_of(view, roster) - {view.author}
    relay = roster.relays.get(holder)
    rest = set(relay.serves) if relay is not None else set()
    if holder in readers:
        rest.update(away)
    own = (holder,) if holder in readers else ()
    return own + tuple(sorted((rest & readers) - {holder}))

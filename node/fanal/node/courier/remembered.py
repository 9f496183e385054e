# SPDX-License-Identifier: Apache-2.0
"""What a node remembers of one addressee: what its newest file told, and our numbers. One durable record.

It decides only what the next file leaves out, never what is believed. The newest file is the one that was
made last; a time of making beyond our own clock counts as our own, so that no clock closes the record for
good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fanal.node.gossip.clock import Stream, held_of_clock
from fanal.node.gossip.events import NOT_FINAL
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.v1.courier_pb2 import CourierHeader, CourierPeer
from fanal.v1.peer_pb2 import Refused

if TYPE_CHECKING:
    from fanal.node.node import Node

SIBLINGS = 4
"""Successors of one incarnation that are looked at."""
RUNS = 1002
VERDICTS = 1000
"""Final verdicts remembered each way, the newest."""


def load(node: Node, agency: str) -> CourierPeer:
    """What is known of an agency; empty before the first file."""
    return CourierPeer.FromString(node.ledger.facts.meta(_name(agency)) or b"")


def meta(agency: str, peer: CourierPeer) -> tuple[str, bytes]:
    """The record as a setting of the ledger, for a batch."""
    return _name(agency), peer.SerializeToString(deterministic=True)


def is_newest(peer: CourierPeer, header: CourierHeader, now: int) -> bool:
    """Whether nothing later of this sender was taken in."""
    return (min(header.created, now), header.number) >= (peer.heard_at, peer.heard)


def told(node: Node, peer: CourierPeer, streams: Mapping[StreamKey, Stream]) -> dict[StreamKey, Ranges]:
    """What of these streams the agency holds, as its newest file told.

    A closed incarnation leaves a clock once it is held to its end, so one without a row is held when an entry
    that closed it is.
    """
    rows = {(row.lane, row.incarnation): held_of_clock(row, RUNS) for row in peer.rows}
    found = {key: rows[key] for key in streams if key in rows}
    closers: dict[StreamKey, tuple[StreamKey, int]] = {}
    for key, stream in streams.items():
        if key not in rows and stream.closed is not None:
            for one in node.ledger.lanes.successors(*key)[:SIBLINGS]:
                closers[key[0], one.incarnation] = (key, one.stop)
    waiting = [key for key in closers if key in rows and 0 in rows[key]]
    while waiting:
        closed = closers.get(waiting.pop())
        if closed is not None and closed[0] not in found:
            found[closed[0]] = Ranges([(0, closed[1])])
            waiting.append(closed[0])
    for verdict in peer.will_not_take:
        place = verdict.entry
        if verdict.reason != NOT_FINAL and (place.lane, place.incarnation) in streams:
            found.setdefault((place.lane, place.incarnation), Ranges()).add(place.seq, place.seq + 1)
    return found


def merged(known: Iterable[Refused], news: Iterable[Refused]) -> list[Refused]:
    """One verdict for each place, the newest of them."""
    found = {(v.entry.lane, v.entry.incarnation, v.entry.seq): v for v in (*known, *news)}
    return list(found.values())[-VERDICTS:]


def _name(agency: str) -> str:
    return f"courier:{agency}"

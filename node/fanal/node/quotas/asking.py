# SPDX-License-Identifier: Apache-2.0
"""From an envelope to what is counted of it: at the door for others', before the commit for our own."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.lanes.rows import successor_of
from fanal.node.ledger.rows import EntryRow, Successor
from fanal.node.quotas.errors import FLASH_USED_UP, OVER_OWN_QUOTA, OVER_SIZE
from fanal.node.quotas.quotas import Asked, Charge, Over
from fanal.v1.envelope_pb2 import EnvelopePriority, Header

if TYPE_CHECKING:
    from fanal.node.node import Node


@dataclass
class Seen:
    """What earlier envelopes of the same delivery have begun."""

    lanes: set[bytes] = field(default_factory=set)
    streams: set[tuple[bytes, bytes]] = field(default_factory=set)


def admit(node: Node, row: EntryRow, header: Header, seen: Seen) -> Charge | Over:
    """Count a verified envelope of a peer, or say what it is over."""
    stream = (row.lane, row.incarnation)
    open_now = 0 if stream in seen.streams else _open_with(node, row, successor_of(header), seen.streams)
    found = node.quotas.take(_asked(node, row, header, seen.lanes, open_now), node.now)
    if isinstance(found, Charge):
        seen.lanes.add(row.lane)
        seen.streams.add(stream)
    return found


def own(
    node: Node, rows: Sequence[EntryRow], headers: Sequence[Header], notice: EntryRow | None
) -> list[Charge]:
    """Count what this node is about to store of its own. Only a person's notice has limits: its refusal
    names the limit and the time. Raises OVER_OWN_QUOTA, OVER_SIZE, FLASH_USED_UP; then nothing is counted."""
    lanes: set[bytes] = set()
    asked: list[Asked] = []
    for row, header in sorted(zip(rows, headers, strict=True), key=lambda one: one[0] is not notice):
        asked.append(_asked(node, row, header, lanes, 0))
        lanes.add(row.lane)
    limited = 0 if notice is None else 1
    charges = [_own_notice(node, one) for one in asked[:limited]]
    return charges + [node.quotas.count(one, node.now) for one in asked[limited:]]


def _own_notice(node: Node, asked: Asked) -> Charge:
    found = node.quotas.take(asked, node.now, own=True)
    if isinstance(found, Over):
        raise _refusal(found)
    if found.demoted:
        node.quotas.give_back([found])
        raise _flash_used_up(node)
    return found


def when(seconds: int) -> str:
    """A time for people, UTC."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def _asked(
    node: Node, row: EntryRow, header: Header, lanes: Collection[bytes], open_incarnations: int
) -> Asked:
    new = row.lane not in lanes and node.ledger.lanes.info(row.lane) is None
    size = len(row.manifest) + len(row.signature) + len(row.body or b"") + len(row.own_wrap)
    return Asked(
        row.author,
        row.klass,
        row.priority,
        row.created,
        size,
        content=len(row.manifest) + len(row.body or b""),
        recipients=max(0, len(header.audience.agencies) - 1),
        new_lane=new,
        open_incarnations=open_incarnations,
    )


def _open_with(
    node: Node, row: EntryRow, successor: Successor | None, begun: Collection[tuple[bytes, bytes]]
) -> int:
    """How many incarnations of the lane nobody goes on from, once this one has begun; 0 when it began before,
    or takes the place of one that is open. Costs a row per incarnation of the lane that is not closed."""
    lanes = node.ledger.lanes
    if lanes.row(row.lane, row.incarnation) is not None or lanes.successors(row.lane, row.incarnation):
        return 0
    rows = lanes.clock([row.lane])
    ends = {one.incarnation for one in rows if not lanes.successors(row.lane, one.incarnation)}
    ends |= {incarnation for lane, incarnation in begun if lane == row.lane}
    if successor is not None and successor.predecessor in ends:
        return 0
    return len(ends) + 1


def _refusal(over: Over) -> FanalError:
    if over.limit in ("envelope_bytes", "recipients"):
        return FanalError(OVER_SIZE, limit=over.limit, most=over.most)
    return FanalError(OVER_OWN_QUOTA, limit=over.limit, most=over.most, when=when(over.until))


def _flash_used_up(node: Node) -> FanalError:
    limit, until = "flash_per_hour", (node.now // 3600 + 1) * 3600
    most = node.settings.limits.flash_per_hour
    return FanalError(FLASH_USED_UP, limit=limit, most=most, when=when(until))


def meta_priority(priority: int, charge: Charge) -> int:
    """How gossip treats it: as ROUTINE when it is over its author's FLASH."""
    return EnvelopePriority.ROUTINE if charge.demoted else priority

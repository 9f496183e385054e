# SPDX-License-Identifier: Apache-2.0
"""Wraps of lane keys that the disk has changed: found when they are read, never served, asked for again.

Promise: a wrap that is given to a peer or opened here stands under the root that its KEY envelope signed. One
that does not is dropped with an incident, as if it had never come, and holders are asked for it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from fanal.envelope.verify import Verified, verify_wrap
from fanal.envelope.wraps import recipient_of
from fanal.errors import FanalError, VerificationError
from fanal.node.arrival import offered
from fanal.node.damage import soundentries
from fanal.node.gossip.entitlement import readers_of
from fanal.node.gossip.events import WrapMeta
from fanal.node.lanes.leaves import incident_leaf
from fanal.node.lanes.rows import view_of
from fanal.node.ledger.rows import Batch, EntryRow, WrapRow
from fanal.v1.envelope_pb2 import WrapProof

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.soundwraps")


def of(node: Node, row: EntryRow, recipients: Collection[str] | None = None) -> list[WrapRow]:
    """The sound wraps of a stored KEY envelope; none when it is damaged itself or cannot be judged."""
    if not soundentries.is_sound(node, row):
        return []
    try:
        verified = offered.stored(node, row)
    except FanalError:
        return []
    wraps = node.ledger.entries.wraps(row.manifest_sha256, recipients)
    bad = [one for one in wraps if not _is_sound(verified, one)]
    if bad:
        _drop(node, row, verified, bad)
    return [one for one in wraps if one not in bad]


def proof_of(row: WrapRow) -> WrapProof:
    """As it travels."""
    return WrapProof(
        key_manifest_sha256=row.key_manifest_sha256, index=row.index, wrap=row.wrap, path=row.path
    )


def replaced(node: Node, fresh: Collection[WrapRow]) -> tuple[tuple[bytes, int], ...]:
    """Which stored wraps make room for these verified ones: those that are not the same."""
    return tuple(
        (one.key_manifest_sha256, one.index)
        for one in fresh
        if node.ledger.entries.wraps(one.key_manifest_sha256, [one.recipient]) != [one]
    )


def _is_sound(verified: Verified, row: WrapRow) -> bool:
    try:
        return verify_wrap(verified, proof_of(row)).recipient == row.recipient
    except VerificationError:
        return False


def _drop(node: Node, row: EntryRow, verified: Verified, bad: list[WrapRow]) -> None:
    log.error("%d wraps of the lane key in entry %s are damaged and dropped", len(bad), row.arrival)
    leaf = incident_leaf("wrap-damaged", node.now, row.author, row.manifest_sha256)
    places = tuple((one.key_manifest_sha256, one.index) for one in bad)
    node.ledger.append(Batch(leaves=(leaf,), dropped_wraps=places))
    readers = readers_of(view_of(verified.received), node.roster())
    for one in bad:
        # Either the name beside the wrap is still good, or the wrap still says whose it is.
        for name in {one.recipient, recipient_of(one.wrap)} & readers:
            node.damage.lost_wrap(WrapMeta(row.manifest_sha256, row.lane, name))

# SPDX-License-Identifier: Apache-2.0
"""Envelopes under keys that are no longer current: kept for ever, opened only when they are vouched for.

A retired key's envelope is good if a later manifest of the same incarnation under a current key chains to it:
then the author stood by it after the key was retired. A revoked key's needs a checkpoint cosigned before the
cut-off. Until then it waits, SUSPECT. Validity never rests on the sender's clock (protocol.md, Identity).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fanal.envelope.trust import Standing
from fanal.envelope.verify import Verified
from fanal.node.arrival.offered import stored
from fanal.node.arrival.revoked import is_suspect
from fanal.node.ledger.rows import EntryRow

if TYPE_CHECKING:
    from fanal.node.node import Node

SUSPECT = "SUSPECT"
_PAGE = 64


@dataclass(frozen=True)
class Walk:
    """A stretch of a stream in which each manifest names the one before; ``current``: its last stands under
    a current key."""

    first: int
    last: EntryRow
    current: bool = False


def tag(row: EntryRow) -> bytes:
    """What the suspects of one stream wait under: the next entry of that stream looks for them."""
    return hashlib.sha256(b"fanal/suspects/v1\0" + row.lane + row.incarnation).digest()


def vouched(node: Node, row: EntryRow, verified: Verified) -> bool:
    """Whether the envelope may be opened: under a current key, or chained to by one that is, and by an author
    who may write there still. An earlier charter gives nobody back what a later one took."""
    channel, newest = verified.header.audience.channel, node.directory.newest
    if channel and not (channel in newest.channels and row.author in newest.members_of(channel)):
        return False
    if verified.standing is Standing.RETIRED:
        return _chained(node, row)
    if verified.standing is Standing.REVOKED:
        return not is_suspect(node, row)
    return verified.standing is Standing.CURRENT


def _chained(node: Node, row: EntryRow) -> bool:
    """Walk from the envelope along the chain to one under a current key. What was walked for one suspect of a
    stream is not walked again for the next: many may wait for the same one."""
    known = node.walked.get((row.lane, row.incarnation))
    walk = known if known is not None and known.first <= row.seq <= known.last.seq else Walk(row.seq, row)
    while not walk.current:
        further = _further(node, walk.last, known)
        if further is None:
            break
        walk = replace(further, first=walk.first)
    node.walked[row.lane, row.incarnation] = walk
    return walk.current


def _further(node: Node, last: EntryRow, known: Walk | None) -> Walk | None:
    """The next page of the chain after ``last``, up to an envelope under a current key; None at its end."""
    start = last.seq
    page = node.ledger.entries.range(last.lane, last.incarnation, start + 1, start + 1 + _PAGE, _PAGE)
    for later in page:
        if later.seq != last.seq + 1 or later.previous != last.manifest_sha256:
            break
        if known is not None and later.seq == known.first:
            return known
        last = later
        verified = stored(node, later)
        if verified.standing is Standing.CURRENT:
            return Walk(start, last, current=True)
    return Walk(start, last) if last.seq > start else None

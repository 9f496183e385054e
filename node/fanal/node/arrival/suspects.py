# SPDX-License-Identifier: Apache-2.0
"""Envelopes under keys that are no longer current: kept for ever, opened only when they are vouched for.

A retired key's envelope is good if a later manifest of its lane under a current key chains to it, over the
ends of incarnations too: then the author stood by it after the key was retired. A revoked key's needs a
checkpoint cosigned before the cut-off. Until then it waits, SUSPECT. Validity never rests on the sender's
clock (protocol.md, Identity).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.envelope.trust import Standing
from fanal.envelope.verify import Verified
from fanal.node.arrival.offered import stored
from fanal.node.arrival.revoked import is_suspect
from fanal.node.arrival.walk import Walk
from fanal.node.lanes.rows import header_of, successor_of
from fanal.node.ledger.rows import EntryRow

if TYPE_CHECKING:
    from fanal.node.node import Node

SUSPECT = "SUSPECT"
_PAGE = 64


def tag(row: EntryRow) -> bytes:
    """What the suspects of one lane wait under: the next entry of that lane looks for them."""
    return hashlib.sha256(b"fanal/suspects/v1\0" + row.lane).digest()


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
    walk = known if known is not None and known.first <= row.seq <= known.end else Walk(row.seq, row.seq, row)
    while not walk.current:
        further = _further(node, walk.last, known) or _over(node, walk.last)
        if further is None:
            break
        same = further.last.incarnation == row.incarnation
        walk = replace(further, first=walk.first, end=further.end if same else walk.end)
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
            return Walk(start, last.seq, last, current=True)
    return Walk(start, last.seq, last) if last.seq > start else None


def _over(node: Node, last: EntryRow) -> Walk | None:
    """On into the incarnation whose first entry names ``last`` as the head it goes on from. Of two that fork
    there, one under a current key comes first."""
    found = None
    for one in node.ledger.lanes.successors(last.lane, last.incarnation):
        row = node.ledger.entries.at(last.lane, one.incarnation, 0)
        if row is None or successor_of(header_of(row)) != one:
            continue
        if (one.stop, one.head) == (last.seq + 1, last.manifest_sha256):
            current = stored(node, row).standing is Standing.CURRENT
            if found is None or current:
                found = Walk(0, 0, row, current)
    return found

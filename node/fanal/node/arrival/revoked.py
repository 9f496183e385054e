# SPDX-License-Identifier: Apache-2.0
"""What stands under a key that was revoked: judged by checkpoints that others cosigned before the cut-off.

Promise: it is judged anew whenever it is looked at, so a revocation that arrives after an envelope was opened
takes effect on it at once, at every node alike, and nothing has to be filed again. What nobody vouches for
stays stored, and is shown SUSPECT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.envelope.verify import decode_manifest_only
from fanal.errors import FanalError
from fanal.node.ledger.rows import EntryRow
from fanal.node.witness.names import witnesses
from fanal.proof.quorum import count, needed

if TYPE_CHECKING:
    from fanal.node.node import Node


def is_suspect(node: Node, row: EntryRow) -> bool:
    """Whether a stored entry stands under a key that was revoked since, and nothing older covers it."""
    if not node.directory.revocations(row.author):
        return False
    try:
        key = decode_manifest_only(row.manifest, row.signature).header.author_key_id
    except FanalError:
        return True
    cut_off = node.directory.revoked(row.author, key)
    return cut_off is not None and not covered(node, row, cut_off)


def covered(node: Node, row: EntryRow, cut_off: int) -> bool:
    """Whether a checkpoint of ours includes the entry's leaf and enough other members cosigned it before the
    cut-off (Unix seconds): then the entry is older than whoever stole the key."""
    charter, known = node.directory.newest, witnesses(node.directory)
    quorum = max(1, needed(len(charter.members), charter.quorum))
    point = node.ledger.log.checkpoint()
    while point is not None and row.leaf is not None and row.leaf < point.size:
        try:
            times = count(point.note, node.agency, known, quorum).cosigned.values()
        except FanalError:
            times = {}.values()
        if sum(time < cut_off for time in times) >= quorum:
            return True
        point = node.ledger.log.checkpoint(point.size - 1)
    return False

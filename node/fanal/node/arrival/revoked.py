# SPDX-License-Identifier: Apache-2.0
"""What stands under a key that was revoked: judged by checkpoints that others cosigned before the cut-off.

Promise: it is judged anew whenever it is looked at, so a revocation that arrives after an envelope was opened
takes effect on it at once, at every node alike, and nothing has to be filed again. What nobody vouches for
stays stored, and is shown SUSPECT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.envelope.verify import decode_manifest_only
from fanal.errors import FanalError
from fanal.node.ledger.rows import EntryRow
from fanal.node.witness.names import witnesses
from fanal.proof.quorum import count, needed

if TYPE_CHECKING:
    from fanal.node.node import Node


NODE, OFFICER = "NODE", "OFFICER"


@dataclass(frozen=True)
class Doubt:
    """The key under a notice, NODE or OFFICER, that was revoked since; ``cut_off``: from when on (Unix
    seconds, 0 when unknown); ``vouched``: others saw the notice before."""

    key: str
    cut_off: int
    vouched: bool


def is_suspect(node: Node, row: EntryRow) -> bool:
    """Whether a stored entry stands under a node key that was revoked since, and nothing older covers it."""
    found = doubt(node, row, b"")
    return found is not None and not found.vouched


def doubt(node: Node, row: EntryRow, officer_key_id: bytes) -> Doubt | None:
    """The worst that revocations leave of a stored entry: of its node's key, and of the officer's who signed
    inside (b"" when nobody did, or it is not known any more). None: neither is revoked."""
    if not node.directory.revocations(row.author):
        return None
    try:
        node_key = decode_manifest_only(row.manifest, row.signature).header.author_key_id
    except FanalError:
        return Doubt(NODE, 0, vouched=False)
    found = None
    for name, key in ((OFFICER, officer_key_id), (NODE, node_key)):
        cut_off = node.directory.revoked(row.author, key)
        if cut_off is not None:
            found = Doubt(name, cut_off, covered(node, row, cut_off))
            if not found.vouched:
                break
    return found


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

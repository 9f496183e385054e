# SPDX-License-Identifier: Apache-2.0
"""May this node sign checkpoints, as its witnesses know, and in which incarnation does it write?

Promise: after a start no checkpoint is signed over a tail that a witness has seen and this ledger has not;
until a witness has told what it holds, none is signed. Lanes ask nobody: an incarnation lasts one run of one
node over one database, so whatever was restored or copied, no place is ever given twice, and nothing waits.
Source: protocol.md, "Restart"; docs/adr/0015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.node.ledger.rows import Batch, IncarnationRow
from fanal.node.witness import names
from fanal.node.witness.lost import Lost
from fanal.proof.quorum import needed

if TYPE_CHECKING:
    from fanal.node.node import Node


def quorum_needed(node: Node) -> int:
    """How many witnesses the charter asks for."""
    charter = node.directory.newest
    return needed(len(charter.members), charter.quorum)


def lost_now(node: Node) -> Lost | None:
    """The lost tail of the log in use; None once the root has registered another log."""
    lost = node.standing.lost
    if lost is None or lost.point.origin != names.newest_origin(node.directory, node.agency):
        return None
    return lost


def may_sign(node: Node) -> bool:
    """Whether a checkpoint may be signed: somebody answered or is not there to ask, and nothing is lost."""
    return (node.standing.answered or quorum_needed(node) == 0) and lost_now(node) is None


def incarnation(node: Node) -> bytes:
    """The incarnation for the next own entry; the first of a run begins one. A run that writes nothing
    begins none. Call it under ``Node.writing``.
    """
    if not node.standing.begun:
        node.ledger.append(Batch(incarnation=renewal(node, "started")))
        node.standing.begun = True
    return node.ledger.head().incarnation


def renewal(node: Node, reason: str) -> IncarnationRow:
    """A new incarnation that goes on from the present one."""
    return IncarnationRow(node.rng(16), node.ledger.head().incarnation, reason, node.now)

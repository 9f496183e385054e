# SPDX-License-Identifier: Apache-2.0
"""May this node sign checkpoints, as its witnesses know, and in which incarnation does it write?

Promise: after a start no checkpoint is signed over a tail that a witness has seen and this ledger has not;
until a witness has told what it holds, none is signed. Lanes ask nobody: an incarnation lasts one run of one
node over one database, so whatever was restored or copied, no place is ever given twice, and nothing waits.
Source: protocol.md, "Restart"; docs/adr/0015.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.node.ledger.rows import Batch, IncarnationRow
from fanal.node.witness import names
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint, parse_text
from fanal.proof.quorum import needed

if TYPE_CHECKING:
    from fanal.node.node import Node

_LOST = "log.lost"


@dataclass(frozen=True)
class Lost:
    """A checkpoint of our own that a witness holds and our ledger does not lead to. ``restored``: our size
    when it was noticed."""

    note: bytes
    restored: int
    witness: str

    @property
    def point(self) -> Checkpoint:
        return parse_text(notes.parse(self.note).text)

    def to_bytes(self) -> bytes:
        fields = {"note": self.note.decode(), "restored": self.restored, "witness": self.witness}
        return json.dumps(fields).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Lost:
        fields = json.loads(data)
        return cls(fields["note"].encode(), fields["restored"], fields["witness"])


@dataclass
class Standing:
    """What is known since the start. Written under ``Node.writing`` or by the loop, read by any thread."""

    answered: bool = False
    """A witness has told what it holds of our log."""
    lost: Lost | None = None
    begun: bool = False
    """The present incarnation began in this run."""
    short_since: float | None = None
    """Since when no checkpoint has had its quorum."""


def load(node: Node) -> Standing:
    """The standing of a node that starts."""
    known = node.ledger.facts.meta(_LOST)
    return Standing(lost=Lost.from_bytes(known) if known else None, begun=bool(node.ledger.opened.reason))


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


def lost_meta(lost: Lost | None) -> tuple[str, bytes | None]:
    """The setting that keeps a loss over a restart; None when log N+1 has taken it up."""
    return _LOST, lost.to_bytes() if lost else None

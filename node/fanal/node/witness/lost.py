# SPDX-License-Identifier: Apache-2.0
"""What a node knows of its standing with its witnesses since its start, and of a tail that its log lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.readonly import open_readonly
from fanal.node.ledger.sqlite import DATABASE
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint, parse_text

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


def pending(folder: Path) -> bool:
    """Whether the ledger of a stopped node knows of a loss that no later log has taken up. One that is not
    there knows of none; raises FanalError when it cannot be read."""
    if not (folder / DATABASE).exists():
        return False
    view = open_readonly(folder)
    try:
        return view.meta(_LOST) is not None
    finally:
        view.close()


def load(ledger: Ledger) -> Standing:
    """The standing of a node that starts."""
    known = ledger.facts.meta(_LOST)
    return Standing(lost=Lost.from_bytes(known) if known else None, begun=bool(ledger.opened.reason))


def lost_meta(lost: Lost | None) -> tuple[str, bytes | None]:
    """The setting that keeps a loss over a restart; None when log N+1 has taken it up."""
    return _LOST, lost.to_bytes() if lost else None

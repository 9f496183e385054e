# SPDX-License-Identifier: Apache-2.0
"""One side of a comparison: a ledger with its leaves, or a single checkpoint.

Promise: a root is believed only when the leaves give it, or when the log's own key signed it under an
identity document at hand; what nobody could check is said to be unchecked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from fanal.errors import FanalError, VerificationError
from fanal.keys.trust import Directory
from fanal.node.ledger.audit_errors import NOT_A_CHECKPOINT
from fanal.node.ledger.audit_trust import Trusted, trust_of
from fanal.node.ledger.readonly import LedgerView
from fanal.proof import checkpoint as checkpoints
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.note_key import Ed25519Verifier
from fanal.proof.tree import Frontier, leaf_hash
from fanal.v1.identity_pb2 import KeyUse

MAX_NOTE = 64 * 1024


@dataclass(frozen=True)
class Side:
    """``name`` is what was typed. A lone checkpoint has no view; a ledger's points are its checkpoints."""

    name: str
    points: tuple[tuple[Checkpoint, bytes], ...]
    view: LedgerView | None = None
    trusted: Trusted | None = None

    @property
    def agency(self) -> str:
        """Whose log it is, as its newest checkpoint says."""
        if self.trusted is not None and self.trusted.agency:
            return self.trusted.agency
        parts = self.points[-1][0].origin.split("/") if self.points else []
        return parts[2] if len(parts) == 4 else ""

    @property
    def origins(self) -> frozenset[str]:
        return frozenset(point.origin for point, _note in self.points)

    @property
    def size(self) -> int:
        return self.view.size() if self.view else max((p.size for p, _note in self.points), default=0)

    def roots(self, sizes: Collection[int]) -> dict[int, bytes]:
        """The root at each of these sizes, from the leaves; those that lie beyond them are left out."""
        if self.view is None:
            return {}
        wanted, found, frontier = set(sizes), {}, Frontier()
        if 0 in wanted:
            found[0] = frontier.root()
        for index, data in self.view.leaves():
            if index != frontier.size:
                break  # after a gap no root can be known
            frontier, _created = frontier.append(leaf_hash(data))
            if frontier.size in wanted:
                found[frontier.size] = frontier.root()
        return found


def side_of_ledger(name: str, view: LedgerView) -> Side:
    """A ledger with its checkpoints, ascending by size."""
    points = []
    for row in view.checkpoints():
        try:
            points.append((checkpoints.parse_text(notes.parse(row.note).text), row.note))
        except VerificationError:
            continue  # audit verify reports it
    return Side(name, tuple(points), view, trust_of(view, "", None))


def side_of_note(path: Path) -> Side:
    """A file with one signed note. Raises NOT_A_CHECKPOINT, OSError."""
    with path.open("rb") as file:
        data = file.read(MAX_NOTE + 1)
    try:
        point = checkpoints.parse_text(notes.parse(data).text)
    except VerificationError as error:
        raise FanalError(NOT_A_CHECKPOINT, path=str(path), reason=error.sentence.rstrip(".")) from error
    return Side(str(path), ((point, data),))


def signed(note: bytes, point: Checkpoint, directories: Iterable[Directory]) -> bool | None:
    """Whether the log's key signed a checkpoint; None when no document at hand names a key for that log.

    Raises VerificationError when a key is known and its line does not verify.
    """
    known = False
    for directory in directories:
        keys = _keys(directory, point.origin)
        if keys:
            known = True
            checkpoints.verify(note, keys, point.origin)
    return known or None


def _keys(directory: Directory, origin: str) -> list[Ed25519Verifier]:
    return [
        Ed25519Verifier(origin, key.public)
        for agency in directory.agencies()
        for identity in directory.identities(agency)
        for key in identity.of_use(KeyUse.LOG)
        if key.log_origin == origin
    ]

# SPDX-License-Identifier: Apache-2.0
"""How many independent witnesses stand behind a checkpoint, and whether the charter's policy is met.

Promise: agencies are counted, never signatures or keys: two keys of one agency are one witness, and an agency
is no witness of its own log. A line under a known witness's name that does not verify refuses the whole note.
Too few cosignatures leave a proof undecided; they never stop a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fanal.proof import note as notes
from fanal.proof.cosignature import CosignatureVerifier, time_of

MOST_BY_DEFAULT = 2


def needed(members: int, policy: int) -> int:
    """Cosignatures that a checkpoint needs: the charter's number, or, when that is 0, the default: none in
    a network of one member, one of two, else two."""
    return policy or min(max(members - 1, 0), MOST_BY_DEFAULT)


@dataclass(frozen=True)
class Quorum:
    """Who cosigned: agency -> newest time (Unix seconds), and how many are ``needed``."""

    cosigned: Mapping[str, int]
    needed: int

    @property
    def passed(self) -> bool:
        """Whether enough did; if not, the checkpoint is undecided, not wrong."""
        return len(self.cosigned) >= self.needed


def count(
    note: bytes, author: str, witnesses: Mapping[str, Iterable[CosignatureVerifier]], quorum: int
) -> Quorum:
    """Who of ``witnesses`` (agency -> its keys) cosigned the note of a log of ``author``.

    The log's own signature is checked elsewhere. Raises VerificationError for a malformed note, for a known
    witness's line that does not verify or comes twice.
    """
    parsed = notes.parse(note)
    owners = {
        (key.name, key.key_id): (agency, key)
        for agency, keys in sorted(witnesses.items())
        if agency != author
        for key in keys
    }
    signed = {(line.name, line.key_id) for line in parsed.signatures}
    present = [key for identity, (_agency, key) in owners.items() if identity in signed]
    found: dict[str, int] = {}
    for line in notes.verify(parsed, present) if present else ():
        agency = owners[line.name, line.key_id][0]
        found[agency] = max(found.get(agency, 0), time_of(line.signature))
    return Quorum(found, quorum)

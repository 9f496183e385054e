# SPDX-License-Identifier: Apache-2.0
"""What a witness may cosign: the rules of C2SP tlog-witness as one pure function.

Promise: a log that was ever accepted here can only grow. ``judge`` compares an offered checkpoint with what
the witness holds of that log; the caller stores an ``Accepted`` head, atomically with the comparison, before
it cosigns. Source: https://c2sp.org/tlog-witness, "add-checkpoint". Rules, in this order:

1. The note is signed by a key of the log; other signatures are ignored; an unknown origin is refused.
2. The offer's old size is at most the checkpoint's.
3. One size has one root: another one at the size held is proof of a fork, whatever was offered with it.
4. The old size is the size held (0 for none); else the answer is ``Holds``, and the log offers again.
5. The consistency proof leads from the root held to the one offered.

A checkpoint smaller than the head held is not for the witness to judge (it may be late): it gets ``Holds``,
from which a log that was rolled back learns so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fanal.errors import VerificationError
from fanal.keys.merkle import empty_root
from fanal.proof import checkpoint as checkpoints
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.errors import LOG_INCONSISTENT, LOG_TWO_ROOTS, LOG_UNKNOWN, OFFER_SIZES
from fanal.proof.tree import verify_consistency

MAX_PROOF = 63
"""Most hashes in a consistency proof, as the specification bounds them."""


@dataclass(frozen=True)
class Held:
    """The newest head that a witness holds of a log: leaves and 32-byte root."""

    size: int
    root: bytes


@dataclass(frozen=True)
class Accepted:
    """Store ``checkpoint`` with ``note`` (the log's own lines only), then cosign its text."""

    checkpoint: Checkpoint
    note: bytes

    @property
    def text(self) -> bytes:
        """What is cosigned."""
        return self.checkpoint.text()


@dataclass(frozen=True)
class Holds:
    """The offer does not start where the witness is; None: it holds nothing of this log."""

    held: Held | None


def read_offer(agency: str, note: bytes, keys: Iterable[notes.Verifier]) -> Accepted:
    """Rule 1 alone: a checkpoint that one of the log ``keys`` of ``agency`` signed under its own name.

    Raises VerificationError: LOG_UNKNOWN, and what is wrong with the note or its signature.
    """
    known = tuple(keys)
    parsed = notes.parse(note)
    claimed = checkpoints.parse_text(parsed.text)
    of_log = [key for key in known if key.name == claimed.origin]
    if not of_log:
        raise VerificationError(LOG_UNKNOWN, found=claimed.origin[:255], agency=agency)
    own = notes.verify(parsed, of_log)
    return Accepted(claimed, notes.Note(parsed.text, own).to_bytes())


def judge(held: Held | None, offer: Accepted, old_size: int, proof: Sequence[bytes]) -> Accepted | Holds:
    """Rules 2 to 5 for an offer that ``read_offer`` gave.

    Raises VerificationError: OFFER_SIZES, LOG_TWO_ROOTS and LOG_INCONSISTENT (keep both notes).
    """
    new = offer.checkpoint
    if old_size > new.size:
        raise VerificationError(OFFER_SIZES, old=old_size, new=new.size)
    if held is not None and held.size == new.size and held.root != new.root:
        raise VerificationError(
            LOG_TWO_ROOTS,
            origin=new.origin,
            size=new.size,
            expected=held.root.hex(),
            found=new.root.hex(),
        )
    if old_size != (held.size if held else 0):
        return Holds(held)
    check_grown(held or Held(0, empty_root()), new, proof)
    return offer


def check_grown(held: Held, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raise VerificationError (LOG_INCONSISTENT) unless the proof shows that the log only grew."""
    try:
        if len(proof) > MAX_PROOF:
            raise VerificationError(OFFER_SIZES, old=held.size, new=new.size)
        verify_consistency(held.size, held.root, new.size, new.root, proof)
    except VerificationError as error:
        raise VerificationError(LOG_INCONSISTENT, origin=new.origin, old=held.size, new=new.size) from error

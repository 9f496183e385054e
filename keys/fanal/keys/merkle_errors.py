# SPDX-License-Identifier: Apache-2.0
"""What a Merkle proof can be refused for; in a module of errors, so that the catalogue knows it."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

# The ids of range 04 belong to proofs, in whichever package a proof is checked.
SIZE_OUT_OF_RANGE = ErrorKind(
    "FANAL-E0401",
    Exit.VERIFICATION_FAILED,
    _("The tree size {found} is outside 0..{expected}."),
    _("Ask for the proof again; if it comes back the same, its sender is faulty."),
)
INDEX_OUT_OF_RANGE = ErrorKind(
    "FANAL-E0402",
    Exit.VERIFICATION_FAILED,
    _("There is no leaf {found} in a tree of {expected} leaves."),
    _("Compare the index with the tree size of the checkpoint it was proved against."),
)
PROOF_LENGTH = ErrorKind(
    "FANAL-E0403",
    Exit.VERIFICATION_FAILED,
    _("The proof has {found} hashes; for this index and size it must have {expected}."),
    _("The proof was cut, padded or made for another tree. Ask for it again."),
)
ROOT_MISMATCH = ErrorKind(
    "FANAL-E0404",
    Exit.VERIFICATION_FAILED,
    _("The proof leads to root {found}, but the signed root is {expected}."),
    _("The leaf is not what was logged at this index, or the proof belongs to another tree."),
)
HASH_LENGTH = ErrorKind(
    "FANAL-E0405",
    Exit.VERIFICATION_FAILED,
    _("A hash of the proof is {found} bytes long; it must be {expected}."),
    _("The proof was damaged on the way. Ask for it again."),
)

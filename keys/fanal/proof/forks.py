# SPDX-License-Identifier: Apache-2.0
"""Proofs of forks: two signed things where only one may be, as pure checks that a stranger can repeat.

Promise: what is returned names who signed both; nobody without that party's keys can make such a pair. What
is no fork, or is not signed, raises VerificationError and proves nothing. UnknownCharter and UnknownIdentity
mean "not yet": the documents that name the keys are missing. Source: protocol.md, "Lanes", fork proof.

Two checkpoints of different sizes prove nothing by themselves: whether the larger goes on from the smaller is
known only to who has seen the leaves. Such a pair is a witness's own incident, and never a proof.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fanal.envelope.trust import Standing
from fanal.envelope.verify import Verified, decode_manifest_only, verify_signed
from fanal.errors import FanalError, VerificationError
from fanal.keys.charter import check_charter_fork, parse_charter
from fanal.keys.documents import body_sha256
from fanal.keys.errors import ForkError
from fanal.keys.identity import (
    IdentityView,
    check_not_forked,
    parse_identity,
    root_keys_of,
    verify_identity,
)
from fanal.keys.pae import CHARTER, IDENTITY
from fanal.keys.trust import Directory
from fanal.proof import checkpoint as checkpoints
from fanal.proof import note as notes
from fanal.proof.errors import NOT_A_FORK
from fanal.proof.note_key import Ed25519Verifier
from fanal.v1.identity_pb2 import SignedDocument
from fanal.v1.peer_pb2 import ForkProof

ENTRY, SUCCESSOR, ROOT, IDENTITY_FORK, CHARTER_FORK = "entry", "successor", "root", "identity", "charter"


@dataclass(frozen=True)
class Proven:
    """``agency`` signed two things at one place ("" for the governors of a charter).

    ``where`` is the lane in hex, the log's origin, or the document's kind; ``number`` is seq, size or serial;
    ``incarnation`` that of an entry, or the one from which the author went on twice.
    """

    kind: str
    agency: str
    where: str
    number: int
    incarnation: bytes = b""

    @property
    def key(self) -> bytes:
        """32 bytes: one per place, whichever two things prove it. An incarnation is that of a whole node, so
        one that went on twice is one place, whichever of its lanes shows it."""
        where = "" if self.kind == SUCCESSOR else self.where
        place = f"{self.kind} {self.agency} {where} {self.number} {self.incarnation.hex()}"
        return hashlib.sha256(b"fanal/fork/v1\0" + place.encode()).digest()


def verify(proof: ForkProof, directory: Directory) -> Proven:
    """Any fork proof, against the documents held. Raises as the module says."""
    kind = proof.WhichOneof("proof")
    if kind == "entry":
        one = proof.entry
        return verify_entry_fork(one.manifest_a, one.signature_a, one.manifest_b, one.signature_b, directory)
    if kind == "root":
        return verify_root_fork(proof.root.note_a, proof.root.note_b, directory)
    if kind == "document":
        return verify_document_fork(proof.document.a, proof.document.b, directory)
    raise _no_fork("it holds nothing")


def verify_entry_fork(
    manifest_a: bytes, signature_a: bytes, manifest_b: bytes, signature_b: bytes, directory: Directory
) -> Proven:
    """Two manifests of one author at one place of a lane; or one that went on twice from one incarnation: two
    first entries close it, or one does and another entry is not within the end that it names.

    Raises a plain FanalError, which is no strike, when the key has been revoked since.
    """
    a, b = (
        verify_signed(decode_manifest_only(manifest, signature), directory)
        for manifest, signature in ((manifest_a, signature_a), (manifest_b, signature_b))
    )
    if Standing.REVOKED in (a.standing, b.standing):
        raise _accuses_nobody()
    one, other = a.header, b.header
    if (one.author, one.lane) != (other.author, other.lane) or a.manifest_sha256 == b.manifest_sha256:
        raise _no_fork("the two are not different manifests of one lane")
    if (one.incarnation, one.seq) == (other.incarnation, other.seq):
        return Proven(ENTRY, one.author, one.lane.hex(), one.seq, one.incarnation)
    closed = predecessor_of(a)
    if closed and closed == predecessor_of(b):
        return Proven(SUCCESSOR, one.author, one.lane.hex(), 0, closed)
    for first, later in ((a, b), (b, a)):
        if predecessor_of(first) == later.header.incarnation and _beyond(first, later):
            return Proven(SUCCESSOR, one.author, one.lane.hex(), 0, bytes(later.header.incarnation))
    raise _no_fork("they stand at two places and close no incarnation twice")


def _beyond(first: Verified, later: Verified) -> bool:
    """Whether ``first`` says that the incarnation of ``later`` ended otherwise than with or after it."""
    end, seq = first.header.predecessor, later.header.seq
    return seq >= end.next or (seq == end.next - 1 and later.manifest_sha256 != end.head)


def predecessor_of(verified: Verified) -> bytes:
    """The incarnation that a first entry closes; b"" when it closes none."""
    header = verified.header
    first = header.seq == 0 and header.HasField("predecessor")
    return bytes(header.predecessor.incarnation) if first else b""


def verify_root_fork(note_a: bytes, note_b: bytes, directory: Directory) -> Proven:
    """Two checkpoints of one log with different roots at one size, both signed by a key of that log.

    Raises a plain FanalError, which is no strike, when a key has been revoked since.
    """
    a, b = (checkpoints.parse_text(notes.parse(note).text) for note in (note_a, note_b))
    if (a.origin, a.size) != (b.origin, b.size) or a.root == b.root:
        raise _no_fork("the two are not different roots of one log at one size")
    agency, keys, good = _log_of(directory, a.origin)
    for note in (note_a, note_b):
        checkpoints.verify(note, keys, a.origin)
    try:
        for note in (note_a, note_b):
            checkpoints.verify(note, good, a.origin)
    except VerificationError:
        raise _accuses_nobody() from None
    return Proven(ROOT, agency, a.origin, a.size)


def verify_document_fork(a: SignedDocument, b: SignedDocument, directory: Directory) -> Proven:
    """Two identity documents of one serial, or two valid successors of one charter."""
    if a.type != b.type or body_sha256(a) == body_sha256(b):
        raise _no_fork("the two are not different documents of one type")
    try:
        if a.type == CHARTER:
            first = parse_charter(a)
            base = directory.charter(first.version - 1, first.previous_sha256)
            check_charter_fork(base, a, b)
        elif a.type == IDENTITY:
            check_not_forked(*(_identity(one, directory) for one in (a, b)))
    except ForkError:
        return _proven_document(a)
    raise _no_fork("the two may both be")


def _proven_document(document: SignedDocument) -> Proven:
    if document.type == CHARTER:
        return Proven(CHARTER_FORK, "", "charter", parse_charter(document).version)
    identity = parse_identity(document)
    return Proven(IDENTITY_FORK, identity.agency, "identity", identity.serial)


def _identity(document: SignedDocument, directory: Directory) -> IdentityView:
    """The verified view, by the root that some charter held names for the agency."""
    claimed = parse_identity(document)
    named = root_keys_of(claimed)
    for charter in directory.charters():
        if charter.is_member(claimed.agency) and charter.root_keys(claimed.agency) == named:
            return verify_identity(document, named)
    raise _no_fork("no charter held names this root")


def _log_of(directory: Directory, origin: str) -> tuple[str, list[notes.Verifier], list[notes.Verifier]]:
    """Whose log it is, every key that the agency's documents ever gave it, and those that are not revoked."""
    for agency in directory.agencies():
        keys = {
            key.public: directory.revoked(agency, key.key_id) is None
            for view in directory.identities(agency)
            for key in view.keys.values()
            if key.log_origin == origin
        }
        if keys:
            verifiers = {key: Ed25519Verifier(origin, key) for key in sorted(keys)}
            return agency, list(verifiers.values()), [one for key, one in verifiers.items() if keys[key]]
    raise _no_fork("no identity document held names the log")


def _accuses_nobody() -> FanalError:
    """Whoever stole the key could make such pairs without end, and hide true ones behind them."""
    return FanalError(NOT_A_FORK, reason="a revoked key signed it, which accuses nobody")


def _no_fork(reason: str) -> FanalError:
    return VerificationError(NOT_A_FORK, reason=reason)

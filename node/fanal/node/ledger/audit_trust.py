# SPDX-License-Identifier: Apache-2.0
"""Whom an audit believes: charters and identities stored in the ledger, verified again from charter 1 on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from fanal.envelope import audience as audiences
from fanal.envelope.verify import (
    Received,
    Verified,
    bound_and_decode,
    decode_manifest_only,
    verify_received,
    verify_signed,
)
from fanal.envelope.verify import verify_wrap as verify_one_wrap
from fanal.errors import FanalError
from fanal.i18n import _, translate
from fanal.keys import merkle
from fanal.keys.pae import CHARTER, WRAPS_TREE
from fanal.keys.trust import Directory
from fanal.node.ledger.audit_entries import EntryVerifier, Mismatch, failed, passed, undecided
from fanal.node.ledger.database import driver
from fanal.node.ledger.document_rows import document_of
from fanal.node.ledger.heard import heard
from fanal.node.ledger.readonly import Digests, LedgerView
from fanal.node.ledger.rows import EntryRow, WrapRow
from fanal.proof.audit import Check
from fanal.proof.note_key import Ed25519Verifier
from fanal.v1.envelope_pb2 import Envelope, EnvelopeClass, WrapProof
from fanal.v1.identity_pb2 import KeyUse

NONSENSE = (FanalError, driver.Error, TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
"""What a hostile or damaged file makes its readers raise: a refusal first of all, and whatever a library
says of a value of the right kind that means nothing."""
DOCUMENTS = "documents"
NETWORK = "network"

_NONE = _("No charter is stored here, so nobody's key can be looked up.")
_OTHER = _("The stored charter 1 is of another network.")
_NOT_BROUGHT = _("No network id was given: compare this one with the one printed on paper.")


@dataclass(frozen=True)
class Trusted:
    """Keys of the audited log, and the check of one envelope (None when there is nobody to believe)."""

    agency: str
    origin: str
    log_keys: tuple[Ed25519Verifier, ...]
    verify_entry: EntryVerifier | None
    checks: tuple[Check, ...]
    network: bytes = b""
    """The id of the network, as the stored charter 1 gives it; empty when there is nobody to believe."""
    directory: Directory | None = None
    """The verified charters and identities; None when there is nobody to believe."""

    def keys_of_log(self, origin: str) -> tuple[Ed25519Verifier, ...]:
        """Every key that any identity document here ever named for the log ``origin``."""
        parts = origin.split("/")
        if self.directory is None or len(parts) != 4 or parts[2] not in self.directory.agencies():
            return ()
        views = self.directory.identities(parts[2])
        keys = (key for view in views for key in view.of_use(KeyUse.LOG) if key.log_origin == origin)
        return tuple(dict.fromkeys(Ed25519Verifier(origin, key.public) for key in keys))


def trust_of(view: LedgerView, agency: str, network: bytes | None) -> Trusted:
    """From the documents in the ledger. Never raises: what does not verify is a failed check."""
    whose = agency or _agency_of_checkpoints(view)
    try:
        rows = list(view.documents())
        documents = [document_of(row) for row in rows]
        charters = [one for one in documents if one.type == CHARTER]
        if not charters:
            return Trusted(whose, "", (), None, (undecided(DOCUMENTS, detail=translate(_NONE)),))
        found = hashlib.sha256(charters[0].body).digest()
        if network is not None and found != network:
            check = failed(NETWORK, network.hex(), found.hex(), translate(_OTHER))
            return Trusted(whose, "", (), None, (check,))
        directory = Directory.restore(found, documents, heard(rows, whose))
    except NONSENSE as error:
        detail = error.sentence if isinstance(error, FanalError) else str(error)
        return Trusted(whose, "", (), None, (failed(DOCUMENTS, detail=detail),))
    name, keys = _log_keys(view, directory, whose)
    brought = (
        passed(NETWORK, network.hex(), found.hex())
        if network is not None
        else undecided(NETWORK, "", found.hex(), translate(_NOT_BROUGHT))
    )
    checks = (brought, passed(DOCUMENTS, found=str(len(documents))))
    return Trusted(whose, name, keys, verifier_of(directory, view), checks, found, directory)


def verifier_of(directory: Directory, view: LedgerView) -> EntryVerifier:
    """The check of one stored entry: its envelope as on arrival, its row and its wraps against it."""

    def verify(row: EntryRow, wraps: Sequence[WrapRow]) -> None:
        if view.bodiless or (row.body is None and row.klass != EnvelopeClass.KEY):
            received = decode_manifest_only(row.manifest, row.signature)
            verified = verify_signed(received, directory)
            _check_digests(received, view.digests(row.arrival))
        else:
            received = bound_and_decode(_envelope(row))
            verified = verify_received(received, directory)
        header = received.header
        for name, expected, stored in (
            ("manifest", received.manifest_sha256, row.manifest_sha256),
            ("envelope", header.envelope_id, row.envelope_id),
            ("lane", header.lane, row.lane),
            ("incarnation", header.incarnation, row.incarnation),
            ("seq", header.seq, row.seq),
            ("author", header.author, row.author),
            ("class", header.envelope_class, row.klass),
            ("priority", header.priority, row.priority),
            ("created", header.created, row.created),
            ("expires", header.expires, row.expires),
            ("previous", header.previous_manifest_sha256, row.previous),
            ("key envelope", header.key_envelope, row.key_envelope),
        ):
            if expected != stored:
                raise Mismatch(name)
        for wrap in wraps:
            if view.bodiless:
                _check_wrap_hash(verified, wrap)
                continue
            proof = WrapProof(
                key_manifest_sha256=row.manifest_sha256, index=wrap.index, wrap=wrap.wrap, path=wrap.path
            )
            if verify_one_wrap(verified, proof).recipient != wrap.recipient:
                raise Mismatch("wrap recipient")

    return verify


def _check_digests(received: Received, held: Digests | None) -> None:
    """What an export says of the parts it leaves out is what the author signed."""
    if held is None:
        return
    manifest = received.manifest
    for name, signed, found in (
        ("hash of the body", manifest.body_sha256, held.body_sha256),
        ("length of the body", manifest.body_length, held.body_length),
        ("hash of the own wrap", manifest.own_wrap_sha256, held.own_wrap_sha256),
    ):
        if signed != found:
            raise Mismatch(name)


def _check_wrap_hash(verified: Verified, wrap: WrapRow) -> None:
    """In an export the hash of a wrap stands for it; whose it is nobody can tell from a hash, but the
    author's readers are known."""
    manifest = verified.received.manifest
    path = list(wrap.path)
    merkle.verify_path(wrap.wrap, wrap.index, manifest.wraps_count, path, manifest.wraps_root, WRAPS_TREE)
    audiences.check_reader(wrap.recipient, verified.header.audience, verified.charter)


def _envelope(row: EntryRow) -> bytes:
    return Envelope(
        manifest=row.manifest, signature=row.signature, body=row.body or b"", own_wrap=row.own_wrap
    ).SerializeToString(deterministic=True)


def _agency_of_checkpoints(view: LedgerView) -> str:
    """The agency in the newest checkpoint's origin (fanal/ROOT/AGENCY/logN): a claim only."""
    parts = _claimed_origin(view).split("/")
    return parts[2] if len(parts) == 4 else ""


def _log_keys(view: LedgerView, directory: Directory, agency: str) -> tuple[str, tuple[Ed25519Verifier, ...]]:
    """The log's origin, and every key that an identity of the agency ever named for a log of its.

    The newest checkpoint says which of them; only names in an identity are believed.
    """
    entries = (
        [key for one in directory.identities(agency) for key in one.of_use(KeyUse.LOG)] if agency else []
    )
    if not entries:
        return "", ()
    claimed = _claimed_origin(view)
    name = claimed if claimed in {key.log_origin for key in entries} else entries[-1].log_origin
    named = dict.fromkeys((key.log_origin, key.public) for key in entries)
    return name, tuple(Ed25519Verifier(origin, public) for origin, public in named)


def _claimed_origin(view: LedgerView) -> str:
    """The first line of the newest checkpoint. A claim, not a proof."""
    try:
        newest = next(view.checkpoints_down(), None)
    except NONSENSE:
        return ""  # the checks of checkpoints report it
    return newest.note.split(b"\n", 1)[0].decode("ascii", "replace") if newest else ""

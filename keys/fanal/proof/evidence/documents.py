# SPDX-License-Identifier: Apache-2.0
"""Whom a bundle gives to believe: its charters from charter 1 on, and the identities under them.

Promise: nothing is believed but what follows from the network id that the auditor brought; without one, from
the charter 1 in the bundle, which leaves the verdict undecided. Keys of logs, witnesses and anchors come from
verified identity documents only, under the names that those give.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping

from fanal.errors import VerificationError
from fanal.i18n import _, translate
from fanal.keys.documents import RootKeys, body_sha256, decode_document
from fanal.keys.errors import ForkError
from fanal.keys.identity import KeyView
from fanal.keys.pae import CHARTER, IDENTITY
from fanal.keys.trust import Directory, KeyStatus
from fanal.proof.anchor import AnchorVerifier
from fanal.proof.checkpoint import key_name
from fanal.proof.cosignature import CosignatureVerifier
from fanal.proof.evidence.errors import BUNDLE_FORM, BUNDLE_MISMATCH
from fanal.proof.evidence.findings import Findings, Undecided
from fanal.proof.evidence.layout import Log, Parts, identity_name
from fanal.proof.note_key import Ed25519Verifier
from fanal.v1.identity_pb2 import KeyUse, SignedDocument

_NOT_BROUGHT = _("No network id was given: compare this one with the one printed on paper.")


def check_documents(findings: Findings, parts: Parts, log: Log, network: bytes | None) -> Directory | None:
    """The verified state that the documents give; None when there is nobody to believe."""
    directory: Directory | None = None
    with findings.check("network") as step:
        if not parts.charters:
            raise VerificationError(BUNDLE_FORM, reason="it holds no charter")
        found = body_sha256(decode_document(parts.charters[0]))
        step.expected, step.found = (network or b"").hex(), found.hex()
        directory = Directory(found)
        if network is None:
            raise Undecided(translate(_NOT_BROUGHT), found=found.hex())
        if network != found:
            directory = None
            raise VerificationError(
                BUNDLE_MISMATCH, what="Charter 1", expected=network.hex(), found=found.hex()
            )
    if directory is not None:
        with findings.check("charters") as step:
            _take_charters(directory, parts)
            step.found = str(directory.newest.version)
        if findings.passed("charters"):
            with findings.check("identities") as step:
                step.found = str(_take_identities(directory, {**parts.identities, **log.witnesses}))
    return directory if findings.passed("charters") and findings.passed("identities") else None


def log_keys(directory: Directory, agency: str, origin: str) -> list[Ed25519Verifier]:
    """Every key that the agency's root ever named for the log ``origin`` and that is not revoked."""
    views = directory.identities(agency)
    found = [k for v in views for k in v.of_use(KeyUse.LOG) if k.log_origin == origin]
    good = [k for k in found if _good(directory, agency, k)]
    return [Ed25519Verifier(origin, public) for public in dict.fromkeys(k.public for k in good)]


def witnesses(directory: Directory) -> dict[str, tuple[CosignatureVerifier, ...]]:
    """The members of the newest charter with their witness keys."""
    return {
        agency: tuple(
            CosignatureVerifier(name, key) for name, key in _named(directory, agency, KeyUse.WITNESS)
        )
        for agency in directory.newest.members
    }


def anchors(directory: Directory, agency: str) -> list[AnchorVerifier]:
    """The agency's post-quantum keys for its own checkpoints."""
    return [AnchorVerifier(name, key) for name, key in _named(directory, agency, KeyUse.ANCHOR)]


def role_name(root: RootKeys, agency: str, role: str) -> str:
    """The note key name of an agency as witness or anchor."""
    return key_name(hashlib.sha256(root.ed25519 + root.ml_dsa).digest(), agency, role)


def _named(directory: Directory, agency: str, use: KeyUse.Code) -> Iterator[tuple[str, bytes]]:
    role = {KeyUse.WITNESS: "witness", KeyUse.ANCHOR: "anchor"}[use]
    seen = set()
    for view in directory.identities(agency):
        for key in view.of_use(use):
            named = role_name(view.root, agency, role), key.public
            if named not in seen and _good(directory, agency, key):
                seen.add(named)
                yield named


def _good(directory: Directory, agency: str, key: KeyView) -> bool:
    return directory.signing_key(agency, key.key_id, key.use).status is not KeyStatus.REVOKED


def _take_charters(directory: Directory, parts: Parts) -> None:
    for data in parts.charters:
        document = decode_document(data)
        _check_type(document, CHARTER)
        # Both branches of a settled fork belong to the chain, as they do in a node's store.
        with contextlib.suppress(ForkError):
            if not directory.take_charter(document):
                raise VerificationError(BUNDLE_FORM, reason="it holds one charter twice")


def _take_identities(directory: Directory, documents: Mapping[str, bytes]) -> int:
    for name, data in sorted(documents.items()):
        document = decode_document(data)
        _check_type(document, IDENTITY)
        taken = directory.take_identity(document, stored=True)
        agency = name.partition("/")[0]
        held = {identity_name(agency, view.serial) for view in directory.identities(agency)}
        if not taken or name not in held:
            raise VerificationError(BUNDLE_MISMATCH, what="An identity document", expected=name, found="-")
    return len(documents)


def _check_type(document: SignedDocument, expected: str) -> None:
    if document.type != expected:
        raise VerificationError(
            BUNDLE_MISMATCH, what="A document", expected=expected, found=document.type[:80]
        )

# SPDX-License-Identifier: Apache-2.0
"""A stored document as its row names it: the bytes, their hash, and the names beside them must agree."""

from __future__ import annotations

from fanal.errors import VerificationError
from fanal.keys.charter import parse_charter
from fanal.keys.documents import body_sha256, decode_document
from fanal.keys.identity import parse_identity
from fanal.keys.pae import CHARTER as CHARTER_TYPE
from fanal.keys.pae import REVOCATION as REVOCATION_TYPE
from fanal.keys.revocation import parse_revocation
from fanal.node.errors import ROW_MISMATCH
from fanal.node.ledger.heard import REVOCATION
from fanal.node.ledger.rows import DocumentRow
from fanal.v1.identity_pb2 import SignedDocument

__all__ = ["CHARTER", "IDENTITY", "REVOCATION", "document_of", "name_of"]

CHARTER = "charter"
IDENTITY = "identity"


def name_of(document: SignedDocument) -> tuple[str, str, int]:
    """As what a document is stored: kind, agency ("" for a charter), version, serial or number. Raises
    VerificationError for a body that is none of the three."""
    if document.type == CHARTER_TYPE:
        return CHARTER, "", parse_charter(document).version
    if document.type == REVOCATION_TYPE:
        revocation = parse_revocation(document)
        return REVOCATION, revocation.agency, revocation.number
    identity = parse_identity(document)
    return IDENTITY, identity.agency, identity.serial


def document_of(row: DocumentRow) -> SignedDocument:
    """The document of a row. Raises VerificationError when bytes, hash and names do not agree; signatures are
    not verified."""
    document = decode_document(row.document)
    if body_sha256(document) != row.sha256:
        raise VerificationError(ROW_MISMATCH, field="hash of a document")
    if name_of(document) != (row.kind, row.agency, row.serial):
        raise VerificationError(ROW_MISMATCH, field="kind, agency or number of a document")
    return document

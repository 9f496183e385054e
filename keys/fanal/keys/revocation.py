# SPDX-License-Identifier: Apache-2.0
"""Revocations: from the cut-off on a key is no longer good. Root-signed, numbered, never taken back.

Rules: an agency revokes its own keys only; numbers go up one by one; the same number twice with other bytes
is a fork proof; of several revocations of one key the earliest cut-off counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from fanal.errors import VerificationError
from fanal.keys.agency import is_agency
from fanal.keys.documents import RootKeys, body_sha256, check_form, verify_by_root
from fanal.keys.errors import REVOCATION_FIELD
from fanal.keys.identity_rules import MAX_TIME
from fanal.keys.keyid import KEY_ID_BYTES
from fanal.keys.pae import REVOCATION
from fanal.keys.root import Root
from fanal.keys.strict import decode, encode
from fanal.v1.identity_pb2 import Revocation, SignedDocument

MAX_REVOCATION = 1024
REASONS = ("compromised", "lost", "superseded", "left")
ALONE_DAYS = 7
"""How many days back an agency's root may set the cut-off without the governors' threshold."""


@dataclass(frozen=True)
class RevocationView:
    """A verified revocation. Times in Unix seconds."""

    agency: str
    number: int
    key_id: bytes
    cut_off: int
    reason: str
    created: int
    sha256: bytes
    document: SignedDocument = field(repr=False, compare=False)


def sign_revocation(
    root: Root, agency: str, number: int, key_id: bytes, cut_off: int, reason: str, created: int
) -> SignedDocument:
    """The next revocation of an agency, checked and signed. Raises VerificationError."""
    revocation = Revocation(
        agency=agency, number=number, key_id=key_id, cut_off=cut_off, reason=reason, created=created
    )
    _check(revocation)
    return root.sign(REVOCATION, encode(revocation))


def parse_revocation(document: SignedDocument) -> RevocationView:
    """Strictly decoded and checked, signatures not yet verified. Raises VerificationError."""
    check_form(document, REVOCATION, MAX_REVOCATION)
    said = decode(Revocation, document.body, MAX_REVOCATION)
    _check(said)
    return RevocationView(
        agency=said.agency,
        number=said.number,
        key_id=said.key_id,
        cut_off=said.cut_off,
        reason=said.reason,
        created=said.created,
        sha256=body_sha256(document),
        document=document,
    )


def verify_revocation(document: SignedDocument, root_keys: RootKeys) -> RevocationView:
    """Accept only a revocation signed by both root keys. Raises VerificationError."""
    view = parse_revocation(document)
    verify_by_root(document, REVOCATION, view.agency, root_keys)
    return view


def _check(said: Revocation) -> None:
    if not is_agency(said.agency):
        _refuse(said, "agency", "not an agency id")
    if said.number < 1:
        _refuse(said, "number", "numbers start at 1")
    if len(said.key_id) != KEY_ID_BYTES:
        _refuse(said, "key_id", f"not {KEY_ID_BYTES} bytes")
    if said.reason not in REASONS:
        _refuse(said, "reason", "not one of " + ", ".join(REASONS))
    if not 0 < said.created <= MAX_TIME or not 0 < said.cut_off <= MAX_TIME:
        _refuse(said, "cut_off", "not a time before the year 10000")


def _refuse(said: Revocation, field: str, reason: str) -> NoReturn:
    raise VerificationError(REVOCATION_FIELD, agency=said.agency[:16], field=field, reason=reason)

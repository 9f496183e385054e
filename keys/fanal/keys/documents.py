# SPDX-License-Identifier: Apache-2.0
"""Signed documents: exact bytes, their type, and who really signed them (DSSE, protocol.md "Verification").

Promise: what verifies is exactly the body's bytes under exactly one type, and a key counts once, however
often or under whatever id it appears.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fanal.errors import VerificationError
from fanal.keys import ed25519, mldsa
from fanal.keys.errors import (
    DUPLICATE_SIGNATURE,
    SIGNATURE_MISSING,
    TOO_LARGE,
    TOO_MANY_SIGNATURES,
    WEAK_KEY,
    WRONG_TYPE,
)
from fanal.keys.keyid import ed25519_key, key_id, ml_dsa_key
from fanal.keys.pae import pae
from fanal.keys.strict import decode, encode
from fanal.v1.identity_pb2 import KeyAlgorithm, PublicKey, Signature, SignedDocument

MAX_DOCUMENT = 1_000_000
"""Largest encoded SignedDocument: it must fit in one message of 1 MiB."""
MAX_SIGNATURES = 128


@dataclass(frozen=True)
class RootKeys:
    """The public half of an agency's root: both keys sign, both must verify."""

    ed25519: bytes
    ml_dsa: bytes

    def typed(self) -> tuple[PublicKey, PublicKey]:
        """Both keys in their typed form, Ed25519 first."""
        return ed25519_key(self.ed25519), ml_dsa_key(self.ml_dsa)

    def validate(self) -> None:
        """Raise VerificationError unless both keys are acceptable."""
        ed25519.validate_public(self.ed25519)
        mldsa.validate_public(self.ml_dsa)


@dataclass(frozen=True)
class Signer:
    """One private key that signs documents."""

    public: PublicKey
    seed: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        if self.public.algorithm == KeyAlgorithm.ML_DSA_44:
            return mldsa.sign(self.seed, message)
        return ed25519.sign(self.seed, message)


def body_sha256(document: SignedDocument) -> bytes:
    """SHA-256 of the exact body: how documents name each other."""
    return hashlib.sha256(document.body).digest()


def sign_document(type: str, body: bytes, signers: Sequence[Signer]) -> SignedDocument:
    """A document with one signature per signer over PAE(type, body)."""
    return add_signatures(SignedDocument(type=type, body=body), signers)


def add_signatures(document: SignedDocument, signers: Sequence[Signer]) -> SignedDocument:
    """A copy with the signers' signatures added; earlier ones of the same keys are replaced."""
    message = pae(document.type, document.body)
    mine = {key_id(s.public): s for s in signers}
    kept = [s for s in document.signatures if s.key_id not in mine]
    new = [Signature(key_id=identifier, signature=s.sign(message)) for identifier, s in mine.items()]
    return SignedDocument(type=document.type, body=document.body, signatures=[*kept, *new])


def encode_document(document: SignedDocument) -> bytes:
    """The bytes in which a document is stored."""
    return encode(document)


def decode_document(data: bytes) -> SignedDocument:
    """Parse stored or received bytes strictly. Raises VerificationError; verifies no signature."""
    return decode(SignedDocument, data, MAX_DOCUMENT)


def check_form(document: SignedDocument, type: str, limit: int = MAX_DOCUMENT) -> None:
    """Raise VerificationError for another type, a body over ``limit``, too many or doubled signatures."""
    if document.type != type:
        raise VerificationError(WRONG_TYPE, found=document.type[:80], expected=type)
    if len(document.body) > limit:
        raise VerificationError(TOO_LARGE, message=type, found=len(document.body), limit=limit)
    if len(document.signatures) > MAX_SIGNATURES:
        found = len(document.signatures)
        raise VerificationError(TOO_MANY_SIGNATURES, found=found, limit=MAX_SIGNATURES)
    seen: set[bytes] = set()
    for signature in document.signatures:
        if signature.key_id in seen:
            raise VerificationError(DUPLICATE_SIGNATURE, key_id=signature.key_id.hex()[:64])
        seen.add(signature.key_id)


def verified_keys(document: SignedDocument, type: str, keys: Iterable[PublicKey]) -> frozenset[bytes]:
    """The ids of those of ``keys`` whose signature on the document verifies; each public key counts once.

    Ids are computed from the given keys, never taken from the document. Signatures of other keys are not
    looked at. A signature under one of the ``keys`` that does not verify raises VerificationError.
    """
    check_form(document, type)
    message = pae(document.type, document.body)
    signatures = {s.key_id: s.signature for s in document.signatures}
    verified = set()
    for key in keys:
        identifier = key_id(key)
        if identifier in signatures and identifier not in verified:
            _verify(key, message, signatures[identifier])
            verified.add(identifier)
    return frozenset(verified)


def verify_by_root(document: SignedDocument, type: str, agency: str, root: RootKeys) -> None:
    """Accept only a document signed by both root keys of the agency.

    Raises VerificationError; with one signature only it says which is missing (no downgrade).
    """
    root.validate()
    verified = verified_keys(document, type, root.typed())
    for key, name in zip(root.typed(), (ed25519.NAME, mldsa.NAME), strict=True):
        if key_id(key) not in verified:
            raise VerificationError(SIGNATURE_MISSING, algorithm=name, agency=agency)


def _verify(key: PublicKey, message: bytes, signature: bytes) -> None:
    if key.algorithm == KeyAlgorithm.ED25519:
        ed25519.verify(key.key, message, signature)
    elif key.algorithm == KeyAlgorithm.ML_DSA_44:
        mldsa.verify(key.key, message, signature)
    else:
        name = KeyAlgorithm.Code.Name(key.algorithm)
        raise VerificationError(WEAK_KEY, algorithm=name, reason="it does not sign")

# SPDX-License-Identifier: Apache-2.0
"""Everything that is checked before an envelope is stored, in the order of docs/protocol.md.

Promise: what passes is, byte for byte, what one key of a member's node signed, of a size and shape we accept,
under a charter we hold. No unverified byte goes on from here. All functions are pure::

    received = bound_and_decode(envelope_bytes)      # limits, strict decoding, shape
    verified = verify_received(received, directory)  # membership, author's key, signature, body

UnknownCharter and UnknownIdentity mean "not yet": fetch the document and try again. Replay is the store's
check: one manifest per (lane, incarnation, seq); two are a fork proof. Order is for completeness and never
for delivery, so the previous hash is checked by ``check_neighbour`` whenever a neighbour is at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fanal.envelope import audience as audiences
from fanal.envelope import limits, shape
from fanal.envelope.commitments import sha256
from fanal.envelope.errors import BODY, NEIGHBOUR, OTHER_NETWORK, UNSUPPORTED, Step, at
from fanal.envelope.trust import Charter, Standing, Trust, standing_of
from fanal.envelope.wraps import check_proof
from fanal.errors import VerificationError
from fanal.keys import ed25519, pae, strict
from fanal.v1.envelope_pb2 import Envelope, EnvelopeClass, Header, Manifest, Wrap, WrapProof
from fanal.v1.identity_pb2 import KeyUse


@dataclass(frozen=True)
class Received:
    """An envelope that is well formed. Who signed it, and whether, is not known yet."""

    envelope_id: bytes
    header: Header
    manifest: Manifest
    manifest_sha256: bytes
    envelope: Envelope = field(repr=False)

    @property
    def is_key(self) -> bool:
        return self.header.envelope_class == EnvelopeClass.KEY


@dataclass(frozen=True)
class Verified:
    """An envelope that may be stored: its author's node signed it under ``charter``.

    ``standing`` is CURRENT, or what the store has to judge further: RETIRED (good if a later manifest under a
    current key chains to it), REVOKED (good only under a checkpoint cosigned before the cut-off) or REMOVED
    (the author has left the network). Validity never rests on the sender's clock.
    """

    received: Received
    charter: Charter = field(repr=False)
    standing: Standing

    @property
    def header(self) -> Header:
        return self.received.header

    @property
    def manifest_sha256(self) -> bytes:
        return self.received.manifest_sha256

    @property
    def readers(self) -> tuple[str, ...]:
        """Who may read, ascending, at the charter version of the header."""
        return audiences.readers(self.header.audience, self.charter)


def bound_and_decode(envelope_bytes: bytes) -> Received:
    """Size, strict decoding and shape. Raises VerificationError with its ``step``; asks nobody."""
    with at(Step.LIMITS):
        shape.check_raw_size(envelope_bytes)
    with at(Step.DECODE):
        envelope = strict.decode(Envelope, envelope_bytes, limits.ENVELOPE_RAW)
        received = _decode(envelope)
    with at(Step.LIMITS):
        shape.check_sizes(envelope, received.header)
    with at(Step.SHAPE):
        shape.check_header(received.header)
        shape.check_manifest(received.manifest, received.header)
        shape.check_envelope(envelope, received.header)
    return received


def decode_manifest_only(manifest: bytes, signature: bytes) -> Received:
    """An entry of which body and wraps are gone (erased, expired, recalled) or were never asked for.

    Raises as ``bound_and_decode``; go on with ``verify_signed``.
    """
    with at(Step.LIMITS):
        shape.check_raw_size(manifest)
    with at(Step.DECODE):
        received = _decode(Envelope(manifest=manifest, signature=signature))
    with at(Step.SHAPE):
        shape.check_header(received.header)
        shape.check_manifest(received.manifest, received.header)
    return received


def verify_received(received: Received, trust: Trust, now: int | None = None) -> Verified:
    """Membership, the author's key, its signature, and the hashes of body and own wrap, in this order.

    ``now`` is the own trusted time (Unix seconds): with it a key whose time is over counts as RETIRED.
    Raises VerificationError with its ``step``; UnknownCharter or UnknownIdentity when it has to wait.
    """
    verified = verify_signed(received, trust, now)
    with at(Step.BODY):
        _check_body(received)
    return verified


def verify_signed(received: Received, trust: Trust, now: int | None = None) -> Verified:
    """Membership, the author's key and its signature. Raises as ``verify_received``."""
    header = received.header
    with at(Step.MEMBERSHIP):
        charter = _membership(header, trust)
    with at(Step.AUTHOR_KEY):
        key = trust.signing_key(header.author, header.author_key_id, KeyUse.NODE_SIGN, now)
    with at(Step.SIGNATURE):
        message = pae.pae(pae.MANIFEST, received.envelope.manifest)
        ed25519.verify(key.public, message, received.envelope.signature)
    return Verified(received, charter, _standing(standing_of(key), header.author, trust))


def check_neighbour(earlier: Received, later: Received) -> None:
    """Raise VerificationError unless ``later`` is the next of ``earlier`` and names its manifest.

    A mismatch between two validly signed envelopes is an incident of the author.
    """
    with at(Step.NEIGHBOUR):
        for name in ("network", "author", "lane", "incarnation"):
            if getattr(earlier.header, name) != getattr(later.header, name):
                raise VerificationError(NEIGHBOUR, seq=later.header.seq, field=name)
        if later.header.seq != earlier.header.seq + 1:
            raise VerificationError(NEIGHBOUR, seq=later.header.seq, field="seq")
        if later.header.previous_manifest_sha256 != earlier.manifest_sha256:
            raise VerificationError(NEIGHBOUR, seq=later.header.seq, field="previous_manifest_sha256")


def verify_wrap(verified: Verified, proof: WrapProof) -> Wrap:
    """The wrap of a WrapProof frame, if the signed KEY envelope holds it for one of its readers.

    Needs no secret: relays check the wraps they carry. Raises VerificationError at step ``key``.
    """
    with at(Step.KEY):
        manifest = verified.received.manifest
        wrap = check_proof(proof, verified.manifest_sha256, manifest.wraps_root, manifest.wraps_count)
        audiences.check_reader(wrap.recipient, verified.header.audience, verified.charter)
        return wrap


def _decode(envelope: Envelope) -> Received:
    manifest = strict.decode(Manifest, envelope.manifest, limits.ENVELOPE)
    header = strict.decode(Header, manifest.header, limits.ENVELOPE)
    return Received(header.envelope_id, header, manifest, sha256(envelope.manifest), envelope)


def _membership(header: Header, trust: Trust) -> Charter:
    network = trust.newest.network
    if header.network != network:
        raise VerificationError(OTHER_NETWORK, found=header.network.hex(), expected=network.hex())
    charter = trust.charter(header.charter_version, header.charter_sha256)
    if header.suite not in charter.suites:
        allowed = ", ".join(charter.suites)
        raise VerificationError(UNSUPPORTED, field="suite", found=header.suite, expected=allowed)
    audiences.check_author(header.audience, header.author, charter)
    return charter


def _standing(key: Standing, author: str, trust: Trust) -> Standing:
    if key is Standing.REVOKED or trust.newest.is_member(author):
        return key
    return Standing.REMOVED


def _check_body(received: Received) -> None:
    manifest, envelope = received.manifest, received.envelope
    if len(envelope.body) != manifest.body_length:
        raise VerificationError(BODY, field="length of the body")
    if received.is_key:
        return
    if sha256(envelope.body) != manifest.body_sha256:
        raise VerificationError(BODY, field="body")
    if sha256(envelope.own_wrap) != manifest.own_wrap_sha256:
        raise VerificationError(BODY, field="own wrap")

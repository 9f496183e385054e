# SPDX-License-Identifier: Apache-2.0
"""Sealing: pad, encrypt once, wrap the key with the lane key, sign the manifest with the node's key.

Promise: what leaves here passes every check a reader makes, costs one cipher call, one own wrap and one
signature whether five or fifty agencies read it, and never uses a key and nonce twice. A KEY envelope carries
a lane key to its readers once; after it, notices of the lane carry no wraps at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fanal.envelope import audience as audiences
from fanal.envelope import ciphers, limits, padding, shape, wraps
from fanal.envelope.commitments import DEFAULT_RNG, Rng, content_commitment, sha256
from fanal.envelope.content import core_of
from fanal.envelope.errors import NOBODY, TOO_LARGE
from fanal.envelope.trust import Charter
from fanal.envelope.verify import Received
from fanal.errors import FanalError
from fanal.keys import ed25519, pae, strict
from fanal.v1.envelope_pb2 import (
    Audience,
    Content,
    Envelope,
    EnvelopeClass,
    EnvelopePriority,
    Header,
    Manifest,
    Predecessor,
    WrapProof,
)


@dataclass(frozen=True)
class Signer:
    """The author's node: agency, full id of its NODE_SIGN key, and the key's Ed25519 seed."""

    agency: str
    key_id: bytes
    seed: bytes = field(repr=False)


@dataclass(frozen=True)
class Position:
    """The next free place of a lane. ``previous_manifest_sha256`` is empty at seq 0 and only there."""

    incarnation: bytes
    seq: int
    previous_manifest_sha256: bytes = b""
    predecessor: Predecessor | None = None


@dataclass(frozen=True)
class Lane:
    """One author's stream to one audience under one charter version."""

    charter: Charter
    audience: Audience


@dataclass(frozen=True)
class LaneKey:
    """A lane key, its commitment, and the KEY envelope (by SHA-256 of its manifest) that brought it."""

    key: bytes = field(repr=False)
    commitment: bytes
    key_manifest_sha256: bytes


@dataclass(frozen=True)
class Sealed:
    """An envelope ready to store and send; ``content_key`` is for the author's own vault."""

    envelope_bytes: bytes = field(repr=False)
    received: Received = field(repr=False)
    content_key: bytes = field(repr=False)

    @property
    def manifest_sha256(self) -> bytes:
        return self.received.manifest_sha256

    @property
    def header(self) -> Header:
        return self.received.header


@dataclass(frozen=True)
class SealedKey:
    """A KEY envelope, the lane key it announces, and one wrap a reader in ascending order of agencies."""

    envelope_bytes: bytes = field(repr=False)
    received: Received = field(repr=False)
    lane_key: LaneKey
    wraps: tuple[WrapProof, ...] = field(repr=False)

    @property
    def manifest_sha256(self) -> bytes:
        return self.received.manifest_sha256

    @property
    def header(self) -> Header:
        return self.received.header


def seal_content(
    content: Content,
    klass: EnvelopeClass.Code,
    *,
    lane: Lane,
    lane_key: LaneKey,
    position: Position,
    priority: EnvelopePriority.Code,
    created: int,
    expires: int,
    signer: Signer,
    envelope_id: bytes,
    attachments: Sequence[bytes] = (),
    rng: Rng = DEFAULT_RNG,
) -> Sealed:
    """Seal a NOTICE, RECEIPT or CONTROL envelope. Times are Unix seconds.

    A notice's ``envelope_id`` is the one in its officer's statement; ``attachments`` are the names
    of ciphertexts, in the order of the content's attachment keys. Raises FanalError when it is too large.
    """
    content_key = rng(limits.KEY)
    header = _header(lane, position, signer, envelope_id, priority, created, expires)
    header.envelope_class = klass
    header.key_envelope = lane_key.key_manifest_sha256
    header.content_commitment = content_commitment(content.content_salt, core_of(content, klass))
    header.key_commitment = ciphers.content_key_commitment(content_key)
    header_bytes = strict.encode(header)
    body = ciphers.seal_body(content_key, header_bytes, padding.pad(strict.encode(content)))
    own_wrap = ciphers.wrap(lane_key.key, header_bytes, content_key)
    manifest = Manifest(
        header=header_bytes,
        body_sha256=sha256(body),
        body_length=len(body),
        own_wrap_sha256=sha256(own_wrap),
        attachments=attachments,
    )
    received = _sign(lane, header, manifest, signer, body, own_wrap)
    return Sealed(strict.encode(received.envelope), received, content_key)


def seal_key(
    readers: Mapping[str, tuple[bytes, bytes]],
    *,
    lane: Lane,
    position: Position,
    priority: EnvelopePriority.Code,
    created: int,
    expires: int,
    signer: Signer,
    rewraps: LaneKey | None = None,
    rng: Rng = DEFAULT_RNG,
) -> SealedKey:
    """Seal a new lane key, or ``rewraps`` an existing one, to the readers whose encryption keys are known.

    ``readers`` is what ``Directory.encryption_keys`` gives for the lane's readers: agency -> (key id, public
    key). Readers without a key are not in it and get a fresh KEY envelope later. X-Wing draws its own
    randomness, so only header and lane key follow ``rng``. Raises FanalError when nobody could read, and
    VerificationError for a reader outside the audience: no lane key is ever wrapped for a stranger.
    """
    if not readers:
        raise FanalError(NOBODY)
    for agency in readers:
        audiences.check_reader(agency, lane.audience, lane.charter)
    key = rewraps.key if rewraps else rng(limits.KEY)
    header = _header(lane, position, signer, rng(limits.ENVELOPE_ID), priority, created, expires)
    header.envelope_class = EnvelopeClass.KEY
    header.key_envelope = rewraps.key_manifest_sha256 if rewraps else b""
    header.key_commitment = ciphers.lane_key_commitment(key)
    header_bytes = strict.encode(header)
    tree = wraps.build(key, header_bytes, readers)
    manifest = Manifest(header=header_bytes, wraps_root=tree.root, wraps_count=len(tree.wraps))
    received = _sign(lane, header, manifest, signer)
    original = rewraps.key_manifest_sha256 if rewraps else received.manifest_sha256
    lane_key = LaneKey(key, header.key_commitment, original)
    proofs = wraps.proofs(tree, received.manifest_sha256)
    return SealedKey(strict.encode(received.envelope), received, lane_key, proofs)


def _header(
    lane: Lane,
    position: Position,
    signer: Signer,
    envelope_id: bytes,
    priority: EnvelopePriority.Code,
    created: int,
    expires: int,
) -> Header:
    return Header(
        network=lane.charter.network,
        version=limits.VERSION,
        suite=limits.SUITE,
        charter_version=lane.charter.version,
        charter_sha256=lane.charter.sha256,
        author=signer.agency,
        author_key_id=signer.key_id,
        lane=audiences.lane_id(lane.charter.network, signer.agency, lane.audience),
        incarnation=position.incarnation,
        seq=position.seq,
        previous_manifest_sha256=position.previous_manifest_sha256,
        envelope_id=envelope_id,
        audience=lane.audience,
        priority=priority,
        created=created,
        expires=expires,
        predecessor=position.predecessor,
    )


def _sign(
    lane: Lane, header: Header, manifest: Manifest, signer: Signer, body: bytes = b"", own_wrap: bytes = b""
) -> Received:
    """The signed envelope in the form a reader decodes it to. We never sign what a reader would refuse."""
    shape.check_header(header)
    shape.check_manifest(manifest, header)
    audiences.check_author(lane.audience, signer.agency, lane.charter)
    data = strict.encode(manifest)
    limit = limits.FLASH if header.priority == EnvelopePriority.FLASH else limits.ENVELOPE
    if len(data) + len(body) > limit:
        raise FanalError(TOO_LARGE, what="The sealed envelope", found=len(data) + len(body), limit=limit)
    signature = ed25519.sign(signer.seed, pae.pae(pae.MANIFEST, data))
    envelope = Envelope(manifest=data, signature=signature, body=body, own_wrap=own_wrap)
    return Received(header.envelope_id, header, manifest, sha256(data), envelope)

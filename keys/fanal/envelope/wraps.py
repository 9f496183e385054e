# SPDX-License-Identifier: Apache-2.0
"""Lane keys on their way: one X-Wing wrap a reader, each provable on its own under the signed wraps root.

Promise: a wrap opens for one recipient, one key of it and one KEY header only (they are HPKE's ``info``), and
whoever carries wraps can neither swap, add nor re-address one: the author's node signed root and count.
Leaves stand in ascending order of recipients; a leaf is the exact bytes of a Wrap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fanal.envelope import limits
from fanal.envelope.commitments import parts, sha256
from fanal.envelope.errors import WRAP
from fanal.errors import VerificationError
from fanal.keys import merkle, strict, xwing
from fanal.keys.pae import WRAP_INFO_DOMAIN, WRAPS_TREE
from fanal.v1.envelope_pb2 import Wrap, WrapProof


class WrapTree(NamedTuple):
    """The wraps of one KEY envelope before its manifest exists."""

    root: bytes
    wraps: tuple[bytes, ...]


def wrap_info(header: bytes, recipient: str, key_id: bytes) -> bytes:
    """HPKE's ``info``: SHA-256(header), recipient and key id, length-prefixed under a domain."""
    return parts(WRAP_INFO_DOMAIN, sha256(header), recipient.encode(), key_id)


def build(lane_key: bytes, header: bytes, readers: Mapping[str, tuple[bytes, bytes]]) -> WrapTree:
    """One wrap a reader; ``readers`` gives each agency's ENCRYPT key as (full id, X-Wing public key).

    X-Wing draws its own randomness, so two calls never give the same bytes.
    """
    wraps = tuple(_wrap(lane_key, header, agency, *readers[agency]) for agency in sorted(readers))
    return WrapTree(merkle.root_of(_hashes(wraps), WRAPS_TREE), wraps)


def proofs(tree: WrapTree, key_manifest_sha256: bytes) -> tuple[WrapProof, ...]:
    """Every wrap with its place under the root, once the manifest that names the root is signed."""
    hashes = _hashes(tree.wraps)
    return tuple(
        WrapProof(
            key_manifest_sha256=key_manifest_sha256,
            index=index,
            wrap=wrap,
            path=merkle.path_of(hashes, index, WRAPS_TREE),
        )
        for index, wrap in enumerate(tree.wraps)
    )


def check_proof(proof: WrapProof, manifest_sha256: bytes, root: bytes, count: int) -> Wrap:
    """The wrap, if the signed manifest holds it at this index; else VerificationError. Needs no secret."""
    if proof.key_manifest_sha256 != manifest_sha256:
        raise VerificationError(WRAP, reason="it belongs to another KEY envelope")
    if len(proof.wrap) > limits.WRAP:
        raise VerificationError(WRAP, reason=f"it is {len(proof.wrap)} bytes long, over {limits.WRAP}")
    leaf = merkle.leaf_hash(proof.wrap, WRAPS_TREE)
    merkle.verify_path(leaf, proof.index, count, list(proof.path), root, WRAPS_TREE)
    wrap = strict.decode(Wrap, proof.wrap, limits.WRAP)
    if len(wrap.key_id) != limits.HASH or len(wrap.sealed) != limits.SEALED_KEY:
        raise VerificationError(WRAP, reason="its key id or its sealed key has another length")
    return wrap


def recipient_of(wrap: bytes) -> str:
    """Whom a wrap says it is for, unverified; "" when it cannot be read."""
    try:
        return strict.decode(Wrap, wrap, limits.WRAP).recipient
    except VerificationError:
        return ""


def unseal(wrap: Wrap, header: bytes, seed: bytes) -> bytes:
    """The lane key; VerificationError if the wrap was made for another header, recipient or key."""
    key = xwing.open(seed, wrap_info(header, wrap.recipient, wrap.key_id), wrap.sealed)
    if len(key) != limits.KEY:
        raise VerificationError(WRAP, reason=f"what it holds is not a key of {limits.KEY} bytes")
    return key


def _wrap(lane_key: bytes, header: bytes, agency: str, key_id: bytes, public: bytes) -> bytes:
    sealed = xwing.seal(public, wrap_info(header, agency, key_id), lane_key)
    return strict.encode(Wrap(recipient=agency, key_id=key_id, sealed=sealed))


def _hashes(wraps: tuple[bytes, ...]) -> list[bytes]:
    return [merkle.leaf_hash(wrap, WRAPS_TREE) for wrap in wraps]

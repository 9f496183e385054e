# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962, section 2.1: hashing, small trees held in a list, and inclusion paths.

Promise: whoever knows a root and a size can check that one leaf stands at one index, and at no other.

``domain`` separates the trees of different uses: with ``prefix`` = one length byte and the ASCII domain, a
leaf is SHA-256(0x00 || prefix || data), a node SHA-256(0x01 || prefix || left || right) and the empty tree
SHA-256(prefix). Without a domain the prefix is empty, which is exactly the tree of RFC 6962 and RFC 9162.
The ledger uses the plain tree (tools that are not ours verify it); envelopes use domains.

A root does not commit to its size. Whoever signs a root signs the number of leaves beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from fanal.errors import VerificationError
from fanal.keys.merkle_errors import (
    HASH_LENGTH,
    INDEX_OUT_OF_RANGE,
    PROOF_LENGTH,
    ROOT_MISMATCH,
    SIZE_OUT_OF_RANGE,
)

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
"""Largest tree size: sizes fit a signed 64-bit column everywhere."""
MAX_PATH = 63
MAX_DOMAIN = 255


def _prefix(domain: str) -> bytes:
    if not domain:
        return b""
    encoded = domain.encode("ascii")
    if len(encoded) > MAX_DOMAIN:
        raise ValueError("a Merkle domain is at most 255 bytes long")
    return bytes([len(encoded)]) + encoded


def leaf_hash(data: bytes, domain: str = "") -> bytes:
    """The 32-byte hash of one leaf's bytes (RFC 6962, 2.1; RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + _prefix(domain) + data).digest()


def node_hash(left: bytes, right: bytes, domain: str = "") -> bytes:
    """The 32-byte hash of an inner node over its two 32-byte children."""
    return hashlib.sha256(b"\x01" + _prefix(domain) + left + right).digest()


def empty_root(domain: str = "") -> bytes:
    """The root of a tree without leaves."""
    return hashlib.sha256(_prefix(domain)).digest()


def root_of(leaf_hashes: Sequence[bytes], domain: str = "") -> bytes:
    """The root over leaf hashes held in memory, in O(n)."""
    if not leaf_hashes:
        return empty_root(domain)
    level = list(leaf_hashes)
    while len(level) > 1:
        level = _parents(level, domain)
    return level[0]


def paths_of(leaf_hashes: Sequence[bytes], domain: str = "") -> Iterator[list[bytes]]:
    """The inclusion path of every leaf in turn; hashes each inner node once for all of them."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        levels.append(_parents(levels[-1], domain))
    for index in range(len(leaf_hashes)):
        places = [(level, (index >> up) ^ 1) for up, level in enumerate(levels[:-1])]
        yield [level[sibling] for level, sibling in places if sibling < len(level)]


def path_of(leaf_hashes: Sequence[bytes], index: int, domain: str = "") -> list[bytes]:
    """The inclusion path of leaf ``index``, nearest sibling first (RFC 9162, 2.1.3.1).

    Raises VerificationError when there is no such leaf.
    """
    check_index(index, len(leaf_hashes))
    path: list[bytes] = []
    level = list(leaf_hashes)
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        level = _parents(level, domain)
        index >>= 1
    return path


def verify_path(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes, domain: str = ""
) -> None:
    """Accept only if ``path`` proves that the leaf hash ``leaf`` stands at ``index`` under ``root``.

    Raises VerificationError with the expected and the found value. Source: RFC 9162, 2.1.3.2.
    """
    found = root_by_path(leaf, index, size, path, domain)
    if found != root:
        raise VerificationError(ROOT_MISMATCH, expected=root.hex(), found=found.hex())


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes], domain: str = "") -> bytes:
    """The root that ``path`` gives the leaf hash ``leaf`` at ``index``, for the caller to compare.

    Raises VerificationError when index or path cannot belong to a tree of ``size``.
    """
    check_index(index, size)
    expected = path_length(index, size)
    if len(path) != expected:
        raise VerificationError(PROOF_LENGTH, expected=expected, found=len(path))
    check_hashes([leaf, *path])
    return _climb(leaf, index, size, path, domain)


def path_length(index: int, size: int) -> int:
    """How many hashes the inclusion path of ``index`` in a tree of ``size`` has."""
    last, count = size - 1, 0
    while last:
        count += index & 1 or index < last
        index, last = index >> 1, last >> 1
    return count


def check_size(size: int) -> None:
    """Raise VerificationError unless 0 <= size < 2**63."""
    if not 0 <= size <= MAX_SIZE:
        raise VerificationError(SIZE_OUT_OF_RANGE, expected=MAX_SIZE, found=size)


def check_index(index: int, size: int) -> None:
    """Raise VerificationError unless a tree of ``size`` leaves has a leaf ``index``."""
    check_size(size)
    if not 0 <= index < size:
        raise VerificationError(INDEX_OUT_OF_RANGE, expected=size, found=index)


def check_hashes(hashes: Sequence[bytes]) -> None:
    """Raise VerificationError unless every hash is 32 bytes long."""
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise VerificationError(HASH_LENGTH, expected=HASH_BYTES, found=len(value))


def _climb(node: bytes, index: int, size: int, path: Sequence[bytes], domain: str) -> bytes:
    last, siblings = size - 1, iter(path)
    while last:
        if index & 1:
            node = node_hash(next(siblings), node, domain)
        elif index < last:
            node = node_hash(node, next(siblings), domain)
        index, last = index >> 1, last >> 1
    return node


def _parents(level: list[bytes], domain: str) -> list[bytes]:
    # An odd last node moves up unhashed: the same tree as RFC 6962's split at the largest power of two.
    pairs = [node_hash(level[i], level[i + 1], domain) for i in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) - len(level) % 2 :]

# SPDX-License-Identifier: Apache-2.0
"""The ledger's Merkle tree: it grows leaf by leaf and proves what it held at any earlier size.

Promise: an append costs O(1) amortised and hands out every newly complete subtree once, so that a store
persists nodes and never rewrites one; each proof is made from O(log n) of them and checked from public
values alone. Node ``(level, index)`` is the root over the leaves ``index << level`` up to, not including,
``(index + 1) << level``. Sources: RFC 6962, 2.1 and RFC 9162, 2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fanal.errors import VerificationError
from fanal.keys import merkle
from fanal.keys.merkle import HASH_BYTES, MAX_SIZE, empty_root, leaf_hash, node_hash
from fanal.keys.merkle_errors import PROOF_LENGTH, ROOT_MISMATCH
from fanal.proof.errors import FRONTIER_MALFORMED, OLD_ROOT_MISMATCH, SIZES_REVERSED

__all__ = [
    "MAX_SIZE",
    "Frontier",
    "Node",
    "NodeSource",
    "consistency_proof",
    "empty_root",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root_at",
    "verify_consistency",
    "verify_inclusion",
]

NodeSource = Callable[[int, int], bytes]
"""Reads the stored hash of the complete subtree (level, index)."""

_SIZE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Node:
    """One complete subtree: it never changes once it exists."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True)
class Frontier:
    """The right edge of a tree: one complete subtree per set bit of ``size``, the largest first.

    It is a value: ``append`` gives the next one, so a batch that failed to commit leaves the old one good.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        merkle.check_size(self.size)
        merkle.check_hashes(self.hashes)
        if len(self.hashes) != self.size.bit_count():
            raise VerificationError(
                FRONTIER_MALFORMED,
                size=self.size,
                expected=_SIZE_BYTES + HASH_BYTES * self.size.bit_count(),
                found=_SIZE_BYTES + HASH_BYTES * len(self.hashes),
            )

    def append(self, leaf: bytes) -> tuple[Frontier, list[Node]]:
        """The tree with one more leaf hash, and the new complete subtrees, the leaf itself first.

        Raises VerificationError when the tree is full (2**63 - 1 leaves) or the hash is not 32 bytes.
        """
        edge = list(self.hashes)
        created = [Node(0, self.size, leaf)]
        level, index, node = 0, self.size, leaf
        while index & 1:
            node = node_hash(edge.pop(), node)
            level, index = level + 1, index >> 1
            created.append(Node(level, index, node))
        return Frontier(self.size + 1, (*edge, node)), created

    def root(self) -> bytes:
        """The tree's root, in O(log n)."""
        return _fold(self.hashes) if self.hashes else empty_root()

    def to_bytes(self) -> bytes:
        """Eight bytes of size, big-endian, then the hashes, the largest subtree first."""
        return self.size.to_bytes(_SIZE_BYTES) + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """The state that ``to_bytes`` wrote; any other length is a VerificationError."""
        size = int.from_bytes(data[:_SIZE_BYTES])
        expected = _SIZE_BYTES + HASH_BYTES * size.bit_count()
        if len(data) != expected:
            raise VerificationError(FRONTIER_MALFORMED, size=size, expected=expected, found=len(data))
        cuts = range(_SIZE_BYTES, expected, HASH_BYTES)
        return cls(size, tuple(data[i : i + HASH_BYTES] for i in cuts))

    @classmethod
    def from_nodes(cls, size: int, node: NodeSource) -> Frontier:
        """The state of a tree of ``size`` leaves, read from its stored nodes."""
        merkle.check_size(size)
        return cls(size, tuple(node(level, index) for level, index in _cover(0, size)))


def root_at(size: int, node: NodeSource) -> bytes:
    """The root that the tree had at ``size`` leaves, from stored nodes."""
    return Frontier.from_nodes(size, node).root()


def inclusion_proof(index: int, size: int, node: NodeSource) -> list[bytes]:
    """PATH(index, D[size]): the siblings from the leaf up, in O(log n) reads (RFC 9162, 2.1.3.1).

    Raises VerificationError when there is no such leaf.
    """
    merkle.check_index(index, size)
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, node))
            high = middle
        else:
            path.append(_range_root(low, middle, node))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: NodeSource) -> list[bytes]:
    """PROOF(old, D[new]): that the tree of ``old`` leaves is a prefix (RFC 9162, 2.1.4.1).

    Empty for ``old`` = 0 and ``old`` = ``new``. Raises VerificationError when ``old`` > ``new``.
    """
    _check_sizes(old, new)
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high = 0, new
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_root(middle, high, node))
            high = middle
        else:
            path.append(_range_root(low, middle, node))
            low = middle
    # RFC 9162's flag b: the old tree itself is left out when it is one complete subtree from leaf 0.
    if low:
        path.append(_range_root(low, high, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Accept only if the leaf hash stands at ``index`` in the tree of ``size`` leaves with ``root``.

    Raises VerificationError with the expected and found facts. Source: RFC 9162, 2.1.3.2.
    """
    merkle.verify_path(leaf, index, size, proof, root)


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Accept only if the tree (``old``, ``old_root``) is a prefix of the tree (``new``, ``new_root``).

    From size 0 everything grows: the proof is empty and the old root is that of the empty tree. Raises
    VerificationError with the expected and found facts. Source: RFC 9162, 2.1.4.2.
    """
    _check_sizes(old, new)
    merkle.check_hashes([old_root, new_root, *proof])
    expected = _consistency_length(old, new)
    if len(proof) != expected:
        raise VerificationError(PROOF_LENGTH, expected=expected, found=len(proof))
    if old == 0:
        _match_old(old, old_root, empty_root())
        if new == 0:
            _match_new(new_root, empty_root())
        return
    if old == new:
        _match_old(old, old_root, new_root)
        return
    found_old, found_new = _replay(old, old_root, new, proof)
    _match_old(old, old_root, found_old)
    _match_new(new_root, found_new)


def _replay(old: int, old_root: bytes, new: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Both roots as the proof implies them."""
    siblings = iter(proof)
    last_old, last_new = old - 1, new - 1
    while last_old & 1:
        last_old, last_new = last_old >> 1, last_new >> 1
    # At last_old = 0 the old tree is one complete subtree: the climb starts at its root.
    found_old = found_new = next(siblings) if last_old else old_root
    while last_new:
        if last_old & 1:
            sibling = next(siblings)
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
        elif last_old < last_new:
            found_new = node_hash(found_new, next(siblings))
        last_old, last_new = last_old >> 1, last_new >> 1
    return found_old, found_new


def _consistency_length(old: int, new: int) -> int:
    if old in (0, new):
        return 0
    last_old, last_new = old - 1, new - 1
    while last_old & 1:
        last_old, last_new = last_old >> 1, last_new >> 1
    return (last_old > 0) + merkle.path_length(last_old, last_new + 1)


def _match_old(size: int, expected: bytes, found: bytes) -> None:
    if expected != found:
        raise VerificationError(OLD_ROOT_MISMATCH, size=size, expected=expected.hex(), found=found.hex())


def _match_new(expected: bytes, found: bytes) -> None:
    if expected != found:
        raise VerificationError(ROOT_MISMATCH, expected=expected.hex(), found=found.hex())


def _check_sizes(old: int, new: int) -> None:
    merkle.check_size(old)
    merkle.check_size(new)
    if old > new:
        raise VerificationError(SIZES_REVERSED, old=old, new=new)


def _split(count: int) -> int:
    """The largest power of two below ``count`` (which is 2 or more)."""
    return 1 << ((count - 1).bit_length() - 1)


def _cover(low: int, high: int) -> list[tuple[int, int]]:
    """The complete subtrees over the leaves low..high-1, the largest first (``low`` is aligned to it)."""
    nodes: list[tuple[int, int]] = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append((level, low >> level))
        low += 1 << level
    return nodes


def _range_root(low: int, high: int, node: NodeSource) -> bytes:
    return _fold([node(level, index) for level, index in _cover(low, high)])


def _fold(subtrees: Sequence[bytes]) -> bytes:
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root

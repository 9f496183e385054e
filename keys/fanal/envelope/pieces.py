# SPDX-License-Identifier: Apache-2.0
"""An attachment's ciphertext in pieces of 64 KiB, each of which verifies alone under a 32-byte name.

Promise: whoever knows the name can check a piece before storing it, in any order and from anybody; no piece
can be altered, swapped, repeated, added or left out. Needs no key: relays do the same.

    name = H("fanal/attachment/v1" NUL, length in 8 bytes, Merkle root over the pieces)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from fanal.envelope import limits
from fanal.envelope.commitments import digest
from fanal.envelope.errors import ATTACHMENT
from fanal.envelope.padding import padme
from fanal.errors import VerificationError
from fanal.keys import merkle
from fanal.keys.pae import ATTACHMENT_DOMAIN, PIECES_TREE

PIECE: Final = 64 * 1024
"""Bytes of ciphertext in one piece; the last has 1 to so many."""
CHUNK: Final = 64 * 1024
"""Bytes of the padded file in one message of the stream; the last has 1 to so many."""
HEADER: Final = 24
TAG: Final = 17
"""What libsodium's secretstream adds: once in front, and to each message."""


def sealed_length(size: int) -> int:
    """Bytes of ciphertext of a file of ``size`` bytes."""
    padded = padme(size)
    return HEADER + padded + TAG * -(-padded // CHUNK)


LONGEST: Final = sealed_length(limits.ATTACHMENT)
"""Bytes of ciphertext of the largest attachment."""


def pieces_of(length: int) -> int:
    """How many pieces a ciphertext of ``length`` bytes has."""
    return -(-length // PIECE)


MOST_PIECES: Final = pieces_of(LONGEST)
PATH: Final = (MOST_PIECES - 1).bit_length()
"""Most hashes in the path of a piece."""


def piece_bytes(length: int, index: int) -> int:
    """How long piece ``index`` is."""
    return min(PIECE, length - index * PIECE)


def name_of(length: int, root: bytes) -> bytes:
    """The name of a ciphertext. A root does not commit to its size, so the length stands beside it."""
    return digest(ATTACHMENT_DOMAIN, length.to_bytes(8), root)


def check_piece(name: bytes, length: int, index: int, data: bytes, path: Sequence[bytes]) -> None:
    """Raise VerificationError unless ``data`` is piece ``index`` of the ciphertext ``name``, which then is
    ``length`` bytes long."""
    if not 0 < length <= LONGEST:
        raise VerificationError(ATTACHMENT, reason=f"a length of {length} bytes")
    merkle.check_index(index, pieces_of(length))
    if len(data) != piece_bytes(length, index):
        raise VerificationError(ATTACHMENT, reason=f"piece {index} has {len(data)} bytes")
    leaf = merkle.leaf_hash(data, PIECES_TREE)
    root = merkle.root_by_path(leaf, index, pieces_of(length), path, PIECES_TREE)
    if name_of(length, root) != name:
        raise VerificationError(ATTACHMENT, reason=f"piece {index} is another one")


@dataclass
class Pieces:
    """The tree over a ciphertext that goes by: feed all its bytes in order, then ask."""

    length: int = 0
    hashes: list[bytes] = field(default_factory=list)
    _rest: bytearray = field(default_factory=bytearray, repr=False)

    def feed(self, data: bytes) -> None:
        """The next bytes of the ciphertext, as many as there are."""
        self.length += len(data)
        self._rest += data
        while len(self._rest) >= PIECE:
            self._take(PIECE)

    def name(self) -> bytes:
        """The name of what was fed."""
        self._take(len(self._rest))
        return name_of(self.length, merkle.root_of(self.hashes, PIECES_TREE))

    def paths(self) -> Iterator[list[bytes]]:
        """The path of each piece in turn."""
        self._take(len(self._rest))
        return merkle.paths_of(self.hashes, PIECES_TREE)

    def _take(self, count: int) -> None:
        if count:
            self.hashes.append(merkle.leaf_hash(bytes(self._rest[:count]), PIECES_TREE))
            del self._rest[:count]

# SPDX-License-Identifier: Apache-2.0
"""The form of a courier file: written frame by frame, and read only when every byte of it is accounted for.

    "fanal-courier/1" LF | length header | { length frame } | 00000000 | SHA-256 | Ed25519 signature

A length is four big-endian bytes. The hash is over all before it, the signature over PAE(courier type, hash).
Promise: `opened` gives a file only if its hash fits, and looks at none of its frames; `check_signature` says
whose it is; `Opened.frames` ends only where the structure fits to the last byte. docs/courier.md tells it to
other implementations.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from google.protobuf.message import DecodeError

from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519, strict
from fanal.keys.pae import COURIER, pae
from fanal.node.courier.errors import (
    BAD_FRAME,
    FILE_DAMAGED,
    FILE_TOO_LARGE,
    NOT_A_COURIER_FILE,
    NOT_SIGNED,
    OTHER_FORM,
    TOO_MANY_FRAMES,
)
from fanal.node.gossip.frames import check_frame
from fanal.node.gossip.limits import GossipLimits
from fanal.v1.courier_pb2 import CourierHeader
from fanal.v1.peer_pb2 import Frame

FAMILY = b"fanal-courier/"
MAGIC = FAMILY + b"1\n"
LIMITS = GossipLimits()
"""Frames in a file are bounded as those of a link."""
HEADER_BYTES = 256 * 1024
LEAST_BYTES = 2 * 1024 * 1024
"""The smallest limit an export may have: any one frame fits."""
MOST_BYTES = 256 * 1024 * 1024
MOST_FRAMES = 1 << 20
"""In a file: reading costs by frame. The largest file has room for 256 bytes in each; entries are packed, and
a lane key with its wraps is larger."""
_LENGTH = 4
_HASH = 32
_SEAL = _HASH + ed25519.SIGNATURE_BYTES
_BLOCK = 1024 * 1024


class Writer:
    """A file that grows by frames, MOST_FRAMES at most, while they fit in ``limit`` bytes with its seal."""

    def __init__(self, file: IO[bytes], header: CourierHeader, limit: int) -> None:
        if not LEAST_BYTES <= limit <= MOST_BYTES:
            raise FanalError(FILE_TOO_LARGE, found=limit, least=LEAST_BYTES, limit=MOST_BYTES)
        self._file, self._hash = file, hashlib.sha256()
        self._left, self._frames = limit - _LENGTH - _SEAL, 0
        self._put(MAGIC)
        self._put_part(strict.encode(header))

    def put(self, frame: Frame) -> bool:
        """False, and nothing written, when there is no room."""
        data = frame.SerializeToString(deterministic=True)
        if len(data) + _LENGTH > self._left or self._frames >= MOST_FRAMES:
            return False
        self._frames += 1
        self._put_part(data)
        return True

    def finish(self, seed: bytes) -> None:
        """Sign it."""
        self._put(bytes(_LENGTH))
        digest = self._hash.digest()
        self._file.write(digest + ed25519.sign(seed, pae(COURIER, digest)))

    def _put_part(self, data: bytes) -> None:
        self._put(len(data).to_bytes(_LENGTH, "big") + data)

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._left -= len(data)


@dataclass(frozen=True)
class Opened:
    """A whole file of the right form, whoever made it. ``sha256`` is over the whole file."""

    file: IO[bytes]
    header: CourierHeader
    sha256: bytes
    signed: bytes
    signature: bytes
    first_frame: int
    stop: int
    """Where its frames end."""

    @property
    def sender(self) -> str:
        return self.header.hello.agency

    def frames(self) -> Iterator[tuple[str, Frame]]:
        """Every frame with the name of its kind; kinds of newer nodes are left out. Raises BAD_FRAME,
        TOO_MANY_FRAMES, and FILE_DAMAGED when frames do not follow each other to just before the seal."""
        self.file.seek(self.first_frame)
        count = 0
        while (data := _part(self.file, LIMITS.frame_bytes)) and self.file.tell() <= self.stop:
            count += 1
            if count > MOST_FRAMES:
                raise VerificationError(TOO_MANY_FRAMES, sender=self.sender, limit=MOST_FRAMES)
            try:
                frame = Frame.FromString(data)
                kind = check_frame(self.sender, frame, LIMITS)
            except (DecodeError, FanalError) as error:
                raise VerificationError(BAD_FRAME, sender=self.sender) from error
            if kind is not None:
                yield kind, frame
        if self.file.tell() != self.stop:
            raise VerificationError(FILE_DAMAGED)

    def check_signature(self, public: bytes) -> None:
        """Raises NOT_SIGNED."""
        try:
            ed25519.verify(public, pae(COURIER, self.signed), self.signature)
        except VerificationError as error:
            raise VerificationError(NOT_SIGNED, sender=self.sender) from error


def opened(file: IO[bytes]) -> Opened:
    """The file, hashed. Raises FILE_TOO_LARGE, NOT_A_COURIER_FILE, OTHER_FORM, FILE_DAMAGED."""
    size = file.seek(0, os.SEEK_END)
    if size > MOST_BYTES:
        raise FanalError(FILE_TOO_LARGE, found=size, least=0, limit=MOST_BYTES)
    _check_magic(file)
    sealed_at = size - _SEAL
    if sealed_at < len(MAGIC) + 2 * _LENGTH:
        raise VerificationError(FILE_DAMAGED)
    whole = hash_to(file, sealed_at)
    signed = whole.digest()
    seal = file.read(_SEAL)
    if seal[:_HASH] != signed:
        raise VerificationError(FILE_DAMAGED)
    whole.update(seal)
    file.seek(len(MAGIC))
    header = _header(_part(file, HEADER_BYTES))
    return Opened(file, header, whole.digest(), signed, seal[_HASH:], file.tell(), sealed_at)


def _check_magic(file: IO[bytes]) -> None:
    file.seek(0)
    found = file.read(len(MAGIC))
    if found == MAGIC:
        return
    if found and MAGIC.startswith(found):
        raise VerificationError(FILE_DAMAGED)
    if not found.startswith(FAMILY):
        raise VerificationError(NOT_A_COURIER_FILE)
    version = found[len(FAMILY) :].decode("ascii", "replace").strip()
    raise VerificationError(OTHER_FORM, found=version, expected=MAGIC[len(FAMILY) :].decode().strip())


def hash_to(file: IO[bytes], stop: int) -> hashlib._Hash:
    """SHA-256 over the first bytes of a file, which is left behind them. Raises FILE_DAMAGED."""
    digest = hashlib.sha256()
    file.seek(0)
    while stop > 0:
        block = file.read(min(_BLOCK, stop))
        if not block:
            raise VerificationError(FILE_DAMAGED)
        digest.update(block)
        stop -= len(block)
    return digest


def _header(data: bytes) -> CourierHeader:
    try:
        return strict.decode(CourierHeader, data, HEADER_BYTES)
    except VerificationError as error:
        raise VerificationError(FILE_DAMAGED) from error


def _part(file: IO[bytes], limit: int) -> bytes:
    length = int.from_bytes(file.read(_LENGTH), "big")
    if length > limit:
        raise VerificationError(FILE_DAMAGED)
    data = file.read(length)
    if len(data) != length:
        raise VerificationError(FILE_DAMAGED)
    return data

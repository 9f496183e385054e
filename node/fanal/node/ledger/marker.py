# SPDX-License-Identifier: Apache-2.0
"""The marker outside the database: how far this incarnation had come when something could last leave it.

Promise: once ``write`` returns, a database that is restored or copied back to an earlier state is noticed at
the next start, so no sequence number and no log size is ever signed twice.

The file has two slots, written in turn: a torn write leaves the other one good. A slot is a generation
(eight bytes), a length (one byte), a ``fanal.v1.Marker`` and SHA-256 over the three; the highest generation
counts. Each slot has a block of its own, so that one torn sector never hits both.
"""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import DecodeError

from fanal.node.ledger.database import sync_folder
from fanal.v1.ledger_pb2 import Marker as MarkerMessage

TRIES = 3
"""Without them an append whose commit is durable would be refused, and the database forced into its file."""
_BLOCK = 4096
_HASH = 32
_GENERATION = 8
_SLOT = _GENERATION + 1 + 255 + _HASH


@dataclass(frozen=True)
class Mark:
    """Incarnation, leaves of the log, and entries, as last written."""

    incarnation: bytes
    size: int
    entries: int


class Marker:
    """The open marker file. One writer, which holds the data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        existed = path.exists()
        self._handle = _open(path)
        self._generation = 0
        self.damaged = False
        self.last = self._read() if existed else None
        if os.fstat(self._handle).st_size < 2 * _BLOCK:
            # Room for both slots now, so that a full disk cannot refuse a later write.
            _write(self._handle, bytes(_BLOCK), _BLOCK)
            os.fsync(self._handle)
            sync_folder(path.parent)
        if self.last is not None:
            # After a failed sync the kernel may show what is not on the disk, and the other slot is next.
            self._put(self._generation, self.last)

    def write(self, mark: Mark) -> None:
        """Durable on return. Raises OSError after ``TRIES``. Each time the same slot is written anew, through
        a new handle: the kernel tells one sync of a handle that a page was lost, and the next would claim
        that all is well. The other slot stays as it is, so nothing that was marked before is at stake.
        """
        if mark == self.last:
            return
        self._put(self._generation + 1, mark)
        self._generation, self.last = self._generation + 1, mark

    def close(self) -> None:
        os.close(self._handle)

    def _put(self, generation: int, mark: Mark) -> None:
        message = MarkerMessage(incarnation=mark.incarnation, size=mark.size, last_sequence=mark.entries)
        data = message.SerializeToString(deterministic=True)
        framed = generation.to_bytes(_GENERATION) + bytes([len(data)]) + data
        for left in reversed(range(TRIES)):
            try:
                _write(self._handle, framed + hashlib.sha256(framed).digest(), (generation & 1) * _BLOCK)
                os.fdatasync(self._handle)
                break
            except OSError:
                self.close()
                self._handle = _open(self._path)
                if not left:
                    raise

    def _read(self) -> Mark | None:
        found = _newest([os.pread(self._handle, _SLOT, slot * _BLOCK) for slot in (0, 1)])
        if found is None:
            self.damaged = os.fstat(self._handle).st_size > 0
            return None
        self._generation, mark = found
        return mark


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _write(handle: int, data: bytes, offset: int) -> None:
    """All of it, or OSError: what is cut short is a full disk."""
    if os.pwrite(handle, data, offset) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read(path: Path) -> Mark | None:
    """The marker as it is, for an auditor; None when there is none or it is damaged."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        data = file.read(2 * _BLOCK)
    found = _newest([data[slot * _BLOCK :][:_SLOT] for slot in (0, 1)])
    return found[1] if found else None


def _newest(slots: list[bytes]) -> tuple[int, Mark] | None:
    good = [found for found in map(_decode, slots) if found is not None]
    return max(good, key=lambda found: found[0], default=None)


def _decode(slot: bytes) -> tuple[int, Mark] | None:
    length = slot[_GENERATION] if len(slot) > _GENERATION else 0
    end = _GENERATION + 1 + length
    framed, digest = slot[:end], slot[end : end + _HASH]
    if not length or hashlib.sha256(framed).digest() != digest:
        return None
    try:
        message = MarkerMessage.FromString(framed[_GENERATION + 1 :])
    except DecodeError:
        return None
    generation = int.from_bytes(framed[:_GENERATION])
    return generation, Mark(message.incarnation, message.size, message.last_sequence)

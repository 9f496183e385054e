# SPDX-License-Identifier: Apache-2.0
"""Sealing and opening attached files, as streams, on the officer's machine; memory stays flat.

Promise: who has the key gets exactly the file whose size and SHA-256 the officer signed, or an error.

    ciphertext = secretstream header (24), then messages of 64 KiB of the zero-padded file (17 bytes longer)

The last message is tagged FINAL, all others MESSAGE (libsodium, crypto_secretstream_xchacha20poly1305). The
padding is Padme's, so the exact size is told to readers only. The cipher does not commit to its key; the
SHA-256 under the officer's signature does, so two readers cannot be given two files.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumError

from fanal.envelope import limits
from fanal.envelope.commitments import DEFAULT_RNG, Rng
from fanal.envelope.errors import ATTACHMENT, ATTACHMENT_SIZE
from fanal.envelope.padding import padme
from fanal.envelope.pieces import CHUNK, HEADER, TAG, Pieces, sealed_length
from fanal.errors import FanalError, VerificationError

_MESSAGE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL

Sink = Callable[[bytes], object]


@dataclass(frozen=True)
class SealedFile:
    """What sealing a file gave: its name and key, and what the notice says about it."""

    name: bytes
    key: bytes = field(repr=False)
    length: int
    size: int
    sha256: bytes


def seal_file(
    read: Callable[[int], bytes], sink: Sink, limit: int = limits.ATTACHMENT, rng: Rng = DEFAULT_RNG
) -> SealedFile:
    """Encrypt what ``read`` gives, up to its end, under a new key; the ciphertext goes to ``sink`` in order.

    Raises ATTACHMENT_SIZE as soon as there is more than ``limit`` bytes.
    """
    key, plain, pieces = rng(limits.KEY), _Plain(read, min(limit, limits.ATTACHMENT)), Pieces()
    state = bindings.crypto_secretstream_xchacha20poly1305_state()

    def out(data: bytes) -> None:
        pieces.feed(data)
        sink(data)

    out(bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key))
    for chunk, last in _with_last(_padded(plain)):
        tag = _FINAL if last else _MESSAGE
        out(bindings.crypto_secretstream_xchacha20poly1305_push(state, chunk, None, tag))
    return SealedFile(pieces.name(), key, pieces.length, plain.size, plain.digest.digest())


def open_file(parts: Iterable[bytes], key: bytes, size: int, sha256: bytes, sink: Sink) -> None:
    """Decrypt a ciphertext, cut into parts in any way, into ``sink``.

    Returns only if it was whole, and the file of ``size`` bytes with this SHA-256. Raises VerificationError;
    what went to ``sink`` until then is authentic and must be thrown away all the same.
    """
    if not 0 <= size <= limits.ATTACHMENT:
        raise VerificationError(ATTACHMENT, reason=f"a size of {size} bytes")
    left, found = size, hashlib.sha256()
    for chunk in _opened(_messages(parts, sealed_length(size)), key):
        plain, padding = chunk[:left], chunk[left:]
        if padding.strip(b"\x00"):
            raise VerificationError(ATTACHMENT, reason="it is longer than the notice says")
        left -= len(plain)
        found.update(plain)
        sink(plain)
    if not hmac.compare_digest(found.digest(), sha256):
        raise VerificationError(ATTACHMENT, reason="its SHA-256 is not the one in the notice")


@dataclass
class _Plain:
    """A file that is read within a bound and hashed on the way."""

    read: Callable[[int], bytes]
    limit: int
    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def chunks(self) -> Iterator[bytes]:
        while data := self.read(CHUNK):
            self.size += len(data)
            if self.size > self.limit:
                raise FanalError(ATTACHMENT_SIZE, found=self.size, limit=self.limit)
            self.digest.update(data)
            yield data


def _padded(plain: _Plain) -> Iterator[bytes]:
    """The file and zeros up to its Padme length, in chunks that are full but for the last."""
    rest = bytearray()
    for data in plain.chunks():
        rest += data
        while len(rest) >= CHUNK:
            yield bytes(rest[:CHUNK])
            del rest[:CHUNK]
    zeros = padme(plain.size) - plain.size
    while rest or zeros:
        added = min(zeros, CHUNK - len(rest))
        zeros -= added
        yield bytes(rest) + bytes(added)
        rest.clear()


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    before: bytes | None = None
    for chunk in chunks:
        if before is not None:
            yield before, False
        before = chunk
    if before is not None:
        yield before, True


def _messages(parts: Iterable[bytes], length: int) -> Iterator[bytes]:
    """Header and messages of a ciphertext that must be ``length`` bytes long."""
    rest, want, taken = bytearray(), HEADER, 0
    for part in parts:
        taken += len(part)
        if taken > length:
            raise VerificationError(ATTACHMENT, reason=f"it has more than {length} bytes")
        rest += part
        while len(rest) >= want:
            yield bytes(rest[:want])
            del rest[:want]
            want = CHUNK + TAG
    if taken != length:
        raise VerificationError(ATTACHMENT, reason=f"it ends after {taken} of {length} bytes")
    if rest:
        yield bytes(rest)


def _opened(messages: Iterator[bytes], key: bytes) -> Iterator[bytes]:
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    header = next(messages)  # a ciphertext that is too short has raised already
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    for message, last in _with_last(messages):
        try:
            chunk, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, message)
        except SodiumError:
            raise VerificationError(ATTACHMENT, reason="it does not open with its key") from None
        if tag != (_FINAL if last else _MESSAGE):
            raise VerificationError(ATTACHMENT, reason="its end is not where it should be")
        yield chunk

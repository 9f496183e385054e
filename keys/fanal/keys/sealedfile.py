# SPDX-License-Identifier: Apache-2.0
"""One file of named secrets for a safe place: secretstream under a passphrase of its own.

Promise: without the secret the file gives nothing away, and a part that was cut off, moved or changed is
noticed before anything of it is used. Layout, integers big-endian::

    magic "FANALKB1" | passes 4 | KiB 4 | salt 16 | secretstream header 24 | chunks

A chunk is at most 64 KiB of plain text and 17 bytes more; the last one, and no other, carries the final tag.
The first four fields are associated data of each. The key is the passphrase through Argon2id with that cost.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Mapping
from pathlib import Path

from nacl import bindings
from nacl.exceptions import CryptoError

from fanal.errors import FanalError
from fanal.keys.file_errors import BACKUP_DAMAGED, BACKUP_FORMAT
from fanal.keys.files import read_private, write_private
from fanal.keys.keystore import DEFAULT_COST, Cost, check_cost, pack, stretch, unpack
from fanal.keys.secret import Passphrase

MAX_FILE = 32 * 1024 * 1024
CHUNK = 64 * 1024
_MAGIC = b"FANALKB1"
_HEAD = struct.Struct(">8sII16s")
_STREAM = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_MORE = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_LAST = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_NEXT = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


def write_sealed(
    path: Path, passphrase: Passphrase, entries: Mapping[str, bytes], cost: Cost = DEFAULT_COST
) -> None:
    """Write a new file of mode 0600. Raises FanalError if it exists or cannot be written."""
    salt = secrets.token_bytes(16)
    head = _HEAD.pack(_MAGIC, cost.passes, cost.kib, salt)
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    key = stretch(passphrase, salt, cost)
    header = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    plain, parts = pack(entries), [head, header]
    for at in range(0, max(1, len(plain)), CHUNK):
        tag = _LAST if at + CHUNK >= len(plain) else _NEXT
        chunk = plain[at : at + CHUNK]
        parts.append(bindings.crypto_secretstream_xchacha20poly1305_push(state, chunk, head, tag))
    write_private(path, b"".join(parts), replace=False)


def read_sealed(path: Path, passphrase: Passphrase) -> dict[str, bytes]:
    """What ``write_sealed`` wrote. Raises FanalError: another format, an absurd cost, and BACKUP_DAMAGED for
    a wrong passphrase, a change or a missing end, which nobody can tell apart."""
    data = read_private(path, MAX_FILE)
    if len(data) < _HEAD.size + _STREAM + _MORE or not data.startswith(_MAGIC):
        raise FanalError(BACKUP_FORMAT, path=str(path))
    head, rest = data[: _HEAD.size], data[_HEAD.size :]
    _magic, passes, kib, salt = _HEAD.unpack(head)
    check_cost(path, Cost(passes, kib))
    try:
        return unpack(_opened(stretch(passphrase, salt, Cost(passes, kib)), head, rest))
    except (CryptoError, ValueError, RuntimeError):
        raise FanalError(BACKUP_DAMAGED, path=str(path)) from None


def _opened(key: bytes, head: bytes, data: bytes) -> bytes:
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, data[:_STREAM], key)
    plain, size = [], CHUNK + _MORE
    chunks = [data[at : at + size] for at in range(_STREAM, len(data), size)]
    for number, chunk in enumerate(chunks, 1):
        text, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, chunk, head)
        if (tag == _LAST) != (number == len(chunks)):
            raise ValueError("the end is missing, or not at the end")
        plain.append(text)
    return b"".join(plain)

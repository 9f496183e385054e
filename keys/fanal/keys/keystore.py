# SPDX-License-Identifier: Apache-2.0
"""A keystore: one file of named secrets, sealed under a passphrase or a key file.

Promise: without the secret the file gives away no name and no value, and every change to it is noticed.
Layout, integers big-endian::

    magic "FANALKS1" | slot 1 | passes 4 | KiB 4 | salt 16 | nonce 24 | length 4 | ciphertext | SHA-256 32

Slot 1 is a passphrase through Argon2id (RFC 9106) with that cost, slot 2 a 32-byte key file without
stretching (cost 0). The ciphertext is XChaCha20-Poly1305 with everything before it as associated data. The
SHA-256 at the end protects nothing; it tells a damaged file from a wrong passphrase.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nacl import bindings, pwhash
from nacl.exceptions import CryptoError

from fanal.errors import FanalError
from fanal.keys.file_errors import (
    KEYSTORE_COST,
    KEYSTORE_DAMAGED,
    KEYSTORE_ENTRY,
    KEYSTORE_FORMAT,
    KEYSTORE_TRUNCATED,
    WRONG_KEY_FILE,
    WRONG_PASSPHRASE,
    WRONG_SLOT,
)
from fanal.keys.files import PATIENCE, exclusive, read_private, remove_unfinished, write_private
from fanal.keys.pae import KEYSTORE_DOMAIN
from fanal.keys.secret import KeyFile, Passphrase, Secret

MAX_FILE = 1024 * 1024
MAX_PASSES = 16
MAX_KIB = 1024 * 1024
"""Cost a file may ask for: 16 passes over 1 GiB. More is an attack on this machine's memory."""

_MAGIC = b"FANALKS1"
_HEADER = struct.Struct(">8sBII16s24sI")
_CHECKSUM = 32
_SLOT_PASSPHRASE, _SLOT_KEY_FILE = 1, 2
_SLOT_NAMES = {_SLOT_PASSPHRASE: "passphrase", _SLOT_KEY_FILE: "key file"}


@dataclass(frozen=True)
class Cost:
    """Argon2id: passes over memory. The default takes about 0.3 s and 256 MiB (RFC 9106, 4)."""

    passes: int = 3
    kib: int = 256 * 1024


DEFAULT_COST = Cost()


@dataclass(frozen=True)
class _Header:
    slot: int
    cost: Cost
    salt: bytes
    nonce: bytes
    length: int

    def encode(self) -> bytes:
        cost = self.cost
        return _HEADER.pack(_MAGIC, self.slot, cost.passes, cost.kib, self.salt, self.nonce, self.length)


class Keystore(Mapping[str, bytes]):
    """The opened file: a mapping of name to secret bytes. ``put`` changes memory, ``save`` the file."""

    def __init__(self, path: Path, header: _Header, key: bytes, entries: dict[str, bytes]) -> None:
        self._path, self._header, self._key, self._entries = path, header, key, entries

    @classmethod
    def create(
        cls, path: Path, secret: Secret, entries: Mapping[str, bytes], cost: Cost = DEFAULT_COST
    ) -> Keystore:
        """Write a new keystore of mode 0600. Raises FanalError if the file exists or cannot be written."""
        is_key_file = isinstance(secret, KeyFile)
        slot = _SLOT_KEY_FILE if is_key_file else _SLOT_PASSPHRASE
        header = _Header(slot, Cost(0, 0) if is_key_file else cost, secrets.token_bytes(16), b"", 0)
        store = cls(path, header, _derive(header, secret), dict(entries))
        write_private(path, store._sealed(), replace=False)
        return store

    @classmethod
    def open(cls, path: Path, secret: Secret) -> Keystore:
        """Open a keystore. Raises FanalError, one kind each: absent, no ordinary file, readable by others,
        truncated, another format, damaged, absurd cost, other kind of secret, wrong secret.
        """
        data = read_private(path, MAX_FILE)
        header = _read_header(path, data)
        _check_slot(path, header, secret)
        key = _derive(header, secret)
        return cls(path, header, key, _open(path, data, header, key))

    def put(self, name: str, value: bytes) -> None:
        """Set one entry in memory; ``save`` makes it durable."""
        self._entries[name] = value

    def remove(self, name: str) -> None:
        """Remove one entry in memory. Raises FanalError if there is none."""
        self.get_secret(name)
        del self._entries[name]

    def refresh(self) -> None:
        """Read the file again: somebody else may have written it since. Raises as ``open``; WRONG_PASSPHRASE
        or WRONG_KEY_FILE when it was sealed anew under another secret."""
        data = read_private(self._path, MAX_FILE)
        header = _read_header(self._path, data)
        self._entries = _open(self._path, data, header, self._key)
        self._header = header

    @contextlib.contextmanager
    def changing(self, patience: float = PATIENCE) -> Iterator[None]:
        """Nobody else writes the file meanwhile, and it was read again: ``save`` loses nothing that another
        process put there. Raises as ``refresh``, and KEYS_IN_USE after so many seconds."""
        with exclusive(self._path.parent, patience):
            self.refresh()
            yield

    def save(self, *, sweep: bool = False) -> None:
        """Replace the file, durably, under a new nonce. Raises FanalError; the old file then stays.

        ``sweep``: files that an interrupted writing left beside it go first, for they hold older entries.
        """
        if sweep:
            remove_unfinished(self._path)
        write_private(self._path, self._sealed(), replace=True)

    def get_secret(self, name: str) -> bytes:
        """The entry with this name. Raises FanalError (KEYSTORE_ENTRY), where ``[]`` raises KeyError."""
        if name not in self._entries:
            raise FanalError(KEYSTORE_ENTRY, path=str(self._path), name=name)
        return self._entries[name]

    def __getitem__(self, name: str) -> bytes:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Keystore({str(self._path)!r}, {len(self)} entries)"

    def _sealed(self) -> bytes:
        plain = pack(self._entries)
        old = self._header
        nonce = secrets.token_bytes(24)
        header = _Header(old.slot, old.cost, old.salt, nonce, len(plain) + 16).encode()
        sealed = header + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, header, nonce, self._key)
        return sealed + hashlib.sha256(sealed).digest()


def _open(path: Path, data: bytes, header: _Header, key: bytes) -> dict[str, bytes]:
    ciphertext = data[_HEADER.size : -_CHECKSUM]
    try:
        plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            ciphertext, header.encode(), header.nonce, key
        )
    except CryptoError:
        kind = WRONG_KEY_FILE if header.slot == _SLOT_KEY_FILE else WRONG_PASSPHRASE
        raise FanalError(kind, path=str(path)) from None
    return unpack(plain)


def _read_header(path: Path, data: bytes) -> _Header:
    shortest = _HEADER.size + _CHECKSUM
    if not data.startswith(_MAGIC[: len(data)]):
        raise FanalError(KEYSTORE_FORMAT, path=str(path))
    if len(data) < shortest:
        raise FanalError(KEYSTORE_TRUNCATED, path=str(path), found=len(data), expected=shortest)
    _magic, slot, passes, kib, salt, nonce, length = _HEADER.unpack_from(data)
    if len(data) < shortest + length:
        raise FanalError(KEYSTORE_TRUNCATED, path=str(path), found=len(data), expected=shortest + length)
    if hashlib.sha256(data[:-_CHECKSUM]).digest() != data[-_CHECKSUM:] or len(data) != shortest + length:
        raise FanalError(KEYSTORE_DAMAGED, path=str(path))
    return _Header(slot, Cost(passes, kib), salt, nonce, length)


def _check_slot(path: Path, header: _Header, secret: Secret) -> None:
    if header.slot not in _SLOT_NAMES:
        raise FanalError(KEYSTORE_FORMAT, path=str(path))
    given = _SLOT_KEY_FILE if isinstance(secret, KeyFile) else _SLOT_PASSPHRASE
    if given != header.slot:
        names = {"expected": _SLOT_NAMES[header.slot], "found": _SLOT_NAMES[given]}
        raise FanalError(WRONG_SLOT, path=str(path), expected=names["expected"], found=names["found"])
    if given == _SLOT_PASSPHRASE:
        check_cost(path, header.cost)


def check_cost(path: Path, cost: Cost) -> None:
    """Raise FanalError (KEYSTORE_COST) for a cost that a file may not ask for."""
    _check_in(path, "passes", cost.passes, pwhash.argon2id.OPSLIMIT_MIN, MAX_PASSES)
    _check_in(path, "KiB", cost.kib, pwhash.argon2id.MEMLIMIT_MIN // 1024, MAX_KIB)


def stretch(passphrase: Passphrase, salt: bytes, cost: Cost) -> bytes:
    """32 bytes of Argon2id (RFC 9106) at this cost."""
    return pwhash.argon2id.kdf(32, passphrase.text.encode("utf-8"), salt, cost.passes, cost.kib * 1024)


def _check_in(path: Path, field: str, found: int, least: int, most: int) -> None:
    if not least <= found <= most:
        raise FanalError(KEYSTORE_COST, path=str(path), field=field, found=found, limit=f"{least}..{most}")


def _derive(header: _Header, secret: Secret) -> bytes:
    if isinstance(secret, Passphrase):
        return stretch(secret, header.salt, header.cost)
    return hashlib.sha256(KEYSTORE_DOMAIN + header.salt + secret.key).digest()


def pack(entries: Mapping[str, bytes]) -> bytes:
    """Names and values, one after the other, sorted by name."""
    parts = []
    for name, value in sorted(entries.items()):
        encoded = name.encode("utf-8")
        parts.append(struct.pack(">HI", len(encoded), len(value)) + encoded + value)
    return b"".join(parts)


def unpack(plain: bytes) -> dict[str, bytes]:
    """What ``pack`` made; only of bytes that were authenticated before."""
    entries, at = {}, 0
    while at < len(plain):
        name_length, value_length = struct.unpack_from(">HI", plain, at)
        middle = at + 6 + name_length
        entries[plain[at + 6 : middle].decode("utf-8")] = plain[middle : middle + value_length]
        at = middle + value_length
    return entries

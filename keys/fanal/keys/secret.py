# SPDX-License-Identifier: Apache-2.0
"""What unlocks a file of keys: a passphrase somebody remembers, or a key file of 32 random bytes.

Promise: neither is ever shown by ``repr``, logged, or put in an error.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from fanal.errors import FanalError
from fanal.keys.file_errors import EMPTY_PASSPHRASE, KEY_FILE_LENGTH
from fanal.keys.files import read_private, write_private

KEY_FILE_BYTES = 32


@dataclass(frozen=True)
class Passphrase:
    """Typed by a person; stretched by Argon2id (keystores) or PBKDF2 (root files). Never empty."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.text:
            raise FanalError(EMPTY_PASSPHRASE)


@dataclass(frozen=True)
class KeyFile:
    """32 random bytes from a file or a systemd credential; needs no stretching."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_FILE_BYTES:
            raise FanalError(KEY_FILE_LENGTH, found=len(self.key), expected=KEY_FILE_BYTES)


Secret = Passphrase | KeyFile


def read_key_file(path: Path) -> KeyFile:
    """The key in a private file of exactly 32 bytes. Raises FanalError (files of others, wrong length)."""
    return KeyFile(read_private(path, limit=4096))


def create_key_file(path: Path) -> KeyFile:
    """Write 32 random bytes to a new file of mode 0600. Raises FanalError if it exists."""
    key = KeyFile(secrets.token_bytes(KEY_FILE_BYTES))
    write_private(path, key.key, replace=False)
    return key

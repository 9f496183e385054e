# SPDX-License-Identifier: Apache-2.0
"""A backup of keys: closed without its passphrase, and every change to it is noticed."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from fanal.errors import FanalError
from fanal.keys.file_errors import BACKUP_DAMAGED, BACKUP_FORMAT, FILE_EXISTS, KEYSTORE_COST
from fanal.keys.keystore import Cost
from fanal.keys.sealedfile import CHUNK, read_sealed, write_sealed
from fanal.keys.secret import Passphrase

CHEAP = Cost(1, 64)
SECRET = Passphrase("correct horse")
ENTRIES = {"node.keys/log": bytes(32), "identity/0001.doc": bytes(range(256)) * 700}
HEAD = 32


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    write_sealed(path, SECRET, ENTRIES, CHEAP)
    return path


def refusal(path: Path, secret: Passphrase = SECRET) -> object:
    with pytest.raises(FanalError) as refused:
        read_sealed(path, secret)
    return refused.value.kind


def test_what_was_sealed_comes_back_and_is_never_overwritten(sealed: Path) -> None:
    """Several chunks, mode 0600, no name or value in the clear."""
    assert read_sealed(sealed, SECRET) == ENTRIES
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert sealed.stat().st_size > 2 * CHUNK
    assert b"identity" not in sealed.read_bytes()
    with pytest.raises(FanalError) as refused:
        write_sealed(sealed, SECRET, ENTRIES, CHEAP)
    assert refused.value.kind is FILE_EXISTS


def test_a_wrong_passphrase_and_every_change_are_refused(sealed: Path) -> None:
    """A flipped bit anywhere, chunks swapped or left out, an end cut off, bytes added."""
    assert refusal(sealed, Passphrase("wrong")) is BACKUP_DAMAGED
    good, chunk = sealed.read_bytes(), CHUNK + 17
    start = HEAD + 24
    changed = [
        good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in (16, 40, start + 5, len(good) - 1)
    ]
    first, second, rest = good[start : start + chunk], good[start + chunk : start + 2 * chunk], good[start:]
    changed += [
        good[:start] + second + first + rest[2 * chunk :],
        good[:start] + rest[chunk:],
        good[: start + chunk],
        good[:-1],
        good + b"\0",
    ]
    for data in changed:
        sealed.write_bytes(data)
        assert refusal(sealed) is BACKUP_DAMAGED


def test_a_file_that_asks_for_all_the_memory_of_the_machine_is_refused(sealed: Path) -> None:
    """The cost is bounded before anything is computed; another format is named as such."""
    good = sealed.read_bytes()
    sealed.write_bytes(good[:12] + struct.pack(">I", 1 << 31) + good[16:])
    assert refusal(sealed) is KEYSTORE_COST
    sealed.write_bytes(b"FANALKS1" + good[8:])
    assert refusal(sealed) is BACKUP_FORMAT
    sealed.write_bytes(good[:40])
    assert refusal(sealed) is BACKUP_FORMAT

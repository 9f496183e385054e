# SPDX-License-Identifier: Apache-2.0
"""Files with secrets: every way in which one can be wrong has its own clear refusal."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from fanal.errors import ErrorKind, FanalError
from fanal.keys import file_errors as kinds
from fanal.keys import root, secret
from fanal.keys.files import exclusive
from fanal.keys.keystore import Cost, Keystore
from fanal.keys.pkcs8 import PASSPHRASE_ROUNDS
from fanal.keys.secret import KeyFile, Passphrase

CHEAP = Cost(passes=1, kib=8)
PASS = Passphrase("correct horse")
KEY = KeyFile(bytes(range(32)))
ENTRIES = {"node-sign": b"\x01" * 32, "encrypt-1": b"\x02" * 32}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Keystore.create(tmp_path / "node.keys", PASS, ENTRIES, CHEAP)
    return tmp_path / "node.keys"


@pytest.fixture
def keyed(tmp_path: Path) -> Path:
    Keystore.create(tmp_path / "keyed.keys", KEY, ENTRIES)
    return tmp_path / "keyed.keys"


def refusal(call: Callable[[], object]) -> ErrorKind:
    with pytest.raises(FanalError) as refused:
        call()
    assert str(refused.value)
    assert refused.value.hint
    return refused.value.kind


def rewrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@pytest.mark.parametrize("unlock", [PASS, KEY])
def test_keystore_gives_back_what_was_put_in(tmp_path: Path, unlock: secret.Secret) -> None:
    """Entries survive creation, change and saving; the file is private to its owner."""
    path = tmp_path / "a.keys"
    Keystore.create(path, unlock, ENTRIES, CHEAP)
    store = Keystore.open(path, unlock)
    assert dict(store) == ENTRIES
    store.put("log", b"\x03" * 32)
    store.remove("encrypt-1")
    store.save()
    again = Keystore.open(path, unlock)
    assert sorted(again) == ["log", "node-sign"]
    assert again.get_secret("log") == b"\x03" * 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["a.keys"]


def test_entry_that_is_not_there_is_named(path: Path) -> None:
    """Asking or removing says which entry and which file."""
    store = Keystore.open(path, PASS)
    assert refusal(lambda: store.get_secret("log")) is kinds.KEYSTORE_ENTRY
    assert refusal(lambda: store.remove("log")) is kinds.KEYSTORE_ENTRY


def test_nothing_secret_shows_in_the_file_or_in_repr(path: Path) -> None:
    """Neither values nor names, neither passphrase nor key."""
    data = path.read_bytes()
    assert b"node-sign" not in data
    assert b"\x01" * 8 not in data
    shown = repr(Keystore.open(path, PASS)) + repr(PASS) + repr(KEY)
    assert "horse" not in shown
    assert repr(KEY.key) not in shown
    assert "\\x01" not in shown


def test_passphrase_stays_out_of_the_traceback(path: Path) -> None:
    """A wrong passphrase is not echoed."""
    wrong = Passphrase("hunt" + "er2")
    with pytest.raises(FanalError) as refused:
        Keystore.open(path, wrong)
    assert refused.value.kind is kinds.WRONG_PASSPHRASE
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


def test_wrong_key_file_is_refused(keyed: Path) -> None:
    """Another 32 bytes."""
    assert refusal(lambda: Keystore.open(keyed, KeyFile(bytes(32)))) is kinds.WRONG_KEY_FILE


def test_other_kind_of_secret_is_named(path: Path, keyed: Path) -> None:
    """A key file for a passphrase, and the other way round."""
    assert refusal(lambda: Keystore.open(path, KEY)) is kinds.WRONG_SLOT
    assert refusal(lambda: Keystore.open(keyed, PASS)) is kinds.WRONG_SLOT


def test_truncation_at_every_byte_is_noticed(path: Path) -> None:
    """Any beginning of the file is called incomplete, the empty file included."""
    data = path.read_bytes()
    for length in range(len(data)):
        rewrite(path, data[:length])
        assert refusal(lambda: Keystore.open(path, PASS)) is kinds.KEYSTORE_TRUNCATED, length


def test_every_flipped_bit_is_noticed(path: Path) -> None:
    """One bit anywhere: another format, a wrong length or a damaged file, never a wrong passphrase."""
    data = path.read_bytes()
    expected = {kinds.KEYSTORE_FORMAT, kinds.KEYSTORE_TRUNCATED, kinds.KEYSTORE_DAMAGED}
    for position in range(len(data)):
        for bit in range(8):
            flipped = data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :]
            rewrite(path, flipped)
            assert refusal(lambda: Keystore.open(path, PASS)) in expected, (position, bit)


def test_bytes_after_the_end_are_noticed(path: Path) -> None:
    """A file with something appended."""
    rewrite(path, path.read_bytes() + b"x")
    assert refusal(lambda: Keystore.open(path, PASS)) is kinds.KEYSTORE_DAMAGED


def with_header(data: bytes, offset: int, value: bytes) -> bytes:
    """Change header bytes and set the checksum right, as somebody who attacks the file would."""
    changed = data[:offset] + value + data[offset + len(value) : -32]
    return changed + hashlib.sha256(changed).digest()


@pytest.mark.parametrize(
    ("offset", "value"), [(9, 0), (9, 17), (9, 2**32 - 1), (13, 7), (13, 1024 * 1024 + 1), (13, 2**32 - 1)]
)
def test_absurd_cost_parameters_are_refused_before_they_cost(path: Path, offset: int, value: int) -> None:
    """4 TiB of memory or no pass at all: refused without deriving a key."""
    rewrite(path, with_header(path.read_bytes(), offset, struct.pack(">I", value)))
    assert refusal(lambda: Keystore.open(path, PASS)) is kinds.KEYSTORE_COST


def test_changed_header_under_a_right_checksum_does_not_open(path: Path, keyed: Path) -> None:
    """Salt, nonce and cost are authenticated."""
    for offset in (9, 17, 33):
        data = path.read_bytes()
        value = struct.pack(">I", 2) if offset == 9 else bytes(16)
        rewrite(path, with_header(data, offset, value))
        assert refusal(lambda: Keystore.open(path, PASS)) is kinds.WRONG_PASSPHRASE
        rewrite(path, data)
    rewrite(keyed, with_header(keyed.read_bytes(), 9, struct.pack(">I", 5)))
    assert refusal(lambda: Keystore.open(keyed, KEY)) is kinds.WRONG_KEY_FILE


def test_unknown_slot_is_another_format(path: Path) -> None:
    """A keystore of a newer version is not guessed at."""
    rewrite(path, with_header(path.read_bytes(), 8, b"\x03"))
    assert refusal(lambda: Keystore.open(path, PASS)) is kinds.KEYSTORE_FORMAT


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o610, 0o777])
def test_keystore_open_to_others_is_refused(path: Path, mode: int) -> None:
    """Readable, writable or executable by group or world."""
    path.chmod(mode)
    assert refusal(lambda: Keystore.open(path, PASS)) is kinds.FILE_PERMISSIONS


def test_absent_file_link_folder_pipe_and_device_are_refused(tmp_path: Path, path: Path) -> None:
    """Only an ordinary file is opened; a pipe does not make the program wait."""
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)
    expected = {
        tmp_path / "missing": kinds.FILE_MISSING,
        tmp_path / "link": kinds.FILE_KIND,
        tmp_path / "folder": kinds.FILE_KIND,
        tmp_path / "pipe": kinds.FILE_KIND,
        Path("/dev/zero"): kinds.FILE_KIND,
        path / "below": kinds.FILE_UNREADABLE,
    }
    assert {p: refusal(lambda p=p: Keystore.open(p, PASS)) for p in expected} == expected


def test_huge_file_is_refused_before_it_is_read(path: Path) -> None:
    """One byte over a mebibyte, and a sparse gigabyte."""
    for size in (1024 * 1024 + 1, 2**30):
        os.truncate(path, size)
        assert refusal(lambda: Keystore.open(path, PASS)) is kinds.KEYSTORE_TOO_LARGE


def test_existing_keystore_is_never_overwritten_by_creating(path: Path) -> None:
    """And what is there stays as it was."""
    before = path.read_bytes()
    assert refusal(lambda: Keystore.create(path, PASS, {}, CHEAP)) is kinds.FILE_EXISTS
    assert path.read_bytes() == before


def test_failed_save_leaves_the_old_file(path: Path) -> None:
    """A folder that is gone, and no temporary file anywhere."""
    store = Keystore.open(path, PASS)
    moved = path.parent.with_name("moved")
    path.parent.rename(moved)
    assert refusal(store.save) is kinds.FILE_UNREADABLE
    assert dict(Keystore.open(moved / path.name, PASS)) == ENTRIES


def test_who_changes_keys_for_too_long_is_named(path: Path) -> None:
    """A command that was suspended holds the folder: the next one is refused with its number, and reads."""
    store = Keystore.open(path, PASS)
    with exclusive(path.parent):
        with pytest.raises(FanalError) as refused, store.changing(patience=0.0):
            pass
        store.refresh()
    assert refused.value.kind is kinds.KEYS_IN_USE
    assert f"process {os.getpid()} (" in refused.value.sentence
    with store.changing(patience=0.0):
        pass


# --- Secrets ---


def test_empty_passphrase_is_refused() -> None:
    """Nothing is protected by nothing."""
    assert refusal(lambda: Passphrase("")) is kinds.EMPTY_PASSPHRASE


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_key_file_of_wrong_length_is_refused(tmp_path: Path, length: int) -> None:
    """Also one that an editor gave a line end."""
    path = tmp_path / "unlock.key"
    path.write_bytes(bytes(length))
    path.chmod(0o600)
    assert refusal(lambda: secret.read_key_file(path)) is kinds.KEY_FILE_LENGTH


def test_key_file_is_private_and_random(tmp_path: Path) -> None:
    """Created once, with mode 0600, and read back."""
    one, other = (secret.create_key_file(tmp_path / name) for name in ("a", "b"))
    assert one != other
    assert secret.read_key_file(tmp_path / "a") == one
    assert refusal(lambda: secret.create_key_file(tmp_path / "a")) is kinds.FILE_EXISTS
    (tmp_path / "a").chmod(0o644)
    assert refusal(lambda: secret.read_key_file(tmp_path / "a")) is kinds.FILE_PERMISSIONS


# --- The root ---


def test_root_files_give_back_the_root(tmp_path: Path) -> None:
    """Two private files, both under one secret; a root is never overwritten."""
    made = root.create(tmp_path / "root", KEY)
    assert root.load(tmp_path / "root", KEY) == made
    modes = {p.stat().st_mode & 0o777 for p in (tmp_path / "root").iterdir()}
    assert modes == {0o600}
    assert refusal(lambda: root.create(tmp_path / "root", KEY)) is kinds.FILE_EXISTS


def test_root_does_not_open_with_another_secret_or_damaged(tmp_path: Path) -> None:
    """Wrong secret, swapped files, a text file, open permissions, a missing half."""
    folder = tmp_path / "root"
    root.create(folder, KEY)
    first, second = folder / root.ED25519_FILE, folder / root.ML_DSA_FILE
    assert refusal(lambda: root.load(folder, Passphrase("no"))) is kinds.ROOT_UNREADABLE
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    assert refusal(lambda: root.load(folder, KEY)) is kinds.ROOT_UNREADABLE
    first.write_bytes(data)
    second.write_bytes(data)
    assert refusal(lambda: root.load(folder, KEY)) is kinds.ROOT_UNREADABLE
    second.write_bytes(b"hello")
    assert refusal(lambda: root.load(folder, KEY)) is kinds.ROOT_UNREADABLE
    second.chmod(0o644)
    assert refusal(lambda: root.load(folder, KEY)) is kinds.FILE_PERMISSIONS
    second.unlink()
    assert refusal(lambda: root.load(folder, KEY)) is kinds.FILE_MISSING


def test_root_under_a_passphrase_is_stretched_and_openssl_reads_it(tmp_path: Path) -> None:
    """600,000 rounds stand in the file, and openssl prints the same public key.

    OpenSSL 3.0 knows no ML-DSA, so only the Ed25519 half is shown to it. Where openssl is missing, the
    cryptography library, which is OpenSSL too, has the word.
    """
    made = root.create(tmp_path / "root", PASS)
    assert root.load(tmp_path / "root", PASS) == made
    path = tmp_path / "root" / root.ED25519_FILE
    openssl = shutil.which("openssl")
    if openssl:
        command = [openssl, "pkey", "-in", str(path), "-passin", "stdin", "-pubout", "-outform", "DER"]
        shown = subprocess.run(command, input=PASS.text.encode() + b"\n", capture_output=True, check=True)
        assert shown.stdout[-32:] == made.public.ed25519
        parsed = subprocess.run([openssl, "asn1parse", "-in", str(path)], capture_output=True, check=True)
        assert f"{PASSPHRASE_ROUNDS:06X}".encode() in parsed.stdout

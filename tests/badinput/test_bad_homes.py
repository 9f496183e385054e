# SPDX-License-Identifier: Apache-2.0
"""An agency's folder with files that are missing, spoiled, swapped or open to others; wrecked data folders.

What refuses is told by name and leaves every file as it was; what can go on does, and says what it lost.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import fanal
from realnet import RealNode, free_ports

from fanal.config.home import Home
from fanal.config.load import load
from fanal.errors import FanalError
from fanal.keys import certificate
from fanal.keys.keystore import Keystore
from fanal.keys.root import load as load_root
from fanal.keys.secret import KeyFile, Passphrase, read_key_file
from fanal.node.node import Node
from fanal.node.service.tls import Material

pytestmark = pytest.mark.process

Spoil = Callable[[Path], None]
NOISE = random.Random(1).randbytes(300)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def noise(path: Path) -> None:
    path.write_bytes(NOISE)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def grow(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1024**3)


def open_up(path: Path) -> None:
    path.chmod(0o644)


def remove(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def refusal(work: Callable[[], object]) -> FanalError:
    """The refusal, which came at once."""
    began = time.monotonic()
    with pytest.raises(FanalError) as caught:
        work()
    assert time.monotonic() - began < 5
    assert caught.value.hint
    return caught.value


def start(home: Home) -> None:
    """What `fanal node run` does before it opens a door."""
    node = Node.open(home, load(home, environ={}), time.time)
    try:
        Material.load(home.tls_key, home.tls_certificate)
        node.unlock_with(read_key_file(home.unlock_key))
    finally:
        node.close()


KEYSTORE = {
    cut: "FANAL-E0265", empty: "FANAL-E0265", noise: "FANAL-E0266", flip: "FANAL-E0267",
    grow: "FANAL-E0275", open_up: "FANAL-E0263", remove: "FANAL-E0260", folder: "FANAL-E0262",
    endless: "FANAL-E0262", pipe: "FANAL-E0262",
}  # fmt: skip
KEY_FILE = KEYSTORE | {
    cut: "FANAL-E0272", empty: "FANAL-E0272", noise: "FANAL-E0272", flip: "FANAL-E0270",
}  # fmt: skip
TLS = dict.fromkeys(KEYSTORE, "FANAL-E0814")
DOCUMENT = KEYSTORE | dict.fromkeys((cut, empty, noise, flip), "FANAL-E0696")
del TLS[pipe], DOCUMENT[remove]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("node.keys", KEYSTORE),
        ("unlock.key", KEY_FILE),
        ("tls.key", TLS),
        ("tls.crt", {spoil: error for spoil, error in TLS.items() if spoil not in (open_up, flip)}),
        ("identity/0001.doc", DOCUMENT),
    ],
)
def test_each_spoiled_file_of_a_starting_node_is_refused_by_name(
    home: Home, name: str, expected: dict[Spoil, str]
) -> None:
    """Cut, empty, noise, a flipped bit, 1 GiB, open to others, missing, a folder, /dev/zero, a pipe."""
    path = home.path / name
    good = path.read_bytes()
    for spoil, error in expected.items():
        spoil(path)
        found = refusal(lambda: start(home))
        assert (found.kind.id, spoil.__name__) == (error, spoil.__name__), found
        assert name in f"{found.sentence}{found.hint}" or name == "unlock.key"
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        path.write_bytes(good)
        path.chmod(0o600)
    start(home)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_every_flipped_bit_of_a_certificate_is_a_refusal_or_the_same_key(home: Home) -> None:
    """PEM of an unknown version or algorithm or an impossible date is no certificate, never a fault of the
    program."""
    good = home.tls_certificate.read_bytes()
    for at in range(8 * len(good)):
        data = bytearray(good)
        data[at // 8] ^= 1 << at % 8
        home.tls_certificate.write_bytes(data)
        try:
            Material.load(home.tls_key, home.tls_certificate)
        except FanalError as error:
            assert error.kind.id == "FANAL-E0814"  # noqa: PT017


def test_keys_of_another_agency_and_wrong_secrets_are_told_apart(
    home: Home, network: dict[str, RealNode]
) -> None:
    """Swapped keystores, also with their own key; a passphrase for a key file's store; no root."""
    other = network["GE-CUS"].home
    shutil.copy2(other.node_keys, home.node_keys)
    assert refusal(lambda: start(home)).kind.id == "FANAL-E0270"
    key = read_key_file(other.unlock_key)
    shutil.copy2(other.unlock_key, home.unlock_key)
    assert refusal(lambda: start(home)).kind.id == "FANAL-E0661"
    assert refusal(lambda: Keystore.open(home.node_keys, Passphrase("x"))).kind.id == "FANAL-E0271"
    assert refusal(lambda: load_root(home.root, KeyFile(bytes(32)))).kind.id == "FANAL-E0276"
    shutil.rmtree(home.root)
    assert refusal(lambda: load_root(home.root, key)).kind.id == "FANAL-E0260"


def test_an_expired_certificate_is_named_before_any_peer_is_called(home: Home) -> None:
    """A node that starts with one says so itself: peers would only see a broken handshake."""
    made = certificate.create_certificate(int(time.time()) - 90 * 86_400, 86_400)
    home.tls_certificate.write_bytes(made.pem)
    home.tls_key.write_bytes(made.key_pem)
    assert not Material.load(home.tls_key, home.tls_certificate).valid(time.time())


WRECKS: list[tuple[str, Spoil, str]] = [
    ("ledger.db", noise, "FANAL-E0603"),
    ("ledger.db", folder, "FANAL-E0603"),
    ("ledger.db", pipe, "FANAL-E0603"),
    ("ledger.db", endless, "FANAL-E0603"),
    ("ledger.db", cut, "FANAL-E0604"),
    ("vault.db", pipe, "FANAL-E0603"),
    ("marker", folder, "FANAL-E0606"),
    ("lock", folder, "FANAL-E0606"),
]


@pytest.mark.parametrize(("name", "spoil", "error"), WRECKS)
def test_a_wrecked_data_folder_is_refused_and_left_as_it_is(
    home: Home, name: str, spoil: Spoil, error: str
) -> None:
    """Databases that are none, marker and lock that are folders: named, and nothing else is touched."""
    spoil(home.data / name)
    found = refusal(lambda: start(home))
    assert found.kind.id == error, found
    assert str(home.data) in found.sentence


def test_a_ledger_that_is_gone_or_empty_begins_anew_and_says_so(home: Home) -> None:
    """The marker knows of more: a new incarnation, a problem in status, and a line in the log."""
    [port, join] = free_ports(2)
    node = RealNode("AZ-CUS", home, port, join)
    for spoil in (remove, empty):
        spoil(home.ledger)
        assert node.start()["ready"]
        status = node.fanal("status", "--json")
        assert node.end() == 0
        assert "older than the marker" in status
        assert '"rolled-back"' in node.log.read_text()


@pytest.mark.parametrize("spoil", [noise, cut])
def test_a_damaged_vault_is_put_aside_and_filled_again(home: Home, spoil: Spoil) -> None:
    """What cannot be read is kept under another name; the node begins a new vault from its ledger."""
    before = home.vault.read_bytes()
    spoil(home.vault)
    damaged = home.vault.read_bytes()
    start(home)
    [aside] = home.data.glob("vault.db.damaged-*")
    assert aside.read_bytes() == damaged != before
    assert home.vault.is_file()


def test_a_lost_vault_is_filled_again_from_the_ledger(home: Home) -> None:
    """Without vault.db the node opens what it holds once more: nothing that was stored is lost."""
    for path in home.data.glob("vault.db*"):
        path.unlink()
    start(home)
    assert home.vault.exists()


def test_no_room_and_no_descriptors_are_refusals(home: Home) -> None:
    """A full disk and too few descriptors: refused with a next step, nothing lost."""
    env = {"FANAL_HOME": str(home.path), "FANAL_LISTEN": "127.0.0.1:0"}
    before = home.ledger.read_bytes()

    assert fanal("node", "run", env=env, limits="-f 40").code == 1
    assert fanal("node", "run", env=env, limits="-n 14").code == 1
    assert home.ledger.read_bytes()[:100] == before[:100]


def test_a_folder_of_another_user_is_not_permitted(home: Home) -> None:
    """Exit 4 and the remedy, not a fault of the disk."""
    user = os.geteuid()
    home.path.chmod(0)
    if user == 0:
        os.seteuid(65_534)
    try:
        error = refusal(lambda: load(home, environ={}))
    finally:
        os.seteuid(user)
        home.path.chmod(0o700)
    assert (error.kind.id, int(error.kind.exit)) == ("FANAL-E0516", 4)

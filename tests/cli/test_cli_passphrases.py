# SPDX-License-Identifier: Apache-2.0
"""Keys of a folder that opens by passphrase, and new keys at a node that is locked or has not got them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clikit import Run, identity_of, key_of, passphrases
from rival import Rival

from fanal.cli.local import newkeys
from fanal.config.home import Home
from fanal.config.load import load
from fanal.keys.keystore import Keystore
from fanal.keys.secret import Passphrase, read_key_file
from fanal.node import unlocked
from fanal.node.desk import condition
from fanal.node.errors import KEY_NOT_HERE
from fanal.node.node import Node
from fanal.node.service import renewal
from fanal.node.unlocked import of_entries
from fanal.v1.identity_pb2 import KeyUse

WORD = "correct horse"
Take = Callable[[Node], bool]


@pytest.fixture
def sealed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A folder whose root, node and officer keys open by one passphrase; nothing in it opens them."""
    folder = tmp_path / "sealed"
    monkeypatch.setenv("FANAL_HOME", str(folder))
    assert run("init", "AZ-CUS", "--passphrase-fd", passphrases(WORD)).code == 0
    assert not Home(folder).unlock_key.exists()
    return Home(folder)


def test_keys_that_open_by_passphrase_are_rotated_revoked_and_backed_up(
    run: Run, sealed: Home, tmp_path: Path
) -> None:
    """One line opens both files, or each has its own line; the new key lies sealed under the passphrase."""
    assert run("key", "rotate", "NODE_SIGN", "--passphrase-fd", passphrases(WORD)).code == 0
    assert run("key", "rotate", "OFFICER", "officer-1", "--passphrase-fd", passphrases(WORD, WORD)).code == 0
    key = key_of(sealed, KeyUse.ENCRYPT)
    words = ("--from", "now", "--reason", "lost", "--yes", "--passphrase-fd", passphrases(WORD))
    assert run("key", "revoke", key, *words).code == 0
    view = identity_of(sealed)
    assert view.serial == 4
    store = Keystore.open(sealed.node_keys, Passphrase(WORD))
    keys = of_entries(store, "AZ-CUS", view, int(time.time()))
    assert keys.signer.key_id == view.of_use(KeyUse.NODE_SIGN)[0].key_id
    assert len(keys.decrypt) == 2
    file, back = tmp_path / "az.keybackup", Home(tmp_path / "back")
    assert run("key", "backup", "-o", file, "--passphrase-fd", passphrases(WORD, "apart")).code == 0
    ran = run("key", "restore", file, "--home", back.path, "--passphrase-fd", passphrases("apart"))
    assert ran.code == 0, ran.err
    assert identity_of(back).serial == 4


@pytest.mark.parametrize("lines", [(WORD, "wrong"), ("wrong", WORD)])
def test_attack_a_wrong_passphrase_makes_no_key(run: Run, sealed: Home, lines: tuple[str, ...]) -> None:
    """Of the root or of the node's keys: no document, no revocation, no byte of node.keys is another."""
    before = sealed.node_keys.read_bytes()
    assert run("key", "rotate", "NODE_SIGN", "--passphrase-fd", passphrases(*lines)).code != 0
    words = ("--from", "now", "--reason", "lost", "--yes", "--passphrase-fd", passphrases(*lines))
    assert run("key", "revoke", key_of(sealed, KeyUse.NODE_SIGN), *words).code != 0
    assert sealed.node_keys.read_bytes() == before
    assert len(sealed.identity_files()) == 1
    assert sealed.revocation_files() == ()


@pytest.fixture
def node(home: Home) -> Iterator[Node]:
    """The node of the folder, locked; no process and no socket."""
    opened = Node.open(home, load(home), time.time)
    yield opened
    opened.close()


@pytest.fixture
def take(home: Home) -> Take:
    """What a running node does when something is new in its folder."""

    def look(node: Node) -> bool:
        looks = renewal.Renewal(
            home, node, peers=lambda: (), held=lambda _: 0, show=lambda _: None, changed=lambda: None
        )
        return looks._take_up()

    return look


def test_a_locked_node_takes_up_new_keys_and_signs_with_them_once_unlocked(
    run: Run, home: Home, node: Node, take: Take
) -> None:
    """The document counts at once; the private keys wait in node.keys until somebody opens it."""
    for use in ("NODE_SIGN", "ENCRYPT"):
        assert run("key", "rotate", use).code == 0
    assert take(node)
    assert (node.locked, node.identity.serial) == (True, 3)
    assert KEY_NOT_HERE.id not in [one.id for one in condition.findings(node)]
    node.unlock_with(read_key_file(home.unlock_key))
    assert node.keys.signer.key_id == node.identity.of_use(KeyUse.NODE_SIGN)[0].key_id
    assert set(node.keys.decrypt) == {key.key_id for key in node.identity.of_use(KeyUse.ENCRYPT)}


def test_a_node_that_looks_in_the_middle_of_a_revocation_goes_on_signing(
    run: Run, home: Home, node: Node, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The revocation is written before the document that names the successor: it takes both, or none yet."""
    node.unlock_with(read_key_file(home.unlock_key))
    stolen, publish, seen = node.keys.signer.key_id, newkeys.publish, list[tuple[bool, bool]]()

    def watched(*given: Any) -> int:
        seen.append((take(node), node.directory.revoked("AZ-CUS", stolen) is None))
        return publish(*given)

    monkeypatch.setattr(newkeys, "publish", watched)
    monkeypatch.setattr(renewal, "PATIENCE", 0.0)
    words = ("--from", "now", "--reason", "compromised", "--yes")
    assert run("key", "revoke", key_of(home, KeyUse.NODE_SIGN), *words).code == 0
    assert seen == [(False, True)]
    assert take(node)
    assert node.directory.revoked("AZ-CUS", stolen) is not None
    assert node.keys.signer.key_id == node.identity.of_use(KeyUse.NODE_SIGN)[0].key_id != stolen


def test_a_node_that_is_unlocked_again_while_it_takes_up_a_new_key_goes_on_with_the_new_one(
    run: Run, home: Home, node: Node, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys were looked for by the document of before; the one that came then is not lost."""
    node.unlock_with(read_key_file(home.unlock_key))
    assert run("key", "rotate", "NODE_SIGN").code == 0
    rival, of_entries = Rival(node, lambda: take(node)), unlocked.of_entries

    def found(*given: Any) -> unlocked.NodeKeys:
        keys = of_entries(*given)
        rival.comes_by()
        return keys

    monkeypatch.setattr(unlocked, "of_entries", found)
    node.unlock_with(read_key_file(home.unlock_key))
    rival.waited()
    assert node.keys.signer.key_id == node.identity.of_use(KeyUse.NODE_SIGN)[0].key_id


def test_a_key_that_the_document_names_and_the_node_lacks_is_named_with_the_way_out(
    run: Run, home: Home, node: Node, take: Take, tmp_path: Path
) -> None:
    """The document came without node.keys: doctor says which key; with the file and an unlock all is well."""
    node.unlock_with(read_key_file(home.unlock_key))
    other = Home(tmp_path / "other")
    shutil.copytree(home.path, other.path)
    assert run("key", "rotate", "NODE_SIGN", "--home", other.path).code == 0
    shutil.copy(other.identity_files()[-1], home.identity_folder)
    assert take(node)
    [found] = [one for one in condition.findings(node) if one.id == KEY_NOT_HERE.id]
    assert (found.level, dict(found.facts)) == ("problem", {"use": "NODE_SIGN", "epoch": "2"})
    shutil.copy(other.node_keys, home.node_keys)
    node.unlock_with(read_key_file(home.unlock_key))
    assert KEY_NOT_HERE.id not in [one.id for one in condition.findings(node)]

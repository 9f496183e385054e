# SPDX-License-Identifier: Apache-2.0
"""Rotation, revocation, backup and restore of keys while no node runs; doctor names each command in time."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click
import pytest
from clikit import Run, identity_of, key_of, misfits, passphrases

from fanal.cli.client.officer import current_seed
from fanal.cli.network.charter_file import new_revocations
from fanal.cli.shown import key_shapes
from fanal.config.home import Home
from fanal.keys import ed25519
from fanal.keys.charter import view_of
from fanal.keys.documents import decode_document
from fanal.keys.identity import DAY
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.keystore import Keystore
from fanal.keys.secret import read_key_file
from fanal.node.unlocked import of_entries
from fanal.v1.identity_pb2 import KeyUse


def at(monkeypatch: pytest.MonkeyPatch, days: float) -> int:
    """From now on commands see this clock."""
    now = int(time.time() + days * DAY)
    monkeypatch.setattr("fanal.cli.session.Session.now", lambda self: now)
    return now


@pytest.mark.parametrize("use", ["NODE_SIGN", "encrypt", "TLS", "TLS_SPKI", "witness", "ANCHOR"])
def test_every_use_has_a_next_key_that_the_node_will_find(run: Run, home: Home, use: str) -> None:
    """The document names it, its private half lies where the node looks, and the old one stays a while."""
    data = run("key", "rotate", use, "--json").json
    assert misfits(data, key_shapes.KeyRotated) == []
    assert (data["epoch"], data["serial"], data["taken_up"]) == (2, 2, "stopped")
    view, now = identity_of(home), int(time.time())
    code = {"TLS": KeyUse.TLS_SPKI}.get(data["use"]) or KeyUse.Code.Value(data["use"])
    new, old = view.of_use(code)
    assert new.valid_at(now)
    assert old.valid_at(now)
    keys = of_entries(Keystore.open(home.node_keys, read_key_file(home.unlock_key)), "AZ-CUS", view, now)
    assert keys.signer.key_id == view.current(KeyUse.NODE_SIGN, now).key_id
    assert set(keys.decrypt) == {key.key_id for key in view.of_use(KeyUse.ENCRYPT)}
    assert all(path.is_file() for path in home.tls_pair(view.of_use(KeyUse.TLS_SPKI)[0].epoch))


def test_an_officer_goes_on_with_the_next_key_of_the_same_file(run: Run, home: Home) -> None:
    """The key that the newest document names is used; the one before stays in the file, older ones go."""
    for epoch in (2, 3):
        assert run("key", "rotate", "officer", "officer-1", "--json").json["epoch"] == epoch
    store = Keystore.open(home.officer_file("officer-1"), read_key_file(home.unlock_key))
    newest = identity_of(home).of_use(KeyUse.OFFICER)[0]
    assert key_id(ed25519_key(ed25519.public_of(current_seed(store, home)))) == newest.key_id
    assert set(store) == {"officer-2", "officer-3"}
    home.identity_files()[-1].unlink()  # a key that no document names yet is not used
    before = identity_of(home).of_use(KeyUse.OFFICER)[0]
    assert key_id(ed25519_key(ed25519.public_of(current_seed(store, home)))) == before.key_id


def test_what_cannot_be_rotated_is_named_with_what_can(run: Run, home: Home) -> None:
    """A log is begun anew by another command; an officer needs an id, and one that is known."""
    assert "fanal key new-log" in run("key", "rotate", "log").err
    assert "NODE_SIGN" in run("key", "rotate", "root").err
    assert run("key", "rotate", "officer").code == 2
    assert run("key", "rotate", "encrypt", "officer-1").code == 2
    assert run("key", "rotate", "officer", "nobody").code != 0
    assert len(home.identity_files()) == 1


def test_doctor_names_the_command_thirty_days_before_a_key_ends(
    run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it is over already: the command works then too, and doctor is content."""
    for days, level in ((59, None), (61, "warning"), (95, "problem")):
        at(monkeypatch, days)
        rows = [row for row in run("doctor", "--json").json["checks"] if "ENCRYPT" in row["sentence"]]
        assert [row["level"] for row in rows] == ([level] if level else [])
        assert all(row["next"] == "fanal key rotate ENCRYPT" for row in rows)
    assert run("key", "rotate", "ENCRYPT").code == 0
    assert [r for r in run("doctor", "--json").json["checks"] if "ENCRYPT" in r["sentence"]] == []
    at(monkeypatch, 390)
    steps = {row["next"] for row in run("doctor", "--json").json["checks"]}
    assert {
        "fanal key rotate NODE_SIGN",
        "fanal key rotate TLS",
        "fanal key rotate OFFICER officer-1",
    } <= steps


def test_a_dry_run_of_a_revocation_signs_nothing(run: Run, home: Home) -> None:
    """It says from when on, whether the governors are needed, and that a successor would be made."""
    before = sorted(path.name for path in home.identity_folder.iterdir())
    data = run(
        "key", "revoke", key_of(home, KeyUse.NODE_SIGN)[:8], "--from", "now", "--reason", "lost",
        "--dry-run", "--json",
    ).json  # fmt: skip
    assert misfits(data, key_shapes.KeyRevoked) == []
    assert (data["successor"], data["needs_governors"], data["serial"]) == (True, False, 0)
    assert sorted(path.name for path in home.identity_folder.iterdir()) == before


def test_a_revocation_asks_for_the_agencys_id(run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else than the id ends it; with it the key is revoked and its successor made, in one step."""
    asked = ("key", "revoke", key_of(home, KeyUse.NODE_SIGN)[:8], "--from", "now", "--reason", "compromised")
    monkeypatch.setattr(click, "prompt", lambda *_, **__: "yes")
    assert run(*asked).code != 0
    assert home.revocation_files() == ()
    monkeypatch.setattr(click, "prompt", lambda *_, **__: "AZ-CUS")
    assert run(*asked).code == 0
    assert [path.name for path in home.revocation_files()] == ["revocation-0001.doc"]
    new, old = identity_of(home).of_use(KeyUse.NODE_SIGN)
    assert new.valid_at(int(time.time()) + 1)
    assert not old.valid_at(int(time.time()) + 1)


def test_an_officer_who_left_is_no_problem(run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was revoked is called so, and doctor asks nobody to make another one."""
    assert run("key", "add-officer", "duty-2", "--rights", "read").code == 0
    [leaver] = [k for k in identity_of(home).of_use(KeyUse.OFFICER) if k.officer.officer_id == "duty-2"]
    at(monkeypatch, 1)
    asked = ("--from", "now", "--reason", "left", "--yes")
    assert run("key", "revoke", leaver.key_id.hex()[:8], *asked).code == 0
    rows = run("key", "list", "--json").json["keys"]
    assert [row["state"] for row in rows if row["detail"] == "duty-2"] == ["revoked"]
    assert [r for r in run("doctor", "--json").json["checks"] if "duty-2" in r["sentence"]] == []


def test_what_lies_more_than_seven_days_back_goes_to_the_governors(run: Run, home: Home) -> None:
    """The key counts as revoked from now on at once; their file verifies, and until it is in the charter no
    later revocation is signed, for nobody would take it."""
    text = key_of(home, KeyUse.TLS_SPKI)
    asked = ("key", "revoke", text, "--from", "2026-01-01", "--reason", "compromised", "--yes", "--json")
    data = run(*asked).json
    assert data["needs_governors"]
    charter = view_of(decode_document(home.charter_file(1).read_bytes()))
    found = new_revocations(Path(data["for_governors"]).read_bytes(), charter)
    assert [one.number for one in found] == [1, 2]
    assert found[1].cut_off < found[0].cut_off
    again = run("key", "revoke", key_of(home, KeyUse.NODE_SIGN), "--from", "now", "--reason", "lost", "--yes")
    assert "FANAL-E0982" in again.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["00", "--from", "now", "--reason", "lost"], 9),
        (["ffffffffffffffff", "--from", "now", "--reason", "lost"], 9),
        (["{key}", "--from", "2999-01-01", "--reason", "lost"], 2),
        (["{key}", "--from", "yesterday", "--reason", "lost"], 2),
        (["{key}", "--from", "now", "--reason", "because"], 2),
    ],
)
def test_a_revocation_that_is_not_clear_is_refused(
    run: Run, home: Home, arguments: list[str], code: int
) -> None:
    """No key, several, a time to come, no time, no reason of the four: nothing is asked or signed."""
    key = key_of(home, KeyUse.NODE_SIGN)
    assert run("key", "revoke", *(one.format(key=key) for one in arguments)).code == code
    assert home.revocation_files() == ()


def test_a_backup_brings_the_agency_back_without_the_keys_for_reading(
    run: Run, home: Home, tmp_path: Path
) -> None:
    """Everything else is there again; the next encryption key is made, and the node's keys are whole."""
    file = tmp_path / "az.keybackup"
    data = run("key", "backup", "-o", file, "--passphrase-fd", passphrases("apart"), "--json",
               "--key-file", home.unlock_key).json  # fmt: skip
    assert misfits(data, key_shapes.KeyBackup) == []
    assert not [name for name in data["entries"] if "encrypt" in name or name.startswith("root")]
    assert {"node.keys/log", "tls.key", "officers/officer-1.keys", "identity/0001.doc"} <= set(
        data["entries"]
    )
    other = tmp_path / "back"
    wrong = run("key", "restore", file, "--home", other, "--passphrase-fd", passphrases("other"))
    assert "FANAL-E0278" in wrong.err
    assert not other.exists()
    restored = run("key", "restore", file, "--home", other, "--passphrase-fd", passphrases("apart"), "--json")
    assert misfits(restored.json, key_shapes.KeyRestored) == []
    back = Home(other)
    keys = Keystore.open(back.node_keys, read_key_file(back.unlock_key))
    original = Keystore.open(home.node_keys, read_key_file(home.unlock_key))
    assert dict(keys) == {name: value for name, value in original.items() if name != "encrypt-1"}
    shutil.copytree(home.root, back.root)
    assert run("key", "rotate", "ENCRYPT", "--home", other).code == 0
    assert run("key", "restore", file, "--home", other, "--passphrase-fd", passphrases("apart")).code != 0

# SPDX-License-Identifier: Apache-2.0
"""Making an agency: whole or not at all, private, never over something, openable with what was given."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from clikit import Run, identity_of, misfits

from fanal.cli.client import secret
from fanal.cli.shown import shapes
from fanal.config.home import Home
from fanal.config.load import load
from fanal.errors import Exit
from fanal.keys import ed25519
from fanal.keys.documents import decode_document
from fanal.keys.identity import check_follows, verify_own_claim
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.keystore import Cost, Keystore
from fanal.keys.root import load as load_root
from fanal.keys.secret import Passphrase, read_key_file
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.sqlite import open_ledger
from fanal.node.witness.lost import Lost, lost_meta
from fanal.v1.identity_pb2 import KeyUse, OfficerRight


@pytest.fixture(autouse=True)
def cheap_argon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases are stretched at the lowest cost here; the real cost has its own tests."""
    create = Keystore.create.__func__  # type: ignore[attr-defined]
    cheap = classmethod(lambda cls, path, given, entries: create(cls, path, given, entries, Cost(1, 8)))
    monkeypatch.setattr(Keystore, "create", cheap)


@pytest.fixture
def passphrase() -> Iterator[str]:
    """The number of a descriptor with two lines."""
    reading, writing = os.pipe()
    os.write(writing, "correct horse ü\nsecond\n".encode())
    os.close(writing)
    yield str(reading)
    os.close(reading)


def test_an_agency_that_nobody_can_dial_tells_no_address(run: Run, tmp_path: Path) -> None:
    """An empty --listen: no address in the identity document, and doctor finds that right."""
    folder = tmp_path / "az"
    made = run("init", "AZ-CUS", "--key-file", "--home", folder, "--listen", "")
    assert made.code == 0, made.err
    assert identity_of(Home(folder)).endpoints == ()
    assert load(Home(folder)).listen == ""
    looked = run("doctor", "--home", folder, "--json")
    [row] = [one for one in looked.json["checks"] if one["subject"] == "address"]
    assert row["level"] == "ok", row


def test_init_makes_a_private_whole(run: Run, tmp_path: Path) -> None:
    """Every key of the identity document has its private half here, and nobody else can read a secret."""
    folder = tmp_path / "az"
    made = run("init", "AZ-CUS", "--key-file", "--home", folder, "--json", "--duty", "--role", "customs")
    assert made.code == 0, made.err
    home, view = Home(folder), identity_of(Home(folder))
    given = read_key_file(home.unlock_key)
    store = Keystore.open(home.node_keys, given)
    assert sorted(store) == ["anchor", "encrypt-1", "log", "node-sign", "vault", "witness"]
    officer = Keystore.open(home.officer_file("officer-1"), given)["officer"]
    key = view.officer(key_id(ed25519_key(ed25519.public_of(officer))))
    assert key.officer is not None
    assert key.officer.rights == {OfficerRight.AUTHOR, OfficerRight.RELEASE, OfficerRight.READ}
    assert load_root(home.root, given).public == view.root
    assert (view.duty, view.roles, view.endpoints) == (True, ("customs",), ("127.0.0.1:7443",))
    assert view.of_use(KeyUse.LOG)[0].log_origin.endswith("/AZ-CUS/log1")
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert load(home).key_file == home.unlock_key


def test_init_takes_a_passphrase_from_a_descriptor(run: Run, tmp_path: Path, passphrase: str) -> None:
    """One line, UTF-8, without its line end; no key file is made and the node will start locked."""
    folder = tmp_path / "az"
    made = run("init", "AZ-CUS", "--passphrase-fd", passphrase, "--home", folder, "--officer", "night-desk")
    assert made.code == 0, made.err
    home = Home(folder)
    assert Keystore.open(home.officer_file("night-desk"), Passphrase("correct horse ü"))
    assert not home.unlock_key.exists()
    assert load(home).key_file is None
    assert os.read(int(passphrase), 100) == b"second\n"  # what follows the line is left to the caller


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["azerbaijan"], 2),
        (["AZ-CUS", "--listen", "nowhere"], 2),
        (["AZ-CUS", "--advertise", "x:y"], 2),
        (["AZ-CUS", "--officer", "../x"], 2),
        (["AZ-CUS", "--name", "Customs"], 2),
        (["AZ-CUS", "--role", "No Token"], 6),
        (["AZ-CUS", "--passphrase-fd", "999"], 2),
    ],
)
def test_refused_init_leaves_nothing(run: Run, tmp_path: Path, arguments: list[str], code: int) -> None:
    """Whatever is wrong, neither the folder nor a part of it is there afterwards."""
    more = [] if "--passphrase-fd" in arguments else ["--key-file"]
    ran = run("init", *arguments, *more, "--home", tmp_path / "az")
    assert (ran.code, "FANAL-E0903" in ran.err) == (code, False), ran.err
    assert list(tmp_path.iterdir()) == []


def test_init_never_touches_what_is_there(run: Run, tmp_path: Path) -> None:
    """A folder with anything in it, a file and a link are refused; an empty folder is used."""
    full, empty, file, link = (tmp_path / name for name in ("full", "empty", "file", "link"))
    full.mkdir()
    (full / "note").write_text("mine")
    empty.mkdir()
    file.write_text("x")
    link.symlink_to(empty)
    for path in (full, file, link):
        assert run("init", "AZ-CUS", "--key-file", "--home", path).code == 1
    assert [one.name for one in full.iterdir()] == ["note"]
    assert run("init", "AZ-CUS", "--key-file", "--home", empty).code == 0
    assert run("init", "AZ-CUS", "--key-file", "--home", empty).code == 1


def test_typed_passphrases_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new passphrase is typed twice; a difference or an empty one is refused."""
    monkeypatch.setattr(os, "open", lambda *_given: 99)
    monkeypatch.setattr(os, "close", lambda _number: None)
    for typed, good in ((["a", "a"], True), (["a", "b"], False), (["", ""], False)):
        lines = iter(typed)
        monkeypatch.setattr("getpass.getpass", lambda _label, lines=lines: next(lines))
        if good:
            assert secret.prompt("New: ", repeat=True) == "a"
        else:
            with pytest.raises(Exception, match="FANAL-E0922"):
                secret.prompt("New: ", repeat=True)


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\n", b"x" * 2000])
def test_unusable_passphrase_lines_are_refused(data: bytes) -> None:
    """Empty, not UTF-8, endless: a sentence, and the line is not repeated in it."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    with pytest.raises(Exception, match="FANAL-E0922") as caught:
        secret.from_descriptor(reading)
    os.close(reading)
    assert "xxxx" not in str(caught.value)


def test_key_list_needs_no_secret(run: Run, home: Home) -> None:
    """The public side of every key, with its use, end and officer."""
    data = run("key", "list", "--json").json
    assert misfits(data, shapes.KeyList) == []
    uses = {"NODE_SIGN", "ENCRYPT", "TLS_SPKI", "LOG", "WITNESS", "ANCHOR", "OFFICER"}
    assert {row["use"] for row in data["keys"]} == uses
    assert {row["state"] for row in data["keys"]} == {"valid"}
    assert data["officers_here"] == ["officer-1"]
    assert "officer-1" in run("key", "list").out


def test_second_network_and_missing_agency_are_refused(run: Run, home: Home, tmp_path: Path) -> None:
    """One folder speaks in one network; without an agency there is nothing to make one of."""
    again = run("network", "create", "other")
    assert (again.code, "caspian" in again.err) == (1, True)
    assert run("network", "join", "/dev/null").code == 1
    assert run("network", "create", "x", "--home", tmp_path / "none").code == 9


def with_loss(home: Home) -> None:
    """A ledger that knows that a witness holds more than it has."""
    ledger = open_ledger(load(home).data, now=1)
    ledger.append(Batch(meta=(lost_meta(Lost(b"note", 0, "GE-CUS")),)))
    ledger.close()


def test_a_new_log_is_refused_while_nothing_calls_for_one(run: Run, home: Home) -> None:
    """Neither a rollback nor a revoked log key: nothing is signed. A revoked one calls for it."""
    before = home.identity_files()
    refused = run("key", "new-log", "--yes")
    assert (refused.code, "FANAL-E0983" in refused.err) == (Exit.POLICY, True)
    assert home.identity_files() == before
    log = next(row for row in run("key", "list", "--json").json["keys"] if row["use"] == "LOG")
    assert run("key", "revoke", log["key_id"], "--from", "now", "--reason", "lost", "--yes").code == 0
    assert run("key", "new-log", "--yes").code == 0


def test_new_log_is_registered_by_the_root(run: Run, home: Home) -> None:
    """Log 2 stands beside log 1 in the next identity document, and its seed in node.keys."""
    with_loss(home)
    data = run("key", "new-log", "--yes", "--json").json
    assert misfits(data, shapes.NewLog) == []
    assert data["before"].endswith("/AZ-CUS/log1")
    assert data["origin"] == data["before"].removesuffix("1") + "2"
    old, new = (verify_own_claim(decode_document(path.read_bytes())) for path in home.identity_files())
    check_follows(old, new)
    assert [key.log_origin for key in new.of_use(KeyUse.LOG)] == [data["origin"], data["before"]]
    assert new.keys.keys() >= old.keys.keys()
    assert run("key", "new-log").code == 2  # a question that nobody answers

# SPDX-License-Identifier: Apache-2.0
"""``fanal node backup`` and ``restore`` on real files: contents, refusals, what outlives an erasure."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from clikit import Run, misfits
from ledgerkit import Kit

from fanal.cli.shown import folder_shapes
from fanal.config.home import Home
from fanal.keys.secret import read_key_file
from fanal.node.datafolder import backup, restore
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.database import connect
from fanal.node.ledger.sqlite import open_ledger
from fanal.node.retention.outside import Erased, ErasureList
from fanal.node.unlocked import unlock

NOW = int(time.time())
PRIVATE = {"node.keys", "unlock.key", "tls.key"}


def erased(number: int, at: int = NOW) -> Erased:
    return Erased(bytes([number]) * 16, bytes([number]) * 32, "order-court-order", at)


def lists(home: Home) -> ErasureList:
    return ErasureList((home.data / "erasures", home.path / "erasures"))


@pytest.fixture
def full(home: Home) -> Home:
    """A home whose node has run: ledger of three leaves, vault, one attached file, one erasure."""
    ledger = open_ledger(home.data, now=NOW)
    ledger.append(Kit().batch(0, 1, 2))
    ledger.close()
    open_vault(home.vault, unlock(home.node_keys, read_key_file(home.unlock_key), "AZ-CUS").vault_key).close()
    (home.data / "attachments" / "uploads").mkdir(parents=True)
    (home.data / "attachments" / ("ab" * 32)).write_bytes(b"ciphertext")
    (home.data / "attachments" / "uploads" / "cd.new").write_bytes(b"half")
    lists(home).add([erased(1, NOW - 60)])
    return home


@pytest.fixture
def made(run: Run, full: Home, tmp_path: Path) -> Path:
    """A backup of it; then the data are lost, all of them."""
    folder = tmp_path / "backup"
    ran = run("node", "backup", folder, "--json")
    assert misfits(ran.json, folder_shapes.NodeBackup) == []
    shutil.rmtree(full.data)
    return folder


def test_a_backup_holds_everything_but_private_keys(made: Path) -> None:
    """Databases, attached files, marker, lists, documents, settings; no keys, no half uploads."""
    names = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert names - {"backup.json"} == set(json.loads((made / "backup.json").read_text())["files"])
    wanted = {"ledger.db", "vault.db", "marker", "erasures", "restored", "attachments/" + "ab" * 32}
    assert {f"data/{name}" for name in wanted} | {
        "fanal.toml",
        "identity/0001.doc",
        "charter/0001.doc",
    } <= names
    assert not {Path(name).name for name in names} & PRIVATE
    assert not [name for name in names if name.endswith((".keys", ".key", ".pem", ".new"))]
    assert {path.stat().st_mode & 0o777 for path in made.rglob("*")} == {0o600, 0o700}


def test_a_restore_brings_it_back_as_a_restored_ledger(run: Run, made: Path, home: Home) -> None:
    """Same leaves and root under a new incarnation, once; erasures of both sides are joined; a second
    restore is refused."""
    ErasureList((home.path / "erasures",)).add([erased(2)])
    answer = run("node", "restore", made, "--json").json
    assert misfits(answer, folder_shapes.NodeBackup) == []
    assert (answer["leaves"], answer["agency"]) == (3, "AZ-CUS")
    assert lists(home).lines == [erased(1, NOW - 60), erased(2)]
    again = run("node", "restore", made, "--json")
    assert again.json["error"]["id"] == "FANAL-E0615"
    ledger = open_ledger(home.data, now=NOW)
    assert (ledger.opened.reason, ledger.head().root.hex()) == ("restored", answer["root"])
    ledger.close()
    ledger = open_ledger(home.data, now=NOW)
    assert ledger.opened.reason == ""
    ledger.close()
    assert (home.data / "attachments" / ("ab" * 32)).read_bytes() == b"ciphertext"


def test_a_backup_put_in_place_by_hand_is_a_restored_ledger_too(made: Path, home: Home) -> None:
    """The note in it is what the node goes by, not the command that put it there."""
    shutil.copytree(made / "data", home.data)
    ledger = open_ledger(home.data, now=NOW)
    assert ledger.opened.reason == "restored"
    ledger.close()


def test_the_words_say_what_is_lost_and_what_comes_next(run: Run, made: Path) -> None:
    """Of the backup: that it keeps what is erased later; of the restore: what is lost, what comes next."""
    told = run("node", "restore", made).out
    for part in ("lost", "comes back", "erased since", "fanal node run", "fanal doctor"):
        assert part in told
    assert "still stands in it" in run("node", "backup", made.with_name("second")).out


def spoil(made: Path, home: Home, what: str) -> None:
    if what == "changed":
        (made / "data" / "attachments" / ("ab" * 32)).write_bytes(b"Ciphertext")
    elif what == "missing":
        (made / "data" / "vault.db").unlink()
    elif what == "linked":
        (made / "data" / "marker").rename(made / "elsewhere")
        (made / "data" / "marker").symlink_to(made / "elsewhere")
    elif what == "no list":
        (made / "backup.json").write_text("[]")
    elif what == "another agency":
        relist(made, agency="GE-CUS")
    elif what == "a path out":
        relist(made, files={"data/ledger.db": [1, "x"], "data/../../evil": [1, "x"]})
    elif what == "another network":
        relist(made, network="00" * 32)
    elif what == "newer":
        connection = connect(made / "data" / "ledger.db")
        connection.execute("PRAGMA user_version = 99")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.close()
        relist(made, changed="data/ledger.db")
    elif what == "data there":
        home.data.mkdir()
        (home.data / "vault.db").write_bytes(b"x")


def relist(made: Path, changed: str = "", **values: object) -> None:
    """Whoever can write the folder writes the list anew."""
    listed = json.loads((made / "backup.json").read_text()) | values
    if changed:
        listed["files"][changed] = [(made / changed).stat().st_size, backup.manifest.sha256(made / changed)]
    (made / "backup.json").write_text(json.dumps(listed))


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("changed", "FANAL-E0613"),
        ("missing", "FANAL-E0613"),
        ("linked", "FANAL-E0613"),
        ("no list", "FANAL-E0612"),
        ("a path out", "FANAL-E0612"),
        ("another network", "FANAL-E0612"),
        ("another agency", "FANAL-E0614"),
        ("newer", "FANAL-E0602"),
        ("data there", "FANAL-E0615"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_and_nothing_is_put_in_place(
    run: Run, made: Path, home: Home, what: str, error: str
) -> None:
    """The id of each; no database is there afterwards."""
    spoil(made, home, what)
    ran = run("node", "restore", made, "--json")
    assert ran.json["error"]["id"] == error, ran
    assert ran.code != 0
    assert not home.ledger.exists()
    assert not made.parent.joinpath("evil").exists()


def test_a_restore_cut_short_is_done_again(run: Run, made: Path, home: Home) -> None:
    """Cut after any name was made durable: the same command completes it, unless the ledger was there before;
    then all of it was."""
    for at in range(1, 100):
        with pytest.MonkeyPatch.context() as patch:
            left = cut_after(patch, at)
            code = run("node", "restore", made).code
        if left():
            break
        assert code == 130
        complete = home.ledger.exists()
        assert run("node", "restore", made).code == complete
        ledger = open_ledger(home.data, now=NOW)
        assert (ledger.opened.reason, ledger.head().size) == ("restored", 3)
        ledger.close()
        shutil.rmtree(home.data)
    assert (code, at > 10) == (0, True)


def test_a_copy_whose_sync_failed_is_not_there_and_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore passes over documents that are there: what is only in the kernel's memory must not be."""
    source, target = tmp_path / "source", tmp_path / "copies" / "target"
    source.write_bytes(b"a document")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: os.fstat(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            backup.copy_file(source, target)
    assert not target.exists()
    backup.copy_file(source, target)
    assert [one.name for one in target.parent.iterdir()] == ["target"]
    assert target.read_bytes() == b"a document"


def cut_after(patch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """The ``at``-th folder that is made durable is the last; gives how many are left until then."""
    left, real = at, restore.sync_folder

    def cutting(folder: Path) -> None:
        nonlocal left
        real(folder)
        left -= 1
        if not left:
            raise KeyboardInterrupt

    patch.setattr(restore, "sync_folder", cutting)
    patch.setattr(backup, "sync_folder", cutting)
    return lambda: left


def test_what_is_erased_while_the_backup_is_made_is_in_its_list(
    full: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vault is copied before the ledger, and the lists after both."""
    copied, real = [], backup.copy_whole

    def copying(connection: object, copy: Path, key: bytes | None = None) -> None:
        real(connection, copy, key)
        copied.append(copy.name)
        lists(full).add([erased(len(copied) + 1)])

    monkeypatch.setattr(backup, "copy_whole", copying)
    (tmp_path / "b").mkdir()
    key = unlock(full.node_keys, read_key_file(full.unlock_key), "AZ-CUS").vault_key
    backup.make(full, full.data, tmp_path / "b", lambda: key, "AZ-CUS", NOW)
    assert copied == ["vault.db", "ledger.db"]
    for place in ("erasures", "data/erasures"):
        assert len((tmp_path / "b" / place).read_text().splitlines()) == 3


@pytest.mark.parametrize("inside", ["", "data/backup", "backup"])
def test_no_backup_is_made_inside_what_it_is_of(run: Run, full: Home, inside: str) -> None:
    """It would be copied into the next one, and lost with the disk."""
    ran = run("node", "backup", full.path / inside, "--json")
    assert ran.json["error"]["id"] in ("FANAL-E0611", "FANAL-E0930")
    assert not (full.path / "data" / "backup").exists()


def test_a_backup_that_does_not_fit_on_its_disk_leaves_nothing(
    run: Run, full: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused with both figures one byte below what it needs; made with exactly that."""
    monkeypatch.setattr(os, "statvfs", lambda folder: SimpleNamespace(f_bavail=0, f_frsize=1))
    needed = run("node", "backup", tmp_path / "b", "--json").json["error"]["sentence"].split()[2]
    for room, code in ((int(needed) - 1, 1), (int(needed), 0)):
        monkeypatch.setattr(
            os, "statvfs", lambda folder, room=room: SimpleNamespace(f_bavail=room, f_frsize=1)
        )
        assert run("node", "backup", tmp_path / "b").code == code
        assert (tmp_path / "b").exists() is not bool(code)


def test_doctor_names_copies_that_outlived_an_erasure(run: Run, full: Home, tmp_path: Path) -> None:
    """Older than the last erasure: named with its age and what to do; made after it, or gone: not."""

    def rows() -> dict[str, tuple[str, str, str]]:
        checks = run("doctor", "--json").json["checks"]
        return {one["sentence"].split(",")[0]: (one["subject"], one["level"], one["next"]) for one in checks}

    assert ("backup", "unchecked", "fanal node backup DIR") in rows().values()
    run("node", "backup", tmp_path / "b")
    old = full.data / "vault.db.v1"
    old.write_bytes(b"x")
    assert str(old) not in rows()
    lists(full).add([erased(9, int(time.time()) + 5)])
    assert rows()[str(old)] == ("copies", "warning", "fanal node migrate --delete-copies")
    assert rows()[str(tmp_path / "b")][:2] == ("backup", "warning")
    run("node", "migrate", "--delete-copies")
    shutil.rmtree(tmp_path / "b")
    assert not {str(old), str(tmp_path / "b")} & rows().keys()

# SPDX-License-Identifier: Apache-2.0
"""The vault file: encrypted, refused in words when it is not right, whole after any failure, indexed."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as driver

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.inbox.describe import describe
from fanal.node.inbox.interface import Filing, Folder, ListQuery, PendingOpen, Withdrawal
from fanal.node.inbox.reads import _SELECT_SUMMARY, _conditions
from fanal.node.inbox.rebuilding import open_or_anew
from fanal.node.inbox.schema import APPLICATION, MIGRATIONS
from fanal.node.inbox.sqlite import SqlVault, open_vault
from fanal.node.ledger.database import connect
from fanal.node.ledger.formats import migrate
from fanal.v1.notice_pb2 import Notice

NOW = 1_800_000_000
KEY = bytes(range(32))
CANARY = "Zwiebelkanarienvogel"
WORDS = "c6f728fb8b9bf71e2f58bbdcc80f540664a4579beab7ff5e5e16cb23a086dca0"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault.db"


@pytest.fixture
def disk(path: Path) -> Iterator[SqlVault]:
    vault = open_vault(path, KEY)
    yield vault
    vault.close()


def refusal(path: Path, key: bytes = KEY) -> FanalError:
    with pytest.raises(FanalError) as caught:
        open_vault(path, key)
    return caught.value


def filled(path: Path, shelf: Any, count: int = 20) -> None:
    vault = open_vault(path, KEY)
    vault.file(Filing(cursor=count, notices=tuple(shelf.filing(shelf.notice(n)) for n in range(count))))
    vault.close()


def test_no_plaintext_reaches_database_or_write_ahead_log(path: Path, shelf: Any) -> None:
    """Words, identifiers, keys and table names are absent from the raw files; the opened vault finds them."""
    vault = open_vault(path, KEY)
    notice = shelf.notice(1, legal_basis=CANARY)
    vault.file(Filing(notices=(shelf.filing(notice),)))
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for word in (
        CANARY,
        CANARY.lower(),
        "QQQU1200010",
        "qqqu1200010",
        "k" * 32,
        "notices",
        "SQLite",
        KEY.decode("latin1"),
    ):
        assert word.encode("latin1") not in raw
    assert len(vault.notices.list(ListQuery(now=shelf.now, text=CANARY)).summaries) == 1
    vault.close()
    assert CANARY.encode() not in path.read_bytes()


def test_only_the_node_can_read_the_file(disk: SqlVault, path: Path) -> None:
    """Vault and write-ahead log have mode 0600."""
    disk.file(Filing(cursor=1))
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_a_filed_notice_survives_a_restart(path: Path, shelf: Any) -> None:
    """The same key opens it again with cursor, counter and notices."""
    filled(path, shelf)
    vault = open_vault(path, KEY)
    assert (vault.cursor(), vault.notices.unread()) == (20, 20)
    vault.close()


def test_another_key_is_refused_and_nothing_is_printed(
    path: Path, shelf: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wrong key and a wrong key file look the same, leave the file alone and the terminal clean."""
    filled(path, shelf)
    before = path.read_bytes()
    assert refusal(path, bytes(32)).kind is errors.VAULT_KEY
    assert path.read_bytes() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_a_fault_of_the_program(path: Path, length: int) -> None:
    """Only raw 32-byte keys reach the driver."""
    with pytest.raises(ValueError, match="32 bytes"):
        open_vault(path, bytes(length))


def test_a_plain_database_is_no_vault(path: Path) -> None:
    """An unencrypted file is refused before any key touches it."""
    path.parent.mkdir()
    connection = driver.connect(str(path))
    connection.execute("CREATE TABLE notices (x)")
    connection.close()
    assert refusal(path).kind is errors.NOT_A_STORE


def test_a_folder_in_place_of_the_vault_is_refused(path: Path) -> None:
    """Not a regular file."""
    path.mkdir(parents=True)
    assert refusal(path).kind is errors.NOT_A_STORE


@pytest.mark.parametrize("keep", [0.5, 0.9])
@pytest.mark.parametrize("odd", [0, 100])
def test_a_truncated_vault_is_refused(path: Path, shelf: Any, keep: float, odd: int) -> None:
    """Cut at a page or within one: damage, in words, at opening."""
    filled(path, shelf)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) // 4096 * 4096 + odd])
    assert refusal(path).kind is errors.DAMAGED


def test_a_vault_that_a_power_cut_left_half_grown_opens_from_its_log(
    path: Path, shelf: Any, tmp_path: Path
) -> None:
    """A cut while the log is folded into the file may end within a page; the log still has every page."""
    vault = open_vault(path, KEY)
    vault.file(Filing(cursor=1, notices=(shelf.filing(shelf.notice(1)),)))
    cut = tmp_path / "cut"
    shutil.copytree(path.parent, cut)
    vault.close()
    with (cut / path.name).open("ab") as file:
        file.write(bytes(512))
    again = open_vault(cut / path.name, KEY)
    assert (again.cursor(), again.notices.unread()) == (1, 1)
    again.close()
    assert (cut / path.name).stat().st_size % 4096 == 0


def test_noise_in_place_of_the_vault_is_refused(path: Path) -> None:
    """Random pages cannot be told from another key, and the refusal says both."""
    path.parent.mkdir()
    path.write_bytes(os.urandom(8192))
    assert refusal(path).kind is errors.VAULT_KEY


def test_a_flipped_bit_is_refused_not_read(path: Path, shelf: Any) -> None:
    """Every page is authenticated: a changed page is damage, never other text."""
    filled(path, shelf, 200)
    data = bytearray(path.read_bytes())
    for page in range(8, len(data) // 4096):
        data[page * 4096 + 2000] ^= 1
    path.write_bytes(data)

    def read() -> None:
        vault = open_vault(path, KEY)
        try:
            vault.notices.list(ListQuery(now=shelf.now, limit=500))
        finally:
            vault.close()

    with pytest.raises(FanalError):
        read()


def test_newer_data_is_refused(path: Path, disk: SqlVault) -> None:
    """A vault of a later format is left to the program that wrote it."""
    disk._db.execute("PRAGMA user_version = 99")
    disk.close()
    assert refusal(path).kind is errors.NEWER_FORMAT


def test_a_full_disk_files_nothing_and_recovers(disk: SqlVault, shelf: Any) -> None:
    """No page is left: DISK_FULL, neither notice nor cursor; with room again the same filing goes in."""
    pages = disk._db.execute("PRAGMA page_count").fetchone()[0]
    disk._db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone()
    filing = Filing(cursor=9, notices=tuple(shelf.filing(shelf.notice(n)) for n in range(60)))
    with pytest.raises(FanalError) as caught:
        disk.file(filing)
    assert caught.value.kind is errors.DISK_FULL
    assert (disk.cursor(), disk.notices.unread()) == (0, 0)
    assert all(disk.file(filing).fresh)
    assert disk.cursor() == 9


def test_a_failed_commit_is_not_acknowledged(disk: SqlVault, shelf: Any) -> None:
    """The driver's error becomes a refusal, the connection is opened again, and filing goes on."""
    real = disk._db

    class Failing:
        def execute(self, sql: str, *values: Any) -> Any:
            if sql == "COMMIT":
                raise driver.OperationalError("disk I/O error")
            return real.execute(sql, *values)

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    disk._db = Failing()
    filing = Filing(cursor=3, notices=(shelf.filing(shelf.notice()),))
    with pytest.raises(FanalError) as caught:
        disk.file(filing)
    assert caught.value.kind is errors.STORE_FAILED
    assert disk.cursor() == 0
    assert disk.file(filing).fresh == (True,)


def test_a_read_only_folder_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operating system's refusal names the file and what to do."""

    def refused(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    error = refusal(path)
    assert error.kind is errors.NOT_WRITABLE
    assert str(path) in error.sentence


def test_threads_file_and_read_at_once(disk: SqlVault, shelf: Any) -> None:
    """Readers never fail or see half a filing while notices are filed."""
    done = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not done.is_set():
            seen.append(len(disk.notices.list(ListQuery(now=shelf.now, limit=500)).summaries))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        disk.file(
            Filing(
                notices=(shelf.filing(shelf.notice(2 * number)), shelf.filing(shelf.notice(2 * number + 1)))
            )
        )
    done.set()
    for thread in threads:
        thread.join()
    assert all(count % 2 == 0 for count in seen)
    assert disk.notices.unread() == 40


@pytest.mark.parametrize(
    ("change", "index"),
    [
        ({}, "notices_list"),
        ({"folder": Folder.ALL}, "USING INTEGER PRIMARY KEY|SCAN n"),
        ({"identifier": "QQQU1200010"}, "identifiers|PRIMARY KEY"),
        ({"unread": True}, "notices_unread|notices_list"),
    ],
)
def test_a_page_of_a_list_is_served_by_an_index_without_sorting(
    disk: SqlVault, shelf: Any, change: dict[str, Any], index: str
) -> None:
    """No list sorts its notices: the page comes off the index in order, however many there are."""
    where, values = _conditions(ListQuery(now=shelf.now, **change))
    query = f"EXPLAIN QUERY PLAN {_SELECT_SUMMARY}{where} ORDER BY n.id DESC LIMIT 51"
    plan = " ".join(str(row[3]) for row in disk._db.execute(query, values))
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan
    assert any(word in plan for word in index.split("|")), plan


def test_an_erasure_takes_the_words_out_of_the_index_at_once(disk: SqlVault, shelf: Any) -> None:
    """They are in its pages before and not after, and every other notice is found as before."""
    gone = shelf.filing(shelf.notice(100, legal_basis=CANARY))
    disk.file(Filing(notices=(gone, *(shelf.filing(shelf.notice(n)) for n in range(20)))))

    def pages() -> bytes:
        with disk.own_connection() as db:
            return b"".join(row[0] for row in db.execute("SELECT block FROM search_data"))

    assert CANARY.lower().encode()[1:] in pages()
    disk.erase([gone.manifest_sha256], NOW)
    assert CANARY.lower().encode()[1:] not in pages()
    assert len(disk.notices.list(ListQuery(now=shelf.now, text="coffee", limit=50)).summaries) == 20
    with disk.own_connection() as db:
        db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 0)")


def test_what_counts_as_a_notices_words_is_what_was_indexed(shelf: Any) -> None:
    """Words are taken out as they are read then: whoever changes the schema of notices or what `describe`
    takes for words adds a format that indexes anew (`schema._index`), and then this digest."""
    said = describe(shelf.notice(1, legal_basis=CANARY).SerializeToString(), bytes(16)).text
    found = hashlib.sha256(said.encode() + Notice.DESCRIPTOR.file.serialized_pb).hexdigest()
    assert found == WORDS


def test_a_vault_of_the_format_before_keeps_its_words_and_what_is_left_to_do(
    disk: SqlVault, tmp_path: Path, shelf: Any
) -> None:
    """Format 3 is brought to today's: the words of what was not erased are found, and taken out by an
    erasure; what was withdrawn with deletion is still to be deleted."""
    kept, doomed, gone = (shelf.filing(shelf.notice(n, legal_basis=f"{CANARY}{n}")) for n in range(3))
    taken = Withdrawal(shelf.uuid(1), "GE-CUS", "ERROR", NOW, True, bytes(32))
    disk.file(Filing(notices=(kept, doomed, gone), withdrawals=(taken,)))
    disk.erase([gone.manifest_sha256], NOW)
    old = tmp_path / "old.db"
    connection = connect(old, KEY)
    migrate(connection, old, APPLICATION, MIGRATIONS[:3], KEY)
    with disk.own_connection() as db:
        for table in ("notices", "withdrawn", "identifiers"):
            rows = db.execute(f"SELECT * FROM {table}").fetchall()
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.close()
    vault = open_vault(old, KEY)
    found = [vault.notices.list(ListQuery(now=NOW, text=f"{CANARY}{n}")).summaries for n in range(3)]
    assert [len(one) for one in found] == [1, 0, 0]  # a search shows nothing that was withdrawn
    assert [one.manifest_sha256 for one in vault.notices.to_delete(9)] == [doomed.manifest_sha256]
    vault.erase([kept.manifest_sha256, doomed.manifest_sha256], NOW)
    assert vault.notices.to_delete(9) == []
    with vault.own_connection() as db:
        pages = b"".join(row[0] for row in db.execute("SELECT block FROM search_data"))
    assert CANARY.lower().encode()[1:] not in pages
    vault.close()


def test_a_power_cut_in_the_first_checkpoint_leaves_a_vault_that_is_begun_anew(
    path: Path, shelf: Any
) -> None:
    """Without its first sector a young file has no salt, so that nothing opens it: it is put aside, and the
    ledger fills a new one."""
    vault = open_vault(path, KEY)
    vault.file(Filing(cursor=1))
    data = path.read_bytes()
    wal = path.with_name(path.name + "-wal").read_bytes()
    vault.close()
    path.write_bytes(bytes(512) + data[512:])
    path.with_name(path.name + "-wal").write_bytes(wal)
    assert refusal(path).kind is errors.DAMAGED
    fresh = open_or_anew(path, KEY, shelf.now)
    assert fresh.cursor() == 0
    fresh.close()


def test_what_waits_as_before_costs_no_write(disk: SqlVault, path: Path) -> None:
    """To find again that an entry waits changes nothing in the files, so no sync can fail for it."""
    log = path.with_name("vault.db-wal")
    waits = PendingOpen(bytes(32), 7, b"k" * 32, "NO_KEY", 1)
    disk.file(Filing(pending=(waits,)))
    before = log.stat().st_size
    disk.file(Filing(pending=(replace(waits, since=2),)))
    assert log.stat().st_size == before
    disk.file(Filing(pending=(replace(waits, reason="NO_IDENTITY"),)))
    assert log.stat().st_size > before

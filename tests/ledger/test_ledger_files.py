# SPDX-License-Identifier: Apache-2.0
"""The data folder: one node at a time, restored and copied stores noticed, bad files refused in words."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as driver

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.ledger import database, formats, marker, schema
from fanal.node.ledger.interface import Batch, DocumentRow, LaneRange, LeafRow
from fanal.node.ledger.marker import Mark, Marker
from fanal.node.ledger.sqlite import SqliteLedger, open_ledger

NOW = 1_800_000_000
FILES = ("ledger.db", "marker")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(folder: Path) -> SqliteLedger:
    return open_ledger(folder, now=NOW)


def grow(folder: Path, kit: Any, *seqs: int) -> bytes:
    """Open, append, close; the incarnation it was done in."""
    ledger = opened(folder)
    ledger.append(kit.batch(*seqs))
    ledger.close()
    return ledger.head().incarnation


def saved(folder: Path, *names: str) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def restore(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)


def refusal(folder: Path) -> FanalError:
    with pytest.raises(FanalError) as caught:
        opened(folder)
    return caught.value


def test_a_ledger_goes_on_where_it_stopped(folder: Path, kit: Any) -> None:
    """After a clean stop the same incarnation, store id, tree and heads are there."""
    ledger = opened(folder)
    ledger.append(kit.batch(0, 2))
    before = ledger.head()
    row = ledger.lanes.clock()
    ledger.close()
    again = opened(folder)
    assert (again.opened.reason, again.head(), again.lanes.clock()) == ("", before, row)
    assert again.append(kit.batch(1)).arrivals == (3,)
    again.close()


def test_nobody_else_can_read_the_files(folder: Path, kit: Any) -> None:
    """Folder 0700; database, marker, lock and write-ahead log 0600."""
    ledger = opened(folder)
    ledger.append(kit.batch(0))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"ledger.db", "ledger.db-wal", "lock", "marker"} <= set(modes)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    ledger.close()


def test_a_second_opener_is_refused_until_the_first_closes(folder: Path) -> None:
    """The folder is held by flock; the refusal names it."""
    first = opened(folder)
    error = refusal(folder)
    assert error.kind is errors.FOLDER_IN_USE
    assert str(folder) in error.sentence
    first.close()
    opened(folder).close()


def test_a_restored_database_begins_a_new_incarnation(folder: Path, kit: Any) -> None:
    """An older ledger.db under a newer marker is noticed; a new store id makes peers send all again."""
    grow(folder, kit, 0)
    backup = saved(folder, "ledger.db")
    old = grow(folder, kit, 1)
    restore(folder, backup)
    ledger = opened(folder)
    assert ledger.opened.reason == "rolled-back"
    assert (ledger.opened.marker_size, ledger.opened.marker_entries) == (2, 2)
    rows = ledger.facts.incarnations()
    assert [row.reason for row in rows] == ["created", "rolled-back"]
    assert rows[1].predecessor == old
    assert ledger.head().incarnation == rows[1].incarnation != old
    store_id = ledger.head().store_id
    ledger.close()
    again = opened(folder)
    assert (again.opened.reason, again.head().store_id) == ("", store_id)
    again.close()


def test_a_database_of_before_the_last_incarnation_continues_the_lost_one(folder: Path, kit: Any) -> None:
    """Restored twice: the incarnation that spoke last is the predecessor though its rows are lost."""
    grow(folder, kit, 0)
    backup = saved(folder, "ledger.db")
    grow(folder, kit, 1)
    restore(folder, backup)
    lost = grow(folder, kit, 2)
    restore(folder, backup)
    ledger = opened(folder)
    rows = ledger.facts.incarnations()
    assert ledger.opened.reason == "other-incarnation"
    assert [row.reason for row in rows] == ["created", "lost", "other-incarnation"]
    assert rows[2].predecessor == lost
    ledger.close()


@pytest.mark.parametrize(("remove", "reason"), [("marker", "marker-missing"), ("ledger.db", "rolled-back")])
def test_a_missing_half_begins_a_new_incarnation(folder: Path, kit: Any, remove: str, reason: str) -> None:
    """Neither a database without its marker nor a marker without its database is trusted to go on."""
    old = grow(folder, kit, 0)
    (folder / remove).unlink()
    ledger = opened(folder)
    assert ledger.opened.reason == reason
    assert ledger.head().incarnation != old
    assert ledger.facts.incarnations()[-1].predecessor == old
    ledger.close()


def test_a_database_newer_than_its_marker_goes_on(folder: Path, kit: Any) -> None:
    """A kill between commit and marker is no rollback: nothing had left."""
    grow(folder, kit, 0)
    older = saved(folder, "marker")
    grow(folder, kit, 1)
    restore(folder, older)
    ledger = opened(folder)
    assert ledger.opened.reason == ""
    ledger.close()
    assert marker.read(folder / "marker") == Mark(ledger.head().incarnation, 2, 2)


def test_a_damaged_marker_begins_a_new_incarnation(folder: Path, kit: Any) -> None:
    """Both slots unreadable: the safe side is a new incarnation."""
    grow(folder, kit, 0)
    (folder / "marker").write_bytes(b"\xff" * 8192)
    ledger = opened(folder)
    assert ledger.opened.reason == "marker-damaged"
    ledger.close()


def test_a_torn_marker_write_leaves_the_other_slot(tmp_path: Path) -> None:
    """Any damage to the slot written last gives the mark before it, also after a reopening."""
    path = tmp_path / "marker"
    marks = [Mark(bytes([n]) * 16, 10 - n, n) for n in range(4)]
    made = Marker(path)
    for mark in marks:
        made.write(mark)
    made.close()
    assert marker.read(path) == marks[3]
    data = bytearray(path.read_bytes())
    data[4 % 2 * 4096 + 20] ^= 1
    path.write_bytes(data)
    assert marker.read(path) == marks[2]
    again = Marker(path)
    assert (again.last, again.damaged) == (marks[2], False)
    again.write(marks[0])
    again.close()
    assert marker.read(path) == marks[0]
    assert marker.read(tmp_path / "none") is None


def test_newer_data_is_refused_untouched(folder: Path, kit: Any) -> None:
    """A database of a later format stays byte for byte as it was."""
    grow(folder, kit, 0)
    connection = driver.connect(str(folder / "ledger.db"))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = saved(folder, *FILES)
    error = refusal(folder)
    assert (error.kind, error.facts["found"]) == (errors.NEWER_FORMAT, 99)
    assert saved(folder, *FILES) == before


@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3", bytes(100)])
def test_a_file_that_is_no_database_is_refused_untouched(folder: Path, content: bytes) -> None:
    """Whatever else lies at the path is named and left alone."""
    folder.mkdir()
    (folder / "ledger.db").write_bytes(content)
    assert refusal(folder).kind is errors.NOT_A_STORE
    assert (folder / "ledger.db").read_bytes() == content


def test_another_programs_database_is_refused(folder: Path) -> None:
    """A foreign SQLite file is not migrated into ours."""
    folder.mkdir()
    connection = driver.connect(str(folder / "ledger.db"))
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    assert refusal(folder).kind is errors.NOT_A_STORE


def test_a_folder_in_place_of_the_database_is_refused(folder: Path) -> None:
    """A directory named ledger.db is named in the refusal."""
    (folder / "ledger.db").mkdir(parents=True)
    assert refusal(folder).kind is errors.NOT_A_STORE


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """The data folder itself may be wrong."""
    (tmp_path / "data").write_text("x")
    with pytest.raises(FanalError) as caught:
        opened(tmp_path / "data")
    assert caught.value.kind in (errors.NOT_WRITABLE, errors.STORE_FAILED)


def test_a_truncated_database_is_refused(folder: Path, kit: Any) -> None:
    """Half of the pages gone is damage, said in words, and the lock is let go."""
    grow(folder, kit, *range(50))
    data = (folder / "ledger.db").read_bytes()
    (folder / "ledger.db").write_bytes(data[: len(data) // 2 // 4096 * 4096])
    assert refusal(folder).kind is errors.DAMAGED
    assert refusal(folder).kind is errors.DAMAGED


def test_a_copied_folder_works_alone(folder: Path, kit: Any, tmp_path: Path) -> None:
    """A whole folder copied while stopped opens like the original."""
    grow(folder, kit, 0)
    shutil.copytree(folder, tmp_path / "copy")
    ledger = opened(tmp_path / "copy")
    assert ledger.head().size == 1
    ledger.close()


def test_the_format_is_the_number_of_migrations(folder: Path) -> None:
    """A new ledger carries the newest format and our application id."""
    opened(folder).close()
    connection = database.connect_readonly(folder / "ledger.db")
    latest = len(schema.MIGRATIONS)
    found = formats.check_format(connection, folder / "ledger.db", schema.APPLICATION, latest)
    assert found == latest
    connection.close()


def test_a_missing_file_is_not_created_by_a_reader(tmp_path: Path) -> None:
    """Reading what is not there says so."""
    with pytest.raises(FanalError) as caught:
        database.connect_readonly(tmp_path / "ledger.db")
    assert caught.value.kind is errors.STORE_MISSING
    assert not (tmp_path / "ledger.db").exists()


def test_leaves_and_entries_are_durable_before_append_returns(folder: Path, kit: Any) -> None:
    """What a copy made right after append, without close, holds is the whole batch; so is the marker."""
    ledger = opened(folder)
    appended = ledger.append(Batch(lanes=(kit.lane(),), entries=(kit.entry(0),), leaves=(LeafRow(b"x"),)))
    shutil.copytree(folder, folder.parent / "snapshot")
    other = opened(folder.parent / "snapshot")
    assert (other.head().size, other.head().root) == (appended.size, appended.root)
    assert marker.read(folder / "marker") == Mark(ledger.head().incarnation, 1, 1)
    other.close()
    ledger.close()


def test_the_log_of_a_database_behind_a_link_is_written_anew(
    folder: Path, kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where ledger.db is a link its log lies beside the file: that one is synchronised first."""
    opened(folder).close()
    file = (folder / "ledger.db").rename(tmp_path / "elsewhere.db")
    (folder / "ledger.db").symlink_to(file)
    ledger, synced, true = opened(folder), set[int](), os.fsync
    ledger.append(kit.batch(0))
    log = file.with_name("elsewhere.db-wal").stat()

    def noted(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        true(handle)

    monkeypatch.setattr(os, "fsync", noted)
    database.connect(folder / "ledger.db").close()
    assert {log.st_ino, tmp_path.stat().st_ino} <= synced
    ledger.close()


def test_a_short_write_of_the_marker_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a slot is no mark: what is not wholly written is not taken for written."""
    folder.mkdir()
    marker_file = Marker(folder / "marker")
    real = os.pwrite
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", lambda fd, data, at: real(fd, data[: len(data) // 2], at))
        with pytest.raises(OSError, match="No space left"):
            marker_file.write(Mark(bytes(16), 1, 1))
    marker_file.write(Mark(bytes(16), 1, 1))
    assert marker.read(folder / "marker") == Mark(bytes(16), 1, 1)
    marker_file.close()


def test_a_handle_of_the_marker_whose_sync_failed_is_not_synchronised_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel tells of a lost page once; a second sync of the same handle would claim that all is well."""
    folder.mkdir()
    marker_file = Marker(folder / "marker")
    failed, real, close = set[int](), os.fdatasync, os.close

    def broken(fd: int) -> None:
        failed.add(fd)
        raise OSError(5, "Input/output error")

    def watched(fd: int) -> None:
        assert fd not in failed
        real(fd)

    monkeypatch.setattr(os, "close", lambda fd: (failed.discard(fd), close(fd))[1])
    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(OSError, match="Input/output"):
        marker_file.write(Mark(bytes(16), 1, 1))
    monkeypatch.setattr(os, "fdatasync", watched)
    marker_file.write(Mark(bytes(16), 2, 2))
    assert marker.read(folder / "marker") == Mark(bytes(16), 2, 2)
    marker_file.close()


def test_a_document_that_a_torn_page_has_emptied_is_refused_in_words(folder: Path) -> None:
    """A row whose page is zeros reads as NULL, whatever the table says: DAMAGED, and no traceback."""
    ledger = opened(folder)
    ledger.append(Batch(documents=(DocumentRow("charter", "", 1, b"h" * 32, b"signed", NOW),)))
    ledger.close()
    loose = "replace(sql, 'document BLOB NOT NULL', 'document BLOB')"
    db = driver.connect(str(folder / "ledger.db"))
    db.execute("PRAGMA writable_schema = ON")
    db.execute(f"UPDATE sqlite_master SET sql = {loose}")
    db.commit()
    db.close()
    db = driver.connect(str(folder / "ledger.db"))
    db.execute("UPDATE documents SET document = NULL")
    db.commit()
    db.close()
    ledger = opened(folder)
    with pytest.raises(FanalError) as refused:
        ledger.facts.documents()
    ledger.close()
    assert refused.value.kind is errors.DAMAGED
    assert refused.value.facts["reason"] == "a value of document"


def test_a_ledger_of_the_format_before_owes_and_lacks_what_it_did(folder: Path, kit: Any) -> None:
    """Format 1 had no lists of what is left to do: they are made from what stands in it."""
    ledger = opened(folder)
    for number in (1, 2, 3, 4):
        ledger.append(kit.batch(0, 1, incarnation=number))
    covered = tuple(LaneRange("", kit.lane().lane, kit.incarnation(number), 0, 2) for number in (1, 2))
    ledger.append(Batch(held=covered, successors=(kit.successor(stop=2), kit.successor(2, incarnation=3))))
    ledger.append(Batch(successors=(kit.successor(7, incarnation=4), kit.successor(1, incarnation=6))))
    before = ledger.lanes.owing(), ledger.lanes.open_ends()
    ledger.close()
    assert [len(one) for one in before] == [2, 2]
    connection = database.connect(folder / "ledger.db")
    for table in ("owing", "unreached"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '2 %'")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    ledger = opened(folder)
    assert (ledger.lanes.owing(), ledger.lanes.open_ends()) == before
    ledger.close()

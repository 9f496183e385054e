# SPDX-License-Identifier: Apache-2.0
"""The one writer: many callers, one commit; failing commits; a full disk; and the state read back."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.ledger import marker
from fanal.node.ledger import writer as writing
from fanal.node.ledger.database import driver
from fanal.node.ledger.interface import Batch, ForkFound, LeafRow
from fanal.node.ledger.sqlite import SqliteLedger, open_ledger

NOW = 1_800_000_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SqliteLedger]:
    ledger = open_ledger(tmp_path / "data", now=NOW)
    yield ledger
    ledger.close()


class Faulty:
    """A connection that fails on demand: ``fail(sql)`` is the error to raise, before running it or after."""

    def __init__(
        self, connection: Any, fail: Callable[[str], Exception | None], *, after: bool = False
    ) -> None:
        self._connection = connection
        self._fail = fail
        self._after = after

    def execute(self, sql: str, *values: Any) -> Any:
        error = self._fail(sql)
        if error is not None and not self._after:
            raise error
        result = self._connection.execute(sql, *values)
        if error is not None:
            raise error
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def once(sql: str, message: str) -> Callable[[str], Exception | None]:
    """Fail at the first statement that begins so."""
    left = [1]

    def fail(statement: str) -> Exception | None:
        if left and statement.startswith(sql):
            left.pop()
            return driver.OperationalError(message)
        return None

    return fail


def break_with(ledger: SqliteLedger, fail: Callable[[str], Exception | None], *, after: bool = False) -> None:
    inner = ledger._writer
    inner._db = Faulty(inner._db, fail, after=after)


def test_eight_threads_share_commits_and_each_gets_its_own_answer(disk: SqliteLedger, kit: Any) -> None:
    """200 batches of 8 threads: every one fresh once, leaves gap-free, far fewer commits than batches."""

    def work(thread: int) -> list[int]:
        return [disk.append(kit.batch(seq, lane=f"lane {thread}")).leaf_indexes[0] or 0 for seq in range(25)]

    with ThreadPoolExecutor(8) as pool:
        indexes = [index for found in pool.map(work, range(8)) for index in found]
    assert sorted(indexes) == list(range(200))
    assert disk.head().entries == disk.head().size == 200
    assert disk._writer.state.commits < 200
    assert [row.next for row in disk.lanes.clock()] == [25] * 8


def test_a_refused_batch_leaves_its_neighbours_in_the_same_commit(disk: SqliteLedger, kit: Any) -> None:
    """Batches that wait together are committed together; the refused and the forked get their own errors."""
    disk.append(kit.batch(0))
    gate = threading.Event()
    release = threading.Event()
    real = disk._writer._store

    def hold(batches: Any) -> Any:
        gate.set()
        release.wait()
        return real(batches)

    disk._writer._store = hold  # type: ignore[method-assign]
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(disk.append, kit.batch(1))
        gate.wait()
        waiting = [
            pool.submit(disk.append, batch)
            for batch in (kit.batch(2), replace(kit.batch(3), lanes=(), entries=(kit.entry(0, "z"),)))
        ]
        waiting += [
            pool.submit(disk.append, kit.batch(0, mark="twin")),
            pool.submit(disk.append, kit.batch(4)),
        ]
        while disk._writer._jobs.qsize() < 4:
            pass
        commits = disk._writer.state.commits
        release.set()
        results = [future.exception() for future in (first, *waiting)]
    assert [type(error) for error in results] == [type(None), type(None), FanalError, ForkFound, type(None)]
    assert disk._writer.state.commits == commits + 2
    assert [entry.seq for entry in disk.entries.since(0, 9)] == [0, 1, 2, 4]
    assert disk.head().size == 4


@pytest.mark.parametrize("statement", ["BEGIN", "SAVEPOINT", "INSERT INTO leaves", "UPDATE store", "COMMIT"])
def test_a_failure_before_the_commit_stores_nothing_and_heals(
    disk: SqliteLedger, kit: Any, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """Whatever statement fails (a commit for the last time), the caller is told, nothing is stored, and the
    next append works."""
    monkeypatch.setattr(writing, "COMMITS", 1)
    head = disk.head()
    break_with(disk, once(statement, "disk I/O error"))
    with pytest.raises(FanalError) as caught:
        disk.append(kit.batch(0))
    assert caught.value.kind is errors.STORE_FAILED
    assert disk.head() == head
    assert disk.append(kit.batch(0)).fresh == (True,)


def test_a_commit_that_happened_without_an_answer_is_read_back(disk: SqliteLedger, kit: Any) -> None:
    """The commit is durable but reports an error: the state is read back and the caller gets the result."""
    break_with(disk, once("COMMIT", "disk I/O error"), after=True)
    assert disk.append(kit.batch(0)).fresh == (True,)
    assert disk.head().entries == 1
    assert disk.append(kit.batch(0)).fresh == (False,)


def test_while_the_file_cannot_be_opened_again_nothing_is_accepted(
    disk: SqliteLedger, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed commit every append is refused until the store could be read back."""
    reopen = disk._writer._reopen

    def broken() -> Any:
        raise driver.OperationalError("unable to open database file")

    monkeypatch.setattr(disk._writer, "_reopen", broken)
    break_with(disk, once("COMMIT", "disk I/O error"))
    for _ in range(2):
        with pytest.raises(FanalError):
            disk.append(kit.batch(0))
    monkeypatch.setattr(disk._writer, "_reopen", reopen)
    assert disk.append(kit.batch(0)).fresh == (True,)


def test_a_marker_that_cannot_be_written_holds_the_answer_back(
    disk: SqliteLedger, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed but not marked is not acknowledged; once the marker works again, resending is idempotent."""

    def broken(mark: Any) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(disk._marker, "write", broken)
        with pytest.raises(FanalError) as caught:
            disk.append(kit.batch(0))
        assert caught.value.kind is errors.STORE_FAILED
    assert disk.append(kit.batch(0)).arrivals == (1,)


def test_a_marker_whose_sync_fails_twice_is_written_anew_and_the_answer_comes(
    disk: SqliteLedger, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit is durable, so the database is not opened anew for it; and the marker holds it."""
    true, handles = os.fdatasync, list[int]()

    def sync(handle: int) -> None:
        handles.append(handle)
        if len(handles) < 3:
            raise OSError(5, "Input/output error")
        true(handle)

    def never() -> Any:
        raise AssertionError("opened anew")

    monkeypatch.setattr(os, "fdatasync", sync)
    monkeypatch.setattr(disk._writer, "_reopen", never)
    assert disk.append(kit.batch(0)).fresh == (True,)
    assert len(handles) == 3
    mark = marker.read(disk._marker._path)
    assert mark is not None
    assert mark.entries == 1


@pytest.mark.parametrize("refused", [False, True])
def test_a_commit_that_the_disk_refuses_is_made_again_at_once_in_the_file_opened_anew(
    disk: SqliteLedger, kit: Any, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    """Three times it fails and is read back as not there, and the fourth stores each batch once, where it was
    to stand; if that fails too, nothing is stored and the caller is told."""
    disk.append(kit.batch(0))
    head, real, left = disk.head(), disk._writer._reopen, [writing.COMMITS - 2 + refused]

    def failing_at_first() -> Any:
        connection, state = real()
        left[0] -= 1
        fail = once("COMMIT", "disk I/O error")
        return (Faulty(connection, fail) if left[0] >= 0 else connection), state

    monkeypatch.setattr(writing, "RECOVERING", 60.0)
    monkeypatch.setattr(disk._writer, "_reopen", failing_at_first)
    break_with(disk, once("COMMIT", "disk I/O error"))
    if refused:
        with pytest.raises(FanalError):
            disk.append(kit.batch(1))
        assert disk.head() == head
    else:
        assert disk.append(kit.batch(1)).fresh == (True,)
        assert disk.head().entries == disk.head().size == 2
    assert left[0] == -1


@pytest.mark.parametrize("refused", [False, True])
def test_a_sync_that_fails_again_while_the_state_is_read_back_is_tried_again_at_once(
    disk: SqliteLedger, kit: Any, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    """The commit's own sync failed, and so do those that force it into the file, but for the last try: the
    answer comes in the same call, and nobody waits for the next one. A disk that goes on failing ends it."""
    real, tries = disk._writer._reopen, [0]
    failing = writing.RECOVERIES if refused else writing.RECOVERIES - 1

    def failing_at_first() -> Any:
        tries[0] += 1
        if tries[0] <= failing:
            raise driver.OperationalError("disk I/O error")
        return real()

    monkeypatch.setattr(writing, "RECOVERING", 60.0)
    monkeypatch.setattr(disk._writer, "_reopen", failing_at_first)
    break_with(disk, once("COMMIT", "disk I/O error"), after=True)
    if refused:
        with pytest.raises(FanalError):
            disk.append(kit.batch(0))
    assert disk.append(kit.batch(0)).fresh == (not refused,)
    assert tries[0] == failing + 1


def test_a_full_disk_refuses_and_recovers_when_there_is_room(disk: SqliteLedger, kit: Any) -> None:
    """No page is left: DISK_FULL, nothing stored; with room again the same batch goes in."""
    pages = disk._writer._db.execute("PRAGMA page_count").fetchone()[0]
    disk._writer._db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone()
    head = disk.head()
    batch = Batch(
        lanes=(kit.lane(),),
        entries=tuple(kit.entry(seq, body=bytes(60_000)) for seq in range(3)),
        leaves=(LeafRow(b"x"),),
    )
    with pytest.raises(FanalError) as caught:
        disk.append(batch)
    assert caught.value.kind is errors.DISK_FULL
    assert "nothing was stored" in caught.value.sentence
    assert disk.head() == head
    assert disk.entries.since(0, 9) == []
    assert disk.append(batch).fresh == (True, True, True)


def test_a_fault_of_the_program_reaches_its_caller_and_nobody_else(disk: SqliteLedger, kit: Any) -> None:
    """A value that no column takes raises in the caller; the writer goes on."""
    with pytest.raises(FanalError) as caught:
        disk.append(Batch(meta=(("key", object()),)))  # type: ignore[arg-type]
    assert caught.value.kind is errors.STORE_FAILED
    assert disk.append(kit.batch(0)).fresh == (True,)


def test_close_finishes_what_was_taken(tmp_path: Path, kit: Any) -> None:
    """Appends that were accepted before close are durable; later ones are refused."""
    ledger = open_ledger(tmp_path / "data", now=NOW)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(ledger.append, kit.batch(seq)) for seq in range(40)]
        futures[5].result()
        ledger.close()
        stored = [future for future in futures if future.exception() is None]
    kinds = {future.exception().kind for future in futures if future.exception()}  # type: ignore[union-attr]
    assert kinds <= {errors.STORE_CLOSED}
    again = open_ledger(tmp_path / "data", now=NOW)
    assert again.head().entries == len(stored) >= 6
    again.close()


def test_a_group_is_bounded(monkeypatch: pytest.MonkeyPatch, disk: SqliteLedger, kit: Any) -> None:
    """However many batches wait, one commit takes at most so many."""
    sizes: list[int] = []
    real = disk._writer._store
    monkeypatch.setattr(writing, "MAX_GROUP", 3)
    monkeypatch.setattr(
        disk._writer, "_store", lambda batches: (sizes.append(len(batches)), real(batches))[1]
    )
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda seq: disk.append(kit.batch(seq)), range(36)))
    assert sum(sizes) == 36
    assert max(sizes) <= 3


def test_readers_see_every_returned_append_and_never_half_a_batch(disk: SqliteLedger, kit: Any) -> None:
    """While a thread writes pairs, a reader always finds both of a pair or neither."""
    done = threading.Event()

    def write() -> None:
        for pair in range(60):
            disk.append(kit.batch(2 * pair, 2 * pair + 1))
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    counts = []
    while not done.is_set():
        counts.append(len(disk.entries.since(0, 1000)))
    thread.join()
    assert all(count % 2 == 0 for count in counts)
    assert counts == sorted(counts)
    assert len(disk.entries.since(0, 1000)) == 120

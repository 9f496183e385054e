# SPDX-License-Identifier: Apache-2.0
"""The one thread that writes ledger.db: it gathers waiting batches into one commit.

Promise: a batch is answered only after its commit and after the marker; a batch that is refused does not
disturb its neighbours (savepoints); after a commit that failed or never answered, the file is opened again
and its own state, as far as it is durable, is read back before anything more is stored. Only then, and only
if what failed is not there, is it tried again.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.errors import STORE_CLOSED, STORE_FAILED
from fanal.node.failpoints import hit
from fanal.node.ledger.database import Connection, driver, refuse, translated, truncate_log
from fanal.node.ledger.marker import Mark, Marker
from fanal.node.ledger.presence import Presence
from fanal.node.ledger.rows import Appended, Batch
from fanal.node.ledger.work import StoreState, store_batch
from fanal.node.store.errors import HELD_UP

MAX_GROUP = 64
"""Most batches in one commit: bounds the time the first of them waits for the last."""
COMMITS, RECOVERIES, RECOVERING = 4, 8, 1.0
"""Tries to commit, tries to read the state back after each that failed, and seconds after which no further
one is begun."""

Job = tuple[Batch, "Future[Appended]"]
Answer = Appended | Exception
Opener = Callable[[], tuple[Connection, StoreState]]

# What the driver raises for the values of one batch; its other errors concern the file.
_OF_THE_BATCH = (driver.IntegrityError, driver.DataError, driver.InterfaceError, driver.ProgrammingError)


class Writer:
    """Owns the writing connection. ``reopen`` gives a new one, with the state read back from the file."""

    def __init__(
        self, path: Path, marker: Marker, first: tuple[Connection, StoreState], reopen: Opener
    ) -> None:
        self._path = path
        self.presence = Presence(path)
        self._marker = marker
        self._reopen = reopen
        self._db: Connection | None
        self._db, self.state = first
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._unclean = False
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def append(self, batch: Batch) -> Appended:
        """Queue a batch and wait for its answer."""
        future: Future[Appended] = Future()
        with self._gate:
            if self._closed:
                raise FanalError(STORE_CLOSED, path=str(self._path))
            self._jobs.put((batch, future))
        return future.result()

    def close(self) -> None:
        """Finish what was taken, then stop."""
        with self._gate:
            if not self._closed:
                self._jobs.put(None)
            self._closed = True
        self._thread.join()
        self._drop()

    def _run(self) -> None:
        while True:
            group = [self._jobs.get()]
            with contextlib.suppress(queue.Empty):
                while len(group) < MAX_GROUP:
                    group.append(self._jobs.get_nowait())
            jobs = [job for job in group if job is not None]
            answers = self._store([batch for batch, _ in jobs]) if jobs else []
            for (_, future), answer in zip(jobs, answers, strict=True):
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
            # close() puts None last.
            if len(jobs) < len(group):
                return

    def _store(self, batches: Sequence[Batch]) -> Sequence[Answer]:
        """One answer per batch; never raises. A commit that the disk refused and that was read back as not
        there is made again, in the file opened anew: what was signed for it stands where it stood."""
        until = time.monotonic() + RECOVERING
        answers, again = self._store_once(batches)
        for _ in range(COMMITS - 1):
            if again and time.monotonic() < until:
                answers, again = self._store_once(batches)
        return answers

    def _store_once(self, batches: Sequence[Batch]) -> tuple[Sequence[Answer], bool]:
        """The answers, and whether the same may be tried again."""
        before, expected = self.state, None
        answers: list[Answer] = []
        try:
            self._begin()
            expected, answers = self._apply(batches)
            if expected is not self.state:
                self._commit(expected)
                answers = self._scrub(batches, answers)
        except Exception as error:
            if isinstance(error, FanalError) and error.kind in HELD_UP:
                return [error] * len(batches), False
            if self._committed_after_all(expected):
                return answers, False
            failure = self._failure(error)
            failed = isinstance(failure, FanalError) and failure.kind is STORE_FAILED
            unchanged = self._db is not None and self.state == before
            return [failure] * len(batches), failed and unchanged and expected is not None
        return answers, False

    def _begin(self) -> None:
        """A transaction in the file that lies there. Raises one of HELD_UP with nothing begun."""
        self.presence.check()
        if self._db is None:
            self._recover()
        assert self._db is not None
        with translated(self._path):
            self._db.execute("BEGIN IMMEDIATE")

    def _apply(self, batches: Sequence[Batch]) -> tuple[StoreState, list[Answer]]:
        assert self._db is not None
        state, answers = self.state, list[Answer]()
        for batch in batches:
            self._db.execute("SAVEPOINT batch")
            try:
                state, appended = store_batch(self._db, state, batch)
                answers.append(appended)
                hit("ledger.in-transaction")
            except Exception as error:
                if isinstance(error, driver.Error) and not isinstance(error, _OF_THE_BATCH):
                    raise
                self._db.execute("ROLLBACK TO batch")
                answers.append(self._failure(error))
            self._db.execute("RELEASE batch")
        if all(isinstance(answer, Exception) for answer in answers):
            self._db.execute("ROLLBACK")
            return self.state, answers
        state = replace(state, commits=self.state.commits + 1)
        self._db.execute("UPDATE store SET commits = ?", (state.commits,))
        return state, answers

    def _commit(self, state: StoreState) -> None:
        assert self._db is not None
        hit("ledger.before-commit")
        self._db.execute("COMMIT")
        hit("ledger.after-commit")
        self._marker.write(mark_of(state))
        hit("ledger.after-marker")
        self.state = state

    def _scrub(self, batches: Sequence[Batch], answers: list[Answer]) -> list[Answer]:
        """After an erasure: nothing of it may stay in the write-ahead log. It is committed whatever happens
        here, so a failure only leaves it for the next commit."""
        self._unclean |= any(batch.erased or batch.destroyed for batch in batches)
        if not self._unclean:
            return answers
        with contextlib.suppress(driver.Error):
            self._unclean = not truncate_log(self._db)
        if not self._unclean:
            return answers
        return [replace(one, clean=False) if isinstance(one, Appended) else one for one in answers]

    def _committed_after_all(self, expected: StoreState | None) -> bool:
        """After a failure: read the state back. True if the file holds the batches after all."""
        try:
            self._recover()
        except Exception:
            self._drop()
            return False
        return expected is not None and self.state.commits == expected.commits

    def _recover(self) -> None:
        """Read the durable state back. Of a disk that fails every other sync few tries get two
        through in a row, and whoever waits for the next one waits ever longer: so some are made at once.
        Raises what the last one did."""
        until = time.monotonic() + RECOVERING
        for left in reversed(range(RECOVERIES)):
            try:
                self._recover_once()
                return
            except (driver.Error, OSError):
                if not left or time.monotonic() > until:
                    raise

    def _recover_once(self) -> None:
        self.presence.check()
        self._drop()
        self._db, state = self._reopen()
        self._marker.write(mark_of(state))
        self.state = state

    def _drop(self) -> None:
        connection, self._db = self._db, None
        if connection is not None:
            with contextlib.suppress(driver.Error):
                connection.close()

    def _failure(self, error: Exception) -> Exception:
        """What a caller gets: FanalErrors and faults of the program as they are, others in our words."""
        if not isinstance(error, (driver.Error, OSError)):
            return error
        try:
            refuse(self._path, error)
        except FanalError as refusal:
            return refusal


def mark_of(state: StoreState) -> Mark:
    """What the marker says of a state."""
    return Mark(state.incarnation, state.frontier.size, state.entries)


def write_first_mark(path: Path, marker: Marker, state: StoreState) -> None:
    """Before the writer starts: the marker stands for the state that was opened."""
    with translated(path):
        marker.write(mark_of(state))

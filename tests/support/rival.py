# SPDX-License-Identifier: Apache-2.0
"""Another thread of a node that comes at the worst moment, without any waiting for time to pass."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fanal.node.node import Node


class Rival:
    """It makes its one change as soon as the lock is free: at ``comes_by`` or, if somebody else holds it
    then, at ``waited``, when that one has let go."""

    def __init__(self, node: Node, change: Callable[[], object]) -> None:
        self._lock, self._change, self._done = node.writing, change, False

    def comes_by(self) -> None:
        thread = threading.Thread(target=self._try)
        thread.start()
        thread.join()

    def waited(self) -> None:
        if not self._done:
            self._try()
        assert self._done

    def _try(self) -> None:
        if not self._done and self._lock.acquire(blocking=False):
            try:
                self._change()
                self._done = True
            finally:
                self._lock.release()


class Turn:
    """In place of a lock of a node: somebody else works meanwhile, until that is done or has to wait."""

    def __init__(self) -> None:
        self._lock, self._settled = threading.Lock(), threading.Event()
        self._other: threading.Thread | None = None

    def meanwhile(self, work: Callable[[], object]) -> None:
        def other() -> None:
            try:
                work()
            finally:
                self._settled.set()

        self._other = threading.Thread(target=other)
        self._other.start()
        self._settled.wait()

    def over(self) -> None:
        """Whoever had to wait has been there."""
        assert self._other is not None
        self._other.join()

    def __enter__(self) -> None:
        if threading.current_thread() is self._other:
            self._settled.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

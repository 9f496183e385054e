# SPDX-License-Identifier: Apache-2.0
"""Another thread of a node that is about to change something under the node's writing lock."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fanal.node.node import Node


class Rival:
    """It makes its one change as soon as the lock is free: at ``comes_by`` or, if somebody else holds the lock
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

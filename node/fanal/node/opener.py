# SPDX-License-Identifier: Apache-2.0
"""When the second half of the incoming story runs: one run at a time, and another if something came then.

Promise: whatever was asked for before a run began is looked at in that run, and nothing asked for during one
is forgotten. A locked node opens nothing and forgets nothing. Touched by the loop's thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.arrival import opening
from fanal.node.arrival.opened import Opened
from fanal.node.transport import Runner

if TYPE_CHECKING:
    from fanal.node.node import Node


class Opener:
    """Asked as often as you like; ``opened`` hears of each run's result."""

    def __init__(self, node: Node, run: Runner, opened: Callable[[Opened | FanalError], None]) -> None:
        self._node, self._run, self._opened = node, run, opened
        self.busy = False
        self._again = False
        self._everything = False
        self._keys: set[bytes] = set()
        self._reasons: set[str] = set()

    def ask(
        self, keys: Iterable[bytes] = (), *, everything: bool = False, reasons: Iterable[str] = ()
    ) -> None:
        """Open all that is in the ledger and not yet in the vault, and what waits for these KEY envelopes
        (digests of manifests), for these reasons, or for anything."""
        self._keys |= set(keys)
        self._everything |= everything
        self._reasons |= set(reasons)
        if self._node.locked:
            return
        if self.busy:
            self._again = True
            return
        self.busy = True
        keys, self._keys = self._keys, set()
        everything, self._everything = self._everything, False
        reasons, self._reasons = self._reasons, set()
        self._run(partial(opening.open_arrived, self._node, keys, everything, reasons), self._ran)

    def _ran(self, result: Opened | FanalError) -> None:
        self.busy = False
        self._opened(result)
        if self._again:
            self._again = False
            self.ask()

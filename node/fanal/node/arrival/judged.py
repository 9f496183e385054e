# SPDX-License-Identifier: Apache-2.0
"""Up to which arrival a ledger's entries were judged (`judging`).

Promise: the number that the ledger keeps only grows, for it is written here alone, under ``lock``. A ledger
that never had one is taken as judged as far as it goes.
"""

from __future__ import annotations

import threading
from dataclasses import replace

from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch

_NAME = "arrivals-judged"
_NOTHING = Batch()


class Cursor:
    """``at``: the newest arrival number that was judged; ``written``: how much of that the ledger knows.
    Whoever judges, or calls ``write``, holds ``lock``."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.lock = threading.Lock()
        known = self._known()
        self.at = self.written = ledger.head().entries if known is None else known
        self._begun = known is not None

    def read_back(self) -> None:
        """A write that lost its answer may have been kept: what it says is done is not done again."""
        self.at = max(self.at, self._known() or 0)

    def begin(self) -> None:
        """Before a peer's entries are stored: a ledger that never had the number gets it. Raises what the
        ledger refuses."""
        if not self._begun:
            with self.lock:
                self.write(self.at)

    def write(self, at: int, found: Batch = _NOTHING) -> None:
        """Keep that all up to ``at`` is judged, in one transaction with what was ``found``. Raises what the
        ledger refuses."""
        self._ledger.append(replace(found, meta=(*found.meta, (_NAME, b"%d" % at))))
        self.written, self._begun = at, True

    def _known(self) -> int | None:
        known = self._ledger.facts.meta(_NAME)
        return None if known is None else min(self._ledger.head().entries, int(known))

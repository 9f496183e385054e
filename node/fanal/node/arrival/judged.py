# SPDX-License-Identifier: Apache-2.0
"""Up to which arrival a ledger's entries were judged (`judging`); if it says nothing, as far as it goes."""

from __future__ import annotations

import threading

from fanal.node.ledger.interface import Ledger

_NAME = "arrivals-judged"


class Cursor:
    """``at``: the newest arrival number that was judged; ``written``: how much of that the ledger knows."""

    def __init__(self, ledger: Ledger) -> None:
        known, last = ledger.facts.meta(_NAME), ledger.head().entries
        self.at = self.written = last if known is None else min(last, int(known))
        self.lock = threading.Lock()

    def row(self, at: int | None = None) -> tuple[str, bytes]:
        """For a batch: all that was judged, or up to ``at``."""
        return _NAME, b"%d" % (self.at if at is None else at)

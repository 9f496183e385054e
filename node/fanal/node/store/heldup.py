# SPDX-License-Identifier: Apache-2.0
"""How long this node's own store has refused: time that counts against nobody else.

Promise: from the store's refusal until it has stored something again, no peer is blamed for what it does not
bring or confirm. A store that works long, or hangs, is no reason to wait for a peer longer: what the peer
has brought by then, and what is still read for it, gossip knows itself. The time for which the whole
process stood still is left out of ``Node.ticks`` (``service.clockwatch``), and so of every wait. Touched by
the loop's thread only.
"""

from __future__ import annotations

from collections.abc import Callable


class HeldUp:
    """Adds up seconds by ``ticks``. Set ``refused`` while the store is known to take nothing."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._lost = 0.0
        self._refused_since: float | None = None

    @property
    def refused_since(self) -> float | None:
        """By ``ticks``; None while the store is not known to refuse."""
        return self._refused_since

    @property
    def refused(self) -> bool:
        return self._refused_since is not None

    @refused.setter
    def refused(self, value: bool) -> None:
        if value != self.refused:
            self._lost = self.seconds()
            self._refused_since = self._ticks() if value else None

    def seconds(self) -> float:
        """How many until now."""
        since = self._refused_since
        return self._lost + (max(0.0, self._ticks() - since) if since is not None else 0.0)

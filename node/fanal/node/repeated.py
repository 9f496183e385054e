# SPDX-License-Identifier: Apache-2.0
"""One event, one log line: what repeats is counted and said again after a while with its number.

Bounded: of the kinds of events the oldest are forgotten. One thread's, the loop's.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

EVERY = 600.0
KINDS = 1000


class Repeated:
    """Says an event of one kind at most once in ``every`` seconds."""

    def __init__(self, log: logging.Logger, every: float = EVERY) -> None:
        self._log, self._every = log, every
        self._said: OrderedDict[tuple[str, ...], tuple[float, int]] = OrderedDict()

    def warn(self, kind: tuple[str, ...], now: float, text: str, *facts: object) -> None:
        """Log it, or count it as one more of its kind (at least the peer, and what it did)."""
        at, more = self._said.get(kind, (None, 0))
        if at is not None and 0 <= now - at < self._every:
            self._said[kind] = (at, more + 1)
            return
        self._said[kind] = (now, 0)
        self._said.move_to_end(kind)
        while len(self._said) > KINDS:
            self._said.popitem(last=False)
        again = f" ({more} more since it was last said)" if more else ""
        self._log.warning(text + "%s", *facts, again)

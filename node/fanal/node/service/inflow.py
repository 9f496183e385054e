# SPDX-License-Identifier: Apache-2.0
"""Whether the line of this node is the narrow one: what all its peers send together stands in one queue.

Each stream grants what its own peer may send. Nine peers behind one line of 64 kbit/s, each granted what it
alone could bring, have half a minute of that line under way; its queue overflows, TCP sends again what was
lost, and links fall. No single stream can tell: a round trip that is long tells of that peer's line as well.
So the line counts as crowded when most of the peers measured lately, and more than three, took much longer
than their least round trip, and for a minute after. No socket, no clock: times are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable

LATE_SECONDS = 0.5
"""A round trip so much longer than the least one contains a queue; a crowded line is granted no more than
what comes in that time."""
STANDS_SECONDS = 15.0
"""Late for so long without a break: more comes than the line carries. Loss of 10 % made it five seconds, a
busy machine once fifteen: a person is told, and nothing rests on it (ADR 28)."""
FEW_PEERS = 3
_LATELY, _STAYS = 10.0, 60.0


class Inflow:
    """What the streams of one node find out together. `on_crowded` is called when it begins."""

    def __init__(self) -> None:
        self.on_crowded: Callable[[], None] = lambda: None
        self.stood_at = -math.inf
        """When most peers were last late, and had been for `STANDS_SECONDS`."""
        self._measured: dict[str, tuple[float, bool]] = {}
        self._until = self._prompt_at = -math.inf

    def crowded(self, now: float) -> bool:
        """Whether grants are to be narrow."""
        return now < self._until

    def note(self, agency: str, seconds: float, now: float) -> None:
        """A round trip to a peer took so many seconds longer than the least one, or has by now."""
        late = seconds > LATE_SECONDS
        self._measured[agency] = (now, late)
        if not self._most_are_late(now):
            self._prompt_at = now
            return
        if now - self._prompt_at >= STANDS_SECONDS:
            self.stood_at = now
        if late:
            began, self._until = not self.crowded(now), now + _STAYS
            if began:
                self.on_crowded()

    def _most_are_late(self, now: float) -> bool:
        lately = [late for when, late in self._measured.values() if now - when <= _LATELY]
        return sum(lately) > FEW_PEERS and 2 * sum(lately) > len(lately)

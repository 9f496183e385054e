# SPDX-License-Identifier: Apache-2.0
"""Which looks over the list of notices are leaves: each row shows how a notice begins, and a console asks
every few seconds.

Promise: between two leaves of one person's looks lies at most an hour in which that person looked. Any thread
may call.
"""

from __future__ import annotations

import threading

LOOK_SECONDS = 3600.0


class Looks:
    """When each person's last leaf of a look was written; empty after a start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logged: dict[str, float] = {}

    def due(self, person: str, now: float) -> bool:
        """Whether a look at ``now`` (seconds of a clock that never goes back) needs a leaf of its own."""
        with self._lock:
            last = self._logged.get(person)
        return last is None or now - last >= LOOK_SECONDS

    def logged(self, person: str, now: float) -> None:
        """Its leaf is durable."""
        with self._lock:
            self._logged[person] = now

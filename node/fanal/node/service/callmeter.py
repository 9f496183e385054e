# SPDX-License-Identifier: Apache-2.0
"""How often one key may call at the peers' port: an honest node calls a few times for each link it makes.

gRPC bounds the streams that are open at a time, not how many are opened and given up one after the other, and
each costs a handshake's worth of work before a byte of it was read. So every call is paid for as soon as its
headers are there; who cannot pay is hung up on, which costs it a TLS handshake for the next one.
"""

from __future__ import annotations

from collections.abc import Callable

from fanal.errors import FanalError
from fanal.node.gossip.peer_state import Bucket
from fanal.node.service.connections import shut_down
from fanal.node.service.errors import TOO_MANY_CALLS

AT_ONCE = 6
"""This part of a minute's calls may come at once."""
_REMEMBERED = 64
_LINGERS = 1.0
"""Seconds for which calls may still come of a connection that was closed."""


class CallMeter:
    """One bucket for each agency, and one for all callers that are none."""

    def __init__(self, per_minute: int, noted: Callable[[str, FanalError], None]) -> None:
        self._per_minute, self._noted = per_minute, noted
        self._buckets: dict[str, Bucket] = {}
        self._closed: dict[str, float] = {}

    def charge(self, agency: str, connection: str, now: float) -> None:
        """One call more. TOO_MANY_CALLS when it cannot be paid for: its connection is closed."""
        burst = max(1.0, self._per_minute / AT_ONCE)
        rate = self._per_minute / 60
        bucket = self._buckets.setdefault(agency, Bucket(rate, burst, burst, now))
        if bucket.take(1.0, now):
            return
        self._close(connection, now)
        error = FanalError(TOO_MANY_CALLS, agency=agency or "?", limit=self._per_minute)
        if agency:
            self._noted(agency, error)
        raise error

    def _close(self, connection: str, now: float) -> None:
        """Once: what was called on it before it is gone finds it closed."""
        if now - self._closed.get(connection, now - _LINGERS) < _LINGERS:
            return
        if len(self._closed) >= _REMEMBERED:
            self._closed.clear()
        self._closed[connection] = now
        shut_down(connection)

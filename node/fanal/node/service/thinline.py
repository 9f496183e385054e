# SPDX-License-Identifier: Apache-2.0
"""A line of which the operator has said how little it carries: what all peers together are granted.

Measured (see `credit`, `inflow`) a line is found to be thin only once its queue is full. One that was told of
has from its first second no more under way to it than what it brings in about a second: each peer a small
window at any time, and the rest for those who send at present, in equal shares. No socket, no clock: times
are given, monotonic seconds.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

SECONDS = 1.0
"""All peers together are granted what the line brings in that time."""
LEAST_SHARE = 512
"""Granted to each peer at any time, however many they are. A new grant is due after half of it, so it is
twice the least piece of a frame (see `outbox`): who waits for room has used that half."""
_SENDS_FOR = 2.0
_BYTES_PER_KBIT = 1000 // 8


@dataclass
class _Share:
    came: int = 0
    since: float = -math.inf
    sends_until: float = -math.inf


class ThinLine:
    """What the streams of a node share, one to each of `peers` (those that are linked now). Of 0 kbit/s the
    operator has said nothing: the line is not thin."""

    def __init__(self, kbit_per_s: int, peers: Collection[str]) -> None:
        self.bytes = int(kbit_per_s * _BYTES_PER_KBIT * SECONDS)
        self.thin = kbit_per_s > 0
        self._peers = peers
        self._shares: dict[str, _Share] = {}

    def took(self, agency: str, size: int, now: float) -> None:
        """So many bytes came. Who brings more than its small window within two seconds is sending."""
        share = self._shares.setdefault(agency, _Share())
        if now - share.since > _SENDS_FOR:
            share.came, share.since = 0, now
        share.came += size
        if share.came >= self._small:
            share.came, share.since, share.sends_until = 0, now, now + _SENDS_FOR

    def window(self, agency: str, now: float) -> int:
        """What the peer may have under way."""
        if not self._sends(agency, now):
            return self._small
        sending = max(1, sum(self._sends(one, now) for one in self._peers))
        return self._small + max(0, self.bytes - self._small * len(self._peers)) // sending

    def _sends(self, agency: str, now: float) -> bool:
        return agency in self._shares and now < self._shares[agency].sends_until

    @property
    def _small(self) -> int:
        return max(LEAST_SHARE, self.bytes // (2 * max(1, len(self._peers))))

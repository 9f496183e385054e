# SPDX-License-Identifier: Apache-2.0
"""How long this node's own store has held it up: time that counts against nobody else.

Promise: while a job of the store hangs, and from the store's refusal until it has stored something again, no
peer is blamed for what it does not bring or confirm. The time for which the whole process stood still is left
out of ``Node.ticks`` (``service.clockwatch``), and so of every wait. Touched by the loop's thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fanal.node.transport import Runner
from fanal.v1 import peer_pb2

HANGS = 2.0
"""Seconds after which a job of the store is not merely slow."""
TOLD_AFTER, TOLD_EVERY, BELIEVED = 5.0, 30.0, 90.0
"""Seconds: a store that fails now and then is no news; what is told is repeated, and ends by itself."""
STORE = "store"
"""What a ``Deferred`` names for a limit that says so, without entries; ``until`` 0: it stores again."""


class HeldUp:
    """Adds up seconds by ``ticks``. Set ``refused`` while the store is known to take nothing."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._seen, self._lost = ticks(), 0.0
        self._jobs: dict[int, float] = {}
        self._number = 0
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
        self.seconds()
        if value != self.refused:
            self._refused_since = self._ticks() if value else None

    def seconds(self) -> float:
        """How many until now."""
        now = self._ticks()
        gap, self._seen = max(0.0, now - self._seen), max(now, self._seen)
        if self.refused:
            self._lost += gap
        elif self._jobs:
            hangs_since = next(iter(self._jobs.values())) + HANGS
            self._lost += min(gap, max(0.0, now - hangs_since))
        return self._lost

    def watched(self, run: Runner) -> Runner:
        """The same runner; what it runs is known to be under way."""

        def watching(job: Callable[[], Any], done: Callable[[Any], None]) -> None:
            self.seconds()
            self._number += 1
            number = self._number
            self._jobs[number] = self._ticks()

            def ended(result: Any) -> None:
                self.seconds()
                del self._jobs[number]
                done(result)

            run(job, ended)

        return watching


class StoreNews:
    """Tells peers that this node's store refuses, and that it stores again. A job that takes long is no news:
    it may be a vault that is filled anew. ``send`` gives a frame to one of those that ``linked`` names."""

    def __init__(
        self,
        held_up: HeldUp,
        linked: Callable[[], tuple[str, ...]],
        send: Callable[[str, peer_pb2.Frame], None],
    ) -> None:
        self._held_up, self._linked, self._send = held_up, linked, send
        self._told: set[str] | None = None
        self._again = 0.0

    def next_due(self) -> float | None:
        """When to look."""
        since = self._held_up.refused_since
        if self._told is not None:
            return self._again if since is not None else 0.0
        return None if since is None else since + TOLD_AFTER

    def look(self, now: float, wall: float) -> None:
        """Tell whoever is linked. ``now`` by ``ticks``, ``wall`` in Unix seconds."""
        linked, since = self._linked(), self._held_up.refused_since
        if since is None or now < since + TOLD_AFTER:
            for peer in sorted((self._told or set()).intersection(linked)):
                self._send(peer, _news(0))
            self._told = None
            return
        if self._told is None or now >= self._again:
            self._told, self._again = set(), now + TOLD_EVERY
        for peer in linked:
            if peer not in self._told:
                self._send(peer, _news(int(wall + BELIEVED)))
        self._told.update(linked)

    def forget(self, peer: str) -> None:
        """It has a new link, and is told anew."""
        if self._told is not None:
            self._told.discard(peer)


def _news(until: int) -> peer_pb2.Frame:
    return peer_pb2.Frame(deferred=peer_pb2.Deferred(limit=STORE, until=until))

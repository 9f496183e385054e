# SPDX-License-Identifier: Apache-2.0
"""What peers have told us of what they take later: for `track`, `peer show` and `doctor`.

In memory and bounded; a peer tells it again when the envelope is offered again. That its store takes nothing
at all it repeats, and that ends with its word or by itself.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from fanal.node.gossip.actions import RecordDeferred
from fanal.node.gossip.events import Place
from fanal.node.store.news import BELIEVED, STORE

PLACES = 1000
"""Remembered of one limit of a peer."""
LIMITS = 8
"""Remembered of one peer, the newest."""


@dataclass
class Told:
    """One peer's answer: its limit, the value, when it asks again, and about which places."""

    limit: str
    most: int
    until: int
    places: dict[Place, None] = field(default_factory=dict)


class Elsewhere:
    """By peer. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[str, dict[str, Told]] = {}
        self._held_up: dict[str, float] = {}

    def note(self, said: RecordDeferred, ticks: float) -> None:
        """A peer defers these; a later time of the same limit begins anew. When it stores nothing, only
        whether it names a time counts, and how long ago that was, by ``ticks``."""
        with self._lock:
            if said.limit == STORE:
                self._held_up[said.peer] = ticks + BELIEVED if said.until else ticks
                return
            if said.places:
                places = self._begun(said).places
                new = [place for place in said.places if place not in places]
                places.update(dict.fromkeys(new[: PLACES - len(places)]))

    def _begun(self, said: RecordDeferred) -> Told:
        """What the peer has told of this limit with this time."""
        limits = self._told.setdefault(said.peer, {})
        told = limits.get(said.limit)
        if told is None or told.until != said.until:
            limits.pop(said.limit, None)
            if len(limits) >= LIMITS:
                del limits[next(iter(limits))]
            told = limits[said.limit] = Told(said.limit, said.most, said.until)
        return told

    def left(self, peer: str) -> None:
        """Its link is down: what it said of its store holds no more."""
        with self._lock:
            self._held_up.pop(peer, None)

    def held_up(self, peer: str, ticks: float) -> bool:
        """Whether the peer stores nothing for now."""
        with self._lock:
            return self._held_up.get(peer, ticks) > ticks

    def of(self, peer: str, now: int) -> Told | None:
        """What the peer has told and what holds longest."""
        with self._lock:
            told = max(self._told.get(peer, {}).values(), key=lambda one: one.until, default=None)
            return told if told is not None and told.until > now else None

    def about(self, place: Place, now: int) -> tuple[str, Told] | None:
        """The first peer, by name, that takes this place later."""
        with self._lock:
            for peer, limits in sorted(self._told.items()):
                for told in limits.values():
                    if told.until > now and place in told.places:
                        return peer, told
        return None

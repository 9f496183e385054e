# SPDX-License-Identifier: Apache-2.0
"""That the stores of this node take nothing, told to its peers: so that their operators see why they wait.

Source: protocol.md, Quotas (a ``Deferred`` without entries). A peer's word of this kind is kept in
``quotas.elsewhere``.
"""

from __future__ import annotations

from collections.abc import Callable

from fanal.node.store.heldup import HeldUp
from fanal.v1 import peer_pb2

TOLD_AFTER, TOLD_EVERY, BELIEVED = 5.0, 30.0, 90.0
"""Seconds: a store that fails now and then is no news; what is told is repeated, and ends by itself."""
STORE = "store"
"""What a ``Deferred`` names for a limit that says so, without entries; ``until`` 0: it stores again."""


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

# SPDX-License-Identifier: Apache-2.0
"""The other branch of a fork, from who told of it: asked for at once, or when that peer is there again.

Promise: at most ``MOST`` places are asked for at a time. The core asks only for what is missing, so this asks
past it. The loop's thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fanal.node.gossip.events import Place
from fanal.v1.envelope_pb2 import SeqRange
from fanal.v1.peer_pb2 import Frame, Want

MOST = 32


class Branches:
    """``transmit`` queues a frame to a linked peer."""

    def __init__(self, transmit: Callable[[str, Frame], None]) -> None:
        self._transmit = transmit
        self._linked: set[str] = set()
        self._waiting: dict[str, list[Place]] = {}

    def ask(self, wanted: Iterable[tuple[str, Place]]) -> None:
        """Ask each peer for what it may hold at these places."""
        for peer, place in wanted:
            waiting = self._waiting.setdefault(peer, [])
            if len(waiting) < MOST and place not in waiting:
                waiting.append(place)
        for peer in self._linked & self._waiting.keys():
            self.link_up(peer)

    def link_up(self, peer: str) -> None:
        """It can be asked now."""
        self._linked.add(peer)
        for lane, incarnation, seq in self._waiting.pop(peer, ()):
            run = SeqRange(start=seq, stop=seq + 1)
            self._transmit(peer, Frame(want=Want(lane=lane, incarnation=incarnation, ranges=[run])))

    def link_down(self, peer: str) -> None:
        """Nothing is asked of it until it is back."""
        self._linked.discard(peer)

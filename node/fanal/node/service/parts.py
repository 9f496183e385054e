# SPDX-License-Identifier: Apache-2.0
"""A large frame in pieces, so that on a slow line an alert waits for a piece and never for the whole.

Pieces of one priority follow each other, so at most one frame of each priority is open, and none grows
beyond the largest message.
"""

from __future__ import annotations

from fanal.node.gossip.actions import Priority
from fanal.v1.peer_pb2 import Frame, Part

OVERHEAD = 24
"""Bytes around the data of a piece, at most."""


def piece(data: bytes, start: int, size: int, priority: Priority) -> bytes:
    """The message that carries `size` bytes of a serialised frame from `start` on."""
    stop = start + size
    part = Part(priority=int(priority), data=data[start:stop], last=stop >= len(data))
    return Frame(part=part).SerializeToString()


class Joiner:
    """Puts the pieces of a peer together again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[int, bytearray] = {}

    def add(self, part: Part) -> bytes | None:
        """The serialised frame once it is whole. ValueError for what cannot become one."""
        if part.priority > max(Priority) or not part.data:
            raise ValueError("part")
        so_far = self._open.setdefault(part.priority, bytearray())
        if len(so_far) + len(part.data) > self._most:
            raise ValueError("part")
        so_far += part.data
        return bytes(self._open.pop(part.priority)) if part.last else None

# SPDX-License-Identifier: Apache-2.0
"""The queue in front of every write of a link: the most urgent frame goes next, and memory is bounded.

HTTP/2 alone would send in order of arrival; an alert would wait behind everything queued before it. A peer
that takes frames more slowly than they arise fills this queue, never the node: the link is then cut and
starts afresh, and gossip sends what the peer lacks.
"""

from __future__ import annotations

import asyncio
import collections

from fanal.node.gossip.actions import Priority
from fanal.v1.peer_pb2 import Frame

MAX_BYTES = 16 * 1024 * 1024
MAX_FRAMES = 20_000


class Outbox:
    """Frames by priority, first in first out within one. `get` is awaited by one writer only."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_frames: int = MAX_FRAMES) -> None:
        self._queues: dict[Priority, collections.deque[Frame]] = {
            priority: collections.deque() for priority in sorted(Priority)
        }
        self._max_bytes, self._max_frames = max_bytes, max_frames
        self._bytes = self._frames = 0
        self._changed = asyncio.Event()
        self._finished = False

    @property
    def finished(self) -> bool:
        return self._finished

    def __len__(self) -> int:
        return self._frames

    def put(self, frame: Frame, priority: int) -> bool:
        """Queue a frame; False when the queue is full and the link must be cut. Ignored once finished."""
        if self._finished:
            return True
        size = frame.ByteSize()
        if self._frames >= self._max_frames or self._bytes + size > self._max_bytes:
            return False
        self._queues[Priority(priority)].append(frame)
        self._frames, self._bytes = self._frames + 1, self._bytes + size
        self._changed.set()
        return True

    async def get(self) -> Frame | None:
        """The most urgent frame, waiting for one; None after `finish` when all are taken."""
        while True:
            frame = self._pop()
            if frame is not None or self._finished:
                return frame
            self._changed.clear()
            await self._changed.wait()

    def finish(self) -> None:
        """Take no more; what is queued is still handed out."""
        self._finished = True
        self._changed.set()

    def _pop(self) -> Frame | None:
        for queue in self._queues.values():
            if queue:
                frame = queue.popleft()
                self._frames, self._bytes = self._frames - 1, self._bytes - frame.ByteSize()
                return frame
        return None

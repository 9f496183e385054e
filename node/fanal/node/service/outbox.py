# SPDX-License-Identifier: Apache-2.0
"""The queue in front of every write of a link: the most urgent frame goes next, and memory is bounded.

HTTP/2 alone would send in order of arrival; an alert would wait behind everything queued before it. A peer
that takes frames more slowly than they arise fills this queue, never the node: the link is then cut and
starts afresh, and gossip sends what the peer lacks.
"""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Callable, Iterator

from fanal.node.gossip.actions import Priority
from fanal.node.service.credit import Allowance
from fanal.node.service.parts import OVERHEAD, piece
from fanal.v1.peer_pb2 import Frame

MAX_BYTES = 16 * 1024 * 1024
MAX_FRAMES = 20_000
LEAST_PART, MOST_PART = 1024, 128 * 1024
PARTS_PER_WINDOW = 16
LEAST_ON_THIN = 256
"""Granted so much on a thin line, a piece fills what is granted."""


class Outbox:
    """Serialised frames by priority, first in first out within one. One writer takes from it."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_frames: int = MAX_FRAMES) -> None:
        self._queues: dict[Priority, collections.deque[bytes]] = {
            priority: collections.deque() for priority in sorted(Priority)
        }
        self._sent_of_first: dict[Priority, int] = dict.fromkeys(Priority, 0)
        self._max_bytes, self._max_frames = max_bytes, max_frames
        self._bytes = self._frames = 0
        self._finished = False
        self.changed = asyncio.Event()
        """Set when there may be something to take; the writer clears it before it looks."""
        self.on_taken: Callable[[bytes, Priority], None] = lambda data, priority: None
        """Told of each frame whose last byte has been taken."""

    @property
    def finished(self) -> bool:
        """Whether it takes no more."""
        return self._finished

    @property
    def done(self) -> bool:
        """Whether it takes no more and all was handed out."""
        return self._finished and not self._frames

    @property
    def size(self) -> int:
        """Bytes of the frames that wait, the one under way included."""
        return self._bytes

    def __len__(self) -> int:
        return self._frames

    def put(self, frame: Frame, priority: int) -> bool:
        """Queue a frame; False when the queue is full and the link must be cut. Ignored once finished."""
        return self.put_bytes(frame.SerializeToString(), priority)

    def put_bytes(self, data: bytes, priority: int) -> bool:
        """The same for a frame that is serialised already."""
        if self._finished:
            return True
        if self._frames >= self._max_frames or self._bytes + len(data) > self._max_bytes:
            return False
        self._queues[Priority(priority)].append(data)
        self._frames, self._bytes = self._frames + 1, self._bytes + len(data)
        self.changed.set()
        return True

    def take(self, allowance: Allowance | None) -> bytes | None:
        """The next message to write: the most urgent frame, or a piece of it. None when there is nothing, or
        nothing that the peer's credit allows. Without an allowance (an older peer) frames go whole."""
        for priority, queue in self._queues.items():
            if queue:
                return self._take(priority, queue, allowance)
        return None

    def rest(self) -> Iterator[tuple[bytes, Priority]]:
        """What is still queued, whole frames, most urgent first."""
        for priority, queue in self._queues.items():
            yield from ((data, priority) for data in queue)

    def finish(self) -> None:
        """Take no more; what is queued is still handed out."""
        self._finished = True
        self.changed.set()

    def _take(
        self, priority: Priority, queue: collections.deque[bytes], allowance: Allowance | None
    ) -> bytes | None:
        data, start = queue[0], self._sent_of_first[priority]
        if allowance is None:
            return self._done_with(priority, queue)
        room = allowance.room(priority <= Priority.FLASH)
        size = min(len(data) - start, _most(priority, allowance))
        if allowance.thin and size + OVERHEAD > room >= LEAST_ON_THIN:
            size = room - OVERHEAD
        whole = size == len(data)
        if size + (0 if whole else OVERHEAD) > room:
            return None
        message = data if whole else piece(data, start, size, priority)
        allowance.spend(len(message))
        if start + size == len(data):
            self._done_with(priority, queue)
        else:
            self._sent_of_first[priority] = start + size
        return message

    def _done_with(self, priority: Priority, queue: collections.deque[bytes]) -> bytes:
        data = queue.popleft()
        self._sent_of_first[priority] = 0
        self._frames, self._bytes = self._frames - 1, self._bytes - len(data)
        self.on_taken(data, priority)
        return data


def _most(priority: Priority, allowance: Allowance) -> int:
    """The longest message of a priority: what is urgent goes in few pieces, the rest lets it pass."""
    if priority <= Priority.FLASH:
        return max(LEAST_PART, allowance.beyond // 4)
    return max(LEAST_PART, min(allowance.window // PARTS_PER_WINDOW, MOST_PART))

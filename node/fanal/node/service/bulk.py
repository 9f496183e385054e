# SPDX-License-Identifier: Apache-2.0
"""The second stream with a peer: Bulk, on a TCP connection of its own, beside an Exchange and never without.

What is sent with priority BULK goes here when it is up. It ends with its Exchange; when it ends alone, what
the peer has not taken goes over Exchange, so losing it costs nothing but the way. The side that dialled the
Exchange dials it, because that side is known to reach the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from fanal.errors import FanalError
from fanal.node.gossip.actions import Priority
from fanal.node.service.link import Link, Stream
from fanal.v1.peer_pb2 import Frame

log = structlog.get_logger(__name__)


class BulkLinks:
    """The Bulk stream of each peer, if it has one."""

    def __init__(self, exchange_of: Callable[[str], Link | None]) -> None:
        self.links: dict[str, Link] = {}
        self.on_change: Callable[[], None] = lambda: None
        self._exchange_of = exchange_of
        self._tasks: set[asyncio.Task[FanalError | None]] = set()

    def transmit(self, peer: str, frame: Frame, priority: int) -> bool:
        """Queue a frame of priority BULK; False when Exchange has to carry it."""
        link = self.links.get(peer)
        return link is not None and priority == Priority.BULK and link.outbox.put(frame, priority)

    async def carry(self, link: Link, stream: Stream, handle: Callable[[Frame], None]) -> FanalError | None:
        """Run a Bulk link to its end; returns the reason. A newer one of the same peer replaces an older."""
        held = self.links.get(link.peer)
        if held is not None:
            held.close()
            self._release(held)
        self.links[link.peer] = link
        log.info("bulk", agency=link.peer, state="up", dialled_by=link.dialled_by)
        self.on_change()
        task = asyncio.ensure_future(link.run(stream, handle))
        self._tasks.add(task)
        try:
            return await task
        finally:
            task.cancel()
            self._tasks.discard(task)
            self._release(link)

    def end(self, peer: str) -> None:
        """The Exchange has ended: what was queued is forgotten with it."""
        link = self.links.pop(peer, None)
        if link is not None:
            link.close()
            self.on_change()

    def finish(self) -> set[asyncio.Task[FanalError | None]]:
        """Let every link write out what is queued; the tasks to wait for."""
        for link in self.links.values():
            link.outbox.finish()
        return set(self._tasks)

    def _release(self, link: Link) -> None:
        """What the peer is not known to have taken goes over Exchange; what does not fit there, gossip finds
        missing."""
        if self.links.get(link.peer) is not link:
            return
        del self.links[link.peer]
        exchange, left = self._exchange_of(link.peer), link.leftover()
        log.info("bulk", agency=link.peer, state="down", frames_left=len(left))
        if exchange is not None:
            for data, priority in left:
                exchange.outbox.put_bytes(data, priority)
        self.on_change()

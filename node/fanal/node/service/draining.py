# SPDX-License-Identifier: Apache-2.0
"""An operator lets the node run dry: no new work is taken, what was taken is finished, what is left is named.

Promise: nothing that was acknowledged is given up. Officers are told; notices of peers are not acknowledged,
so that they keep and offer them again when the node resumes or restarts; receipts and keys are no new work
and are taken. SIGTERM means what it meant before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fanal.node.host import Host
from fanal.node.node import Node
from fanal.node.service.links import PeerLinks
from fanal.v1 import officer_pb2 as api

What = api.DrainRequest.What


class Drain:
    """Runs on the loop. ``end`` ends the node as SIGTERM does."""

    def __init__(self, node: Node, links: PeerLinks, host: Host, end: Callable[[], None]) -> None:
        self._node, self._links, self._host, self._end = node, links, host, end

    async def act(self, request: api.DrainRequest) -> api.DrainReply:
        """Begin, look, resume or stop; always answers with what is left."""
        if request.what == What.BEGIN:
            await asyncio.to_thread(self._begin)
        elif request.what == What.RESUME:
            self._node.draining = False
            for link in list(self._links.links.values()):
                link.close()  # the next one begins with what each lacks
        reply = api.DrainReply(draining=self._node.draining, owed=len(self._host.keeper.owed))
        reply.left.extend(left for peer in self._links.others() if (left := self._left(peer)) is not None)
        if request.what == What.STOP:
            self._end()
        return reply

    def _begin(self) -> None:
        """Once the lock of writers was had, every notice is either committed or will be refused."""
        with self._node.writing:
            self._node.draining = True

    def _left(self, peer: str) -> api.DrainLeft | None:
        queued, flying, _size = self._host.core.outstanding(peer)
        link = self._links.links.get(peer)
        size = link.outbox.size if link else 0
        if not (queued or flying or size):
            return None
        return api.DrainLeft(
            agency=peer, queued=queued, in_flight=flying, bytes=size, linked=link is not None
        )

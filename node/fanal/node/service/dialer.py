# SPDX-License-Identifier: Apache-2.0
"""One task per peer: dial, say Hello, carry the link, and try again with growing patience.

The wait doubles from `redial` to `redial_most` seconds, each with jitter so that a network does not redial in
step; a link that stood and any word from the peer start it anew. A link lives at most ten minutes, then it is
made again at once, so that expired or revoked certificates do not outlive their time.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import Any

import grpc.aio
import structlog

from fanal.errors import FanalError
from fanal.keys.errors import UnknownIdentity
from fanal.node.service import errors
from fanal.node.service.admission import PeerKey, keys_of, peers_of, why_no_key
from fanal.node.service.calls import open_stream, say_hello
from fanal.node.service.causes import cause_of
from fanal.node.service.link import Link
from fanal.node.service.links import PeerLinks
from fanal.node.service.peerrecord import CONNECTED, CONNECTING, UNREACHABLE, PeerRecord
from fanal.node.service.tls import open_channel
from fanal.node.service.turns import Turn, Turns
from fanal.node.service.wire import BULK, BULK_SINCE, EXCHANGE

LINK_SECONDS = 540.0
TURN_SECONDS = 6.0
"""Behind a thin line so long one handshake has it to itself; then the next begins beside it."""
THIN_SECONDS = 30.0
"""So long, less jitter, a peer whose line is thin is left to dial itself."""

log = structlog.get_logger(__name__)


class Dialer:
    """Keeps a link with every trusted member. `sync` starts and ends the tasks after each change."""

    def __init__(
        self,
        links: PeerLinks,
        redial: float,
        redial_most: float,
        rng: random.Random | None = None,
        link_seconds: float = LINK_SECONDS,
    ) -> None:
        self.links = links
        self._redial, self._redial_most, self._link_seconds = redial, redial_most, link_seconds
        self._rng = rng or random.SystemRandom()
        self._turns = Turns(TURN_SECONDS if links.line.thin else 0.0)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def sync(self) -> None:
        """One task for each peer of the newest charter and trust list; those of others end."""
        node = self.links.node
        wanted = set(peers_of(node.directory, node.agency, self.links.trusts))
        for peer in self._tasks.keys() - wanted:
            self._tasks.pop(peer).cancel()
        for peer in wanted - self._tasks.keys():
            self._tasks[peer] = asyncio.create_task(self._keep(peer), name=f"dial {peer}")
        for peer in wanted:  # a new address or certificate is tried at once
            self.links.record(peer).contact.set()

    async def stop(self) -> None:
        """Dial no more; links that this side dialled end."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, peer: str) -> None:
        record, delay = self.links.record(peer), self._redial
        while not self.links.stopping:
            if peer in self.links.links:
                record.freed.clear()
                await record.freed.wait()
                delay = self._redial
                if self._waits_for(record):
                    await self._pause(record, delay)
                    continue
            record.contact.clear()
            reason, stood = await self._try(peer)
            if stood:
                delay = self._redial
                if reason is None:
                    if self._waits_for(record):
                        await self._pause(record, delay)
                    continue
            if peer not in self.links.links:
                self.links.mark(peer, UNREACHABLE, reason)
            spoken_to = await self._pause(record, delay)
            delay = self._redial if spoken_to else min(delay * 2, self._redial_most)

    def _waits_for(self, record: PeerRecord) -> bool:
        """Whether to leave it to the peer, which is told an address to dial: all its handshakes share its
        thin line."""
        return record.thin and not self.links.line.thin and bool(self._addresses(self.links.node.agency))

    async def _pause(self, record: PeerRecord, delay: float) -> bool:
        """Wait with jitter of half; a contact shortens the rest to one first wait. Was there one?"""
        contact = record.contact
        if self._waits_for(record):
            await asyncio.sleep(max(delay, THIN_SECONDS) * self._rng.uniform(0.5, 1.0))
            return False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay * self._rng.uniform(0.5, 1.0)):
                await contact.wait()
        if contact.is_set():
            await asyncio.sleep(min(delay, self._redial) * self._rng.uniform(0.1, 0.5))
        return contact.is_set()

    async def _try(self, peer: str) -> tuple[FanalError | None, bool]:
        """Every key and address of the peer in turn. Why the last failed, and whether a link stood."""
        links, now = self.links, self.links.clock()
        if not links.tls.material.valid(now):
            return FanalError(errors.OWN_CERTIFICATE_EXPIRED), False
        if links.is_cut(peer):
            return links.record(peer).reason, False
        keys = keys_of(links.node.directory, peer, now)
        if not keys:
            return why_no_key(links.node.directory, peer, now), False
        reason = links.record(peer).reason
        # One that called and was refused for its version is not one that cannot be reached.
        if reason is None or reason.kind is not errors.OTHER_PROTOCOL:
            reason = FanalError(errors.NO_ENDPOINT, agency=peer)
        for key in keys:
            for address in self._addresses(peer):
                reason, stood = await self._dial(key, address)
                if stood or reason is None or peer in links.links:
                    return reason, stood
        return reason, False

    def _addresses(self, peer: str) -> tuple[str, ...]:
        try:
            return tuple(self.links.node.directory.identity(peer).endpoints)
        except UnknownIdentity:
            return ()

    async def _dial(self, key: PeerKey, address: str) -> tuple[FanalError | None, bool]:
        links = self.links
        if links.record(key.agency).state != UNREACHABLE:
            links.mark(key.agency, CONNECTING, links.record(key.agency).reason)
        turn = await self._turns.take()
        channel = open_channel(address, key.certificate, links.tls.material, links.limits)
        mine = links.hello()
        try:
            hello = await say_hello(channel, mine, key.agency, links.limits.unary_seconds)
            if key.agency in links.links:  # the peer was faster
                return None, True
            link = links.new_link(key.agency, links.node.agency, hello, key.spki_sha256)
            return await self._exchange(channel, link, key, address, turn)
        except grpc.aio.AioRpcError as error:
            return cause_of(error, links.tls.material, key, address, links.clock(), mine), False
        except FanalError as error:
            return error, False
        finally:
            turn.end()
            await channel.close()

    async def _exchange(
        self, channel: Any, link: Link, key: PeerKey, address: str, turn: Turn
    ) -> tuple[FanalError | None, bool]:
        """Open the stream, wait until the peer has taken it, and carry the link to its end."""
        call = await open_stream(channel, EXCHANGE)
        turn.end()
        link.since = time.monotonic()
        renew = asyncio.get_running_loop().call_later(self._link_seconds, link.close)
        bulk = asyncio.create_task(self._keep_bulk(link, key, address), name=f"bulk {link.peer}")
        try:
            reason = await self.links.carry(link, call)
        finally:
            renew.cancel()
            bulk.cancel()
        call.cancel()
        if reason is not None and reason.kind is errors.ALREADY_LINKED:
            return None, self.links.record(link.peer).state == CONNECTED
        return reason, True

    async def _keep_bulk(self, link: Link, key: PeerKey, address: str) -> None:
        """Keep the second stream up for as long as the link that this side dialled stands."""
        delay = self._redial
        if min(self.links.transport, link.hello.transport) < BULK_SINCE:
            return
        while not self.links.stopping:
            began = time.monotonic()
            try:
                await self._dial_bulk(link, key, address)
            except (grpc.aio.AioRpcError, FanalError) as error:
                log.info("bulk_not_opened", agency=link.peer, reason=str(error)[:200])
            if time.monotonic() - began > self._redial_most:
                delay = self._redial
            await asyncio.sleep(delay * self._rng.uniform(0.5, 1.0))
            delay = min(delay * 2, self._redial_most)

    async def _dial_bulk(self, link: Link, key: PeerKey, address: str) -> None:
        links = self.links
        channel = open_channel(address, key.certificate, links.tls.material, links.limits)
        try:
            mine = links.hello(for_bulk=True)
            hello = await say_hello(channel, mine, link.peer, links.limits.unary_seconds)
            call = await open_stream(channel, BULK)
            await links.carry_bulk(links.new_bulk(link.peer, links.node.agency, hello, key.spki_sha256), call)
            call.cancel()
        finally:
            await channel.close()

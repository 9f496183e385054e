# SPDX-License-Identifier: Apache-2.0
"""Every link of the node, and what the operator is told of each peer. Implements `host.Links`.

One link per peer, dialled by either side; a second one is settled by `link.keep_newer`. Beside it a Bulk
stream may stand (`bulk`), which gossip does not see. Gossip hears LinkUp
and LinkDown for each change, so it resumes by itself. Everything here runs on the loop and nothing waits for
a peer: frames are queued per link, dialling is a task per peer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.keys.trust import Directory
from fanal.node.gossip.errors import NOT_A_PEER, SILENT_PEER
from fanal.node.gossip.events import Event, Heads, LinkDown, LinkUp, Received
from fanal.node.quotas import asking
from fanal.node.quotas.errors import PEER_BLOCKED
from fanal.node.service import errors
from fanal.node.service.admission import PeerKey, keys_of, peer_keys, peers_of, why_no_key
from fanal.node.service.bulk import BulkLinks
from fanal.node.service.carried import Carried
from fanal.node.service.inflow import STANDS_SECONDS, Inflow
from fanal.node.service.link import Link, Stream, keep_newer
from fanal.node.service.peerrecord import CONNECTED, CONNECTING, UNREACHABLE, PeerRecord
from fanal.node.service.thinline import ThinLine
from fanal.node.service.tls import ServerTls
from fanal.node.service.wire import BULK_SINCE, CREDITS_SINCE, TRANSPORT
from fanal.v1.peer_pb2 import Frame, HelloMessage

NOT_TRUSTED, NO_IDENTITY = "NOT_TRUSTED", "NO_IDENTITY"
TOLD_SECONDS = 86_400.0

_HARMLESS = (NOT_A_PEER.id, SILENT_PEER.id)
_GARBAGE = (errors.NO_FRAME, errors.BAD_CREDIT)
_STUCK = (errors.PEER_SILENT, errors.TOO_SLOW)

log = structlog.get_logger(__name__)


class LinkedNode(Protocol):
    """What the links need of the node."""

    @property
    def agency(self) -> str: ...

    @property
    def network(self) -> bytes: ...

    @property
    def directory(self) -> Directory: ...

    def hello(self) -> HelloMessage: ...


class PeerLinks:
    """The registry. `attach` gives it the host's `handle` and `tick` before the first link is made."""

    def __init__(
        self,
        node: LinkedNode,
        tls: ServerTls,
        limits: Limits,
        trusts: Callable[[str], bool],
        clock: Callable[[], float],
    ) -> None:
        self.node, self.tls, self.limits, self.trusts, self.clock = node, tls, limits, trusts, clock
        self.steady = clock
        """Seconds for waits: set to what never goes back where the wall clock may be moved."""
        self.links: dict[str, Link] = {}
        self.carried = Carried()
        self.inflow = Inflow()
        self.inflow.on_crowded = self._regrant
        self.bulk = BulkLinks(self.links.get)
        self.line = ThinLine(limits.line_kbit_per_s, self.links)
        one = self.line.thin or limits.connections_per_key == 1
        self.transport = CREDITS_SINCE if one else TRANSPORT
        self.stopping = False
        self.on_mark: Callable[[PeerRecord], None] = lambda record: None
        self._records: dict[str, PeerRecord] = {}
        self._handle: Callable[[Event], None] = lambda event: None
        self._tick: Callable[[], None] = lambda: None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[FanalError | None]] = set()

    def attach(self, handle: Callable[[Event], None], tick: Callable[[], None]) -> None:
        self._handle, self._tick = handle, tick

    # --- what the host asks (host.Links) ----------------------------------------------------

    def transmit(self, peer: str, frame: Frame, priority: int) -> None:
        """Queue a frame; without a link it is dropped, because LinkUp starts gossip afresh."""
        link = self.links.get(peer)
        if link is not None and not self.bulk.transmit(peer, frame, priority):
            link.transmit(frame, priority)

    def cut(self, peer: str, reason: str) -> None:
        """Close the link; `reason` is an error id or token. Unless the peer was merely silent or has left, it
        is refused for `cut_seconds`, doubling each time up to `cut_most_seconds`."""
        if not reason.startswith(_HARMLESS):
            record = self.record(peer)
            record.cuts += 1
            wait = self.limits.cut_seconds * 2 ** min(record.cuts - 1, 30)
            record.cut_until = self.steady() + min(wait, self.limits.cut_most_seconds)
        self._end(peer, FanalError(errors.CUT, agency=peer, reason=reason))

    def rest(self, peer: str, seconds: float) -> None:
        """Read nothing more from the peer for so long; its own transport then has to wait."""
        link = self.links.get(peer)
        if link is not None:
            link.rest = max(link.rest, seconds)

    def wake_at(self, when: float) -> None:
        """Call the host's tick at this time (by the node's ``ticks``); replaces the one before. A node that
        is ending needs none."""
        if self.stopping:
            return
        if self._timer is not None:
            self._timer.cancel()
        delay = max(0.0, when - self.steady())
        self._timer = asyncio.get_running_loop().call_later(delay, self._guard, self._tick)

    noted: Callable[[str, FanalError], None] = staticmethod(lambda _agency, _error: None)
    """Called when a peer did what no honest one does."""
    blocked: Callable[[str], bool] = staticmethod(lambda _agency: False)
    """Whether the operator has cut the agency off, for the reason that people are told."""

    # --- links ------------------------------------------------------------------------------

    def keys(self) -> tuple[PeerKey, ...]:
        """The keys that may open a session now."""
        return peer_keys(self.node.directory, self.node.agency, self.trusts, self.clock())

    def hello(self, *, for_bulk: bool = False) -> HelloMessage:
        """What this node says first on a connection."""
        said = self.node.hello()
        said.transport, said.for_bulk, said.thin_line = self.transport, for_bulk, self.line.thin
        return said

    def new_link(self, peer: str, dialled_by: str, hello: HelloMessage, spki_sha256: bytes) -> Link:
        return Link(
            peer,
            dialled_by,
            hello,
            spki_sha256,
            silence=self.limits.silence_seconds,
            beat=self.limits.heartbeat_seconds,
            steady=self.steady,
            credits=min(self.transport, hello.transport) >= CREDITS_SINCE,
            largest=self.limits.message_bytes,
            trip=self.record(peer).trip,
            inflow=self.inflow,
            line=self.line if self.line.thin else None,
            carried=self.carried,
        )

    def new_bulk(self, peer: str, dialled_by: str, hello: HelloMessage, spki_sha256: bytes) -> Link:
        """A Bulk stream beside the peer's link. NOT_CONNECTED without one, or when a side has no Bulk."""
        exchange = self.links.get(peer)
        if exchange is None or self.stopping or min(self.transport, hello.transport) < BULK_SINCE:
            raise FanalError(errors.NOT_CONNECTED, agency=peer, reason="bulk")
        link = self.new_link(peer, dialled_by, hello, spki_sha256)
        link.keep_until_taken()
        link.counts = exchange.counts
        return link

    def would_adopt(self, link: Link) -> bool:
        """Whether this link would become the peer's link now."""
        held = self.links.get(link.peer)
        return not self.stopping and (held is None or keep_newer(held, link))

    async def carry(self, link: Link, stream: Stream) -> FanalError | None:
        """Run a link to its end; returns the reason. ALREADY_LINKED when the one that exists stays."""
        if not self._adopt(link):
            return FanalError(errors.ALREADY_LINKED)
        reason: FanalError | None = FanalError(errors.LINK_LOST, agency=link.peer)
        task = asyncio.ensure_future(link.run(stream, lambda frame: self._received(link, frame)))
        self._tasks.add(task)
        try:
            reason = await task
        finally:
            task.cancel()
            self._tasks.discard(task)
            self._release(link, link.reason or reason)
            self._punish(link.peer, reason)
        return reason

    async def carry_bulk(self, link: Link, stream: Stream) -> FanalError | None:
        """Run a Bulk link to its end; returns the reason."""
        reason = await self.bulk.carry(link, stream, lambda frame: self._from_bulk(link, frame))
        self._punish(link.peer, reason)
        return reason

    def contacted(self, peer: str) -> None:
        """The peer spoke to us: its back-off starts anew."""
        record = self.record(peer)
        record.last_contact = self.clock()
        record.contact.set()

    def is_cut(self, peer: str) -> bool:
        return self.steady() < self.record(peer).cut_until

    def refresh(self) -> None:
        """Charter, identities or time changed: pin what is valid now, end every link that is not."""
        keys = self.keys()
        self.tls.pin(key.certificate for key in keys)
        valid = {(key.agency, key.spki_sha256) for key in keys}
        for peer, link in list(self.links.items()):
            if (peer, link.spki_sha256) not in valid:
                self._end(peer, self._why_ended(peer))
        for peer, link in list(self.bulk.links.items()):
            if (peer, link.spki_sha256) not in valid:
                link.close()

    def _why_ended(self, peer: str) -> FanalError:
        """Why a link with this peer may not go on."""
        if not self.trusts(peer) or keys_of(self.node.directory, peer, self.clock()):
            return FanalError(errors.NOT_TRUSTED, agency=peer)
        return why_no_key(self.node.directory, peer, self.clock())

    async def watch(self) -> None:
        """Check once per heartbeat that every link is still admitted; runs until cancelled."""
        while True:
            await asyncio.sleep(self.limits.heartbeat_seconds)
            self.refresh()

    async def stop(self, grace: float) -> None:
        """Let every link write out what is queued, for at most `grace` seconds, then end it."""
        self.stopping = True
        until = time.monotonic() + grace
        # Bulk ends with its link, so it is written out first; half of the time is left for what is urgent.
        for tasks, end in ((self.bulk.finish, until - grace / 2), (self._finish, until)):
            writing = tasks()
            if writing:
                await asyncio.wait(writing, timeout=max(0.0, end - time.monotonic()))
        for link in list(self.links.values()):
            link.close()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1.0)
        if self._timer is not None:
            self._timer.cancel()

    def _finish(self) -> set[asyncio.Task[FanalError | None]]:
        for link in self.links.values():
            link.outbox.finish()
        return set(self._tasks)

    # --- what people are told -----------------------------------------------------------------

    def record(self, peer: str) -> PeerRecord:
        if peer not in self._records:
            self._records[peer] = PeerRecord(peer, since=self.clock())
        return self._records[peer]

    def mark(self, peer: str, state: str, reason: FanalError | None = None) -> None:
        """Note a state; `since` moves only when the state or the kind of reason changes."""
        record = self.record(peer)
        before = (record.state, record.reason.kind.id if record.reason else "")
        after = (state, reason.kind.id if reason else "")
        if before != after:
            record.since = self.clock()
            log.info("peer", agency=peer, state=state, reason=after[1], facts=reason.facts if reason else {})
        record.state, record.reason = state, reason
        self.on_mark(record)

    def standing(self, peer: str) -> PeerRecord:
        """The record with a state that is true now. UNKNOWN_PEER for anybody else than another member."""
        if peer == self.node.agency or not self.node.directory.newest.is_member(peer):
            raise FanalError(errors.UNKNOWN_PEER, agency=peer)
        self.mark(peer, *self.state_of(peer))
        return self.record(peer)

    def state_of(self, peer: str) -> tuple[str, FanalError | None]:
        """State and reason now; changes nothing, so any thread may ask."""
        if peer in self.links:
            return CONNECTED, None
        if not self.trusts(peer):
            kind = PEER_BLOCKED if self.blocked(peer) else errors.NOT_TRUSTED
            return NOT_TRUSTED, FanalError(kind, agency=peer)
        if not keys_of(self.node.directory, peer, self.clock()):
            return _state_without_key(why_no_key(self.node.directory, peer, self.clock()))
        record = self._records.get(peer)
        if record is None or record.state not in (CONNECTING, UNREACHABLE):
            return CONNECTING, None
        return record.state, record.reason

    def others(self) -> tuple[str, ...]:
        """Every other member of the network, linked with or not."""
        return peers_of(self.node.directory, self.node.agency, lambda agency: True)

    def overload(self) -> FanalError | None:
        """LINE_OVERLOADED for a day, of a line of which the operator has not said that it is thin."""
        ago = time.monotonic() - self.inflow.stood_at
        if self.line.thin or ago > TOLD_SECONDS:
            return None
        when = asking.when(int(self.clock() - ago))
        return FanalError(errors.LINE_OVERLOADED, seconds=int(STANDS_SECONDS), when=when)

    async def ping(self, peer: str, nonce: int) -> float:
        """Seconds of one heartbeat's round trip. UNKNOWN_PEER, NOT_CONNECTED or PING_TIMEOUT."""
        seconds = self.limits.unary_seconds / 2
        try:
            async with asyncio.timeout(seconds):
                while True:
                    record, link = self.standing(peer), self.links.get(peer)
                    if link is None:
                        reason = record.reason.kind.id if record.reason else record.state
                        raise FanalError(errors.NOT_CONNECTED, agency=peer, reason=reason)
                    answered = await link.ping(nonce)
                    if answered is not None:
                        return answered
        except TimeoutError:
            raise FanalError(errors.PING_TIMEOUT, agency=peer, seconds=int(seconds)) from None

    # --- inside -----------------------------------------------------------------------------

    def _regrant(self) -> None:
        """Every stream is granted something else now, those included on which nothing comes."""
        for link in (*self.links.values(), *self.bulk.links.values()):
            link.outbox.changed.set()

    def _adopt(self, link: Link) -> bool:
        if not self.would_adopt(link):
            return False
        held = self.links.get(link.peer)
        if held is not None:
            self._release(held, None)
            held.close()
        self.links[link.peer] = link
        self.record(link.peer).freed.clear()
        self.record(link.peer).thin = link.hello.thin_line
        self.contacted(link.peer)
        self.mark(link.peer, CONNECTED)
        self._feed(LinkUp(link.peer, link.hello.run, Heads.of_hello(link.hello), link.hello.thin_line))
        return True

    def _release(self, link: Link, reason: FanalError | None) -> None:
        if self.links.get(link.peer) is not link:
            return
        del self.links[link.peer]
        self.carried.ended[reason.kind.id if reason else ""] += 1
        self.bulk.end(link.peer)
        record = self.record(link.peer)
        record.sent += link.counts.sent
        record.received += link.counts.received
        record.freed.set()
        self.mark(link.peer, UNREACHABLE if reason else CONNECTING, reason)
        self._feed(LinkDown(link.peer, reason.kind.id if reason else ""))

    def _end(self, peer: str, reason: FanalError) -> None:
        link = self.links.get(peer)
        if link is not None:
            link.close(reason)
            self._release(link, reason)

    def _received(self, link: Link, frame: Frame) -> None:
        if self.links.get(link.peer) is link:
            self.record(link.peer).last_contact = self.clock()
            self._feed(Received(link.peer, frame))

    def _from_bulk(self, link: Link, frame: Frame) -> None:
        if self.bulk.links.get(link.peer) is link:
            self.record(link.peer).last_contact = self.clock()
            self._feed(Received(link.peer, frame))

    def _punish(self, peer: str, reason: FanalError | None) -> None:
        """A stream that ended on what no honest peer sends: the peer is refused for a while."""
        if reason is not None and reason.kind in (*_GARBAGE, *_STUCK):
            self.noted(peer, reason)
        if reason is not None and reason.kind in _GARBAGE:
            self.cut(peer, reason.kind.id)

    def _feed(self, event: Event) -> None:
        self._guard(lambda: self._handle(event))

    def _guard(self, work: Callable[[], None]) -> None:
        """A fault of the node must not end a link or the loop: it is logged, and gossip asks again."""
        try:
            work()
        except Exception:
            log.exception("event_failed")


def _state_without_key(reason: FanalError) -> tuple[str, FanalError]:
    return (NO_IDENTITY if reason.kind is errors.NO_IDENTITY else UNREACHABLE), reason

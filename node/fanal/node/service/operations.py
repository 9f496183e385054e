# SPDX-License-Identifier: Apache-2.0
"""The calls of the officers' API: the desk's functions, and those that need the links or the join listener.

Functions of the desk block and run in worker threads; those here that are coroutines run on the loop.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from fanal.config.settings import Settings
from fanal.keys.certificate import der_of
from fanal.keys.errors import UnknownIdentity
from fanal.node.conduct import Deed
from fanal.node.desk import tracking, using
from fanal.node.desk.actor import Actor
from fanal.node.desk.desk import Desk
from fanal.node.lanes import readingkeys
from fanal.node.quotas import asking
from fanal.node.service import logs
from fanal.node.service.admission import keys_of
from fanal.node.service.draining import Drain
from fanal.node.service.errors import LOG_UNWRITTEN
from fanal.node.service.invitations import Invitations
from fanal.node.service.joining import JoinListener
from fanal.node.service.links import PeerLinks
from fanal.node.service.officer_api import Handler
from fanal.node.software import agreed, software, versions
from fanal.v1 import officer_pb2 as api

DUE_PAGE, DUE_PAGES = 500, 20


class Operations:
    """Everything that can be called. `take_identity` keeps a newcomer's document and tells gossip."""

    def __init__(
        self,
        desk: Desk,
        links: PeerLinks,
        invitations: Invitations,
        listener: JoinListener,
        settings: Settings,
        take_identity: Callable[[Any], None],
        listen: str,
        started: float,
        drain: Drain,
        outstanding: Callable[[str], tuple[int, int, int]],
    ) -> None:
        self.desk, self.links, self.invitations, self.listener = desk, links, invitations, listener
        self._settings, self._take_identity = settings, take_identity
        self._listen, self._started, self._drain = listen, int(started), drain
        self._outstanding = outstanding

    def handlers(self) -> Mapping[str, Handler]:
        """By the name of the call, as `OfficerApi` wants them."""
        desk = self.desk
        return {
            "Status": self.status,
            "Drain": self.drain,
            "WhoAmI": desk.who_am_i,
            "Unlock": desk.unlock,
            "Prepare": desk.prepare,
            "Send": desk.send,
            "Attach": desk.attach,
            "FetchAttachment": desk.fetch_attachment,
            "List": desk.list,
            "Show": desk.show,
            "Print": desk.print,
            "Export": desk.export,
            "MarkRead": desk.mark_read,
            "Track": desk.track,
            "Prove": desk.prove,
            "LogExport": desk.log_export,
            "AnswerRecall": desk.answer_recall,
            "SetHold": desk.set_hold,
            "Erase": desk.erase,
            "Confirm": desk.confirm,
            "Settle": desk.settle,
            "Peers": self.peers,
            "Ping": self.ping,
            "BlockPeer": desk.block_peer,
            "GetCharter": desk.get_charter,
            "ApplyCharter": self.apply_charter,
            "Invite": self.invite,
            "PendingJoins": self.pending_joins,
            "RefuseJoin": self.refuse_join,
            "CourierExport": desk.courier.export,
            "CourierRead": desk.courier.read,
            "CourierWrite": desk.courier.write,
            "CourierImport": desk.courier.take,
        }

    async def status(self, actor: Actor, request: api.StatusRequest) -> api.StatusReply:
        """The desk's answer with what only the transport knows."""
        reply = await asyncio.to_thread(self.desk.status, actor, request)
        reply.peers_connected = len(self.links.links)
        reply.peers_trusted = sum(self.links.trusts(agency) for agency in self.links.others())
        reply.listen = self._listen
        reply.started_at = self._started
        if (error := self.links.overload()) is not None:
            facts = {name: str(value) for name, value in error.facts.items()}
            reply.findings.add(level="warning", subject="line", id=error.kind.id, facts=facts)
        lost = logs.unwritten()
        if lost is not None:
            facts = {"reason": lost.reason, "count": str(lost.count), "when": asking.when(lost.last)}
            reply.findings.add(level="warning", subject="log", id=LOG_UNWRITTEN.id, facts=facts)
        return reply

    async def peers(self, _actor: Actor, request: api.PeersRequest) -> api.PeersReply:
        """Every other member, or one. UNKNOWN_PEER."""
        agencies = (request.agency,) if request.agency else self.links.others()
        due = await asyncio.to_thread(self._due)
        peers = [self._peer(agency, due[agency]) for agency in agencies]
        return api.PeersReply(peers=peers, own=using.of(self.desk.node, self.desk.node.agency))

    def _due(self) -> Counter[str]:
        """Per agency the deliveries of ours that it has not signed for; ten thousand are counted at most."""
        found: Counter[str] = Counter()
        after = (b"", "")
        for _page in range(DUE_PAGES):
            rows = self.desk.node.ledger.facts.waiting(DUE_PAGE, after)
            found.update(row.recipient for row in rows)
            if len(rows) < DUE_PAGE:
                break
            after = (rows[-1].envelope_id, rows[-1].recipient)
        return found

    async def drain(self, _actor: Actor, request: api.DrainRequest) -> api.DrainReply:
        """Take no new work, or take it again, or end; what is left is in the answer."""
        return await self._drain.act(request)

    async def ping(self, _actor: Actor, request: api.PingRequest) -> api.PingReply:
        """One heartbeat there and back. UNKNOWN_PEER, NOT_CONNECTED, PING_TIMEOUT."""
        seconds = await self.links.ping(request.agency, secrets.randbits(63))
        return api.PingReply(round_trip_us=max(1, int(seconds * 1_000_000)))

    async def apply_charter(self, actor: Actor, request: api.ApplyCharterRequest) -> Message:
        """Put a charter in force; with a token, the newcomer it admits is told and linked with."""
        reply = await asyncio.to_thread(self.desk.apply_charter, actor, request)
        if request.token_id:
            joined = await asyncio.to_thread(self.invitations.approved, request.token_id)
            await asyncio.to_thread(self._take_identity, joined.identity)
            await self._settled()
        return reply

    async def invite(self, _actor: Actor, request: api.InviteRequest) -> api.InviteReply:
        """A new invitation; opens the join listener."""
        certificate = der_of(self.links.tls.material.certificate)
        await self.listener.open()  # before the invitation exists: one that leads nowhere is never made
        try:
            return await asyncio.to_thread(
                self.invitations.invite,
                request.agency,
                request.valid_seconds,
                self._join_address(),
                certificate,
            )
        finally:
            await self.listener.adjust()

    async def pending_joins(self, _actor: Actor, _request: api.PendingJoinsRequest) -> api.PendingJoinsReply:
        return api.PendingJoinsReply(joins=await asyncio.to_thread(self.invitations.pending))

    async def refuse_join(self, _actor: Actor, request: api.RefuseJoinRequest) -> api.RefuseJoinReply:
        """NO_PENDING_JOIN."""
        await asyncio.to_thread(self.invitations.refuse, request.token_id)
        await self._settled()
        return api.RefuseJoinReply()

    async def _settled(self) -> None:
        self.listener.decided()
        await self.listener.adjust()

    def _join_address(self) -> str:
        """Where a newcomer finds the join listener: the advertised host, the listener's port."""
        host = (self._settings.advertised or self._settings.join_address).rpartition(":")[0]
        return f"{host}:{self.listener.port}"

    def _peer(self, agency: str, due: int) -> api.Peer:
        record = self.links.standing(agency)
        link = self.links.links.get(agency)
        directory = self.links.node.directory
        keys = keys_of(directory, agency, self.links.clock())
        reading = readingkeys.of(directory, agency, int(self.links.clock()))
        try:
            endpoints = directory.identity(agency).endpoints
        except UnknownIdentity:
            endpoints = ()
        reason = record.reason or tracking.waits_at(self.desk.node, agency)
        return api.Peer(
            agency=agency,
            state=record.state,
            since=int(record.since),
            reason=reason.kind.id if reason else "",
            facts={name: str(value) for name, value in reason.facts.items()} if reason else {},
            endpoints=endpoints,
            tls_spki_sha256=keys[0].spki_sha256 if keys else b"",
            sent=record.sent + (link.counts.sent if link else 0),
            received=record.received + (link.counts.received if link else 0),
            waiting=max(due, sum(self._outstanding(agency)[:2])),
            relay=agency in directory.newest.relays,
            last_contact=int(record.last_contact),
            certificate_not_after=keys[0].not_after if keys else 0,
            used=using.of(self.desk.node, agency),
            conduct=[_deed(one) for one in self.desk.node.conduct.of(agency, self.links.clock())],
            protocol=agreed(link.hello, self.links.hello()) if link else 0,
            protocols=versions(link.hello) if link else "",
            software=software(link.hello) if link else "",
            reading_key_not_after=reading.ends,
            reading_key_reason=reading.finding.kind.id if reading.finding else "",
        )


def _deed(deed: Deed) -> api.Deed:
    facts = {name: str(value) for name, value in deed.error.facts.items()}
    return api.Deed(id=deed.error.kind.id, facts=facts, count=deed.count, first=deed.first, last=deed.last)

# SPDX-License-Identifier: Apache-2.0
"""A small network of real identities and certificates, and nodes that record what they are told."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
import pytest

from fanal.config.settings import Limits
from fanal.keys import ed25519
from fanal.keys.certificate import Certificate, create_certificate
from fanal.keys.charter_draft import Changes, draft_first, draft_next, member_of
from fanal.keys.identity import first_identity, key_entry, officer_entry, tls_entry
from fanal.keys.pae import CHARTER
from fanal.keys.root import Root, generate
from fanal.keys.strict import encode
from fanal.keys.trust import Directory
from fanal.node.gossip import events
from fanal.node.service.dialer import Dialer
from fanal.node.service.links import PeerLinks
from fanal.node.service.peerlink import PeerLinkService
from fanal.node.service.tls import Material, ServerTls, open_channel, peer_options
from fanal.node.service.wire import HELLO, raw
from fanal.v1.identity_pb2 import Custody, KeyUse, OfficerRight, SignedDocument
from fanal.v1.peer_pb2 import Frame, Heartbeat, HelloMessage

YEAR = 365 * 86_400
PATIENCE = 10.0

LIMITS = Limits(handshake_seconds=1.0, unary_seconds=4.0)


def material_of(certificate: Certificate) -> Material:
    return Material(certificate.pem, certificate.key_pem, certificate.not_before, certificate.not_after)


@dataclass
class Agency:
    """An agency with its keys; `officers` maps an officer's id to the seed."""

    name: str
    root: Root
    certificate: Certificate
    created: int
    officers: dict[str, bytes] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()

    def identity(self, endpoints: tuple[str, ...] = ()) -> SignedDocument:
        rights = {
            "author": [OfficerRight.AUTHOR],
            "operator": [OfficerRight.RELEASE],
            "reader": [OfficerRight.READ],
            "auditor": [OfficerRight.AUDIT],
        }
        keys = [tls_entry(self.certificate.der, 1)]
        for epoch, (officer, held) in enumerate(rights.items(), 1):
            seed = self.officers.setdefault(officer, ed25519.generate())
            public, start = ed25519.public_of(seed), self.created
            keys.append(officer_entry(officer, held, Custody.OWN, public, epoch, start, start + YEAR))
        node = ed25519.public_of(self.officers.setdefault("#node", ed25519.generate()))
        keys.append(key_entry(KeyUse.NODE_SIGN, node, 1, self.created, self.created + YEAR))
        return first_identity(
            self.root,
            self.name,
            keys=keys,
            created=self.created,
            not_after=self.created + YEAR,
            endpoints=endpoints,
        )


def make_agency(name: str, valid_seconds: int = YEAR) -> Agency:
    now = int(time.time())
    return Agency(name, generate(), create_certificate(now, valid_seconds), now - 3600)


def make_charters(members: list[Agency]) -> list[SignedDocument]:
    """Charter 1 of the first, and charter 2 with all of them."""
    founder, created = members[0], members[0].created
    first = draft_first(
        "test",
        member_of(founder.name, founder.root.public),
        created=created,
        expires=created + YEAR,
        nonce=founder.name.encode().ljust(16, b"\0")[:16],
    )
    documents = [founder.root.sign(CHARTER, encode(first))]
    if len(members) > 1:
        view = Directory.founded(documents[0]).newest
        added = tuple(member_of(a.name, a.root.public) for a in members[1:])
        second = draft_next(view, Changes(created=created, add=added))
        documents.append(founder.root.sign(CHARTER, encode(second)))
    return documents


@dataclass
class FakeNode:
    """What the links need of a node, with a real directory."""

    agency: str
    directory: Directory
    hello_changes: dict[str, Any] = field(default_factory=dict)

    @property
    def network(self) -> bytes:
        return self.directory.network

    def hello(self) -> HelloMessage:
        said = HelloMessage(
            protocol=1, network=self.network, agency=self.agency, store_id=bytes(16), run=bytes(16)
        )
        for name, value in self.hello_changes.items():
            setattr(said, name, value)
        return said


@dataclass
class Station:
    """One running transport: server, links and dialer around a fake node."""

    node: FakeNode
    tls: ServerTls
    links: PeerLinks
    dialer: Dialer
    server: grpc.aio.Server
    port: int
    service: PeerLinkService
    events: list[events.Event] = field(default_factory=list)
    answer: Callable[[events.Event], None] | None = None

    def handle(self, event: events.Event) -> None:
        """Record the event; answer heartbeats, as gossip does."""
        self.events.append(event)
        if isinstance(event, events.Received) and event.frame.WhichOneof("frame") == "heartbeat":
            beat = event.frame.heartbeat
            if not beat.reply:
                reply = Frame(heartbeat=Heartbeat(nonce=beat.nonce, reply=True))
                self.links.transmit(event.peer, reply, 0)
        if self.answer is not None:
            self.answer(event)
        tell()

    def count(self, kind: type, peer: str) -> int:
        return sum(isinstance(e, kind) and getattr(e, "peer", "") == peer for e in self.events)


_news: set[asyncio.Event] = set()


def tell(*_: Any) -> None:
    """Something changed at a station: whoever waits looks again."""
    for event in _news:
        event.set()


async def until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until something that a station reports makes the condition true."""
    news = asyncio.Event()
    _news.add(news)
    try:
        async with asyncio.timeout(patience):
            while not condition():
                news.clear()
                await news.wait()
    finally:
        _news.discard(news)


class World:
    """Agencies that know each other, and the stations started for them."""

    def __init__(self, names: list[str], **valid_seconds: int) -> None:
        self.agencies = {n: make_agency(n, valid_seconds.get(n.replace("-", "_"), YEAR)) for n in names}
        self.charters = make_charters(list(self.agencies.values()))
        self.stations: dict[str, Station] = {}
        self.identities = {n: a.identity() for n, a in self.agencies.items()}

    def directory(self, identities: dict[str, SignedDocument] | None = None) -> Directory:
        directory = Directory.founded(self.charters[0])
        for charter in self.charters[1:]:
            directory.take_charter(charter)
        for document in (identities or self.identities).values():
            directory.take_identity(document)
        return directory

    async def start(
        self,
        name: str,
        *,
        peers: tuple[str, ...] | None = None,
        directory: Directory | None = None,
        limits: Limits = LIMITS,
        clock: Callable[[], float] = time.time,
        hello: dict[str, Any] | None = None,
        dial: bool = True,
        port: int = 0,
        link_seconds: float = 540.0,
    ) -> Station:
        """A station for the agency, listening on an ephemeral port."""
        agency = self.agencies[name]
        node = FakeNode(name, directory or self.directory(), hello or {})
        tls = ServerTls(material_of(agency.certificate))

        def trusts(other: str) -> bool:
            return peers is None or other in peers

        links = PeerLinks(node, tls, limits, trusts, clock)  # type: ignore[arg-type]
        dialer = Dialer(links, 0.05, 0.2, random.Random(name), link_seconds)
        server = grpc.aio.server(options=peer_options(limits))
        service = PeerLinkService(links)
        server.add_generic_rpc_handlers((service.handler(),))
        links.refresh()
        port = server.add_secure_port(f"127.0.0.1:{port}", tls.credentials())
        await server.start()
        station = Station(node, tls, links, dialer, server, port, service)
        links.attach(station.handle, tell)
        links.on_mark = tell
        links.bulk.on_change = tell
        self.stations[name] = station
        if dial:
            dialer.sync()
        return station

    def announce(self, *names: str) -> None:
        """Give every agency the address of its running station in a fresh set of identity documents."""
        for name in names:
            self.identities[name] = self.agencies[name].identity((f"127.0.0.1:{self.stations[name].port}",))

    async def stop(self, name: str) -> None:
        station = self.stations.pop(name)
        await station.links.stop(0.5)
        await station.dialer.stop()
        await station.server.stop(None)

    async def close(self) -> None:
        for name in list(self.stations):
            await self.stop(name)


@asynccontextmanager
async def world_of(*names: str, **valid_seconds: int) -> AsyncIterator[World]:
    world = World(list(names), **valid_seconds)
    try:
        yield world
    finally:
        await world.close()


async def say_hello(station: Station, pinned: bytes, material: Any, **changes: Any) -> Any:
    """Call Hello as whoever holds `material`; the answer, or the error of gRPC."""
    channel = open_channel(f"127.0.0.1:{station.port}", pinned, material, LIMITS)
    said = station.node.hello()
    said.agency = changes.pop("agency", "AZ-CUS")
    try:
        return HelloMessage.FromString(
            await channel.unary_unary(HELLO, raw, raw)(said.SerializeToString(), timeout=5, **changes)
        )
    except grpc.aio.AioRpcError as error:
        return error
    finally:
        await channel.close()


def run(work: Awaitable[Any], patience: float = 30.0) -> Any:
    """Run a test's coroutine to its end with a bound on its time."""

    async def bounded() -> Any:
        async with asyncio.timeout(patience):
            return await work

    return asyncio.run(bounded())


@pytest.fixture
def kit() -> Any:
    """The helpers above, because test folders are no packages."""

    class Kit:
        pass

    tools = Kit()
    for tool in (
        World,
        world_of,
        say_hello,
        until,
        tell,
        run,
        material_of,
        make_agency,
        make_charters,
        FakeNode,
    ):
        setattr(tools, tool.__name__, tool)
    tools.LIMITS = LIMITS  # type: ignore[attr-defined]
    return tools

# SPDX-License-Identifier: Apache-2.0
"""Peers that misuse credit, pieces or connections, over real connections on 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from realnet import until

from fanal.config.settings import Limits
from fanal.node.gossip.actions import Priority
from fanal.node.gossip.events import LinkUp, Received
from fanal.node.service import connections, errors
from fanal.node.service import credit as rules
from fanal.node.service.tls import open_channel
from fanal.node.service.wire import BULK, EXCHANGE, HELLO, error_in, raw
from fanal.v1.peer_pb2 import Credit, Entries, Frame, Heartbeat, HelloMessage, LaneSeq, NotFound, Part

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"
ALERT = Frame(not_found=NotFound(entries=[LaneSeq(seq=7)]))


class Hostile:
    """Whoever holds the key of AZ-CUS, calling BG-CUS by hand."""

    def __init__(self, world: Any, kit: Any, station: Any) -> None:
        own, pinned = kit.material_of(world.agencies[A].certificate), world.agencies[B].certificate.der
        self._open = lambda: open_channel(f"127.0.0.1:{station.port}", pinned, own, kit.LIMITS)
        self.station = station
        self._until = kit.until
        self.channels: list[Any] = []
        self.took = 0
        self._tell = kit.tell

    async def connect(self, method: str = EXCHANGE, transport: int = 2) -> Any:
        """Hello on a connection of its own, then the stream; an Exchange is a link when this returns."""
        links = self.station.count(LinkUp, A)
        channel = self._open()
        self.channels.append(channel)
        said: HelloMessage = self.station.node.hello()
        said.agency, said.transport, said.for_bulk = A, transport, method == BULK
        await channel.unary_unary(HELLO, raw, raw)(said.SerializeToString(), timeout=5)
        call = channel.stream_stream(method, raw, raw)()
        await call.initial_metadata()
        if method == EXCHANGE:  # the other side takes it up after its metadata, at its leisure
            await self._until(lambda: self.station.count(LinkUp, A) > links)
        return call

    def listen(self, call: Any) -> list[Frame]:
        """Every frame that comes, from now on; `took` counts the bytes that need credit."""
        frames: list[Frame] = []

        async def read() -> None:
            while (data := await call.read()) is not grpc.aio.EOF:
                frames.append(Frame.FromString(data))
                if not frames[-1].HasField("credit"):
                    self.took += len(data)
                self._tell()

        self._reader = asyncio.create_task(read())
        return frames

    async def heartbeat(self, call: Any, nonce: int, frames: list[Frame], kit: Any) -> None:
        """Until the answer is here: what could be written before it has come."""
        await call.write(wire(heartbeat=Heartbeat(nonce=nonce)))
        answer = Frame(heartbeat=Heartbeat(nonce=nonce, reply=True))
        await kit.until(lambda: answer in frames)


@asynccontextmanager
async def attack(kit: Any, **limits: Any) -> AsyncIterator[Hostile]:
    async with kit.world_of(A, B) as world:
        bounds = Limits(handshake_seconds=1.0, unary_seconds=4.0, silence_seconds=5.0, **limits)
        hostile = Hostile(world, kit, await world.start(B, dial=False, limits=bounds))
        try:
            yield hostile
        finally:
            for channel in hostile.channels:
                await channel.close()


def connected_to(port: int) -> int:
    """Connections that this process has accepted on the port."""
    found = 0
    for _, one in connections._sockets():
        with contextlib.suppress(OSError):
            found += one.getsockname()[1] == port
    return found


def bulk(count: int, size: int = 20_000) -> list[Frame]:
    return [Frame(entries=Entries(envelopes=[bytes([number]) * size])) for number in range(count)]


async def until_refused(call: Any, messages: list[bytes]) -> None:
    """Write these until the other side ends the stream; it has to."""
    with pytest.raises((grpc.aio.AioRpcError, asyncio.InvalidStateError)):
        await write_all(call, messages)


async def write_all(call: Any, messages: list[bytes]) -> None:
    for message in messages:
        await call.write(message)


def wire(**fields: Any) -> bytes:
    return Frame(**fields).SerializeToString()


def test_a_peer_that_never_grants_gets_a_bounded_amount_and_alerts_beyond_it(kit: Any) -> None:
    """2 KiB of bulk, then nothing but what is urgent, 8 KiB of that; after `silence` the link ends, and the
    peer is not punished: it may be stuck."""

    async def story() -> None:
        async with attack(kit) as hostile:
            call = await hostile.connect()
            frames, links = hostile.listen(call), hostile.station.links
            for frame in bulk(20):
                links.transmit(A, frame, Priority.ROUTINE)
            await hostile.heartbeat(call, 1, frames, kit)
            assert 0 < hostile.took <= rules.START + 16
            for frame in bulk(20):
                links.transmit(A, frame, Priority.FLASH)
            beyond = rules.BEYOND_WINDOWS * rules.START
            await kit.until(lambda: hostile.took > beyond - 2_000)
            await hostile.heartbeat(call, 2, frames, kit)
            assert beyond - 2_000 < hostile.took <= rules.START + beyond
            link = links.links[A]
            await kit.until(lambda: A not in links.links)
            assert link.reason.kind is errors.PEER_SILENT
            assert not links.is_cut(A)

    kit.run(story())


@pytest.mark.parametrize(
    "message",
    [
        wire(credit=Credit(received=1 << 40, window=1)),
        wire(credit=Credit(received=(1 << 64) - 1, window=1)),
        wire(credit=Credit(received=0, window=(1 << 32) - 1)),
        wire(part=Part(priority=9, data=b"x")),
        wire(part=Part(priority=1, data=b"\xff\xff\xff", last=True)),
        wire(part=Part(priority=1, data=wire(credit=Credit(window=1)), last=True)),
    ],
    ids=[
        "granted for nothing",
        "negative",
        "absurd",
        "no priority",
        "garbage in pieces",
        "credit in a piece",
    ],
)
def test_garbage_about_credit_cuts_the_peer(kit: Any, message: bytes) -> None:
    """The link ends, nothing of it reaches gossip, and the peer is refused for a while."""

    async def story() -> None:
        async with attack(kit) as hostile:
            call = await hostile.connect()
            links = hostile.station.links
            await call.write(message)
            await kit.until(lambda: A not in links.links)
            assert links.is_cut(A)
            assert not any(isinstance(event, Received) for event in hostile.station.events)

    kit.run(story())


def test_a_peer_that_ignores_its_credit_is_cut(kit: Any) -> None:
    """It reads no grant and sends on: more than was granted and 64 KiB ends the link, and nothing grows."""

    async def story() -> None:
        async with attack(kit) as hostile:
            call = await hostile.connect()
            links = hostile.station.links
            link = links.links[A]
            link._grants.credit = lambda now: Credit()  # no further grant is made
            await until_refused(call, [frame.SerializeToString() for frame in bulk(200)])
            await kit.until(lambda: links.is_cut(A))
            assert link.reason.kind is errors.BAD_CREDIT
            assert link.reason.facts["reason"] == "ignored"

    kit.run(story())


def test_a_flood_of_grants_is_cut(kit: Any) -> None:
    """Credits cost nothing of the credit, so their number is bounded by what was sent and by time."""

    async def story() -> None:
        async with attack(kit) as hostile:
            call = await hostile.connect()
            await until_refused(call, [wire(credit=Credit(window=1_000, stamp=5))] * 5_000)
            await kit.until(lambda: hostile.station.links.is_cut(A))

    kit.run(story())


def test_endless_pieces_are_bounded(kit: Any) -> None:
    """A frame in pieces that never ends is refused at the size of the largest message."""

    async def story() -> None:
        async with attack(kit) as hostile:
            call = await hostile.connect()
            link = hostile.station.links.links[A]
            link._grants.took = lambda size, now: None  # as if it kept to its credit for long
            await until_refused(call, [wire(part=Part(priority=3, data=bytes(40_000)))] * 60)
            await kit.until(lambda: hostile.station.links.is_cut(A))
            assert link.reason.kind is errors.NO_FRAME

    kit.run(story())


def test_an_older_peer_gets_whole_frames_and_no_credit(kit: Any) -> None:
    """Hello without `transport`: what an older version knows, nothing else, and it is never held up."""

    async def story() -> None:
        async with attack(kit) as hostile:
            call = await hostile.connect(transport=0)
            found, frames = hostile.listen(call), bulk(8, 60_000)
            for frame in frames:
                hostile.station.links.transmit(A, frame, Priority.BULK)
            await call.write(ALERT.SerializeToString())
            await kit.until(lambda: hostile.station.count(Received, A) == 1 and len(found) == 8)
            assert found == frames
            assert [e.frame for e in hostile.station.events if isinstance(e, Received)] == [ALERT]

    kit.run(story())


def test_a_third_connection_of_one_key_takes_the_place_of_its_like(kit: Any) -> None:
    """Exchange and Bulk stand; a second Exchange ends the first one's connection, and Bulk with it; a second
    Bulk ends the first one's and no Exchange."""

    async def story() -> None:
        async with attack(kit) as hostile:
            links = hostile.station.links
            exchange = await hostile.connect()
            first = await hostile.connect(BULK)
            await kit.until(lambda: A in links.bulk.links)
            held = links.links[A], links.bulk.links[A]
            await hostile.connect(BULK)
            assert await asyncio.wait_for(first.code(), 5) is not None
            await kit.until(lambda: links.bulk.links.get(A) not in (None, held[1]))
            assert links.links[A] is held[0]
            assert not exchange.done()
            await hostile.connect()
            assert await asyncio.wait_for(exchange.code(), 5) is not None
            await kit.until(lambda: links.links.get(A) not in (None, held[0]))

    kit.run(story())


def test_many_connections_of_one_key_leave_two(kit: Any) -> None:
    """Thirty Hellos on thirty connections: the peer's own older ones are hung up on, others get in."""

    async def story() -> None:
        async with attack(kit) as hostile:
            for _ in range(30):
                await hostile.connect()
            port = hostile.station.port
            # sooner than gRPC would let go of idle ones
            await asyncio.to_thread(until, lambda: 0 < connected_to(port) <= 2, "two connections", 5.0)
            assert A in hostile.station.links.links

    kit.run(story(), 60.0)


def test_bulk_without_an_exchange_or_with_the_wrong_hello_is_refused(kit: Any) -> None:
    """NOT_CONNECTED without a link; HELLO_FIRST when the connection was greeted for something else."""

    async def story() -> None:
        async with attack(kit) as hostile:
            alone = await hostile.connect(BULK)
            assert error_in(await alone.trailing_metadata()).kind is errors.NOT_CONNECTED
            await hostile.connect()
            second = hostile.channels[-1].stream_stream(BULK, raw, raw)()
            assert await second.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert error_in(await second.trailing_metadata()).kind is errors.HELLO_FIRST
            assert not hostile.station.links.bulk.links

    kit.run(story())


def test_with_one_connection_per_key_there_is_no_bulk(kit: Any) -> None:
    """The setting says one: Hello offers no Bulk, and a second connection is hung up on."""

    async def story() -> None:
        async with attack(kit, connections_per_key=1) as hostile:
            links = hostile.station.links
            assert links.hello().transport == 1
            exchange = await hostile.connect()
            with pytest.raises(grpc.aio.AioRpcError):
                await hostile.connect(BULK)
            assert not exchange.done()
            assert A in links.links

    kit.run(story())

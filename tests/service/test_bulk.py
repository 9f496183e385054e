# SPDX-License-Identifier: Apache-2.0
"""The second stream beside a link, between real gRPC endpoints on 127.0.0.1."""

from __future__ import annotations

from typing import Any

import pytest

from fanal.node.gossip.actions import Priority
from fanal.node.gossip.events import LinkDown, LinkUp, Received
from fanal.node.service import connections
from fanal.v1.peer_pb2 import Entries, Frame, LaneSeq, NotFound

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"


def bulk(number: int, size: int = 20_000) -> Frame:
    return Frame(entries=Entries(envelopes=[number.to_bytes(4, "big") + bytes(size)]))


def received(station: Any) -> list[Frame]:
    return [e.frame for e in station.events if isinstance(e, Received)]


def numbers(station: Any) -> list[int]:
    return [int.from_bytes(f.entries.envelopes[0][:4], "big") for f in received(station)]


async def pair(world: Any, kit: Any, *, older: bool = False, **of_first: Any) -> tuple[Any, Any]:
    """Two stations, both streams dialled by the first; the second can dial nobody."""
    second = await world.start(B, dial=False)
    second.links.transport = 0 if older else second.links.transport
    world.announce(B)
    first = await world.start(A, **of_first)
    await kit.until(lambda: B in first.links.links and A in second.links.links)
    if not older:
        await kit.until(lambda: B in first.links.bulk.links and A in second.links.bulk.links)
    return first, second


def test_bulk_goes_over_its_own_connection_in_both_directions(kit: Any) -> None:
    """One side dialled both streams; frames of priority BULK use the second, all others the first."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            alert = Frame(not_found=NotFound(entries=[LaneSeq(seq=7)]))
            for one, other in ((a, B), (b, A)):
                exchange, second = one.links.links[other], one.links.bulk.links[other]
                one.links.transmit(other, bulk(1), Priority.BULK)
                assert (len(exchange.outbox), len(second.outbox)) == (0, 1)
                one.links.transmit(other, alert, Priority.FLASH)
                assert (len(exchange.outbox), len(second.outbox)) == (1, 1)
            await kit.until(lambda: len(received(a)) == len(received(b)) == 2)
            assert b.links.links[A].counts.received == 1
            assert a.links.bulk.links[B].dialled_by == b.links.bulk.links[A].dialled_by == A

    kit.run(story())


def test_losing_bulk_costs_neither_the_link_nor_a_frame(kit: Any) -> None:
    """Its connection breaks under load: Exchange stays and carries what was lost, Bulk comes back."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            exchange, second = a.links.links[B], a.links.bulk.links[B]
            for number in range(400):
                a.links.transmit(B, bulk(number), Priority.BULK)
            await kit.until(lambda: len(received(b)) > 20)
            hang_up_on_bulk(b)
            await kit.until(lambda: set(numbers(b)) == set(range(400)))
            await kit.until(lambda: a.links.bulk.links.get(B) not in (None, second))
            assert a.links.links[B] is exchange
            assert a.count(LinkUp, B) == b.count(LinkUp, A) == 1
            assert a.count(LinkDown, B) == b.count(LinkDown, A) == 0
            assert not b.links.is_cut(A)

    kit.run(story())


def hang_up_on_bulk(station: Any) -> None:
    """As if a middlebox dropped the connection that carries the station's Bulk."""
    ends = [end for end, greeted in station.service._connections._of[A].items() if greeted.for_bulk]
    connections.shut_down(ends[-1])


def test_an_older_peer_gets_bulk_over_exchange(kit: Any) -> None:
    """Without the second stream in its Hello nothing is dialled, and bulk arrives all the same."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit, older=True)
            for number in range(50):
                a.links.transmit(B, bulk(number), Priority.BULK)
                b.links.transmit(A, bulk(number), Priority.BULK)
            await kit.until(lambda: len(received(a)) == len(received(b)) == 50)
            assert numbers(a) == numbers(b) == list(range(50))
            assert not a.links.bulk.links
            assert a.links.links[B]._grants is None

    kit.run(story())


def test_bulk_ends_with_its_link_and_comes_with_the_next_one(kit: Any) -> None:
    """Links are renewed; each renewal brings a second stream of its own and leaves none behind."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            second = b.links.bulk.links[A]
            a.links.links[B].close()
            await kit.until(lambda: b.count(LinkUp, A) == 2)
            await kit.until(lambda: b.links.bulk.links.get(A) not in (None, second))
            a.links.transmit(B, bulk(3), Priority.BULK)
            await kit.until(lambda: numbers(b) == [3])
            b.links.trusts = lambda agency: False
            b.links.refresh()
            await kit.until(lambda: not b.links.bulk.links and not b.links.links)
            await kit.until(lambda: not a.links.bulk.links)

    kit.run(story())


def test_what_waits_for_bulk_is_written_before_a_stopping_node_lets_go(kit: Any) -> None:
    """stop() drains both streams."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            for number in range(60):
                a.links.transmit(B, bulk(number), Priority.BULK)
            await a.links.stop(5.0)
            await a.dialer.stop()
            await kit.until(lambda: numbers(b) == list(range(60)))

    kit.run(story())

# SPDX-License-Identifier: Apache-2.0
"""A node whose operator said that its line is thin, and a peer, between real gRPC endpoints on 127.0.0.1."""

from __future__ import annotations

import dataclasses
import itertools
import time
from typing import Any

import pytest

from fanal.node.gossip.actions import Priority
from fanal.node.gossip.events import LinkUp, Received
from fanal.node.service.errors import LINE_OVERLOADED
from fanal.v1.peer_pb2 import Entries, Frame, HelloMessage

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"
NOTICE = Frame(entries=Entries(envelopes=[bytes(5_000)]))


def thin(kit: Any) -> Any:
    """Limits of a node on 1 Mbit/s, so that the test is short."""
    return dataclasses.replace(kit.LIMITS, line_kbit_per_s=1_024)


async def carried(kit: Any, *stations: Any) -> None:
    """Notices and bulk of both sides arrive whole."""
    for one in stations:
        (other,) = one.links.links
        for priority in (Priority.FLASH, Priority.ROUTINE, Priority.BULK):
            one.links.transmit(other, NOTICE, priority)
    for one in stations:
        await kit.until(lambda one=one: len(came(one)) == 3)
        assert came(one) == [NOTICE] * 3


def came(station: Any) -> list[Frame]:
    return [e.frame for e in station.events if isinstance(e, Received)]


def test_a_node_on_a_thin_line_says_so_and_dials_itself_when_its_link_is_lost(kit: Any) -> None:
    """Gossip at the other end hears of it; there is no second connection; and the peer, who dialled the first
    link, leaves the next handshake to it."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, limits=thin(kit), dial=False)
            world.announce(B)
            a = await world.start(A)
            await kit.until(lambda: B in a.links.links and A in b.links.links)
            assert [e.thin for e in a.events if isinstance(e, LinkUp)] == [True]
            assert [e.thin for e in b.events if isinstance(e, LinkUp)] == [False]
            assert b.links.hello().transport == 1
            await carried(kit, a, b)
            assert not a.links.bulk.links
            world.announce(A, B)
            a.node.directory = b.node.directory = world.directory()
            b.links.links[A].close()
            with pytest.raises(TimeoutError):
                await kit.until(lambda: b.count(LinkUp, A) > 1, 0.5)
            b.dialer.sync()
            await kit.until(lambda: a.count(LinkUp, B) == b.count(LinkUp, A) == 2)
            assert a.links.links[B].dialled_by == B

    kit.run(story())


@pytest.mark.parametrize("transport", [0, 1])
def test_a_peer_of_an_older_version_knows_nothing_of_thin_lines_and_is_talked_to(
    kit: Any, transport: int
) -> None:
    """It grants what it always did, or nothing; all arrives in both directions."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, limits=thin(kit), dial=False)
            world.announce(B)
            a = await world.start(A, dial=False)
            a.links.transport, known = transport, a.links.new_link
            a.links.new_link = lambda peer, by, hello, spki: known(peer, by, unknowing(hello), spki)
            a.dialer.sync()
            await kit.until(lambda: B in a.links.links and A in b.links.links)
            await carried(kit, a, b)

    kit.run(story())


def unknowing(hello: HelloMessage) -> HelloMessage:
    """What a version that does not know the field reads."""
    hello.ClearField("thin_line")
    return hello


@pytest.mark.parametrize("told", [True, False], ids=["an address is told", "none is"])
def test_a_link_to_a_node_on_a_thin_line_is_made_again_at_once_by_one_side(kit: Any, told: bool) -> None:
    """When it has stood its time: by that node if it can dial, else by the peer: one handshake."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, limits=thin(kit), dial=False)
            a = await world.start(A, dial=False, link_seconds=1.0)
            world.announce(*((A, B) if told else (B,)))
            a.node.directory = b.node.directory = world.directory()
            a.dialer.sync()
            await kit.until(lambda: B in a.links.links and A in b.links.links)
            b.dialer.sync()
            await kit.until(lambda: a.count(LinkUp, B) == b.count(LinkUp, A) == 2, 5.0)
            assert a.links.links[B].dialled_by == (B if told else A)

    kit.run(story())


@pytest.mark.parametrize("declared", [False, True])
def test_a_line_that_should_be_declared_is_told_of_for_a_day(kit: Any, declared: bool) -> None:
    """Once most peers were late for a quarter of a minute; not where the operator has said it."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            links = (await world.start(B, limits=thin(kit) if declared else kit.LIMITS, dial=False)).links
            now = time.monotonic()
            assert links.overload() is None
            for at, peer in itertools.product(range(17), range(5)):
                links.inflow.note(f"P{peer}", 3.0, now - 16 + at)
            said = links.overload()
            assert (said and said.kind) is (None if declared else LINE_OVERLOADED)
            links.inflow.stood_at -= 86_401
            assert links.overload() is None

    kit.run(story())

# SPDX-License-Identifier: Apache-2.0
"""Links between real gRPC endpoints on 127.0.0.1."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.node.gossip.actions import Priority
from fanal.node.gossip.events import LinkDown, LinkUp, Received
from fanal.node.service import errors
from fanal.node.service.links import NO_IDENTITY, NOT_TRUSTED
from fanal.node.service.peerrecord import CONNECTED, UNREACHABLE
from fanal.v1.peer_pb2 import Entries, Frame, LaneSeq, NotFound

pytestmark = pytest.mark.process

A, B, C = "AZ-CUS", "BG-CUS", "GE-CUS"


async def pair(world: Any, kit: Any, **of_first: Any) -> tuple[Any, Any]:
    """Two stations with one link, dialled by the first; the second dials nobody."""
    second = await world.start(B, dial=False)
    world.announce(B)
    first = await world.start(A, **of_first)
    await kit.until(lambda: B in first.links.links and A in second.links.links)
    return first, second


def entries(size: int, number: int = 0) -> Frame:
    return Frame(entries=Entries(envelopes=[number.to_bytes(4, "big") + bytes(size)]))


def received(station: Any) -> list[Frame]:
    return [e.frame for e in station.events if isinstance(e, Received)]


def test_two_nodes_that_dial_each_other_end_with_one_link(kit: Any) -> None:
    """Both sides dial at once; one link stays, and both sides keep the same one."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await world.start(A, dial=False), await world.start(B, dial=False)
            world.announce(A, B)
            for station in (a, b):
                station.node.directory = world.directory()
                station.links.refresh()
                station.dialer.sync()
            await kit.until(lambda: B in a.links.links and A in b.links.links)
            assert await a.links.ping(B, 7) < 2
            assert await b.links.ping(A, 8) < 2
            assert a.links.links[B].dialled_by == b.links.links[A].dialled_by
            assert a.count(LinkUp, B) == a.count(LinkDown, B) + 1
            assert b.count(LinkUp, A) == b.count(LinkDown, A) + 1

    kit.run(story())


def test_frames_arrive_in_both_directions_over_a_link_that_one_side_dialled(kit: Any) -> None:
    """Behind NAT one side can only dial; both still send."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            a.links.transmit(B, entries(10), Priority.ROUTINE)
            b.links.transmit(A, entries(20), Priority.ROUTINE)
            await kit.until(lambda: len(received(a)) == 1 and len(received(b)) == 1)
            assert received(b)[0] == entries(10)
            assert received(a)[0] == entries(20)
            assert (a.links.standing(B).state, b.links.standing(A).state) == (CONNECTED, CONNECTED)

    kit.run(story())


def test_an_alert_overtakes_what_waits_for_a_peer_that_reads_slowly(kit: Any) -> None:
    """FLASH queued last arrives before nearly all the bulk queued first: at most 64 KiB are on the way."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            for number in range(200):
                a.links.transmit(B, entries(30_000, number), Priority.BULK)
            alert = Frame(not_found=NotFound(entries=[LaneSeq(seq=7)]))
            a.links.transmit(B, alert, Priority.FLASH)
            await kit.until(lambda: alert in received(b))
            assert received(b).index(alert) <= 8
            await kit.until(lambda: len(received(b)) == 201)

    kit.run(story())


def test_a_peer_that_never_reads_is_cut_when_its_queue_is_full_and_delays_nobody(kit: Any) -> None:
    """The link ends with TOO_SLOW; meanwhile another peer gets its frames at once."""

    async def story() -> None:
        async with kit.world_of(A, B, C) as world:
            c = await world.start(C, dial=False)
            world.announce(C)
            a, _b = await pair(world, kit)
            await kit.until(lambda: C in a.links.links)
            lost = a.links.links[B]
            for number in range(400):
                a.links.transmit(B, entries(60_000, number), Priority.BULK)
            a.links.transmit(C, entries(1), Priority.ROUTINE)
            await kit.until(lambda: len(received(c)) == 1)
            await kit.until(lambda: a.count(LinkDown, B) == 1)
            assert lost.reason is not None
            assert lost.reason.kind is errors.TOO_SLOW
            await kit.until(lambda: a.count(LinkUp, B) == 2)

    kit.run(story())


def test_a_restarted_peer_is_linked_again(kit: Any) -> None:
    """A dead peer is UNREACHABLE with the refused connection as its cause, and comes back by itself."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            port = b.port
            await world.stop(B)
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            await kit.until(lambda: a.links.state_of(B)[1].kind is errors.CONNECTION_REFUSED)
            again = await world.start(B, dial=False, port=port)
            await kit.until(lambda: A in again.links.links and B in a.links.links)
            assert a.links.standing(B).state == CONNECTED

    kit.run(story())


def test_an_inbound_contact_ends_a_long_back_off(kit: Any) -> None:
    """The dialler waits for a minute; the peer's own call links both at once."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a = await world.start(A, dial=False)
            world.announce(A)
            world.identities[B] = world.agencies[B].identity(("127.0.0.1:1",))
            a.node.directory = world.directory()
            a.links.refresh()
            a.dialer._redial = a.dialer._redial_most = 60.0
            a.dialer.sync()
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            await world.start(B)
            await kit.until(lambda: B in a.links.links)

    kit.run(story())


def test_a_link_is_renewed_before_it_grows_old(kit: Any) -> None:
    """Connections live a bounded time; the next one follows without back-off or an error shown."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, _b = await pair(world, kit, link_seconds=0.2)
            await kit.until(lambda: a.count(LinkUp, B) >= 3)
            assert all(e.reason == "" for e in a.events if isinstance(e, LinkDown))

    kit.run(story())


def test_the_second_exchange_of_one_peer_replaces_the_first(kit: Any) -> None:
    """The same side dials again: the older link is dead at the other end, so the newer stays."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            first = b.links.links[A]
            a.links.links[B].close()
            await kit.until(lambda: b.count(LinkUp, A) == 2)
            assert b.links.links[A] is not first

    kit.run(story())


@pytest.mark.parametrize(
    ("hello", "kind"),
    [
        ({"network": b"\1" * 32}, errors.WRONG_NETWORK),
        ({"protocol": 2, "protocol_lowest": 2}, errors.OTHER_PROTOCOL),
        ({"agency": C}, errors.NOT_ADMITTED),
        ({"store_id": b"short"}, errors.LIMIT_REACHED),
        ({"run": b"short"}, errors.LIMIT_REACHED),
    ],
)
def test_a_peer_whose_hello_does_not_fit_is_not_linked_and_the_cause_is_named(
    kit: Any, hello: dict[str, Any], kind: Any
) -> None:
    """Another network, protocol or agency in Hello: no link, and `peer show` says which."""

    async def story() -> None:
        async with kit.world_of(A, B, C) as world:
            await world.start(B, dial=False, hello=hello)
            world.announce(B)
            a = await world.start(A)
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            assert a.links.state_of(B)[1].kind is kind
            assert not a.events

    kit.run(story())


def test_a_peer_of_another_network_is_told_so(kit: Any) -> None:
    """The dialling side of the wrong network sees WRONG_NETWORK as its cause, not a riddle."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            world.announce(B)
            a = await world.start(A, hello={"network": b"\1" * 32})
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            assert a.links.state_of(B)[1].kind is errors.WRONG_NETWORK
            assert not b.events

    kit.run(story())


def test_a_peer_that_does_not_trust_us_is_named_as_refusing(kit: Any) -> None:
    """The other side's trust list leaves us out: its handshake fails, and the cause is REFUSED_BY_PEER."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False, peers=())
            world.announce(B)
            a = await world.start(A)
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            assert a.links.state_of(B)[1].kind is errors.REFUSED_BY_PEER
            assert b.links.state_of(A)[0] == NOT_TRUSTED

    kit.run(story())


def test_a_changed_certificate_is_named_as_the_cause(kit: Any) -> None:
    """Another machine answers at the peer's address: PEER_CERTIFICATE_CHANGED."""

    async def story() -> None:
        async with kit.world_of(A, B, C) as world:
            c = await world.start(C, dial=False)
            world.identities[B] = world.agencies[B].identity((f"127.0.0.1:{c.port}",))
            a = await world.start(A)
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            assert a.links.state_of(B)[1].kind is errors.PEER_CERTIFICATE_CHANGED

    kit.run(story())


def test_the_own_expired_certificate_is_named_first(kit: Any) -> None:
    """All a client sees of it is a closed socket, so the node looks at itself before it blames a peer."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            await world.start(B, dial=False)
            world.announce(B)
            late = time.time() + 400 * 86_400
            a = await world.start(A, clock=lambda: late)
            await kit.until(lambda: a.links.record(B).state == UNREACHABLE)
            assert a.links.record(B).reason.kind is errors.OWN_CERTIFICATE_EXPIRED

    kit.run(story())


def test_states_tell_peers_without_identity_and_outside_the_trust_list_apart(kit: Any) -> None:
    """NO_IDENTITY and NOT_TRUSTED are states of their own; strangers and oneself are no peers at all."""

    async def story() -> None:
        async with kit.world_of(A, B, C) as world:
            known = {A: world.identities[A], C: world.identities[C]}
            a = await world.start(A, dial=False, directory=world.directory(known), peers=(B,))
            assert a.links.standing(B).state == NO_IDENTITY
            assert a.links.standing(C).state == NOT_TRUSTED
            for name in (A, "XX-NONE"):
                with pytest.raises(FanalError) as caught:
                    a.links.standing(name)
                assert caught.value.kind is errors.UNKNOWN_PEER

    kit.run(story())


def test_a_cut_peer_is_refused_for_a_while_and_longer_each_time(kit: Any) -> None:
    """Garbage cuts the link; neither side's dialling brings it back before the time is over."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            b.links.cut(A, "FANAL-E0999")
            first = b.links.record(A).cut_until - time.time()
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            await kit.until(lambda: a.links.state_of(B)[1].kind is errors.CUT)
            b.links.cut(A, "FANAL-E0999")
            assert b.links.record(A).cut_until - time.time() > 1.5 * first
            assert b.links.state_of(A)[1].facts["reason"] == "FANAL-E0999"

    kit.run(story())


def test_a_silent_peer_is_cut_but_not_banned(kit: Any) -> None:
    """Gossip's cut for silence closes the link only; the peer is linked again at once."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            b.links.cut(A, "FANAL-E0703")
            await kit.until(lambda: b.count(LinkUp, A) == 2 and a.count(LinkUp, B) == 2)
            assert not b.links.is_cut(A)

    kit.run(story())


def test_a_member_removed_from_the_trust_list_loses_its_link(kit: Any) -> None:
    """Admission is checked again while a stream lives: refresh ends what is no longer admitted."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            b.links.trusts = lambda agency: False
            b.links.refresh()
            assert A not in b.links.links
            await kit.until(lambda: B not in a.links.links)
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)

    kit.run(story())


def test_what_is_queued_is_written_before_a_stopping_node_lets_go(kit: Any) -> None:
    """stop() drains the outbox, so that acknowledgements of what was committed still leave."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)
            for number in range(50):
                a.links.transmit(B, entries(1000, number), Priority.ROUTINE)
            await a.links.stop(5.0)
            await a.dialer.stop()
            await kit.until(lambda: len(received(b)) == 50)

    kit.run(story())


def test_a_fault_in_the_handler_ends_no_link(kit: Any) -> None:
    """An exception while a frame is handled is logged; the link and the frames after it go on."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a, b = await pair(world, kit)

            def fail(event: Any) -> None:
                if isinstance(event, Received) and len(event.frame.entries.envelopes[0]) == 5:
                    raise RuntimeError("planted")

            b.answer = fail
            a.links.transmit(B, entries(1), Priority.ROUTINE)
            a.links.transmit(B, entries(2), Priority.ROUTINE)
            await kit.until(lambda: len(received(b)) == 2)
            assert A in b.links.links

    kit.run(story())


def test_ping_names_a_peer_that_is_not_linked_or_does_not_answer(kit: Any) -> None:
    """NOT_CONNECTED with the reason, PING_TIMEOUT for a link that carries nothing back."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            alone = await world.start(A, dial=False)
            with pytest.raises(FanalError) as caught:
                await alone.links.ping(B, 1)
            assert caught.value.kind is errors.NOT_CONNECTED
            await world.stop(A)
            a, b = await pair(world, kit)
            b.links._handle = lambda event: None
            a.links.limits = type(kit.LIMITS)(unary_seconds=1.0)
            with pytest.raises(FanalError) as caught:
                await a.links.ping(B, 1)
            assert caught.value.kind is errors.PING_TIMEOUT

    kit.run(story())


def test_wake_at_calls_the_host_once_at_the_latest_time_asked(kit: Any) -> None:
    """A later wake_at replaces the earlier one; a time in the past comes at once."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            a = await world.start(A, dial=False)
            woken = asyncio.Event()
            a.links.attach(a.handle, woken.set)
            a.links.wake_at(time.time() + 3600)
            a.links.wake_at(time.time() - 5)
            async with asyncio.timeout(5):
                await woken.wait()

    kit.run(story())

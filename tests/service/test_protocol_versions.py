# SPDX-License-Identifier: Apache-2.0
"""Peers of different versions, over real connections: who still talks, and what people are told."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
import pytest
from nodenet import NodeNet, some_notice

from fanal.errors import FanalError
from fanal.node.gossip.events import Received
from fanal.node.service import errors
from fanal.node.service.admission import keys_of
from fanal.node.service.causes import cause_of
from fanal.node.service.peerrecord import UNREACHABLE
from fanal.node.service.wire import ERROR_KEY, pack
from fanal.node.software import agreed, software, spoken, versions
from fanal.v1.peer_pb2 import Frame, Heartbeat, HelloMessage

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"
LATER_FIELD = b"\xfa\x3f\x05later"
"""Field 1023, bytes: what only a later version knows."""


def says(high: int, low: int = 0) -> dict[str, int]:
    return {"protocol": high, "protocol_lowest": low}


@pytest.mark.parametrize(
    ("one", "other", "version"),
    [
        (says(1), says(1), 1),
        (says(1), says(1, 1), 1),
        (says(1), says(2, 1), 1),
        (says(2, 1), says(3, 2), 2),
        (says(2, 1), says(2, 1), 2),
        (says(1), says(2), 0),
        (says(1), says(2, 2), 0),
        (says(2, 1), says(4, 3), 0),
        (says(1), says(1, 5), 0),
        (says(1), says(0), 0),
        (says(0), says(0), 0),
        (says(9_999), says(2**32 - 1, 2**32 - 1), 9_999),
    ],
)
def test_the_highest_version_that_both_speak_is_used(
    one: dict[str, int], other: dict[str, int], version: int
) -> None:
    """The same from either side; an absent lowest is the highest; no version in common is none."""
    first, second = HelloMessage(**one), HelloMessage(**other)
    assert agreed(first, second) == agreed(second, first) == version


def test_versions_are_named_shortly() -> None:
    """A span, or one number."""
    assert [versions(HelloMessage(**says(*one))) for one in ((1,), (1, 1), (3, 2))] == ["1", "1", "2-3"]
    assert spoken(HelloMessage(**says(2**31))) == (9_999, 9_999)


@pytest.mark.parametrize(
    ("said", "told"),
    [("fanal/2", "fanal/2"), ("x" * 99, "x" * 64), ("a\nb", ""), ("\u202eevil", ""), ("", "")],
)
def test_what_a_peer_calls_itself_is_short_and_for_people(said: str, told: str) -> None:
    """No more than 64 characters, and nothing that turns a line around."""
    assert software(HelloMessage(software=said)) == told


@pytest.mark.parametrize("dialling", [says(1), says(2, 1)], ids=["the older dials", "the newer dials"])
def test_peers_one_version_apart_talk(kit: Any, dialling: dict[str, int]) -> None:
    """Either may dial; frames go both ways, over transport 0 too."""
    answering = says(2, 1) if dialling == says(1) else says(1)

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False, hello=answering)
            b.links.transport = 0
            world.announce(B)
            a = await world.start(A, hello=dialling)
            await kit.until(lambda: B in a.links.links and A in b.links.links)
            a.links.transmit(B, Frame(heartbeat=Heartbeat(nonce=1)), 0)
            b.links.transmit(A, Frame(heartbeat=Heartbeat(nonce=2)), 0)
            await kit.until(lambda: Received(B, answer(1)) in a.events and Received(A, answer(2)) in b.events)

    kit.run(story())


def answer(nonce: int) -> Frame:
    return Frame(heartbeat=Heartbeat(nonce=nonce, reply=True))


@pytest.mark.parametrize(
    ("of_a", "of_b", "older", "texts"),
    [
        (says(1), says(3, 2), A, ("2-3", "1")),
        (says(2, 2), says(1), B, ("1", "2")),
    ],
)
def test_without_a_common_version_both_sides_say_which_must_be_upgraded(
    kit: Any, of_a: dict[str, int], of_b: dict[str, int], older: str, texts: tuple[str, str]
) -> None:
    """OTHER_PROTOCOL with both versions, at the side that dialled and at the one that could dial nobody."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False, hello=of_b)
            world.announce(B)
            a = await world.start(A, hello=of_a)
            b.dialer.sync()
            await kit.until(lambda: told(a, B) and told(b, A))
            assert told(a, B) == {"agency": B, "theirs": texts[0], "ours": texts[1], "older": older}
            assert told(b, A) == {"agency": A, "theirs": texts[1], "ours": texts[0], "older": older}
            words = [FanalError(errors.OTHER_PROTOCOL, **told(*one)) for one in ((a, B), (b, A))]
            assert words[0].hint == words[1].hint  # also at the older one, which is named like any other
            assert f"node of {older}," in words[0].hint
            for one, (agency, theirs, ours) in zip(words, ((B, *texts), (A, *reversed(texts))), strict=True):
                assert f"{agency} speaks peer protocol {theirs}, this node {ours}:" in one.sentence
            assert not a.events
            assert not b.events

    kit.run(story())


def told(station: Any, peer: str) -> dict[str, Any]:
    """The facts of OTHER_PROTOCOL, once that is why the peer is not linked."""
    state, reason = station.links.state_of(peer)
    if state != UNREACHABLE or reason is None or reason.kind is not errors.OTHER_PROTOCOL:
        return {}
    return dict(reason.facts)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"theirs": 1, "ours": 2}, errors.OTHER_PROTOCOL),
        ({"theirs": "1", "ours": "2-3"}, errors.OTHER_PROTOCOL),
        ({"theirs": "1", "ours": "\x1b[31m9"}, errors.REFUSED_BY_PEER),
        ({}, errors.REFUSED_BY_PEER),
    ],
)
def test_what_a_refusing_peer_says_of_versions_is_read_strictly(
    kit: Any, facts: dict[str, Any], kind: Any
) -> None:
    """Numbers only; anything else is a refusal without them."""
    world = kit.World([A, B])
    [key] = keys_of(world.directory(), B, world.agencies[A].created + 3600)
    own = kit.material_of(world.agencies[A].certificate)
    packed = pack(FanalError(errors.OTHER_PROTOCOL, agency=A, older=A, **facts))
    error: Any = grpc.aio.AioRpcError(
        grpc.StatusCode.FAILED_PRECONDITION, grpc.aio.Metadata(), grpc.aio.Metadata((ERROR_KEY, packed)), "x"
    )
    mine = HelloMessage(agency=A, **says(1))
    found = cause_of(error, own, key, "h:1", world.agencies[A].created + 7200, mine)
    assert found.kind is kind
    assert "\x1b" not in str(found)


def test_unknown_frames_and_unknown_fields_of_hello_are_ignored(kit: Any) -> None:
    """A later version's additions end no link; what follows them is taken."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            world.announce(B)
            a = await world.start(A, dial=False)
            hello = a.node.hello

            def later() -> HelloMessage:
                said = hello()
                said.MergeFromString(LATER_FIELD)
                return said

            a.node.hello = later
            assert LATER_FIELD in a.links.hello().SerializeToString()
            a.dialer.sync()
            await kit.until(lambda: B in a.links.links and A in b.links.links)
            for frame in (Frame.FromString(LATER_FIELD), answer(9)):
                a.links.transmit(B, frame, 0)
            await kit.until(lambda: Received(A, answer(9)) in b.events)
            assert A in b.links.links

    kit.run(story())


def test_a_whole_node_takes_unknown_frames_for_nothing() -> None:
    """Gossip neither answers nor blames a frame that only a later version knows."""
    net = NodeNet(A, B)
    net.run(5)
    net.nodes[A].transmit(B, Frame.FromString(LATER_FIELD), 0)
    net.run(5)
    sent = net.nodes[A].send(some_notice(A), [B]).ref
    net.run(10)
    assert net.nodes[A].states(sent) == {B: "STORED"}

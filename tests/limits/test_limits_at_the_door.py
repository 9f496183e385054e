# SPDX-License-Identifier: Apache-2.0
"""Limits of connections, calls, frames and silence, each at the limit and one past it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from limited import network
from memrosters import roster_of

from fanal.cli.session import Session
from fanal.cli.shown.output import Output
from fanal.config.errors import TOO_LARGE
from fanal.config.files import read_bounded
from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.node.gossip import events
from fanal.node.gossip.actions import Cut
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.events import Heads
from fanal.node.gossip.frames import check_frame
from fanal.node.gossip.limits import of_settings
from fanal.node.service import bounds
from fanal.node.service.links import PeerLinks
from fanal.node.service.tls import server_options
from fanal.v1 import officer_pb2 as api
from fanal.v1.peer_pb2 import Acknowledgement, Frame, Heartbeat, LaneSeq


def test_limits_of_a_connection_reach_the_transport() -> None:
    """Streams, message, metadata and keepalive are the transport's to count; it is told them."""
    limits = Limits(
        streams_per_connection=3,
        message_bytes=200_000,
        metadata_bytes=2_048,
        keepalive_seconds=11.0,
        keepalive_timeout_seconds=7.0,
    )
    options = dict(server_options(limits))
    assert options["grpc.max_concurrent_streams"] == 3
    assert options["grpc.max_receive_message_length"] == 200_000
    assert options["grpc.absolute_max_metadata_size"] == 2_048
    assert options["grpc.keepalive_time_ms"] == 11_000
    assert options["grpc.keepalive_timeout_ms"] == 7_000


@pytest.mark.process
def test_connections_at_the_limit_and_one_past_it() -> None:
    """Three connections are held, the fourth is closed at once; when one goes there is room again."""

    async def closed(reader: asyncio.StreamReader) -> bool:
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(1.0):
                while await reader.read(1000):
                    pass
                return True
        return False

    async def story() -> None:
        server = grpc.aio.server(options=server_options(Limits(connections=3, handshake_seconds=30.0)))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        assert [await closed(reader) for reader, _ in held] == [False] * 3
        more = await asyncio.open_connection("127.0.0.1", port)
        assert await closed(more[0])
        await let_go(more, held.pop())
        for _ in range(50):
            again = await asyncio.open_connection("127.0.0.1", port)
            if not await closed(again[0]):
                break
            await let_go(again)
        else:
            raise AssertionError("there was never room again")
        await let_go(again, *held)
        await server.stop(0)

    async def let_go(*connections: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        for _, writer in connections:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    asyncio.run(story())


def refusal(request: api.PrepareRequest | api.ShowReply | api.GetCharterReply, limits: Limits) -> str:
    try:
        bounds.check(request, limits)
    except FanalError as error:
        return str(error.facts["field"])
    return ""


def test_items_strings_and_nesting_of_a_call_at_the_limit_and_one_past_it() -> None:
    """Refused by the field's name before any handler sees it."""
    limits = Limits(ids_per_message=1_000, string_bytes=4_096, nesting=4)
    assert refusal(api.PrepareRequest(to=["GE-CUS"] * 1_000), limits) == ""
    assert refusal(api.PrepareRequest(to=["GE-CUS"] * 1_001), limits) == "PrepareRequest.to"
    assert refusal(api.PrepareRequest(to=["x" * 4_096]), limits) == ""
    assert refusal(api.PrepareRequest(to=["x" * 4_097]), limits) == "PrepareRequest.to"
    assert refusal(api.PrepareRequest(to=["\u00e9" * 2_049]), limits) == "PrepareRequest.to"
    deep = api.GetCharterReply()
    deep.charters.add().signatures.add()
    assert refusal(deep, Limits(nesting=4)) == ""
    assert "nesting" in refusal(deep, _nesting(2))


def _nesting(depth: int) -> Limits:
    limits = Limits()
    object.__setattr__(limits, "nesting", depth)  # lower than an operator may set it
    return limits


def acknowledged(number: int) -> Frame:
    one = LaneSeq(lane=bytes(32), incarnation=bytes(16), seq=1)
    return Frame(ack=Acknowledgement(stored=[one] * number))


@pytest.mark.parametrize("most", [1, 1_000, 2_000])
def test_numbers_in_a_frame_at_the_limit_and_one_past_it(most: int) -> None:
    """The setting can widen what a frame may name and never narrow it below what honest peers send."""
    limits, taken = of_settings(Limits(ids_per_message=most)), max(most, 1_000)
    assert check_frame("GE-CUS", acknowledged(taken), limits) == "ack"
    with pytest.raises(FanalError, match="E0701"):
        check_frame("GE-CUS", acknowledged(taken + 1), limits)
    assert limits.ids_per_frame == 1_000


def cuts(actions: Iterable[object]) -> list[str]:
    return [one.error.kind.id for one in actions if isinstance(one, Cut)]


def test_silence_at_the_limit_and_one_second_past_it() -> None:
    """A peer that says nothing for silence_seconds is let go, without a ban; a heartbeat in time keeps it."""
    limits = of_settings(Limits(silence_seconds=30.0, heartbeat_seconds=10.0))
    core = GossipCore("AA-A", roster_of("AA-A", "BB-B"), Heads(1, b"c" * 32), limits=limits)
    core.handle(events.LinkUp("BB-B", b"s" * 16, Heads(1, b"c" * 32)), 1000.0)
    beats = core.handle(events.Tick(), 1010.0)
    assert any(getattr(one, "frame", Frame()).WhichOneof("frame") == "heartbeat" for one in beats)
    core.handle(events.Received("BB-B", Frame(heartbeat=Heartbeat(reply=True))), 1015.0)
    assert cuts(core.handle(events.Tick(), 1044.0)) == []
    assert cuts(core.handle(events.Tick(), 1046.0)) == ["FANAL-E0703"]


def test_strikes_at_the_edge_of_the_window_and_past_it() -> None:
    """Three in the window cut; three that are spread a second wider do not."""
    for between, cut in ((300.0, 1), (300.5, 0)):
        small = Limits(bad_signatures=3, bad_signature_window_seconds=600.0)
        net = network("GE-CUS", "TR-CUS", small=small, at=("TR-CUS",), linked=False)
        tr = net.nodes["TR-CUS"]
        tr.cut = lambda peer, reason, tr=tr: tr.cuts.append((peer, reason))  # type: ignore[method-assign]
        for _ in range(3):
            tr.host.penalties.strike("GE-CUS", [FanalError(TOO_LARGE, path="-", limit=1)])
            net.now += between
        assert len(tr.cuts) == cut


def test_repeated_refusals_are_one_line_with_a_count(caplog: pytest.LogCaptureFixture) -> None:
    """The same garbage of the same peer a thousand times: one line, and one more when it goes on later."""
    small = Limits(bad_signatures=1000)
    net = network("GE-CUS", "TR-CUS", small=small, at=("TR-CUS",), linked=False)
    tr = net.nodes["TR-CUS"]
    caplog.clear()
    tr.host.penalties.strike("GE-CUS", [FanalError(TOO_LARGE, path="-", limit=1)] * 500)
    assert len(caplog.records) == 1
    net.now += 601
    tr.host.penalties.strike("GE-CUS", [FanalError(TOO_LARGE, path="-", limit=1)] * 2)
    assert len(caplog.records) == 2
    assert "499 more" in caplog.text


def test_cuts_double_up_to_the_limit_and_no_further() -> None:
    """Ten minutes, twenty, forty ... and never more than cut_most_seconds, however often."""
    limits = Limits(cut_seconds=600.0, cut_most_seconds=3_600.0)
    node: Any = SimpleNamespace(agency="AZ-CUS", directory=None)
    tls: Any = None
    links = PeerLinks(node, tls, limits, lambda _agency: True, lambda: 1000.0)
    waits = []
    for _ in range(80):
        links.cut("GE-CUS", "FANAL-E0701")
        waits.append(links.record("GE-CUS").cut_until - 1000.0)
    assert waits[:4] == [600.0, 1_200.0, 2_400.0, 3_600.0]
    assert set(waits[3:]) == {3_600.0}


def test_what_a_command_reads_at_the_limit_and_one_past_it(tmp_path: Path) -> None:
    """The settings' read_bytes bounds every file that a command is given, before any of it is parsed."""
    (tmp_path / "fanal.toml").write_text('agency = "AZ-CUS"\n[limits]\nread_bytes = 65_536\n')
    session = Session(Output(), home_given=str(tmp_path))
    assert session.read_limit == 65_536
    draft = tmp_path / "draft.json"
    draft.write_bytes(b"x" * 65_536)
    assert len(read_bounded(draft, session.read_limit)) == 65_536
    draft.write_bytes(b"x" * 65_537)
    with pytest.raises(FanalError, match="E0505"):
        read_bounded(draft, session.read_limit)

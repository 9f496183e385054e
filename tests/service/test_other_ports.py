# SPDX-License-Identifier: Apache-2.0
"""Something else than a node answers at a peer's address, on real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fanal.node.service import errors
from fanal.node.service.peerrecord import UNREACHABLE

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"
WEB = b"HTTP/1.0 400 Bad request\r\n\r\n"


@pytest.mark.parametrize("banner", [WEB, b"SSH-2.0-x\r\n"])
def test_a_program_that_speaks_no_tls_is_not_taken_for_a_peer_without_trust(kit: Any, banner: bytes) -> None:
    """Neither the peer nor its trust list is blamed for what took over its port."""

    async def story() -> None:
        async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(banner)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, kit.world_of(A, B) as world:
            world.identities[B] = world.agencies[B].identity((f"127.0.0.1:{port}",))
            a = await world.start(A)
            await kit.until(lambda: a.links.state_of(B)[0] == UNREACHABLE)
            assert a.links.state_of(B)[1].kind is errors.NOT_TLS

    kit.run(story())

# SPDX-License-Identifier: Apache-2.0
"""How many connections one certificate may hold: `connections_per_key`, so that no member takes all of them.

gRPC tells neither that a connection came nor that it went, and cannot close one. But a call names the remote
end of its connection, and the process knows its own sockets. So connections are counted at their first call,
those that have gone are seen missing, and at one past the limit the oldest one of the same purpose is shut
down: gRPC sees the peer hang up. The newest stays, because a peer that dials again has lost the others. A
connection on which nothing is called is closed by gRPC after `grpc.max_connection_idle_ms` (see `tls`).
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from fanal.errors import FanalError
from fanal.node.service.errors import LIMIT_REACHED, TOO_MANY_CONNECTIONS
from fanal.v1.peer_pb2 import HelloMessage

DESCRIPTORS = Path("/proc/self/fd")


@dataclass
class _Greeted:
    for_bulk: bool
    hello: HelloMessage | None


class Connections:
    """The connections that said Hello, by agency and remote end, the oldest first."""

    def __init__(
        self, limit: int, noted: Callable[[str, FanalError], None] = lambda agency, error: None
    ) -> None:
        self._limit, self._noted = limit, noted
        self._of: dict[str, dict[str, _Greeted]] = {}

    def greet(self, agency: str, connection: str, hello: HelloMessage) -> None:
        """A connection says Hello. LIMIT_REACHED when it is one too many and none can go in its place."""
        held = self._of.setdefault(agency, {})
        is_new = connection not in held
        held[connection] = _Greeted(hello.for_bulk, hello)
        if is_new and len(held) > self._limit:
            self._make_room(agency, held, connection)

    def take(self, agency: str, connection: str, for_bulk: bool) -> HelloMessage | None:
        """The Hello said on this connection for this purpose; it is good for one stream."""
        greeted = self._of.get(agency, {}).get(connection)
        if greeted is None or greeted.for_bulk != for_bulk:
            return None
        hello, greeted.hello = greeted.hello, None
        return hello

    def _make_room(self, agency: str, held: dict[str, _Greeted], newest: str) -> None:
        there = {end for end, _ in _sockets()}
        for connection in [one for one in held if _plain(one) not in there and one != newest]:
            del held[connection]
        if len(held) > self._limit:
            self._noted(agency, FanalError(TOO_MANY_CONNECTIONS, agency=agency, limit=self._limit))
        while len(held) > self._limit:
            purpose = held[newest].for_bulk
            alike = next((one for one, g in held.items() if g.for_bulk == purpose and one != newest), None)
            if alike is None:
                del held[newest]
                shut_down(newest)
                raise FanalError(LIMIT_REACHED, field="connections", limit=self._limit)
            del held[alike]
            shut_down(alike)


def shut_down(connection: str) -> None:
    """Hang up on a connection, named as gRPC names it: ipv4:ADDRESS:PORT or ipv6:[ADDRESS]:PORT."""
    for end, one in _sockets():
        if end == _plain(connection):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _sockets() -> Iterator[tuple[str, socket.socket]]:
    """This process's connected sockets with their remote ends. Each is a duplicate: it names the same
    connection for as long as it is open, whatever becomes of the number it was found under."""
    for path in DESCRIPTORS.iterdir():
        with contextlib.suppress(OSError):
            descriptor = os.dup(int(path.name))
            try:
                one = socket.socket(fileno=descriptor)
            except OSError:
                os.close(descriptor)
                continue
            with one:
                if one.family not in (socket.AF_INET, socket.AF_INET6):
                    continue
                host, port = one.getpeername()[:2]
                yield f"{host.removeprefix('::ffff:')}:{port}", one


def _plain(connection: str) -> str:
    """ADDRESS:PORT without gRPC's scheme, quoting and brackets."""
    host, _, port = unquote(connection).partition(":")[2].rpartition(":")
    return f"{host.strip('[]').removeprefix('::ffff:')}:{port}"

# SPDX-License-Identifier: Apache-2.0
"""An evil member on real sockets, by gRPC: Hello and Exchange with whatever it likes to say.

It uses grpc itself, none of the node's transport, and holds the keys of the agency whose folder it is given.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc

from fanal.v1.peer_pb2 import Credit, Frame, HelloMessage

HELLO, EXCHANGE = "/fanal.v1.PeerLink/Hello", "/fanal.v1.PeerLink/Exchange"
SECONDS = 10.0


class Caller:
    """One connection to a node's port. Close it, or use it in a `with` statement."""

    def __init__(self, port: int, pinned: Path, certificate: Path, key: Path) -> None:
        credentials = grpc.ssl_channel_credentials(
            pinned.read_bytes(), key.read_bytes(), certificate.read_bytes()
        )
        options: list[tuple[str, Any]] = [
            ("grpc.ssl_target_name_override", "fanal.invalid"),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
            ("grpc.max_send_message_length", -1),
            ("grpc.http2.bdp_probe", 0),
        ]
        self.channel = grpc.secure_channel(f"127.0.0.1:{port}", credentials, options=options)
        self._say: queue.Queue[bytes | None] = queue.Queue()
        self.stream: Any = None

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._say.put(None)
        self.channel.close()

    def hello(self, said: HelloMessage) -> HelloMessage:
        """Its answer. grpc.RpcError when it is refused."""
        raw = self.channel.unary_unary(HELLO)(said.SerializeToString(), timeout=SECONDS)
        return HelloMessage.FromString(raw)

    def exchange(self) -> None:
        """Open the stream; nothing of it is read until `read`."""
        self.stream = self.channel.stream_stream(EXCHANGE)(self._spoken())
        self.stream.initial_metadata()

    def link(self, said: HelloMessage) -> HelloMessage:
        answer = self.hello(said)
        self.exchange()
        return answer

    def say(self, *frames: Frame | bytes) -> None:
        for one in frames:
            self._say.put(one if isinstance(one, bytes) else one.SerializeToString())

    def grant(self, received: int, window: int) -> None:
        self.say(Frame(credit=Credit(received=received, window=window)))

    def read(self) -> Frame:
        return Frame.FromString(next(self.stream))

    def ended(self) -> grpc.StatusCode:
        """Read to the end of the stream: why it ended."""
        try:
            for _ in self.stream:
                pass
        except grpc.RpcError as error:
            return error.code()  # type: ignore[no-any-return]
        return grpc.StatusCode.OK

    def _spoken(self) -> Iterator[bytes]:
        while (one := self._say.get()) is not None:
            yield one

# SPDX-License-Identifier: Apache-2.0
"""The node, over its Unix socket; the only module of the command line that imports grpc.

A socket tells nobody who called, so every call is signed by the officer over method and request
(``fanal.keys.calls``). What goes wrong on the way is told apart here: no socket, a dead one, a path that is
something else, a path that is too long, no permission, no answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import grpc

from fanal.cli import errors
from fanal.cli.errors_all import rebuild
from fanal.config.load import checked_socket
from fanal.errors import ErrorKind, FanalError
from fanal.node.ledger.lock import holder

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from fanal.cli.client.signing import Signer
    from fanal.config.settings import Settings

SERVICE = "/fanal.v1.OfficerApi/"
SECONDS = 30.0
MESSAGE_LIMIT = 8 * 1024 * 1024
ERROR_KEY = "fanal-error-bin"

R = TypeVar("R", bound="Message")


def reach(settings: Settings) -> str:
    """The path of a socket on which somebody listens. FanalError saying what is there instead."""
    path = checked_socket(settings)
    try:
        mode = Path(path).stat().st_mode
    except PermissionError as error:
        raise FanalError(errors.SOCKET_DENIED, path=path) from error
    except FileNotFoundError:
        raise _nobody(errors.NODE_NOT_RUNNING, path, settings) from None
    except OSError as error:
        raise _nobody(errors.NODE_NOT_RUNNING, path, settings) from error
    if not stat.S_ISSOCK(mode):
        raise FanalError(errors.NOT_A_SOCKET, path=path)
    _knock(path, settings)
    return path


def _nobody(kind: ErrorKind, path: str, settings: Settings) -> FanalError:
    """Nobody is at the socket: there is no node, or it has lost the socket."""
    pid = holder(settings.data)
    return FanalError(errors.SOCKET_LOST, pid=pid, path=path) if pid else FanalError(kind, path=path)


def _knock(path: str, settings: Settings) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5.0)
        try:
            probe.connect(path)
        except PermissionError as error:
            raise FanalError(errors.SOCKET_DENIED, path=path) from error
        except OSError as error:
            raise _nobody(errors.NODE_DEAD, path, settings) from error


class Client:
    """Signed calls to one node. ``call`` raises FanalError only: the node's, or one about the way there."""

    def __init__(self, path: str, signer: Signer, seconds: float = SECONDS) -> None:
        self._channel = _channel(path)
        self._signer = signer
        self._seconds = seconds

    def call(self, method: str, request: Message, reply: type[R], seconds: float | None = None) -> R:
        """Sends ``request`` to ``method`` of the OfficerApi and returns its reply."""
        limit = seconds or self._seconds
        data = request.SerializeToString(deterministic=True)
        stub = self._channel.unary_unary(
            SERVICE + method, request_serializer=None, response_deserializer=reply.FromString
        )
        try:
            return _typed(stub(data, timeout=limit, metadata=self._signed(method, data)), reply)
        except grpc.RpcError as error:
            raise _worded(error, method, int(limit)) from None

    def hand_in(self, method: str, messages: Iterable[Message], reply: type[R], seconds: float) -> R:
        """A stream to the node; the signature covers its first message."""
        encoded = (one.SerializeToString(deterministic=True) for one in messages)
        first = next(encoded)
        stub = self._channel.stream_unary(
            SERVICE + method, request_serializer=None, response_deserializer=reply.FromString
        )
        try:
            answer = stub(chain([first], encoded), timeout=seconds, metadata=self._signed(method, first))
            return _typed(answer, reply)
        except grpc.RpcError as error:
            raise _worded(error, method, int(seconds)) from None

    def stream(
        self, method: str, request: Message, reply: type[R], seconds: float | None = None
    ) -> Iterator[R]:
        """As ``call``, for a method whose reply comes in pieces."""
        limit = seconds or self._seconds
        data = request.SerializeToString(deterministic=True)
        stub = self._channel.unary_stream(
            SERVICE + method, request_serializer=None, response_deserializer=reply.FromString
        )
        try:
            for piece in stub(data, timeout=limit, metadata=self._signed(method, data)):
                yield _typed(piece, reply)
        except grpc.RpcError as error:
            raise _worded(error, method, int(limit)) from None

    def _signed(self, method: str, data: bytes) -> tuple[tuple[str, str], ...]:
        """What proves that this officer makes this very call, now."""
        return self._signer.call_metadata(SERVICE + method, data, int(time.time()), os.urandom(16))

    def close(self) -> None:
        self._channel.close()


def _typed(answer: Any, reply: type[R]) -> R:
    assert isinstance(answer, reply)
    return answer


def _channel(path: str) -> grpc.Channel:
    """A connection of its own: with gRPC's shared ones, a new client would inherit the back-off of an old one
    whose connection broke, and fail without having tried."""
    options = [
        ("grpc.max_receive_message_length", MESSAGE_LIMIT),
        ("grpc.max_send_message_length", MESSAGE_LIMIT),
        ("grpc.enable_http_proxy", 0),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    return grpc.insecure_channel(f"unix:{path}", options=options)


def health(settings: Settings) -> str:
    """The status of the gRPC health service: SERVING, NOT_SERVING ... Needs no key."""
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    channel = _channel(reach(settings))
    try:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=5.0)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
    except grpc.RpcError as error:
        raise _worded(error, "Health", 5) from None
    finally:
        channel.close()


def _worded(error: grpc.RpcError, method: str, seconds: int) -> FanalError:
    """The refusal the node named in its trailing metadata, else what the status code says."""
    for key, value in _trailing(error):
        if key == ERROR_KEY:
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                named = json.loads(value)
                return rebuild(str(named["id"]), dict(named.get("facts") or {}))
    code = error.code() if callable(getattr(error, "code", None)) else grpc.StatusCode.UNKNOWN
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return FanalError(errors.NODE_SILENT, method=method, seconds=seconds)
    if code == grpc.StatusCode.UNAVAILABLE:
        return FanalError(errors.NODE_LOST, method=method)
    if code == grpc.StatusCode.UNIMPLEMENTED:
        return FanalError(errors.NODE_OTHER_VERSION, method=method)
    return FanalError(errors.NODE_ANSWER, method=method, status=code.name)


def _trailing(error: grpc.RpcError) -> list[tuple[str, bytes]]:
    read = getattr(error, "trailing_metadata", None)
    return [(key, value) for key, value in (read() or ())] if callable(read) else []

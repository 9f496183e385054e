# SPDX-License-Identifier: Apache-2.0
"""A running node under garbage, unsigned and oversize calls, and crowds that connect and say nothing."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import grpc
import pytest
from hostile import fanal
from realnet import RealNode, until
from realofficer import RealOfficer

from fanal.errors import FanalError

pytestmark = pytest.mark.process

CROWD = 300
GARBAGE = (
    b"\0" * 100_000,
    b"\xff" * 100_000,
    b"GET / HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 70_000,
    b"\x16\x03\x01\xff\xff" + b"\x01" * 60_000,
)


@pytest.fixture
def officer(network: dict[str, RealNode]) -> Iterator[RealOfficer]:
    made = RealOfficer(network["AZ-CUS"].home)
    yield made
    made.again()


def rss_mib(node: RealNode) -> int:
    """Resident memory of the node's process."""
    assert node.process is not None
    pages = Path(f"/proc/{node.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") // 1024**2


def descriptors(node: RealNode) -> int:
    assert node.process is not None
    return sum(1 for _ in Path(f"/proc/{node.process.pid}/fd").iterdir())


@contextmanager
def crowd(connect: tuple[int, object], count: int = CROWD) -> Iterator[list[socket.socket]]:
    """Connections that are opened and never say a word."""
    family, address = connect
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            one = stack.enter_context(socket.socket(family))
            one.settimeout(5)
            one.connect(address)
            found.append(one)
        yield found


def raw(officer: RealOfficer, method: str, data: bytes, metadata: object) -> grpc.StatusCode:
    """A call with exactly these bytes and metadata; the status that came back."""
    path = f"unix:{officer._settings.socket}"
    with grpc.insecure_channel(path, options=[("grpc.max_send_message_length", -1)]) as channel:
        call = channel.unary_unary(f"/fanal.v1.OfficerApi/{method}")
        try:
            call(data, metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


def test_garbage_on_either_door_costs_one_connection(
    network: dict[str, RealNode], officer: RealOfficer
) -> None:
    """Bytes of no protocol on the Unix socket and the peers' port: closed, and the next call is answered."""
    node = network["AZ-CUS"]
    before = rss_mib(node)
    for family, address in (
        (socket.AF_UNIX, str(node.home.socket)),
        (socket.AF_INET, ("127.0.0.1", node.port)),
        (socket.AF_INET, ("127.0.0.1", network["GE-CUS"].port)),
    ):
        for data in GARBAGE:
            with socket.socket(family) as one:
                one.settimeout(10)
                one.connect(address)
                with suppress(OSError):
                    one.sendall(data)
                    one.shutdown(socket.SHUT_WR)
                    while one.recv(65_536):
                        pass
    assert officer.status().agency == "AZ-CUS"
    assert rss_mib(node) < before + 30
    node.fanal("peer", "ping", "GE-CUS")


@pytest.mark.parametrize("door", ["socket", "port"])
def test_a_silent_crowd_is_bounded_and_soon_let_go(
    network: dict[str, RealNode], officer: RealOfficer, door: str
) -> None:
    """300 connections without a word: at most 256 are held, and all are let go within the handshake's time.

    The crowd at the peers' port keeps no officer waiting. One on the officers' own socket can only be of the
    same user, who is told that the connection broke, and to repeat.
    """
    node = network["AZ-CUS"]
    before, memory = descriptors(node), rss_mib(node)
    place = (
        (socket.AF_UNIX, str(node.home.socket))
        if door == "socket"
        else (socket.AF_INET, ("127.0.0.1", node.port))
    )
    with crowd(place):
        until(lambda: descriptors(node) > before + 200, "the node has taken what it takes of the crowd", 20)
        assert descriptors(node) < before + 280
        try:
            officer.status()
        except FanalError as error:
            assert (door, error.kind.id) == ("socket", "FANAL-E0917")  # noqa: PT017
        until(lambda: descriptors(node) < before + 20, "the silent ones are let go", 20)
        officer.again()
        assert officer.status().agency == "AZ-CUS"
    assert rss_mib(node) < memory + 60


def test_calls_that_no_officer_signed_are_refused_and_nothing_is_read_of_them(
    network: dict[str, RealNode], officer: RealOfficer
) -> None:
    """Unsigned, replayed, stale, of another method or body, oversize by far: the node stays as it was."""
    node, status = network["AZ-CUS"], grpc.StatusCode
    before = rss_mib(node)

    def signed(method: str, data: bytes, now: float = 0) -> object:
        at = int(now or time.time())
        return officer.signer.call_metadata(f"/fanal.v1.OfficerApi/{method}", data, at, os.urandom(16))

    good = signed("Status", b"")
    assert raw(officer, "Status", b"", good) is status.OK
    for method, data, metadata in (
        ("Status", b"", ()),
        ("Status", b"", good),
        ("Status", b"", signed("Status", b"", time.time() - 3_600)),
        ("Status", b"", signed("Status", b"", time.time() + 3_600)),
        ("List", b"", signed("Status", b"")),
        ("Show", b"\x0a\x01a", signed("Show", b"")),
    ):
        assert raw(officer, method, data, metadata) is status.UNAUTHENTICATED, (method, data)
    nonsense = b"\xff" * 100
    assert raw(officer, "Show", nonsense, signed("Show", nonsense)) is status.INVALID_ARGUMENT
    large = bytes(64 * 1024**2)
    assert raw(officer, "Send", large, signed("Send", large)) is status.RESOURCE_EXHAUSTED
    assert rss_mib(node) < before + 60


def test_a_node_that_was_killed_leaves_a_socket_that_is_told_from_none(network: dict[str, RealNode]) -> None:
    """kill -9: every command says that nobody answers; a new start takes the socket over."""
    node = network["GE-CUS"]
    node.end(signal.SIGKILL)
    assert node.home.socket.exists()
    env = node.env()
    for words in (("status",), ("notice", "list", "--json"), ("node", "health"), ("notice", "track", "x")):
        ran = fanal(*words, env=env).refused(5, "FANAL-E0911")
        assert ran.seconds < 10
    assert "nobody" in fanal("doctor", env=env).out.lower()
    node.start()
    assert fanal("status", env=env).code == 0


def test_a_socket_path_that_is_wrong_is_told_by_what_lies_there(network: dict[str, RealNode]) -> None:
    """None, a folder, a file, one too long for the system, one with another's name in it."""
    env = network["AZ-CUS"].env()
    for path, error in (
        ("/tmp/none.sock", "FANAL-E0918"),
        ("/tmp", "FANAL-E0912"),
        ("/etc/passwd", "FANAL-E0912"),
        ("/tmp/" + "x" * 103, "FANAL-E0511"),
    ):
        fanal("status", env=env | {"FANAL_SOCKET": path}).refused(5, error)
    assert fanal("status", env=env | {"FANAL_SOCKET": "/tmp/" + "x" * 102}).error_id == "FANAL-E0918"

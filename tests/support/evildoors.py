# SPDX-License-Identifier: Apache-2.0
"""What an evil member does to a real node's port: one row a behaviour, each begun by entering a context.

The context gives a figure of what the attack has gained: with the defences at most `bound`, else more.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import evilwire as wire
import grpc
from evilcaller import HELLO
from evilreal import CONNECTIONS, EVIL, HONEST, World, going_on

from fanal.v1.peer_pb2 import Frame, Heartbeat

Figure = Callable[[], int]
CROWD, STORM, FEW = CONNECTIONS + 6, 40, 2
RESETS = 500_000
PINGS = 5_000
ANSWERS = 200
"""Hellos that are answered at once, and what a few seconds add."""


@dataclass(frozen=True)
class Door:
    """``said``: the error id under which people are told of it; empty: the node cannot tell who it is, or
    does not notice. ``dwell``: seconds after which the defence would have acted."""

    attack: Callable[[World], AbstractContextManager[Figure]]
    said: str = ""
    bound: int = 0
    dwell: float = 2.5
    control: str = "off"
    """How the victim runs without the defence."""
    starves: bool = False
    """Without the defence no honest newcomer gets in meanwhile."""


@contextmanager
def half_open(world: World) -> Iterator[Figure]:
    """TCP connections on which nothing is ever said."""
    with wire.crowd(world.port, CROWD) as there:
        yield lambda: sum(map(wire.is_open, there))


@contextmanager
def slow_drip(world: World) -> Iterator[Figure]:
    """Handshakes that never end: one byte to each connection, then one to each again."""
    hello, pause = wire.client_hello(), threading.Event()

    def drip(stop: threading.Event) -> None:
        for byte in hello:
            for one in there:
                with contextlib.suppress(OSError):
                    one.send(bytes([byte]))
            pause.wait(0.02)
            if stop.is_set():
                return

    with wire.crowd(world.port, CROWD) as there, going_on(drip):
        yield lambda: sum(map(wire.is_open, there))


@contextmanager
def storm(world: World) -> Iterator[Figure]:
    """Many connections with one key, each with a proper Hello."""
    hello = world.said().SerializeToString()
    asked = wire.call(1, HELLO) + wire.message(1, hello)
    with ExitStack() as stack:
        there = [stack.enter_context(wire.http2(world.port, *world.papers())) for _ in range(STORM)]
        for one in there:
            with contextlib.suppress(OSError):
                one.sendall(asked)
        yield lambda: sum(map(wire.is_open, there))


@contextmanager
def never_reads(world: World) -> Iterator[Figure]:
    """A reader that is owed notices, says that it lives, and takes no byte."""

    def live(stop: threading.Event) -> None:
        while not stop.wait(0.5):
            caller.say(Frame(heartbeat=Heartbeat(nonce=1)))

    with world.caller() as caller:
        caller.link(world.said())
        for number in range(6):
            world.officer.send(world.officer.prepared([EVIL], f"Owed {number}"))
        with going_on(live):
            yield lambda: _linked(world)


@contextmanager
def credit_abuse(world: World) -> Iterator[Figure]:
    """It confirms a gigabyte that nobody sent, to be sent more."""
    with world.caller() as caller:
        caller.link(world.said())
        caller.grant(10**9, 1024 * 1024)
        yield lambda: _linked(world)


@contextmanager
def oversize(world: World) -> Iterator[Figure]:
    """A message of two MiB, as an older peer that knows no credit."""
    said = world.said()
    said.transport = 0
    with world.caller() as caller:
        caller.link(said)
        caller.say(b"\xfa\x3e\x80\x80\x80\x01" + bytes(2 * 1024 * 1024))
        yield lambda: _linked(world)


@contextmanager
def replayed(world: World) -> Iterator[Figure]:
    """Another member's Hello, word for word, under its own key."""
    with world.caller() as caller:
        yield lambda: _answered(caller, world.said(HONEST).SerializeToString())


@contextmanager
def anothers_name(world: World) -> Iterator[Figure]:
    """A leaf with the subject of another, signed by a pinned key: the handshake takes it."""
    home = world.nodes[EVIL].home.path
    papers = wire.in_anothers_name(home, *world.papers(), world.papers(HONEST)[0])
    with world.caller(papers=papers) as caller:
        yield lambda: _answered(caller, world.said(HONEST).SerializeToString())


@contextmanager
def hello_flood(world: World) -> Iterator[Figure]:
    """Hello over and over, as many at a time as a connection allows."""
    answered: list[int] = []
    said = world.said().SerializeToString()

    def flood(stop: threading.Event) -> None:
        while not stop.is_set():
            asked = [caller.channel.unary_unary(HELLO).future(said, timeout=10) for _ in range(16)]
            answered.extend(1 for one in asked if one.exception() is None)

    with world.caller() as caller, going_on(flood):
        yield lambda: len(answered)


@contextmanager
def ping_flood(world: World) -> Iterator[Figure]:
    """HTTP/2 pings, each of which asks for an answer (CVE-2019-9512)."""
    with wire.http2(world.port, *world.papers()) as one:
        with contextlib.suppress(OSError):
            for _ in range(PINGS):
                one.sendall(wire.frame(wire.PING, 0, 0, bytes(8)))
        yield lambda: int(wire.is_open(one))


@contextmanager
def rapid_reset(world: World) -> Iterator[Figure]:
    """Calls that are given up as soon as they are made, so that they never count as open (CVE-2023-44487).
    gRPC itself drops those that nobody waited for yet: on a busy machine it takes more of them to be seen."""

    def reset(stop: threading.Event) -> None:
        for stream in range(1, 2 * RESETS, 2):
            try:
                one.sendall(wire.call(stream, HELLO) + wire.frame(wire.RST_STREAM, 0, stream, wire.CANCEL))
            except TimeoutError:
                return  # it takes no more, and has not hung up
            except OSError:
                hung_up.set()
                return
            if stop.is_set():
                return

    hung_up = threading.Event()
    with wire.http2(world.port, *world.papers()) as one, going_on(reset):
        yield lambda: int(not hung_up.is_set())


DOORS: dict[str, Door] = {
    "half-open connections": Door(half_open, starves=True),
    "slow drip": Door(slow_drip, starves=True),
    "hello replay": Door(replayed, "FANAL-E0848", dwell=0, control="believing"),
    "certificate in another's name": Door(anothers_name, dwell=0, control="believing"),
    "never reads": Door(never_reads, "FANAL-E0831", dwell=7.0),
    "credit abuse": Door(credit_abuse, "FANAL-E0845", dwell=1.0),
    "oversize message": Door(oversize, dwell=1.0),
    "ping flood": Door(ping_flood, dwell=0.5),
    "connection storm": Door(storm, "FANAL-E0847", bound=FEW, dwell=0.5),
    "rapid reset": Door(rapid_reset, "FANAL-E0846", dwell=0.5),
    "hello flood": Door(hello_flood, "FANAL-E0846", bound=ANSWERS, dwell=1.5),
}


def _linked(world: World) -> int:
    return int(world.peer()["state"] == "CONNECTED")


def _answered(caller: Any, said: bytes) -> int:
    try:
        caller.channel.unary_unary(HELLO)(said, timeout=10)
    except grpc.RpcError:
        return 0
    return 1

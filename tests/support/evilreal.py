# SPDX-License-Identifier: Apache-2.0
"""A real node, its honest peer and a member that means ill, and what the honest two go through meanwhile.

The victim and the honest peer are processes. The newcomer and the evil member have folders only: whoever
speaks for them here does it with the keys in those.
"""

from __future__ import annotations

import re
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import undefended
from evilcaller import Caller
from realnet import QUICK, RealNode, found_network, free_ports, until
from realofficer import RealOfficer

from fanal.cli.node.peer import peer_data
from fanal.cli.shown.shapes import PeerRow
from fanal.v1 import officer_pb2 as api
from fanal.v1.peer_pb2 import HelloMessage

VICTIM, HONEST, NEWCOMER, EVIL = "AZ-CUS", "GE-CUS", "KZ-CUS", "XX-CUS"
CONNECTIONS = 64
DEFENDED = {
    "FANAL_LIMITS_HANDSHAKE_SECONDS": "1",
    "FANAL_LIMITS_SILENCE_SECONDS": "5",
    "FANAL_LIMITS_HEARTBEAT_SECONDS": "1",
    "FANAL_LIMITS_CONNECTIONS": str(CONNECTIONS),
    "FANAL_LIMITS_CUT_SECONDS": "1",
    "FANAL_LIMITS_CUT_MOST_SECONDS": "1",
}
"""Shorter waits than the defaults, the same defences."""
OFF = {
    "FANAL_LIMITS_HANDSHAKE_SECONDS": "60",
    "FANAL_LIMITS_SILENCE_SECONDS": "600",
    "FANAL_LIMITS_CONNECTIONS_PER_KEY": "64",
    "FANAL_LIMITS_CALLS_PER_MINUTE": "1000000",
    "FANAL_LIMITS_MESSAGE_BYTES": str(16 * 1024 * 1024),
    undefended.VARIABLE: "credit,pings",
}
MODES = {
    "defended": DEFENDED,
    "off": {**DEFENDED, **OFF},
    "believing": {**DEFENDED, undefended.VARIABLE: "names"},
}


@dataclass
class World:
    """``mode``: the settings with which the victim runs now. ``baseline``: seconds to STORED, undisturbed."""

    nodes: dict[str, RealNode]
    metrics_port: int
    mode: str = ""
    baseline: float = 0.0
    network: bytes = b""
    officer: RealOfficer = field(init=False)

    def __post_init__(self) -> None:
        self.officer = RealOfficer(self.nodes[VICTIM].home)

    @property
    def port(self) -> int:
        return self.nodes[VICTIM].port

    def be(self, mode: str) -> None:
        """Start the victim anew with these settings, unless it runs so already."""
        if mode == self.mode:
            return
        victim = self.nodes[VICTIM]
        if victim.process is not None:
            victim.end()
        self.officer.again()
        listen = f"127.0.0.1:{self.metrics_port}"
        victim.settings = {**QUICK, **MODES[mode], "FANAL_METRICS_LISTEN": listen}
        victim.module = "undefended"
        victim.start()
        self.mode = mode
        until(lambda: self.peer(HONEST)["state"] == "CONNECTED", "the honest link")
        self.network = self.officer.status().network
        self.baseline = min(self.delivered(), self.delivered(), self.delivered())

    # --- who speaks ------------------------------------------------------------------------------

    def papers(self, name: str = EVIL) -> tuple[Path, Path]:
        """Certificate and key of an agency."""
        return self.nodes[name].home.tls_certificate, self.nodes[name].home.tls_key

    def caller(self, name: str = EVIL, papers: tuple[Path, Path] | None = None) -> Caller:
        pinned = self.nodes[VICTIM].home.tls_certificate
        return Caller(self.port, pinned, *(papers or self.papers(name)))

    def said(self, name: str = EVIL) -> HelloMessage:
        """A proper Hello of the agency."""
        return HelloMessage(
            protocol=1, network=self.network, agency=name, store_id=bytes(16), run=b"r" * 16, transport=2
        )

    def newcomer_gets_in(self) -> bool:
        """Whether an honest member that dials now is answered."""
        with self.caller(NEWCOMER) as caller, suppress(grpc.RpcError):
            return caller.hello(self.said(NEWCOMER)).agency == VICTIM
        return False

    # --- what the honest go through ------------------------------------------------------------------

    def delivered(self, count: int = 3) -> float:
        """Seconds from sending to STORED at the honest peer, the median of some notices."""
        return statistics.median(self._one() for _ in range(count))

    def _one(self) -> float:
        began = time.monotonic()
        ref = self.officer.send(self.officer.prepared([HONEST], "Lorry at the crossing")).ref
        until(lambda: self.officer.states(ref).get(HONEST) == "STORED", "an honest notice is stored")
        return time.monotonic() - began

    def mebibytes(self) -> float:
        """Memory of the victim's process."""
        process = self.nodes[VICTIM].process
        assert process is not None
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        assert found is not None
        return int(found[1]) / 1024

    # --- what people are told ------------------------------------------------------------------------

    def peer(self, name: str = EVIL) -> PeerRow:
        """As `fanal peer show --json` says it."""
        request = api.PeersRequest(agency=name)
        reply = self.officer.client.call("Peers", request, api.PeersReply)
        return peer_data(reply.peers[0], int(time.time()))

    def deeds(self, name: str = EVIL) -> dict[str, int]:
        """Error id -> how often, as peer show tells of the agency."""
        return {one["id"]: one["count"] for one in self.peer(name)["conduct"]}

    def metric(self, name: str, **labels: str) -> float:
        """A figure as a monitoring system reads it; 0 when there is none."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        inside = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        found = re.search(rf"^fanal_{name}{{{inside}}} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0


@contextmanager
def world_at(folder: Path) -> Iterator[World]:
    nodes = found_network(folder, (VICTIM, HONEST, NEWCOMER, EVIL))
    world = World(nodes, free_ports(1)[0])
    try:
        nodes[HONEST].start()
        yield world
    finally:
        world.officer.again()
        for node in nodes.values():
            if node.process is not None:
                node.end()


@contextmanager
def going_on(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do this in a thread until the block ends; what it raises ends the test."""
    stop = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work(stop)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]

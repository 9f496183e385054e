# SPDX-License-Identifier: Apache-2.0
"""The life of a node: take the folder, open the doors, serve, and on SIGTERM finish what was taken.

Order of the start, each step a condition of the next: the data folder's lock (a second daemon ends here),
ledger and directory, the unlock secret if one is configured (else the node starts locked: it stores and
relays, and `Unlock` opens the rest), both sockets, then gossip and dialling, then the word "ready".
Order of the end: no new call, calls under way finish (those too whose client has gone), links write out what
is queued, the disk work ends, the files close; what is posted after that is dropped. Each step has a part of
the time (`ending`). Never forks: gRPC has threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import grpc.aio
import structlog
import uvloop

from fanal.config.home import Home
from fanal.config.settings import Settings
from fanal.errors import FanalError
from fanal.keys.secret import read_key_file
from fanal.node.courier.told import Told
from fanal.node.desk.condition import findings
from fanal.node.desk.desk import Desk
from fanal.node.host import Host
from fanal.node.lanes.written import Written
from fanal.node.node import Node
from fanal.node.quotas.room import keep_reserve
from fanal.node.service import descriptors, local_socket, logs
from fanal.node.service.admission import peers_of
from fanal.node.service.authenticate import Authenticator
from fanal.node.service.clockwatch import ClockWatch, Steady
from fanal.node.service.dialer import Dialer
from fanal.node.service.draining import Drain
from fanal.node.service.ending import Cut, Ending
from fanal.node.service.errors import CANNOT_LISTEN, TOO_MANY_CALLS, TOO_MANY_CONNECTIONS
from fanal.node.service.health import Health
from fanal.node.service.invitations import Invitations
from fanal.node.service.joining import JoinListener
from fanal.node.service.links import PeerLinks
from fanal.node.service.metrics import MetricsServer, NodeCollector
from fanal.node.service.officer_api import CALLS_AT_A_TIME, OfficerApi
from fanal.node.service.operations import Operations
from fanal.node.service.peerlink import SERVICE, PeerLinkService
from fanal.node.service.renewal import Renewal
from fanal.node.service.runner import ThreadRunner
from fanal.node.service.tls import Material, ServerTls, peer_options, server_options
from fanal.node.service.wire import OFFICER_API
from fanal.v1.identity_pb2 import SignedDocument

log = structlog.get_logger(__name__)
ANSWERING_SECONDS = 0.5
"""So long the socket has, once no call is at work, to hand out answers and to name a call that came last."""
_HEAPED = (TOO_MANY_CALLS, TOO_MANY_CONNECTIONS)
WITNESS_PATIENCE = 8.0
"""Seconds that an evidence bundle waits for cosignatures of its own export: a witness asked at once may still
rest for five."""


def run_node(home: Home, settings: Settings, log_file: Path | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns 0. FanalError when the node cannot start."""
    logs.configure(settings.log_level, log_file)
    cut = Cut(settings.drain_seconds)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_main(home, settings, cut))
    finally:
        cut.cancel()


async def _main(home: Home, settings: Settings, cut: Cut) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    node = Node.open(home, settings, time.time)
    daemon = None
    try:
        daemon = Daemon(home, settings, node)
        daemon.ended = ended
        await daemon.start()
        announce_ready(daemon)
        for one in findings(node):
            log.warning("finding", level_of_finding=one.level, id=one.id, **one.facts)
        await ended.wait()
        cut.begin()
        notify("STOPPING=1")
        return 0
    finally:
        if daemon is not None:
            await daemon.stop()
        node.close()
        log.info("stopped", agency=settings.agency)


class Daemon:
    """A node with its doors. Needs a running loop; `start` and `stop` once each."""

    def __init__(
        self, home: Home, settings: Settings, node: Node, clock: Callable[[], float] = time.time
    ) -> None:
        self.home, self.settings, self.node, self.clock = home, settings, node, clock
        self.loop = asyncio.get_running_loop()
        self._steady = steady = node.steady = Steady(clock, time.monotonic)
        self.tls = ServerTls(Material.load(*list(home.tls_pairs().values())[-1]))
        self.links = PeerLinks(node, self.tls, settings.limits, node.trusts, clock)
        self.links.steady = steady
        self.dialer = Dialer(self.links, settings.redial_seconds, settings.redial_most_seconds)
        self.runner = ThreadRunner(self.loop)
        self.host = Host(node, self.links, self.runner)
        self.host.roster_listener = self._roster_changed
        node.on_checkpoint = lambda: self._post(self.host.checkpoint_made)
        self.links.attach(self.host.handle, self.host.tick)
        self.links.blocked = lambda agency: agency in node.blocked
        self.links.noted = self._noted
        self.desk = Desk(
            node,
            announce=lambda written: self._post(lambda: self._announce(written)),
            changed=lambda: self._post(self._documents_changed),
            unlocked=lambda: self._post(self._unlocked),
            link=self.links.state_of,
        )
        self.desk.patience = WITNESS_PATIENCE
        self.desk.courier.told = Told(
            carried=lambda outcome: self._post(lambda: self.host.carried(outcome)),
            changed=lambda: self._post(self._documents_changed),
            answered=lambda: self._post(self.host.answered),
            asked=lambda missing: self._post(lambda: self.host.handle(missing)),
        )
        self.invitations = Invitations(node, clock, secrets.token_bytes)
        self.listener = JoinListener(
            self.invitations, self.tls, settings.join_address, settings.limits, clock
        )
        self.renewal = Renewal(
            home,
            node,
            peers=lambda: peers_of(node.directory, node.agency, settings.trusts),
            held=lambda peer: self.host.core.identity_held(peer, node.agency),
            show=self.tls.swap,
            changed=self._documents_changed,
        )
        self._authenticate = Authenticator(node.agency, lambda: node.directory, clock())
        self._clock_watch = ClockWatch(clock, time.monotonic, self._clock_moved, steady)
        self.ended = asyncio.Event()
        """Set when the node shall end: by a signal, or by an operator who drained it."""
        self._metrics: MetricsServer | None = None
        self.listen = ""
        self._watching: list[asyncio.Task[None]] = []
        self._peers: grpc.aio.Server | None = None
        self._officers: grpc.aio.Server | None = None
        self._calls: OfficerApi | None = None
        self._health: list[Health] = []

    async def start(self) -> None:
        """Open the doors and take up what an earlier run left. FanalError when a door cannot be opened."""
        self._unlock_at_start()
        self.renewal.show_best()
        self._keep_reserve()
        self.links.refresh()
        await self._open_peers()
        await self._open_officers()
        if self.settings.metrics_listen:
            collector = NodeCollector(self.node, self.links, self.host)
            self._metrics = MetricsServer(self.settings.metrics_listen, collector)
        self.host.start()
        self.dialer.sync()
        watches = (
            self.links.watch(),
            self.renewal.watch(),
            self._clock_watch.watch(),
            descriptors.watch(),
        )
        self._watching = [asyncio.create_task(one) for one in watches]
        await self.listener.adjust()

    async def stop(self) -> None:
        """Finish within the setting `drain_seconds`, then cut what is left."""
        ending = Ending(self.settings.drain_seconds)
        for health in self._health:
            health.serving = False
        for task in self._watching:
            task.cancel()
        await ending.step("doors", self._close_doors(), 0.1)
        await ending.step("officers", self._end_calls(ending), 0.6)
        await ending.step("jobs", self.runner.drain(ending.left(0.7)), 0.7)
        await ending.step("links", self.links.stop(ending.left(0.8)), 0.9)
        await ending.step("peers", self._end_peers(), 0.93)
        await ending.step("last jobs", self.runner.drain(ending.left(0.95)), 0.95)
        self.runner.close()
        self.desk.courier.close()
        if self._officers is not None:  # else the path may be another node's
            local_socket.remove(self.settings.socket)

    async def _close_doors(self) -> None:
        await self.listener.close()
        if self._metrics is not None:
            await asyncio.to_thread(self._metrics.close)

    async def _end_calls(self, ending: Ending) -> None:
        """Take no call any more, and let those that were taken end. One that the socket took and that is at
        nobody here, or whose answer nobody fetches, has no end of its own: it is not waited for."""
        if self._officers is None or self._calls is None:
            return
        stopping = asyncio.create_task(self._officers.stop(ending.left(0.55)))
        while not stopping.done():
            await self._calls.drain(ending.left(0.55))
            await asyncio.wait({stopping}, timeout=ANSWERING_SECONDS)
            if not self._calls.busy:
                break
        await self._officers.stop(None)
        await stopping
        await self._calls.drain(ending.left(0.55))

    async def _end_peers(self) -> None:
        await self.dialer.stop()
        if self._peers is not None:
            await self._peers.stop(0.2)

    # --- opening --------------------------------------------------------------------------------

    async def _open_peers(self) -> None:
        """Without the setting `listen` nothing is opened: this node dials, and nobody dials it."""
        if not self.settings.listen:
            return
        server = grpc.aio.server(options=peer_options(self.settings.limits))
        service = PeerLinkService(self.links)
        health = Health((SERVICE,), service.caller)
        server.add_generic_rpc_handlers((service.handler(), health.handler(), service.otherwise()))
        try:
            port = server.add_secure_port(self.settings.listen, self.tls.credentials())
        except RuntimeError as error:
            raise FanalError(CANNOT_LISTEN, address=self.settings.listen, key="listen") from error
        await server.start()
        self.listen = f"{self.settings.listen.rpartition(':')[0]}:{port}"
        self._peers = server
        self._health.append(health)

    async def _open_officers(self) -> None:
        limits = self.settings.limits
        operations = Operations(
            self.desk,
            self.links,
            self.invitations,
            self.listener,
            self.settings,
            self._take_identity,
            self.listen,
            self.clock(),
            Drain(self.node, self.links, self.host, self.ended.set),
            self.host.core.outstanding,
        )
        api = OfficerApi(operations.handlers(), self._authenticate, self.clock, limits, self._call_refused)
        health = Health((OFFICER_API,))
        server = grpc.aio.server(options=server_options(limits), maximum_concurrent_rpcs=2 * CALLS_AT_A_TIME)
        server.add_generic_rpc_handlers((api.handler(), health.handler()))
        try:
            server.add_insecure_port(local_socket.prepare(self.settings.socket))
        except RuntimeError as error:
            raise FanalError(CANNOT_LISTEN, address=str(self.settings.socket), key="socket") from error
        self.settings.socket.chmod(0o600)
        await server.start()
        self._officers, self._calls = server, api
        self._health.append(health)

    def _call_refused(self, error: FanalError) -> None:
        """An officer's call ended with this: it is counted, and what can be mended is."""
        self.node.counts["call", error.kind.id] += 1
        self.host.refused(error)

    def _keep_reserve(self) -> None:
        """Only while the disk is not yet a worry; a node without it starts all the same, and says so."""
        if self.node.room.warns:
            return
        try:
            keep_reserve(self.settings.data, self.settings.limits.reserve_bytes)
        except FanalError as error:
            log.warning("reserve", error=str(error))

    def _unlock_at_start(self) -> None:
        if self.settings.key_file is not None:
            self.node.unlock_with(read_key_file(self.settings.key_file))

    # --- what the desk and the host tell ------------------------------------------------------------

    def _post(self, work: Callable[[], None]) -> None:
        """From any thread: do it on the loop; after `stop` nobody needs it."""

        def unless_stopped() -> None:
            if not self.runner.closed:
                work()

        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(unless_stopped)

    def _announce(self, written: Written) -> None:
        self.host.announced(written)

    def _noted(self, agency: str, error: FanalError) -> None:
        """A peer did this, unless it only dialled again and again while this process stood still."""
        if not (error.kind in _HEAPED and self._steady.stood_lately()):
            self.node.conduct.note(agency, error, self.clock())

    def _documents_changed(self) -> None:
        self.host.roster_changed()
        self._roster_changed()

    def _roster_changed(self) -> None:
        self.links.refresh()
        self.dialer.sync()

    def _clock_moved(self) -> None:
        """Certificates, officers' calls and what waits for a key are judged by the new date at once."""
        self._authenticate.clock_moved(self.clock())
        self.host.open_arrived(everything=True)
        self.renewal.show_best()
        self._roster_changed()

    def _unlocked(self) -> None:
        self.host.start()

    def _take_identity(self, document: SignedDocument) -> None:
        if self.node.take_documents((), (document,)):
            self._post(self._documents_changed)


def announce_ready(daemon: Daemon) -> None:
    """One JSON line on stdout, and sd_notify if the service manager asked for it."""
    ready = {
        "ready": True,
        "agency": daemon.node.agency,
        "listen": daemon.listen,
        "socket": str(daemon.settings.socket),
        "locked": daemon.node.locked,
        "pid": os.getpid(),
    }
    with contextlib.suppress(OSError, ValueError):
        print(json.dumps(ready), flush=True)
    log.info("ready", **{k: v for k, v in ready.items() if k != "ready"})
    notify("READY=1")


def notify(state: str) -> None:
    """sd_notify(3): one datagram to $NOTIFY_SOCKET, if set; "@" begins an abstract name."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, contextlib.suppress(OSError):
        sender.connect("\0" + address[1:] if address[0] == "@" else address)
        sender.send(state.encode("ascii"))

# SPDX-License-Identifier: Apache-2.0
"""Agencies as real processes: made and joined by commands, real mTLS, real disks, killed at will."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from fanal.cli.demo import ports
from fanal.config.home import Home
from fanal.node.failpoints import VARIABLE

ROOMS = [str(Path(__file__).parents[2] / room) for room in ("proto", "keys", "config", "node", "cli")]
SUPPORT = str(Path(__file__).parent)
PATHS = os.pathsep.join([*ROOMS, SUPPORT])
PATIENCE = 120.0
SHARES = 8
LOOK_SOONEST, LOOK_LATEST = 0.02, 0.25

T = TypeVar("T")

QUICK = {
    "FANAL_RECEIPTS_BATCH_SECONDS": "0.1",
    "FANAL_CHECKPOINT_SECONDS": "0.1",
    "FANAL_REDIAL_SECONDS": "0.05",
    "FANAL_REDIAL_MOST_SECONDS": "0.2",
    "FANAL_LIMITS_FLASH_PER_HOUR": "10000",
    "FANAL_LIMITS_ROUTINE_PER_HOUR": "1000000",
}
"""Short waits: a test of crashes is not one of patience. Wide quotas: a load is no flood."""


def until(look: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """Look at another process again and again until it shows something true. A look may be many calls, and
    a node takes so many a minute: each pause is a tenth of the wait so far, within bounds."""
    began = time.monotonic()
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        waited = time.monotonic() - began
        assert waited < patience, f"not within {patience:g} s: {what} ({found!r})"
        pause.wait(min(max(LOOK_SOONEST, waited / 10), LOOK_LATEST))


@dataclass
class RealNode:
    """One agency: its folder, its commands and, while it runs, its process."""

    name: str
    home: Home
    port: int
    join_port: int
    settings: Mapping[str, str] = field(default_factory=lambda: QUICK)
    module: str = "fanal.cli"
    """What its process runs: the program, or one that makes something otherwise first."""
    inside: tuple[str, ...] = ()
    """What its commands begin with: a command that becomes the one after it, in another place."""
    host: str = "127.0.0.1"
    """Its address there."""
    process: subprocess.Popen[str] | None = None
    armed: str = ""
    """The failpoint of the process that was launched last."""
    seconds_to_ready: float = 0.0

    @property
    def log(self) -> Path:
        return self.home.path.with_suffix(".log")

    def env(self, **more: str) -> dict[str, str]:
        return {
            "PYTHONPATH": PATHS,
            "PATH": os.environ["PATH"],
            "FANAL_HOME": str(self.home.path),
            "FANAL_JOIN_LISTEN": f"{self.host}:{self.join_port}",
            **self.settings,
            **more,
        }

    def fanal(self, *arguments: str, code: int = 0) -> str:
        """Run one command to its end; its stdout once it ended with ``code``."""
        ran = subprocess.run(
            [*self.inside, *command(*arguments)], env=self.env(), text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert ran.returncode == code, (self.name, arguments, ran)
        return ran.stdout

    def launch(self, failpoint: str = "") -> subprocess.Popen[str]:
        """Start the node's process and wait for nothing."""
        self.armed = failpoint
        more = {VARIABLE: failpoint} if failpoint else {}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*self.inside, *command()[:-1], self.module, "node", "run"], env=self.env(**more), text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        return self.process

    def start(self) -> dict[str, Any]:
        """Start the node; what it says when it is ready."""
        began = time.monotonic()
        process = self.launch()
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"{self.name} ended before it was ready; see {self.log.read_text()[-2000:]}"
        self.seconds_to_ready = time.monotonic() - began
        ready: dict[str, Any] = json.loads(line)
        return ready

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal the node and wait for its end; the exit code."""
        assert self.process is not None
        process, self.process = self.process, None
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
        return process.returncode

    def kill_where_it_stops(self) -> frozenset[str]:
        """Wait until a failpoint has frozen the process; which databases had a transaction open; kill it."""
        assert self.process is not None
        process, self.process = self.process, None
        # Freezing is no end, so only waitpid sees it; the timer bounds a point that is never reached.
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        try:
            _pid, status = os.waitpid(process.pid, os.WUNTRACED)
        finally:
            timer.cancel()
        if not os.WIFSTOPPED(status):
            process.returncode = os.waitstatus_to_exitcode(status)
            _close(process)
            raise AssertionError(f"{self.name}: {self.armed} was not reached: {self.log.read_text()[-2000:]}")
        found = frozenset(path.name for path in (self.home.ledger, self.home.vault) if _is_writing(path))
        process.kill()
        process.wait()
        _close(process)
        return found


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fanal.cli", *arguments]


def _close(process: subprocess.Popen[str]) -> None:
    if process.stdout is not None:
        process.stdout.close()


def _is_writing(database: Path) -> bool:
    """Whether a process holds SQLite's WAL write lock: byte 120 of the -shm file (walformat.html)."""
    try:
        with database.with_name(database.name + "-shm").open("rb") as file:
            asked = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 120, 1, 0)
            found = fcntl.fcntl(file, fcntl.F_GETLK, asked)
    except FileNotFoundError:
        return False
    return bool(struct.unpack("hhqqi", found)[0] != fcntl.F_UNLCK)


@contextmanager
def load_on(node: RealNode, listed: Path, *audiences: str) -> Iterator[subprocess.Popen[str]]:
    """A client of the node, sending until the block ends; a refusal ends the test. Its words are shown."""
    client = subprocess.Popen(
        [sys.executable, "-m", "crashload", str(node.home.path), str(listed), "2", *audiences],
        env=node.env(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield client
        out, _ = client.communicate(timeout=60)
        assert client.returncode == 0, out
    finally:
        if client.poll() is None:
            client.kill()
        print("  client:", client.communicate()[0].strip())


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now and no outgoing connection takes; of a test run with workers, those of
    this worker's share, as the node of another may be down between two lives."""
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
    found: list[int] = []
    while len(found) < count:
        found += {port for port in ports.free_ports(count * SHARES) if port % SHARES == share} - set(found)
    return found[:count]


def found_network(
    folder: Path,
    names: Sequence[str],
    settings: Mapping[str, str] = QUICK,
    channel: str = "CASPIAN",
    advertised: Mapping[str, str] | None = None,
    places: Mapping[str, tuple[tuple[str, ...], str]] | None = None,
) -> dict[str, RealNode]:
    """The agencies in one network, the first its governor, all in one channel; the first one's node runs.
    ``advertised``: the address that others are told of an agency, when it is not where it listens; empty: it
    listens nowhere. ``places``: what the commands of an agency begin with, and its address there."""
    free = free_ports(2 * len(names))
    nodes = {
        name: RealNode(name, Home(folder / name), free[2 * at], free[2 * at + 1], settings)
        for at, name in enumerate(names)
    }
    for name, (inside, host) in (places or {}).items():
        nodes[name].inside, nodes[name].host = inside, host
    for node in nodes.values():
        told = (advertised or {}).get(node.name)
        where = ("--listen", "" if told == "" else f"{node.host}:{node.port}")
        more = ("--advertise", told) if told else ()
        node.fanal("init", node.name, "--key-file", "--duty", *where, *more)
    governor, *others = nodes.values()
    governor.fanal("network", "create", "caspian", "--channel", channel)
    governor.start()
    try:
        for other in others:
            _join(governor, other, folder / f"{other.name}.token", channel)
    except BaseException:
        governor.end(signal.SIGKILL)
        raise
    return nodes


def _join(governor: RealNode, newcomer: RealNode, token: Path, channel: str) -> None:
    governor.fanal("network", "invite", newcomer.name, "-o", str(token))
    joining = subprocess.Popen(
        [*newcomer.inside, *command("network", "join", str(token), "--code", "-")], env=newcomer.env(),
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert joining.stderr is not None
        joining.stderr.readline()  # the code is shown once the request has been taken
        [pending] = json.loads(governor.fanal("network", "approve", "--json"))["pending"]
        assert joining.stdin is not None
        joining.stdin.write(pending["code"] + "\n")
        joining.stdin.flush()
        governor.fanal("network", "approve", newcomer.name, "--code", pending["code"], "--channel", channel)
        out, err = joining.communicate(timeout=PATIENCE)
        assert joining.returncode == 0, (out, err)
    finally:
        if joining.poll() is None:
            joining.kill()
            joining.communicate()

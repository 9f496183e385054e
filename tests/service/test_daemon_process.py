# SPDX-License-Identifier: Apache-2.0
"""The daemon as a real process: start, second start, locked mode, signals, joining, peers."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import realnet

from fanal.keys.files import exclusive

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, realnet.RealNode]]:
    """Two agencies joined through the real commands; only the first one's node runs."""
    folder = Path(tmp_path_factory.mktemp("n"))
    nodes = realnet.found_network(folder, [A, B])
    try:
        yield nodes
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end(signal.SIGKILL)


@pytest.fixture(autouse=True)
def only_the_first_runs(network: dict[str, realnet.RealNode]) -> Iterator[None]:
    """A failed test leaves no process to the next."""
    yield
    if network[B].process is not None:
        network[B].end(signal.SIGKILL)


def second_start(node: realnet.RealNode, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        realnet.command("node", "run", "--json"),
        env=node.env(**settings),
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=realnet.PATIENCE,
        check=False,
    )


def test_a_second_daemon_in_one_folder_is_refused(network: dict[str, realnet.RealNode]) -> None:
    """It ends before it touches a socket; the first goes on answering."""
    ran = second_start(network[A])
    assert ran.returncode == 1
    assert "FANAL-E0601" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "SERVING" in network[A].fanal("node", "health", "--json")


def test_a_taken_port_and_a_taken_socket_are_named(network: dict[str, realnet.RealNode]) -> None:
    """Another agency's node on the same port or socket path ends with the setting to change."""
    taken = {"FANAL_LISTEN": f"127.0.0.1:{network[A].port}"}
    shared = {"FANAL_SOCKET": str(network[A].home.socket)}
    for settings, key in ((taken, "listen"), (shared, "socket")):
        ran = second_start(network[B], **settings)
        assert ran.returncode == 1
        assert "FANAL-E0813" in ran.stdout + ran.stderr
        assert key in ran.stdout + ran.stderr
    assert "SERVING" in network[A].fanal("node", "health", "--json")


def test_two_nodes_link_and_ping_and_name_why_they_do_not(network: dict[str, realnet.RealNode]) -> None:
    """CONNECTED on both sides while both run, UNREACHABLE with the cause after one has gone."""
    a, b = network[A], network[B]
    b.start()

    def state() -> str:
        [peer] = json.loads(a.fanal("peer", "list", "--json"))["peers"]
        return str(peer["state"])

    realnet.until(lambda: state() == "CONNECTED", "the link")
    assert "ms" in a.fanal("peer", "ping", B)
    assert b.end() == 0
    realnet.until(lambda: state() == "UNREACHABLE", "the end of the link")
    realnet.until(lambda: "FANAL-E0821" in a.fanal("peer", "list", "--json"), "the cause")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_node_in_order(
    network: dict[str, realnet.RealNode], number: signal.Signals
) -> None:
    """Exit 0 within the drain time, no socket left behind, and a start right after succeeds."""
    b = network[B]
    ready = b.start()
    assert ready["agency"] == B
    assert not ready["locked"]
    assert b.home.socket.exists()
    assert b.end(number) == 0
    assert not b.home.socket.exists()
    assert "Traceback" not in b.log.read_text()


def test_a_killed_node_starts_again_on_its_old_socket(network: dict[str, realnet.RealNode]) -> None:
    """SIGKILL leaves the socket file and nothing that stops the next start."""
    b = network[B]
    b.start()
    b.end(signal.SIGKILL)
    assert b.home.socket.exists()
    b.start()
    assert b.end() == 0


def test_a_node_without_its_key_starts_locked_and_is_unlocked_by_an_officer(
    network: dict[str, realnet.RealNode], tmp_path: Path
) -> None:
    """It links and relays at once; what needs keys is refused until Unlock, also while a command that changes
    keys is suspended."""
    b = network[B]
    toml = b.home.settings_file
    kept = toml.read_text()
    toml.write_text("".join(line for line in kept.splitlines(True) if not line.startswith("key_file")))
    try:
        assert b.start()["locked"]
        assert json.loads(b.fanal("status", "--json"))["locked"]
        with exclusive(b.home.path):
            b.fanal("unlock", "--key-file", str(b.home.unlock_key))
        assert not json.loads(b.fanal("status", "--json"))["locked"]
        assert b.end() == 0
    finally:
        toml.write_text(kept)


def test_silence_on_the_port_and_garbage_on_the_socket_stop_nothing(
    network: dict[str, realnet.RealNode],
) -> None:
    """Silent connections and random bytes: the officer's next call is answered."""
    a = network[A]
    silent = [socket.create_connection(("127.0.0.1", a.port)) for _ in range(50)]
    garbage = socket.socket(socket.AF_UNIX)
    garbage.connect(str(a.home.socket))
    garbage.sendall(bytes(range(256)) * 10)
    assert json.loads(a.fanal("status", "--json"))["agency"] == A
    for connection in (*silent, garbage):
        connection.close()

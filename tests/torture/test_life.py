# SPDX-License-Identifier: Apache-2.0
"""A node short of what it needs: a folder another daemon wants, a disk it may not write, descriptors, memory;
and its orderly end under load, again and again.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from realnet import ROOMS, RealNode, command, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by

from fanal.errors import Exit, FanalError
from fanal.node.errors import FOLDER_IN_USE, NOT_WRITABLE

pytestmark = pytest.mark.process

RACES = int(os.environ.get("TORTURE_RACES", "2"))
ENDS = int(os.environ.get("TORTURE_ENDS", "2"))
MEMORY_ENDS = int(os.environ.get("TORTURE_MEMORY_ENDS", "1"))
DRAIN_SECONDS = 10.0
DESCRIPTORS = 160
ROOMS_OF_MEMORY = 8
"""A node that runs out of it may take from none to so many MiB less one: it dies in other places."""


def stop(node: RealNode) -> None:
    if node.process is not None:
        assert node.end() == 0


def test_of_daemons_started_at_once_in_one_folder_one_wins(network: dict[str, RealNode]) -> None:
    """However they race, one becomes ready and the others name the folder and end."""
    node = network["GE-CUS"]
    stop(node)
    for _ in range(RACES):
        racing = [
            subprocess.Popen(
                command("node", "run", "--json"), env=node.env(), text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )
            for _ in range(3)
        ]  # fmt: skip
        said = [json.loads(one.stdout.readline()) for one in racing if one.stdout is not None]
        winners = [one for one, word in zip(racing, said, strict=True) if word.get("ready")]
        refused = [word["error"]["id"] for word in said if "error" in word]
        assert (len(winners), refused) == (1, [FOLDER_IN_USE.id] * 2)
        winners[0].terminate()
        codes = sorted(one.wait(30) for one in racing)
        for one in racing:
            one.communicate()
        assert codes == [0, Exit.FAILED, Exit.FAILED]


def test_the_lock_of_a_folder_has_one_winner_in_two_hundred_races(tmp_path: Path) -> None:
    """The flock itself, contended in earnest: of two that ask in the same moment, one gets it."""
    code = (
        "import sys, pathlib\n"
        "from fanal.node.ledger.lock import FolderLock\n"
        "from fanal.errors import FanalError\n"
        "for line in sys.stdin:\n"
        "    try:\n"
        "        lock = FolderLock(pathlib.Path(line.strip()))\n"
        "        print('won', flush=True)\n"
        "    except FanalError:\n"
        "        print('lost', flush=True)\n"
    )
    runners = [
        subprocess.Popen(
            [command()[0], "-c", code], env={"PYTHONPATH": os.pathsep.join(ROOMS)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for number in range(200):
        folder = tmp_path / str(number)
        folder.mkdir()
        for one in runners:
            assert one.stdin is not None
            one.stdin.write(f"{folder}\n")
            one.stdin.flush()
        words = sorted(one.stdout.readline().strip() for one in runners if one.stdout is not None)
        assert words == ["lost", "won"]
    for one in runners:
        one.communicate()


def test_sigterm_under_load_ends_in_time_again_and_again(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """Exit 0 within the time to drain, at the sender and at the reader; nothing acknowledged is missing."""
    listed, took = tmp_path / "acknowledged", []
    sender, reader = network.values()
    for node in (sender, reader):
        if node.process is None:
            node.start()
    with load_on(sender, listed, reader.name):
        for number in range(ENDS):
            enough = len(acknowledged(listed)) + 5
            until(lambda enough=enough: len(acknowledged(listed)) >= enough, "the load goes on")  # type: ignore[misc]
            node = (sender, reader)[number % 2]
            began = time.monotonic()
            assert node.end(signal.SIGTERM) == 0
            took.append(time.monotonic() - began)
            node.start()
    print(f"  {len(took)} ends, the slowest {max(took):.2f} s")
    assert max(took) <= DRAIN_SECONDS
    _nothing_missing(network, [one.envelope_id for one in acknowledged(listed)])


def _nothing_missing(network: dict[str, RealNode], ids: list[str]) -> None:
    sender, reader = network.values()
    officer = RealOfficer(sender.home)
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has stored every notice")
    officer.again()
    for node in (sender, reader):
        assert node.end() == 0
        kept = kept_by(node)
        assert {one: kept.entries[one] for one in ids} == dict.fromkeys(ids, 1)
        assert kept.wrong == []


def test_out_of_descriptors_others_are_refused_and_officers_served(network: dict[str, RealNode]) -> None:
    """Silent connections take every descriptor; the node lives, and serves as before when they are gone."""
    sender, reader = network.values()
    stop(sender)
    stop(reader)
    sender.start()
    reader.start()
    assert reader.process is not None
    resource.prlimit(reader.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    officer = RealOfficer(reader.home)
    officer.status()
    with contextlib.ExitStack() as held:
        for _ in range(2 * DESCRIPTORS):
            one = held.enter_context(socket.socket())
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError, OSError):
                one.connect(("127.0.0.1", reader.port))
        assert officer.status().agency == reader.name  # over the connection that is there
        assert reader.process.poll() is None
    author = RealOfficer(sender.home)
    sent = author.send(author.prepared([reader.name], "Seen after the flood"))
    until(lambda: author.states(sent.ref) == {reader.name: "STORED"}, "the notice comes through")
    officer.again()
    author.again()
    _nothing_missing(network, [sent.envelope_id.hex()])


def test_a_node_that_gets_no_more_memory_loses_nothing(network: dict[str, RealNode]) -> None:
    """It refuses or dies; it serves again once there is memory, and what was acknowledged outlives a kill."""
    sender, reader = network.values()
    reader.start()
    sent: list[str] = []
    ends: Counter[str] = Counter()
    for number in range(MEMORY_ENDS):
        sender.start()
        _limit_memory(sender, 3 * (number % 8))
        with Pressing(sender, reader.name) as pressing:
            pressing.until_refused(10)
            ends[_after_refusals(sender, pressing, again=number % 2 == 0)] += 1
        sent += pressing.sent
    print(f"  {dict(ends)}, {len(sent)} acknowledged")
    sender.start()
    _nothing_missing(network, sent)


def _after_refusals(sender: RealNode, pressing: Pressing, *, again: bool) -> str:
    """What became of the node; it is dead after this."""
    assert sender.process is not None
    served = again and sender.process.poll() is None
    if served:
        _limit_memory(sender, None)
        pressing.until_sent(20)
    code = sender.end(signal.SIGKILL)  # a process that is dead already keeps its own code
    return "served again" if served else "killed" if code == -signal.SIGKILL else f"died by itself ({code})"


class Pressing:
    """Eight clients that send without pause: what was acknowledged, and how many calls were refused."""

    def __init__(self, node: RealNode, to: str) -> None:
        self.sent: list[str] = []
        self.refused = 0
        self._node, self._to = node, to
        self._stop = threading.Event()
        self._clients = [threading.Thread(target=self._send) for _ in range(8)]

    def __enter__(self) -> Pressing:
        for one in self._clients:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._clients:
            one.join()

    def until_sent(self, more: int) -> None:
        enough = len(self.sent) + more
        until(lambda: len(self.sent) >= enough, "notices flow")

    def until_refused(self, more: int) -> None:
        enough = self.refused + more
        until(lambda: self.refused >= enough, "calls are refused for want of memory")

    def _send(self) -> None:
        author = RealOfficer(self._node.home)
        while not self._stop.is_set():
            try:
                request = author.prepared([self._to], "Seen" + "x" * 3000)
                self.sent.append(author.send(request).envelope_id.hex())
            except FanalError:
                self.refused += 1
                author.again()
        author.again()


def _limit_memory(node: RealNode, more: int | None) -> None:
    """The node may take so many MiB more than it has; without a number, any."""
    assert node.process is not None
    pid = node.process.pid
    limit = resource.RLIM_INFINITY if more is None else _address_space(pid) + (more << 20)
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def _address_space(pid: int) -> int:
    """Bytes, as proc(5) shows them."""
    found = re.search(r"VmSize:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_a_folder_that_may_not_be_written_is_refused_by_name(network: dict[str, RealNode]) -> None:
    """A read-only file system: no start, a sentence that names the place, and no loop."""
    node = network["GE-CUS"]
    stop(node)
    if os.geteuid():
        node.home.data.chmod(0o500)
        mount = []
    else:
        data = str(node.home.data)
        script = f'mount --bind "{data}" "{data}" && mount -o remount,bind,ro "{data}" && exec "$@"'
        mount = ["unshare", "-m", "sh", "-c", script, "sh"]
    try:
        ran = subprocess.run(
            [*mount, *command("node", "run", "--json")], env=node.env(), text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=60, check=False,
        )  # fmt: skip
    finally:
        node.home.data.chmod(0o700)
    assert ran.returncode == Exit.FAILED, ran
    assert json.loads(ran.stdout)["error"]["id"] == NOT_WRITABLE.id

# SPDX-License-Identifier: Apache-2.0
"""A node short of what it needs: a folder another daemon wants, a disk it may not write, descriptors, memory;
and its orderly end under load, again and again.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from realnet import ROOMS, RealNode, command, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by

from fanal.errors import Exit
from fanal.node.errors import FOLDER_IN_USE, NOT_WRITABLE

pytestmark = pytest.mark.process

RACES = int(os.environ.get("TORTURE_RACES", "2"))
ENDS = int(os.environ.get("TORTURE_ENDS", "2"))
DRAIN_SECONDS = 10.0
DESCRIPTORS = 160
MEMORY = 700 * 1024 * 1024
"""Address space of a node that runs out of it."""


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


def test_out_of_memory_ends_in_a_restart_that_lost_nothing(network: dict[str, RealNode]) -> None:
    """The kernel's end for who takes too much is SIGKILL; what was acknowledged before is there after it."""
    sender, reader = network.values()
    sender.start()
    reader.start()
    assert sender.process is not None
    author, sent = RealOfficer(sender.home), []
    sent = [author.send(author.prepared([reader.name], f"Seen {n}")).envelope_id.hex() for n in range(5)]
    resource.prlimit(sender.process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.suppress(Exception):
        sent += [
            author.send(author.prepared([reader.name], f"Seen {n}")).envelope_id.hex() for n in range(20)
        ]
    author.again()
    assert sender.end(signal.SIGKILL) == -signal.SIGKILL
    sender.start()
    _nothing_missing(network, sent)


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

# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random writes and syncs, many times: small lives of two nodes, without daemon and network.

What a whole daemon adds (doors, links, threads of gossip) is killed in test_kills; here a life costs a tenth
of a second, so that hundreds of kills fit where a few of those do.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from faultfs import FaultFs, Mode, fault_fs
from realnet import RealNode
from reckoning import kept_by

from fanal.config.home import Home
from fanal.keys.documents import body_sha256, decode_document
from fanal.node.ledger.audit import audit_folder, failures
from fanal.proof.audit import Status

pytestmark = pytest.mark.process

KILLS = int(os.environ.get("TORTURE_SMALL_KILLS", "200"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
MOST_OPERATIONS = 900
"""Writes and syncs of a life: both nodes opened, and some notices."""
MEMORY = Path("/dev/shm")
"""What was written outlives a kill also there, and a sync costs nothing."""


class Lives:
    """The server, and what its lives have said."""

    def __init__(self, sender: RealNode, reader: RealNode, disk: FaultFs, count: int) -> None:
        homes = (str(sender.home.path), str(reader.home.path))
        self.disk, self.acknowledged = disk, dict[int, tuple[str, int]]()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "killserver", *homes, str(count)], env=sender.env(**disk.env), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._line() == ["ready"]

    def one(self, operation: int) -> int:
        """A life that is killed at this operation, 0 for none; how it ended."""
        assert self.process.stdin is not None
        if operation:
            self.disk.arm(Mode.KILL, operation)
        self.process.stdin.write(f"{len(self.acknowledged)}\n")
        self.process.stdin.flush()
        while (line := self._line())[0] == "ack":
            number, envelope, leaf = int(line[1]), line[2], int(line[3])
            assert self.acknowledged.setdefault(number, (envelope, leaf)) == (envelope, leaf)
        self.disk.disarm()
        return int(line[1])

    def _line(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()


@pytest.fixture
def nodes(network: dict[str, RealNode], tmp_path: Path) -> Iterator[list[RealNode]]:
    """Copies of both agencies, in memory where there is such a place."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as folder:
        copies = []
        for node in network.values():
            home = Path(folder) / node.name
            shutil.copytree(node.home.path, home, ignore=shutil.ignore_patterns("run"))
            copies.append(replace(node, home=Home(home)))
        yield copies


@pytest.fixture
def lives(nodes: list[RealNode], tmp_path: Path) -> Iterator[Lives]:
    sender, reader = nodes
    with fault_fs(sender.home.path.parent, tmp_path) as disk:
        found = Lives(sender, reader, disk, 4 * KILLS)
        try:
            yield found
        finally:
            found.process.kill()
            found.process.communicate()


def failed_checks(node: RealNode) -> list[str]:
    """What the audit fails. No witness has answered, so what rests on a checkpoint stays undecided."""
    network = body_sha256(decode_document(node.home.charter_file(1).read_bytes()))
    found = failures(audit_folder(node.home.data, network=network))
    return [f"{one.name}: {one.detail}" for one in found if one.status is Status.FAILED]


def test_many_small_lives_killed_at_random_writes_lose_and_double_nothing(
    nodes: list[RealNode], lives: Lives
) -> None:
    """Every acknowledged notice keeps its one place, is filed once at both ends, and both ledgers audit."""
    rng, began, killed, whole = random.Random(SEED), time.monotonic(), 0, 0
    while killed < KILLS:
        ended = lives.one(rng.randint(1, MOST_OPERATIONS))
        assert ended in (0, -9)
        killed += ended == -9
        whole += ended == 0
    assert lives.one(0) == 0
    took = time.monotonic() - began
    print(f"  {killed} kills, {whole} whole lives, {len(lives.acknowledged)} acknowledged; {took:.0f} s")
    sent = dict(lives.acknowledged.values())
    assert len(sent) == len(lives.acknowledged) > KILLS // 10
    for node, leaf in zip(nodes, ("envelope-out", "envelope-in"), strict=True):
        kept = kept_by(node)
        for found in (kept.entries, kept.leaves[leaf], kept.filed):
            assert {one: found[one] for one in sent} == dict.fromkeys(sent, 1)
            assert max(found.values()) == 1
        assert (failed_checks(node), kept.incarnations, kept.forks) == ([], 1, 0)
        if leaf == "envelope-out":
            assert sent.items() <= kept.places.items()

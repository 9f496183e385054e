# SPDX-License-Identifier: Apache-2.0
"""kill -9 under load: at every failpoint that the program has, at random writes, and at random moments. Of
whole daemons, so a few; hundreds of random kills are in test_small_kills.

The client keeps its own durable list of what was acknowledged, and offers again what was not.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faultfs import FaultFs, Mode, fault_fs
from realnet import PATIENCE, QUICK, RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import Acknowledged, Kept, acknowledged, kept_by

pytestmark = pytest.mark.process

KILLS = int(os.environ.get("TORTURE_KILLS", "8"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
NODE = Path(__file__).resolve().parents[2] / "node"
HIT = re.compile(r"""\bhit\("([a-z.-]+)"\)""")
MOST_OPERATIONS = 400
"""A start and some four notices' worth."""
SHORTEST, LONGEST = 0.0, 0.6
"""Seconds that a life lasts after it is ready, when a moment is drawn and not a write."""
LONGEST_LIFE = 6.0
"""Seconds after which a life ends whose write was not reached."""

SENDER, READER = "AZ-CUS", "GE-CUS"
PLAN: dict[str, str] = {
    # A lane gets its key once, so these come first.
    "lanes.after-key": SENDER,
    "opening.before-key": READER,
    "outgoing.before-append": SENDER,
    "outgoing.after-append": SENDER,
    "incoming.before-append": READER,
    "incoming.after-append": READER,
    "receipts.before-append": READER,
    "receipts.after-append": READER,
    "checkpoints.before-append": READER,
    "checkpoints.after-append": SENDER,
    "witness.before-cosign": READER,
    "ledger.in-transaction": SENDER,
    "ledger.before-commit": READER,
    "ledger.after-commit": SENDER,
    "ledger.after-marker": READER,
    "filing.before-vault": SENDER,
    "filing.after-vault": READER,
    "vault.before-commit": SENDER,
    "vault.after-commit": READER,
    # These need an erasure; the reader erases what the sender withdraws.
    "erasing.after-list": READER,
    "erasing.after-ledger": READER,
}
"""Every failpoint, and at which node under load the process dies there."""


def test_no_failpoint_is_forgotten() -> None:
    """Each name that stands in the program is one at which this campaign kills, and the other way round."""
    found = {name for path in NODE.rglob("*.py") for name in HIT.findall(path.read_text())}
    assert found == set(PLAN)


def test_a_kill_at_every_failpoint_loses_and_doubles_nothing(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """The process dies at each point, starts again, and every acknowledged notice is at both ends once."""
    listed, began = tmp_path / "acknowledged", time.monotonic()
    sender, reader = network.values()
    sender.launch("lanes.after-key")
    reader.launch("opening.before-key")
    with load_on(sender, listed, READER):
        for name, where in PLAN.items():
            node = network[where]
            if node.process is not None and name not in ("lanes.after-key", "opening.before-key"):
                node.end(signal.SIGKILL)
                node.launch(name)
            if name.startswith("erasing."):
                _withdraw(sender, listed)
            _dies(node, name)
            if name != "lanes.after-key":
                node.start()
            else:
                sender.start()
    print(f"  {len(PLAN)} failpoints in {time.monotonic() - began:.0f} s")
    _nothing_lost(network, acknowledged(listed))


def _withdraw(sender: RealNode, listed: Path) -> None:
    """Take back the first notice that is still in force and that the reader has told it holds."""
    until(sender.home.socket.exists, "the officers' door is open")
    officer = RealOfficer(sender.home)

    def held() -> str:
        states = ((one.ref, officer.states(one.ref)) for one in acknowledged(listed)[:20])
        return next((ref for ref, state in states if state == {READER: "STORED"}), "")

    ref = until(held, "the reader has told that it holds something")
    officer.again()
    sender.fanal("notice", "withdraw", ref, "--reason", "ERROR", "--delete", "--yes")


def _dies(node: RealNode, name: str) -> None:
    assert node.process is not None
    process, node.process = node.process, None
    try:
        process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"{node.name} never came to {name}") from None
    assert process.returncode == -signal.SIGKILL, (name, process.returncode)


@dataclass
class Lives:
    """What a node went through."""

    ready: list[float] = field(default_factory=list)
    """Seconds from starting the process to its word, of those that came so far."""
    at_a_write: int = 0
    at_a_moment: int = 0


@pytest.fixture
def disks(
    network: dict[str, RealNode], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, FaultFs]]:
    """Disks that can kill at a write."""
    sender, reader = network.values()
    for node in network.values():
        if node.process is not None:
            assert node.end() == 0
    folder = tmp_path_factory.mktemp("disks")
    (folder / SENDER).mkdir()
    (folder / READER).mkdir()
    with (
        fault_fs(sender.home.path, folder / SENDER) as one,
        fault_fs(reader.home.path, folder / READER) as other,
    ):
        sender.settings, reader.settings = {**QUICK, **one.env}, {**QUICK, **other.env}
        yield {SENDER: one, READER: other}
        for disk in (one, other):
            disk.disarm()


def test_kills_at_random_writes_and_moments_lose_and_double_nothing(
    network: dict[str, RealNode], disks: Mapping[str, FaultFs], tmp_path: Path
) -> None:
    """Both nodes die again and again, half of the time at a write or sync, while a client sends."""
    listed, began = tmp_path / "acknowledged", time.monotonic()
    sender = network[SENDER]
    with ThreadPoolExecutor(2) as pool, load_on(sender, listed, READER):
        shares = [(node, disks[node.name], SEED + at) for at, node in enumerate(network.values())]
        lives = list(pool.map(lambda share: _lives(*share), shares))
        for node in network.values():
            node.start()
    sent = acknowledged(listed)
    ready = sorted(one for life in lives for one in life.ready)
    p50, p99 = ready[len(ready) // 2], ready[min(len(ready) - 1, len(ready) * 99 // 100)]
    print(
        f"  {sum(life.at_a_write for life in lives)} kills at a write, "
        f"{sum(life.at_a_moment for life in lives)} at a moment, {len(sent)} notices acknowledged, "
        f"{len(ready)} starts: p50 {p50:.2f} s, p99 {p99:.2f} s; {time.monotonic() - began:.0f} s"
    )
    _nothing_lost(network, sent)
    assert sent


def _lives(node: RealNode, disk: FaultFs, seed: int) -> Lives:
    rng, lives = random.Random(seed), Lives()
    for number in range(KILLS // 2):
        if number % 2:
            disk.arm(Mode.KILL, rng.randint(1, MOST_OPERATIONS))
            node.launch()
            assert node.process is not None
            try:
                node.process.communicate(timeout=LONGEST_LIFE)
                lives.at_a_write += 1
                node.process = None
            except subprocess.TimeoutExpired:
                lives.at_a_moment += 1
                node.end(signal.SIGKILL)
            disk.disarm()
        else:
            node.start()
            lives.ready.append(node.seconds_to_ready)
            threading.Event().wait(rng.uniform(SHORTEST, LONGEST))
            node.end(signal.SIGKILL)
            lives.at_a_moment += 1
    return lives


def _nothing_lost(network: Mapping[str, RealNode], sent: list[Acknowledged]) -> None:
    """At rest: every acknowledged notice is at both ends, once, filed once, and both ledgers audit."""
    officer = RealOfficer(network[SENDER].home)
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has stored every notice")
    officer.again()
    for node in network.values():
        assert node.end() == 0
    for name, leaf in ((SENDER, "envelope-out"), (READER, "envelope-in")):
        _once(kept_by(network[name]), [one.envelope_id for one in sent], leaf)


def _once(kept: Kept, ids: list[str], leaf: str) -> None:
    assert len(set(ids)) == len(ids)
    for found in (kept.entries, kept.leaves[leaf], kept.filed):
        assert {one: found[one] for one in ids} == dict.fromkeys(ids, 1)
        assert max(found.values()) == 1
    assert (kept.wrong, kept.incarnations, kept.forks) == ([], 1, 0)

# SPDX-License-Identifier: Apache-2.0
"""Power cuts, enumerated: every write of two real nodes under load is logged, and the disk of each is built
as a cut may have left it, then opened as a node opens it. kill -9 cannot see a missing fsync; this can.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import TypeVar

import pytest
from crashload import CUT, GONE
from crashstates import DEATH, mark, read_log, snapshot
from cutcheck import Campaign, Verdict
from faultfs import FaultFs, Mode, fault_fs
from realnet import QUICK, RealNode, until
from realofficer import RealOfficer
from stubborn import Client

from fanal.errors import FanalError
from fanal.keys.documents import body_sha256, decode_document

pytestmark = pytest.mark.process

T = TypeVar("T")

STATES = int(os.environ.get("TORTURE_STATES", "800"))
NOTICES = int(os.environ.get("TORTURE_NOTICES", "25"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
WORKERS = 2
FAILS_EVERY = int(os.environ.get("TORTURE_FAILS_EVERY", "5"))
"""Syncs from one that fails to the next, on average."""
DEATHS = int(os.environ.get("TORTURE_DEATHS", "3"))
"""Of each node on a failing disk, by a failed sync: what the next process is shown is not on the disk."""
SYNCS = 4
"""Syncs of either node that a notice is sure to bring: it dies of one of them."""
A_START = 150
"""Operations after a death in which half of the cuts fall then."""
TOLD = frozenset({"SENT", "STORED"})
"""States that the reader's word alone brings about: it has committed the envelope."""


@pytest.fixture(scope="module")
def campaigns(network: dict[str, RealNode], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Campaign]:
    """What both nodes wrote while notices went from one to the other, with marks of what was acknowledged."""
    return _logged(network, tmp_path_factory, Mode.NONE)


@pytest.fixture(scope="module")
def failing(network: dict[str, RealNode], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Campaign]:
    """The same on disks of which every so many syncs fail; then some of which the nodes die."""
    return _logged(network, tmp_path_factory, Mode.SYNC)


def _logged(
    network: dict[str, RealNode], tmp_path_factory: pytest.TempPathFactory, mode: Mode
) -> dict[str, Campaign]:
    sender, reader = network.values()
    bases = {name: snapshot(node.home.path) for name, node in network.items()}
    with ExitStack() as stack:
        disks = {
            name: stack.enter_context(
                fault_fs(node.home.path, tmp_path_factory.mktemp(f"log-{name}"), logged=True)
            )
            for name, node in network.items()
        }
        for name, node in network.items():
            node.settings = {**QUICK, **disks[name].env}
            node.start()
            disks[name].arm(mode, FAILS_EVERY, step=FAILS_EVERY)
        _send(sender, disks[sender.name], disks[reader.name])
        for number in range(DEATHS if mode is Mode.SYNC else 0):
            _die(network, disks, number)
        for name, node in network.items():
            disks[name].disarm()
            deaths = sum(one.op == DEATH for one in read_log(disks[name].log))
            assert deaths == (DEATHS if mode is Mode.SYNC else 0)
            assert node.end() == 0
            node.settings = QUICK
            assert (disks[name].hits > 0) == (mode is Mode.SYNC)
    charter = decode_document(sender.home.charter_file(1).read_bytes())
    return {
        name: Campaign(disks[name].log, bases[name], node.home.path, body_sha256(charter))
        for name, node in network.items()
    }


def _send(sender: RealNode, here: FaultFs, there: FaultFs) -> None:
    client, waiting = Client(sender), dict[str, bytes]()
    officer = client.officer
    for number in range(NOTICES):
        reply = client.send(f"Seen {number}")
        mark(here.log, reply.envelope_id)
        waiting[reply.ref] = reply.envelope_id
        _note_told(officer, waiting, there)
    until(lambda: _note_told(officer, waiting, there) == 0, "the reader has told that it has everything")
    officer.again()


def _die(nodes: dict[str, RealNode], disks: dict[str, FaultFs], number: int) -> None:
    """Each dies of a failing sync while a notice goes from one to the other, and starts again."""
    sender, reader = nodes.values()
    client = Client(sender)
    request = client.stubborn(lambda: client.officer.prepared(["GE-CUS"], f"Seen dying {number}"))
    for disk in disks.values():
        disk.arm(Mode.DIES, 1 + number % SYNCS)
    reply = _revived(nodes, client, lambda: client.officer.send(request))
    mark(disks[sender.name].log, reply.envelope_id)
    waiting = {reply.ref: reply.envelope_id}
    there = disks[reader.name]
    _revived(nodes, client, lambda: _note_told(client.officer, waiting, there) == 0 and not _armed(disks))
    client.officer.again()


def _armed(disks: dict[str, FaultFs]) -> bool:
    return any(disk.next for disk in disks.values())


def _revived(nodes: dict[str, RealNode], client: Client, call: Callable[[], T]) -> T:
    """What the call gives once it gives something; whoever has died meanwhile is started again."""

    def tried() -> T | None:
        for node in nodes.values():
            if node.process is not None and node.process.poll() is not None:
                assert node.end() == -signal.SIGKILL
                node.start()
                client.officer.again()
        try:
            return call()
        except FanalError as error:
            if error.kind not in GONE and error.facts.get("status") not in CUT:
                raise
            return None

    return until(tried, "an answer of nodes that die")


def _note_told(officer: RealOfficer, waiting: dict[str, bytes], there: FaultFs) -> int:
    for ref in [one for one in waiting if officer.states(one)["GE-CUS"] in TOLD]:
        mark(there.log, waiting.pop(ref))
    return len(waiting)


def _cut(campaign: Campaign, folder: Path, states: int) -> Verdict:
    """So many cuts, spread evenly over the log, or half of them over what follows deaths; two processes."""
    records = campaign.records()
    count, deaths = len(records), [at for at, one in enumerate(records) if one.op == DEATH]
    near = [at for death in deaths for at in range(death, min(count, death + A_START))]
    anywhere = states - states // 2 if near else states
    cuts = random.Random(SEED).choices(range(count), k=anywhere) if anywhere < count else []
    cuts = cuts or [number % count for number in range(anywhere)]
    cuts = sorted(cuts + random.Random(SEED).choices(near, k=states - anywhere) if near else cuts)
    shares = [cuts[at::WORKERS] for at in range(WORKERS)]
    folders = [folder / str(at) for at in range(WORKERS)]
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        found = pool.map(campaign.run, folders, shares, range(SEED, SEED + WORKERS))
        return reduce(add, found)


def _report(what: str, verdict: Verdict, began: float) -> None:
    slowest = sorted(verdict.seconds)[-1:] or [0.0]
    print(
        f"  {what}: {verdict.states} crash states, {verdict.audited} audited, {verdict.lost} with a loss, "
        f"broken: {dict(verdict.broken)}; slowest opening {slowest[0]:.2f} s; "
        f"{time.monotonic() - began:.0f} s"
    )


@pytest.mark.parametrize("name", ["AZ-CUS", "GE-CUS"])
def test_no_acknowledged_notice_is_lost_to_a_power_cut(
    campaigns: dict[str, Campaign], name: str, tmp_path: Path
) -> None:
    """In every state that a cut may leave, the node opens, is whole, goes on in its incarnation, passes the
    audit, and has every notice that a client (of the reader: the sender) was told it has."""
    began = time.monotonic()
    verdict = _cut(campaigns[name], tmp_path, STATES // 2)
    _report(name, verdict, began)
    assert verdict.states == STATES // 2
    assert (verdict.lost, verdict.broken) == (0, {})


@pytest.mark.parametrize("name", ["AZ-CUS", "GE-CUS"])
def test_a_power_cut_after_failing_syncs_loses_nothing_acknowledged(
    failing: dict[str, Campaign], name: str, tmp_path: Path
) -> None:
    """Of what waited when a sync failed, the kernel may have thrown away any part, and no later sync brings
    it back: still nothing is lost that was acknowledged."""
    began = time.monotonic()
    verdict = _cut(failing[name], tmp_path, STATES // 8)
    _report(f"{name}, failing syncs", verdict, began)
    assert (verdict.lost, verdict.broken) == (0, {})


@pytest.mark.parametrize("name", ["AZ-CUS", "GE-CUS"])
def test_a_skipped_sync_of_the_write_ahead_log_would_be_seen(
    campaigns: dict[str, Campaign], name: str, tmp_path: Path
) -> None:
    """The same cuts of a node whose ledger does not synchronise its log (as synchronous=NORMAL) lose."""
    began = time.monotonic()
    planted = replace(campaigns[name], unsynced=("ledger.db-wal",), audit_every=10**9)
    verdict = _cut(planted, tmp_path, 60)
    _report(f"{name}, planted", verdict, began)
    assert verdict.lost + sum(verdict.broken.values()) > 10
    assert verdict.lost


def test_the_log_has_every_kind_of_operation(campaigns: dict[str, Campaign]) -> None:
    """Both databases, their write-ahead logs and the marker are written and synchronised under our eyes."""
    for campaign in campaigns.values():
        seen = {(one.op, Path(one.path).name) for one in read_log(campaign.log)}
        for name in ("ledger.db-wal", "vault.db-wal", "marker", "ledger.db", "vault.db"):
            assert {("W", name), ("S", name)} <= seen
        assert ("C", "ledger.db-wal") in seen

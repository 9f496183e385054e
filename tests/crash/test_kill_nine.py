# SPDX-License-Identifier: Apache-2.0
"""kill -9 at named points under load, at the sender and at a receiver, on real processes and real files.

A client sends without pause through the officers' API and keeps a durable list of its own of what was
acknowledged. A failpoint freezes the process, the test looks from outside whether a transaction is open (the
WAL write lock), kills it, and starts it again with the next point armed, so that recovery is killed too.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from realnet import QUICK, RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import Acknowledged, acknowledged, kept_by, reader_has_all, sender_has_all

pytestmark = pytest.mark.process

AUDIENCES = {
    "GE-CUS": {"GE-CUS"},
    "GE-CUS,TR-CUS": {"GE-CUS", "TR-CUS"},
    "group:CASPIAN": {"GE-CUS", "TR-CUS"},
}
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "1"))
"""More than one: further rounds of as many kills, at points and counts drawn from the round's number."""

AT_SENDER = (
    "lanes.after-key:1",
    "opening.before-key:1",
    "outgoing.before-append:3",
    "ledger.in-transaction:9",
    "outgoing.after-append:5",
    "ledger.before-commit:14",
    "ledger.after-commit:7",
    "vault.before-commit:6",
    "ledger.after-marker:8",
    "filing.before-vault:4",
    "vault.before-commit:1",
    "ledger.in-transaction:1",
    "filing.after-vault:5",
    "ledger.before-commit:23",
    "ledger.in-transaction:17",
    "vault.before-commit:11",
    "ledger.before-commit:2",
)
AT_RECEIVER = (
    "opening.before-key:1",
    "lanes.after-key:1",
    "incoming.before-append:2",
    "ledger.in-transaction:6",
    "incoming.after-append:3",
    "ledger.before-commit:11",
    "vault.before-commit:5",
    "receipts.before-append:2",
    "receipts.after-append:2",
    "ledger.before-commit:1",
    "vault.after-commit:9",
    "vault.before-commit:17",
    "checkpoints.before-append:2",
    "checkpoints.after-append:2",
    "ledger.in-transaction:4",
    "vault.before-commit:3",
    "ledger.before-commit:19",
    "ledger.in-transaction:9",
)
ALONE = {"opening.before-key:1": {"FANAL_RECEIPTS_BATCH_SECONDS": "60"}}
"""A receiver opens its first key and makes one of its own for its first receipt, each only once and in either
order. The life that waits for the one must not pass the other, for which the next life waits: its receipts
take a minute."""
INSIDE = ("ledger.in-transaction", "ledger.before-commit", "vault.before-commit")
"""Points at which this very thread has a transaction open: more than half of either list."""


@dataclass
class Chain:
    """What a node went through."""

    node: RealNode
    kills: list[tuple[str, frozenset[str]]]
    restarts: list[float]


def killed_at(node: RealNode, points: tuple[str, ...]) -> Chain:
    """Kill the node once at every point, each life armed with the next; then let it live."""
    chain = Chain(node, [], [])
    for point in points:
        node.settings = {**QUICK, **ALONE.get(point, {})}
        node.launch(f"{point}:stop")
        chain.kills.append((point, node.kill_where_it_stops()))
    node.settings = QUICK
    node.start()
    chain.restarts.append(node.seconds_to_ready)
    return chain


def points_of(first: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the first round, then random ones, every other inside a transaction. A lane gets its first
    key only once, so those points are not drawn again."""
    points = list(first)
    names = [name for name, _, _ in (one.partition(":") for one in first) if not name.endswith("-key")]
    for turn in range(1, ROUNDS):
        draw = random.Random(turn)
        points += [
            f"{draw.choice(names if at % 2 else INSIDE)}:{draw.randint(1, 30)}" for at in range(len(first))
        ]
    return tuple(points)


def readers(one: Acknowledged) -> set[str]:
    return AUDIENCES[",".join(one.to)]


def test_no_acknowledged_notice_is_lost_when_nodes_are_killed_under_load(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """What the client saw acknowledged is at both ends once, filed once, STORED, and every ledger audits."""
    listed = tmp_path / "acknowledged"
    sender, receiver, other = (network[name] for name in ("AZ-CUS", "GE-CUS", "TR-CUS"))
    for node in (sender, receiver, other):
        if node.process is not None:
            node.end()
    other.start()
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool, load_on(sender, listed, *AUDIENCES):
        campaign = ((sender, points_of(AT_SENDER)), (receiver, points_of(AT_RECEIVER)))
        chains = [pool.submit(killed_at, *one) for one in campaign]
        done = [chain.result() for chain in chains]
    _report(done, time.monotonic() - began)
    sent = acknowledged(listed)
    print(f"  {len(sent)} notices acknowledged")
    _all_stored(sender, sent)
    for node in network.values():
        assert node.end() == 0
    sender_has_all(kept_by(sender), sent)
    for node in (receiver, other):
        reader_has_all(kept_by(node), [one for one in sent if node.name in readers(one)])
    kills = [kill for chain in done for kill in chain.kills]
    assert sum(bool(databases) for _, databases in kills) > len(kills) / 2


def _all_stored(sender: RealNode, sent: list[Acknowledged]) -> None:
    officer = RealOfficer(sender.home)
    try:
        until(lambda: officer.status().waiting_deliveries == 0, "every recipient has stored every notice")
        for one in sent:
            assert officer.states(one.ref) == dict.fromkeys(readers(one), "STORED"), one
    finally:
        officer.again()


def _report(chains: list[Chain], seconds: float) -> None:
    kills = [(chain.node.name, *kill) for chain in chains for kill in chain.kills]
    for name, point, databases in kills:
        print(f"  {name}  {point:<28} open: {', '.join(sorted(databases)) or '-'}")
    opened = sum(bool(databases) for _, _, databases in kills)
    restarts = ", ".join(f"{one:.2f}" for chain in chains for one in chain.restarts)
    print(f"  {len(kills)} kills in {seconds:.1f} s, {opened} in an open transaction; ready after {restarts}")

# SPDX-License-Identifier: Apache-2.0
"""Two real nodes over a slow line: alerts behind bulk, stalls, one-way cuts. Figures: bench/slow_line.py."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from realnet import until
from realofficer import RealOfficer
from slowline import Terms
from slowpair import TEXT, A, B, Pair, alerts, saturated, slow_pair

pytestmark = pytest.mark.process

SLOW = Terms(32_000, 0.15)
FAST = Terms(10_000_000, 0.01)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with slow_pair(Path(tmp_path_factory.mktemp("n")), SLOW) as found:
        yield found


def busy(pair: Pair, *words: str) -> float:
    """Median seconds of an alert behind bulk in both directions."""
    pair.line.set_terms(SLOW)
    pair.run_as("bulk-notices", *words)
    alerts(pair.nodes[A], B, 1, 0.0)
    with saturated(pair, ahead=16):
        alerts(pair.nodes[A], B, 1, 0.5)
        found = alerts(pair.nodes[A], B, 4, 0.3)
        pair.line.set_terms(FAST)
    return statistics.median(found)


def test_an_alert_passes_bulk_on_a_slow_line_and_does_not_without_credits(pair: Pair) -> None:
    """With credits it takes less than two thirds of what it takes without; in calm it is a fifth."""
    with_credits, without = busy(pair), busy(pair, "older")
    print(f"  median with credits {with_credits:.2f} s, without {without:.2f} s")
    assert with_credits < without * 2 / 3


def test_a_line_that_stalls_and_loses_its_connections_loses_no_notice(pair: Pair) -> None:
    """Losses that hold a connection up, one way cut, connections hung up on: all that was sent arrives, and
    both sides are linked again."""
    pair.line.set_terms(Terms(200_000, 0.05, stall_chance=0.02, stall_seconds=0.4))
    pair.run_as("bulk-notices")
    officers = {name: RealOfficer(node.home) for name, node in pair.nodes.items()}
    sent = []

    def send(count: int) -> None:
        for name, other in ((A, B), (B, A)):
            officer = officers[name]
            sent.extend(
                (officer, other, officer.send(officer.prepared([other], TEXT)).ref) for _ in range(count)
            )

    send(8)
    pair.line.cut(pair.line.there)
    send(8)
    for door in (pair.to_first, pair.to_second):
        pair.line.hang_up(door)
    pair.line.heal()
    send(8)
    until(lambda: all(one.states(ref)[to] == "STORED" for one, to, ref in sent), "every notice", 120.0)
    for officer in officers.values():
        assert officer.status().peers_connected == 1
        officer.again()

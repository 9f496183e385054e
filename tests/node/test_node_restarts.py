# SPDX-License-Identifier: Apache-2.0
"""Each run that writes leaves a closed incarnation behind: rounds and links do not cost more for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from nodenet import NodeHost, NodeNet, some_notice

from fanal.node.lanes import reading

A, B = "GE-CUS", "TR-CUS"


def restart(host: NodeHost, times: int) -> None:
    """Runs that each write a notice."""
    for _ in range(times):
        host.crash()
        host.start()
        host.net.run(3)
        host.send(some_notice(A), [B])
        host.net.run(70)


def compared(host: NodeHost, peer: str) -> tuple[int, int]:
    """Streams that rounds with a peer go through, and those in the live clock of all lanes."""
    state = host.host.core._state
    live = sum(len(lane.live) for lane in state.book.lanes.values())
    return len(state.peers[peer].shared), live


def counted(ledger: Any, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Lookups in the table of entries, by name."""
    found: Counter[str] = Counter()

    def wrap(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            found[name] += 1
            return method(*args, **named)

        return call

    for name in ("keys", "range", "at", "get"):
        monkeypatch.setattr(ledger.entries, name, wrap(name, getattr(ledger.entries, name)))
    return found


def test_what_is_compared_and_looked_up_does_not_grow_with_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 3 and after 15 runs a round goes through the same number of streams at both ends, in the process
    that saw them close and in a fresh one; a start makes the same number of lookups, reads the same number
    of rows and remembers as many streams."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    figures = []
    for runs in (3, 12):
        restart(a, runs)
        incarnations = {row.incarnation for row in b.ledger.lanes.clock(closed=True)}
        seen = compared(b, A)
        b.crash()
        b.start()
        net.run(70)
        with monkeypatch.context() as patch:
            looked_up = counted(b.ledger, patch)
            rows = sum(len(info.rows) for info in reading.lane_infos(b.ledger))
        known = sum(len(lane.streams) for lane in b.host.core._state.book.lanes.values())
        figures.append((seen, compared(b, A), compared(a, B), dict(looked_up), rows, known))
        assert len(incarnations) >= runs
        assert b.host.core.caught_up
    assert figures[0] == figures[1]


def test_a_peer_that_lost_its_store_gets_every_closed_incarnation_again() -> None:
    """They are in nobody's live clock, and each first entry leads to the one before it."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    restart(a, 6)
    before = {row.manifest_sha256 for row in b.ledger.entries.since(0, 1000) if row.author == A}
    b.crash()
    fresh = NodeNet(A, B)
    b.ledger, b.vault = fresh.nodes[B].ledger, fresh.nodes[B].vault
    b.start()
    net.run(300)
    after = {row.manifest_sha256 for row in b.ledger.entries.since(0, 1000) if row.author == A}
    assert before <= after

# SPDX-License-Identifier: Apache-2.0
"""S2 in namespaces: an alert behind bulk on a line of 64 kB/s and 300 ms there and back, over kernel TCP."""

from __future__ import annotations

import statistics
import time

import pytest
import slownode
from netswitch import Line, Way
from networld import NAMES, World
from slowpair import A, B, alerts, saturated

pytestmark = pytest.mark.process

LINE = Way(rate=64_000, delay=0.15)
AHEAD = 53


def test_an_alert_passes_bulk_over_a_slow_line_between_namespaces(world: World) -> None:
    """FLASH behind bulk in both directions takes not half as long as the bulk before it would."""
    assert {A, B} <= set(NAMES)
    for name in (A, B):
        world.nodes[name].module = "slownode"
        world.restart(name, **{slownode.VARIABLE: "bulk-notices"})
    world.linked((A, B), len(NAMES) - 1)
    world.lab.set({world.number(B): Line(LINE, LINE)})
    alerts(world.nodes[A], B, 2, 0.2)
    calm = alerts(world.nodes[A], B, 4, 0.2)
    with saturated(world, ahead=AHEAD):
        alerts(world.nodes[A], B, 1, 1.0)
        before, began = world.lab.carried(world.number(B)), time.monotonic()
        busy = alerts(world.nodes[A], B, 6, 0.5)
        took, after = time.monotonic() - began, world.lab.carried(world.number(B))
        world.lab.set({})
    used = [(now - then) / took / LINE.rate for then, now in zip(before, after, strict=True)]
    print(f"  line in use: {used[0]:.0%} down, {used[1]:.0%} up")
    print(f"  calm {said(calm)}; behind bulk {said(busy)}")
    assert min(used) > 0.15, "hardly any bulk was under way"
    assert statistics.median(busy) < AHEAD * 7_500 / LINE.rate / 2


def said(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s"

# SPDX-License-Identifier: Apache-2.0
"""S2 in namespaces: an alert behind bulk on a line of 64 kB/s and 300 ms there and back, over kernel TCP."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from pathlib import Path

import pytest
from netswitch import Line, Way
from networld import NAMES, World
from realdraft import new_draft, send
from realnet import RealNode, until
from slowpair import A, B, alerts

pytestmark = pytest.mark.process

LINE = Way(rate=64_000, delay=0.15)
SIZE = 8 * 1024 * 1024
"""Two minutes of the line."""


def test_an_alert_passes_bulk_over_a_slow_line_between_namespaces(world: World, tmp_path: Path) -> None:
    """Attachments in both directions fill the line; FLASH takes at most a round trip more than on an
    idle one, and the files arrive once the line is fast."""
    assert {A, B} <= set(NAMES)
    world.lab.set({world.number(B): Line(LINE, LINE)})
    for name in (A, B):
        world.restart(name)
    world.linked((A, B), len(NAMES) - 1)
    alerts(world.nodes[A], B, 2, 0.2)
    calm = alerts(world.nodes[A], B, 4, 0.2)
    refs = {by: with_file(world.nodes[by], to, tmp_path / f"{by}.bin") for by, to in ((A, B), (B, A))}
    alerts(world.nodes[A], B, 3, 1.0)
    before, began = world.lab.carried(world.number(B)), time.monotonic()
    busy = alerts(world.nodes[A], B, 8, 0.4)
    took, after = time.monotonic() - began, world.lab.carried(world.number(B))
    world.lab.set({})
    used = [(now - then) / took / LINE.rate for then, now in zip(before, after, strict=True)]
    print(f"  line in use: {used[0]:.0%} down, {used[1]:.0%} up")
    print(f"  calm {said(calm)}; behind bulk {said(busy)}")
    assert max(used) > 0.6, "the bulk did not fill the line"
    assert min(used) > 0.15, "hardly any bulk was under way one way"
    assert statistics.median(busy) < statistics.median(calm) + 2 * LINE.delay
    for reader, ref in ((B, refs[A]), (A, refs[B])):
        until(lambda reader=reader, ref=ref: is_here(world.nodes[reader], ref), f"the file at {reader}")


def with_file(node: RealNode, to: str, file: Path) -> str:
    file.write_bytes(hashlib.shake_256(node.name.encode()).digest(SIZE))
    return send(node, new_draft(node, file.with_suffix(".json")), to, "--attach", str(file))


def is_here(node: RealNode, ref: str) -> bool:
    shown = json.loads(node.fanal("notice", "show", ref, "--json"))
    return all(one["state"] == "HERE" for one in shown["attachments"])


def said(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s"

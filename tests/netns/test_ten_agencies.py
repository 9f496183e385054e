# SPDX-License-Identifier: Apache-2.0
"""Ten nodes on lines that are slow, lossy, cut one way or lead to a frozen machine; what others notice."""

from __future__ import annotations

import signal
import statistics

import pytest
from growth import Growth
from netswitch import Line, Way
from networld import NAMES, World
from realnet import until

pytestmark = pytest.mark.process

FROZEN, CUT, SLOW = NAMES[7:]
OTHERS = NAMES[:7]
LOSSY = Line(Way(delay=0.01, jitter=0.01, loss=0.05, twice=0.01), Way(delay=0.01))
THIN = Line(*[Way(rate=8_000, queue=32 * 1024, delay=0.15)] * 2)
SECONDS = 8.0
PATIENCE = 60.0


def lines(world: World, **more: Line) -> dict[int, Line]:
    return {world.number(name): more.get(name, THIN if name == SLOW else LOSSY) for name in NAMES}


def shown(world: World, by: str, peer: str) -> str:
    """`fanal peer show` as an operator reads it."""
    return world.nodes[by].fanal("peer", "show", peer)


def causes(world: World) -> dict[str, str]:
    """What the first agency's operator is told of the frozen and of the cut-off agency, once it is told."""
    found = {}
    for name in (FROZEN, CUT):
        text = until(lambda name=name: _named(shown(world, OTHERS[0], name)), f"why {name} is away", PATIENCE)
        found[name] = text
    return found


def thin(world: World) -> str:
    """How the agency on the thin line fares while all send more than that line carries."""
    officer = world.officers[SLOW]
    links, there = officer.status().peers_connected, len(officer.every("inbox"))
    down = world.lab.carried(world.number(SLOW))[0] / 1024
    sent = sum(one.by != SLOW for one in world.sent)
    return f"{links} links, {down:.0f} KiB came down, {there} of {sent} notices"


def _named(text: str) -> str:
    return text if "does not answer" in text else ""


def test_bad_lines_slow_nobody_else_and_all_arrives_once(world: World) -> None:
    """One machine frozen, one cut off one way, one on 64 kbit/s and 300 ms, 5 % loss elsewhere: the others'
    alerts take as long as before, causes are named, and after healing all have everything once."""
    world.busy(NAMES, OTHERS, 1.0)
    world.all_arrived()
    growth = Growth(world)
    world.lab.set(lines(world))
    calm = world.busy([*OTHERS, SLOW], OTHERS, SECONDS)
    slow = [thin(world)]
    cut = Line(Way(cut=True), LOSSY.down)
    world.lab.set(lines(world, **{CUT: cut}))
    frozen = world.nodes[FROZEN].process
    assert frozen is not None
    frozen.send_signal(signal.SIGSTOP)
    try:
        bad = world.busy([*OTHERS, SLOW, CUT], OTHERS, SECONDS)
        told = causes(world)
        slow.append(thin(world))
        alert = world.send(OTHERS[0])
        tracked = world.nodes[OTHERS[0]].fanal("notice", "track", alert.ref)
    finally:
        frozen.send_signal(signal.SIGCONT)
        world.lab.set({})
    healed = world.all_arrived()
    world.each_once()
    print(f"  FLASH to {len(OTHERS)}: without them {said(calm)}; beside bad neighbours {said(bad)}")
    print(f"  {len(world.sent)} notices, there {healed:.1f} s after healing; on 64 kbit/s: {slow}")
    print(tracked, *told.values(), sep="\n")
    assert statistics.median(bad) < 2 * statistics.median(calm)
    for name in (FROZEN, CUT):
        [row] = [row for row in tracked.splitlines() if name in row]
        assert "QUEUED" in row
        assert "does not answer" in row
    growth.check()


def said(seconds: list[float]) -> str:
    found = sorted(seconds)
    middle, last = found[len(found) // 2], found[len(found) * 99 // 100]
    return f"median {middle:.2f} s, 99 % within {last:.2f} s ({len(found)})"

# SPDX-License-Identifier: Apache-2.0
"""One evil peer beside three honest nodes: each behaviour is stopped, and harms when what stops it is off."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import pytest
from evilnet import EVIL, FAR, HONEST, NEAR, EvilNet, Report
from evilways import ACTIONS, CAPS, ITEMS, WAYS, Way

BEARABLE = 2.0
"""So many times the baseline may honest notices take, 99 of 100 of them."""


def run(way: Way | None, off: bool = False) -> Report:
    """Honest traffic beside the behaviour, or beside a peer that does nothing."""
    gossip: dict[str, Any] = dict(way.gossip) if way else {}
    if way and off:
        gossip |= way.off_gossip
    net = EvilNet(
        gossip=gossip, settings=way.off_settings if way and off else {}, links=way.links if way else None
    )
    net.notices(1, 0.0, (NEAR, FAR, EVIL))
    net.run(0.5)
    net.notices(40, 0.1)
    if way is not None:
        way.attack(net)
    net.run(way.seconds if way else 5.0)
    return net.report()


@cache
def baseline() -> Report:
    return run(None)


def defended(way: Way) -> Report:
    """The run with the defence, held to every bound."""
    report, base = run(way), baseline()
    assert report.forged == 0
    assert report.missing == 0
    assert report.p99 <= (way.within or BEARABLE * base.p99)
    assert report.remembered <= ITEMS
    assert report.unread <= 2 * 1024 * 1024
    assert way.holds(report, base)
    if way.cut:
        assert way.cut in report.cuts
    return report


@pytest.mark.parametrize("name", WAYS)
def test_the_defence_holds_and_without_it_the_harm_is_seen(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing forged, nothing lost, nobody else late, memory bounded; and a control that would show it."""
    way = WAYS[name]
    good = defended(way)
    for owner, attribute, value in way.off_code:
        monkeypatch.setattr(owner, attribute, value)
    bad = run(way, off=True)
    assert way.harm(bad, good), bad


def test_a_mix_of_everything_forges_loses_and_bloats_nothing() -> None:
    """Seeded actions, a hundred a second, against three honest nodes; who is cut comes back in a second."""
    count = int(os.environ.get("EVIL_ACTIONS", "500"))
    net = EvilNet(seed=int(os.environ.get("EVIL_SEED", "7")), gossip=CAPS, settings={"cut_seconds": 1.0})
    net.notices(1, 0.0, (NEAR, FAR, EVIL))
    net.run(0.5)
    net.notices(count // 100, 1.0)
    peers = list(HONEST)
    for number in range(count):
        make, peer = net.random.choice(ACTIONS), net.random.choice(peers)
        net.at(number / 100, lambda make=make, peer=peer: net.evil.say(peer, make(net)))  # type: ignore[misc]
    net.run(count / 100 + 10)
    report = net.report()
    print(
        f"{count} actions: p99 {report.p99:.3f} s (alone {baseline().p99:.3f} s), {report.forged} forged, "
        f"{report.missing} missing, {report.remembered} items, {len(report.cuts)} cuts, "
        f"{report.strikes} strikes, {report.rests} rests"
    )
    assert net.evil.sent == count
    assert (report.forged, report.missing) == (0, 0)
    assert report.p99 <= BEARABLE * baseline().p99
    assert report.remembered <= ITEMS
    assert report.strikes > 0

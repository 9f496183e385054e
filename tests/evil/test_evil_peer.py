# SPDX-License-Identifier: Apache-2.0
"""One evil peer beside three honest nodes: each behaviour is stopped, and harms when what stops it is off."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from evildoors import DOORS
from evilholder import HOLDERS
from evilmore import MORE, SAID, USUAL
from evilnet import EVIL, FAR, HONEST, NEAR, EvilNet, Report
from evilways import ACTIONS, CAPS, ITEMS, WAYS, Way

ALL = {**WAYS, **MORE, **HOLDERS}
BEARABLE = 2.0
"""So many times the baseline may honest notices take, 99 of 100 of them."""


def run(way: Way | None, off: bool = False, attack: Callable[[EvilNet], None] | None = None) -> Report:
    """Honest traffic beside the behaviour, or beside a peer that does nothing."""
    gossip: dict[str, Any] = dict(way.gossip) if way else {}
    if way and off:
        gossip |= way.off_gossip
    settings = {**way.settings, **(way.off_settings if off else {})} if way else {}
    net = EvilNet(gossip=gossip, settings=settings, links=way.links if way else None)
    net.notices(1, 0.0, (NEAR, FAR, EVIL))
    net.run(0.5)
    net.notices(20, 0.2)
    if way is not None:
        (attack or way.attack)(net)
    net.run(way.seconds if way else 5.0)
    return net.report()


@cache
def baseline() -> Report:
    return run(None)


def defended(way: Way) -> Report:
    """The run with the defence, held to every bound."""
    report, base = run(way), run(way, attack=way.base) if way.base else baseline()
    assert report.forged == 0
    assert report.missing == 0
    assert report.p99 <= BEARABLE * base.p99
    assert report.remembered <= ITEMS
    assert report.unread <= 2 * 1024 * 1024
    assert way.holds(report, base)
    if way.cut:
        assert way.cut in report.cuts
    return report


@pytest.mark.parametrize("name", ALL)
def test_the_defence_holds_and_without_it_the_harm_is_seen(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing forged, nothing lost, nobody else late, memory bounded; and a control that would show it."""
    way = ALL[name]
    good = defended(way)
    if name not in USUAL:
        assert SAID[name] in good.said or not SAID[name]
        assert SAID[name] or not good.said
    for owner, attribute, value in way.off_code:
        monkeypatch.setattr(owner, attribute, value)
    bad = run(way, off=True)
    assert way.harm(bad, good), bad


@pytest.mark.parametrize("name", USUAL)
def test_it_is_told_under_the_usual_limits(name: str) -> None:
    """What a row above hides, because it looks at another defence or not long enough, people are told too."""
    assert SAID[name] in run(replace(ALL[name], gossip={**ALL[name].gossip, **USUAL[name]})).said


def test_every_behaviour_is_told_under_its_name_or_listed_as_untold() -> None:
    """No row without a word on what people read of it; what nobody reads stands among the threats."""
    assert set(SAID) == set(ALL)
    assert set(USUAL) <= set(ALL)
    page = (Path(__file__).parents[2] / "docs" / "THREATS.md").read_text()
    untold = " ".join(page[page.index("**What no node can tell.**") :].lower().split())
    assert [name for name, said in SAID.items() if not said and name not in untold] == []
    assert [name for name, door in DOORS.items() if not door.said and name not in untold] == []


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

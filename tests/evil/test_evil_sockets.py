# SPDX-License-Identifier: Apache-2.0
"""An evil member at a real node's port: the honest go on, memory stays, people are told; without the defence
the same attack gains what it is after."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import evilwire as wire
import grpc
import pytest
from evildoors import DOORS, Door, Figure
from evilreal import EVIL, VICTIM, World, world_at
from realnet import until

pytestmark = pytest.mark.process

NAMES = (
    tuple(DOORS)
    if os.environ.get("EVIL_DOORS") == "all"
    else ("slow drip", "hello replay", "credit abuse", "connection storm", "rapid reset")
)
"""All of them take a minute and a half: `make evil`."""
BEARABLE = 2.0
"""So many times the baseline may an honest notice take."""
ROUNDS = 4
"""The best of so many counts, as in the baseline: a neighbour on this machine is no attack."""
MEBIBYTES = 48


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_at(tmp_path_factory.mktemp("evil")) as found:
        yield found


def let_in(world: World) -> None:
    """What an earlier attack was punished with is over."""
    until(lambda: gets_in(world, *world.papers()), f"{EVIL} is let in")


def honest_in_time(world: World) -> float:
    """The least median of some rounds, once one is within the bound."""
    found = []
    for _ in range(ROUNDS):
        found.append(world.delivered())
        if found[-1] <= BEARABLE * world.baseline:
            break
    return min(found)


def stays_above(world: World, figure: Figure, door: Door) -> int:
    """The figure after the time in which the defence would have acted, filled with honest notices."""
    end = time.monotonic() + door.dwell
    while time.monotonic() < end:
        world.delivered(1)
    return figure()


@pytest.mark.parametrize("name", NAMES)
def test_the_port_holds_and_honest_notices_are_in_time(world: World, name: str) -> None:
    """The attack gains nothing, honest notices take at most twice the baseline, memory stays, it is named."""
    door = DOORS[name]
    world.be("defended")
    let_in(world)
    before, memory = world.deeds(), world.mebibytes()
    with door.attack(world) as figure:
        took = honest_in_time(world)
        until(lambda: figure() <= door.bound, "the attack comes to nothing")
        until(world.newcomer_gets_in, "an honest newcomer gets in")
    more = {one: count for one, count in world.deeds().items() if count > before.get(one, 0)}
    grown = world.mebibytes() - memory
    print(f"{name}: {took:.3f} s (alone {world.baseline:.3f} s), {grown:+.0f} MiB, {more}")
    assert took <= BEARABLE * world.baseline
    assert grown < MEBIBYTES
    assert set(more) == ({door.said} if door.said else set())
    assert not door.said or world.metric("conduct_total", peer=EVIL, code=door.said) >= 1


def test_people_read_of_it_in_peer_show_and_doctor(world: World) -> None:
    """Both commands name the agency and say in a sentence what it did."""
    world.be("defended")
    let_in(world)
    with DOORS["hello replay"].attack(world) as figure:
        assert figure() == 0
    victim = world.nodes[VICTIM]
    shown, doctor = victim.fanal("peer", "show", EVIL), victim.fanal("doctor")
    for line in world.peer()["conduct"]:
        assert line["sentence"] in " ".join(shown.split())
        assert line["sentence"] in " ".join(doctor.split())


@pytest.mark.parametrize(("days", "enters"), [((-20, -5), False), ((-1, 30), True)])
def test_a_pinned_key_in_an_expired_certificate_does_not_enter(
    world: World, tmp_path: Path, days: tuple[int, int], enters: bool
) -> None:
    """The control differs in its dates alone."""
    world.be("defended")
    let_in(world)
    certificate, key = world.papers()
    dated = wire.otherwise_dated(tmp_path, certificate, key, days)
    assert gets_in(world, dated, key) is enters


def test_a_certificate_that_nobody_pinned_does_not_enter(world: World, tmp_path: Path) -> None:
    """A stranger's, or one that its owner has replaced; the pinned one of the same caller enters."""
    world.be("defended")
    let_in(world)
    assert gets_in(world, *world.papers())
    assert not gets_in(world, *wire.foreign(tmp_path))


@pytest.mark.parametrize("name", sorted(NAMES, key=lambda one: DOORS[one].control))
def test_without_the_defence_the_attack_gains_what_it_is_after(world: World, name: str) -> None:
    """The control: the same attack at a node whose limits are raised or whose check is taken out."""
    door = DOORS[name]
    world.be(door.control)
    with door.attack(world) as figure:
        assert stays_above(world, figure, door) > door.bound
        assert not door.starves or not world.newcomer_gets_in()


def gets_in(world: World, certificate: Path, key: Path) -> bool:
    """Whether a Hello is answered in a session with these papers."""
    with world.caller(papers=(certificate, key)) as caller:
        try:
            return caller.hello(world.said()).agency == VICTIM
        except grpc.RpcError:
            return False

# SPDX-License-Identifier: Apache-2.0
"""The evil peer withholds what it was sent and tells of it: rows like those of `evilways`.

What a partition costs, or a relay that falls silent, is no doing of a liar: each row is measured by the same
run, on the same lines at the same times, beside a peer that says nothing where the evil one boasts.
"""

from __future__ import annotations

from collections.abc import Callable

from evilnet import AUTHOR, EVIL, FAR, NEAR, EvilNet, Report
from evilpeer import Frame, of_envelope
from evilways import ENDLESS, Way, late, seen
from nodenet import some_notice

from fanal.v1 import envelope_pb2, peer_pb2

LARGEST = 68 * 1024
TURNS_AT = 1.0
TWO_WAYS = ((AUTHOR, NEAR), (NEAR, FAR), (AUTHOR, EVIL), (EVIL, FAR))
TREE = {"eager_members": 0, "eager_peers": 1}
Attack = Callable[[EvilNet], None]


def later(report: Report, defended: Report) -> bool:
    """More than an evil peer may cost."""
    return report.missing > 0 or report.p99 > 2 * defended.p99


def _silent(attack: Attack) -> Attack:
    """The same, but nothing that the peer says arrives."""

    def begun(net: EvilNet) -> None:
        net.evil.tell = lambda _peer, _frame: None
        attack(net)

    return begun


def _withhold(net: EvilNet) -> None:
    """What it was sent it tells of, and gives to nobody, while FAR hears the others late."""
    net.partition([AUTHOR, NEAR, EVIL], [FAR])
    net.link(EVIL, FAR).blocked.clear()
    net.drop(NEAR, FAR)
    net.notices(10, 0.1, (NEAR, FAR, EVIL))
    net.at(1.5, lambda: _boast(net))
    net.at(1.8, net.heal)


def _one_lane_only(net: EvilNet) -> None:
    """It hands on at once what another author writes, and of AUTHOR's lane it only boasts."""
    net.evil.hears = lambda _peer, frame: _hand_on(net, frame, NEAR)
    for number in range(10):
        write = lambda: net.nodes[NEAR].send(some_notice(NEAR, now=int(net.now)), (AUTHOR, FAR, EVIL))  # noqa: E731
        net.at(number * 0.1, write)
    _withhold(net)


def _helpful_first(boasts: bool) -> Attack:
    """It brings FAR each notice before NEAR can. Then it brings none, and says at once that it has it."""

    def begun(net: EvilNet) -> None:
        turns = net.now + TURNS_AT

        def hears(_peer: str, frame: Frame) -> None:
            if net.now < turns:
                _hand_on(net, frame, AUTHOR)
            elif boasts:
                _boast(net)
                _promise(net, frame)

        net.evil.hears = hears
        net.notices(20, 0.1, (NEAR, FAR, EVIL))

    return begun


def _boast(net: EvilNet) -> None:
    lane, incarnation = seen(net)
    net.evil.say(FAR, net.evil.clock([lane], incarnation, 200))


def _promise(net: EvilNet, frame: Frame) -> None:
    """They are on their way, it says, and large."""
    for header in map(of_envelope, frame.entries.envelopes):
        run = [envelope_pb2.SeqRange(start=header.seq, stop=header.seq + 1)]
        runs = [peer_pb2.LaneRuns(lane=header.lane, incarnation=header.incarnation, ranges=run)]
        net.evil.say(FAR, Frame(announce=peer_pb2.Announce(runs=runs, pushed=True, largest=LARGEST)))


def _hand_on(net: EvilNet, frame: Frame, author: str) -> None:
    theirs = [raw for raw in frame.entries.envelopes if of_envelope(raw).author == author]
    if theirs:
        net.evil.say(FAR, net.evil.entries(*theirs, pushed=True))


HOLDERS: dict[str, Way] = {
    "withholding": Way(
        _withhold, "another holder is asked too", late, off_gossip={"second_entries": 0}, seconds=13.0,
        links=TWO_WAYS, base=_silent(_withhold),
    ),
    "withholding of one lane": Way(
        _one_lane_only, "news of one lane earns no patience for another", late,
        off_gossip={"second_entries": 0}, seconds=13.0, links=(*TWO_WAYS, (NEAR, EVIL)),
        base=_silent(_one_lane_only),
    ),
    "withholding beside an open line": Way(
        _helpful_first(boasts=True), "in a small network everybody pushes to everybody", later,
        off_gossip=TREE, seconds=13.0, links=TWO_WAYS, base=_silent(_helpful_first(boasts=False)),
    ),
    "withholding where the lane came from": Way(
        _helpful_first(boasts=True), "what is announced and does not come is grafted", late,
        gossip=TREE, off_gossip={"graft_after": float(ENDLESS)}, seconds=13.0, links=TWO_WAYS,
        base=_helpful_first(boasts=False),
    ),
}  # fmt: skip

# SPDX-License-Identifier: Apache-2.0
"""What the evil peer does, what stops it, and what happens when that is switched off: one row a behaviour.

A row without a control is no row. Bounds are on figures of `evilnet.Report`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from evilnet import AUTHOR, EVIL, FAR, NEAR, EvilNet, Report
from evilpeer import Frame, Stream, of_envelope

from fanal.keys import ed25519
from fanal.node.forks.spreading import Spreading
from fanal.node.gossip import core
from fanal.v1 import envelope_pb2, peer_pb2

READERS = [NEAR, FAR]
CAPS = {"rows_per_peer": 500, "expected_per_peer": 64}
ITEMS = 3_000
"""What a node may remember of one peer under CAPS."""
NO_METER = {"requests_per_second": 1e12, "requests_burst": 10**12}
ENDLESS = 10**12
SHARP_HARM = 4.0
BEARABLE_SECONDS = 2.0
"""Of three nodes' time, for what was sent before the meter and for reading slowly what follows."""
Check = Callable[[Report, Report], bool]


@dataclass(frozen=True)
class Way:
    """``attack`` begins it; ``cut`` is the error with which it ends, empty if it is borne. ``off_*`` switch
    the defence off: limits of gossip, limits of the settings, attributes to replace. ``harm`` sees what
    follows, beside the run with the defence. ``base`` begins the run whose p99 is the measure, on the same
    lines; None: a mesh beside a peer that does nothing."""

    attack: Callable[[EvilNet], None]
    defence: str
    harm: Check
    cut: str = ""
    gossip: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    off_gossip: dict[str, Any] = field(default_factory=dict)
    off_settings: dict[str, Any] = field(default_factory=dict)
    off_code: tuple[tuple[object, str, Any], ...] = ()
    holds: Check = lambda report, base: True
    links: tuple[tuple[str, str], ...] | None = None
    base: Callable[[EvilNet], None] | None = None
    seconds: float = 5.0


def late(report: Report, defended: Report) -> bool:
    """Honest peers wait, or do not get at all, what is theirs."""
    return report.missing > 0 or report.p99 > SHARP_HARM * defended.p99


def costly(report: Report, defended: Report) -> bool:
    """The time of honest nodes goes to it."""
    return report.spent > 2 * defended.spent


def bloated(report: Report, defended: Report) -> bool:
    return report.remembered > ITEMS


def uncut(report: Report, defended: Report) -> bool:
    """It goes on for ever."""
    return not report.cuts and defended.cuts != [] and report.linked > 0


def forged(report: Report, defended: Report) -> bool:
    return report.forged > 0


def unproven(report: Report, defended: Report) -> bool:
    return report.proofs < defended.proofs


def _pump(
    make: Callable[[EvilNet], Callable[[], Frame]], rate: float, *peers: str
) -> Callable[[EvilNet], None]:
    def attack(net: EvilNet) -> None:
        net.evil.pump(list(peers) or READERS, make(net), rate, 2.0)

    return attack


def seen(net: EvilNet) -> tuple[bytes, bytes]:
    header = of_envelope(net.evil.seen[0])
    return header.lane, header.incarnation


def _clock(net: EvilNet) -> Frame:
    return net.evil.clock([net.evil.rng(32) for _ in range(400)], bytes(16), 10)


def _announce(net: EvilNet) -> Frame:
    run = [envelope_pb2.SeqRange(start=0, stop=1)]
    runs = [peer_pb2.LaneRuns(lane=net.evil.rng(32), incarnation=bytes(16), ranges=run) for _ in range(400)]
    return Frame(announce=peer_pb2.Announce(runs=runs, pushed=True))


def _oversize(net: EvilNet) -> Frame:
    return net.evil.clock([net.evil.rng(32) for _ in range(1200)], bytes(16), 10)


def _garbage(net: EvilNet) -> Frame:
    return net.evil.entries(net.evil.rng(200))


def _unsigned(net: EvilNet) -> Frame:
    """An envelope of its own, one bit of the signature changed."""
    raw = envelope_pb2.Envelope.FromString(net.evil.poisoned(net.evil.stream(READERS)))
    raw.signature = bytes([raw.signature[0] ^ 1]) + raw.signature[1:]
    return net.evil.entries(raw.SerializeToString(deterministic=True))


def _in_the_name_of(author: str, klass: int, *readers: str) -> Callable[[EvilNet], Callable[[], Frame]]:
    """Signed by the evil key, under the author's name, lane and key id."""

    def make(net: EvilNet) -> Callable[[], Frame]:
        identifier = net.hosts[author].agency.node_key_id  # type: ignore[attr-defined]

        def one() -> Frame:
            stream: Stream = net.evil.stream(list(readers), author)
            return net.evil.entries(net.evil.poisoned(stream, klass, key_id=identifier))

        return one

    return make


def _replay(net: EvilNet) -> Callable[[], Frame]:
    return lambda: net.evil.entries(net.evil.seen[0])


def _replay_refused(net: EvilNet) -> Callable[[], Frame]:
    """Properly signed, and for neither of those who get it."""
    foreign = net.evil.poisoned(net.evil.stream([AUTHOR]))
    return lambda: net.evil.entries(foreign)


def _equivocate(net: EvilNet) -> None:
    stream = net.evil.stream(READERS)
    key = net.evil.key(stream)
    for peer, twin in zip(READERS, net.evil.twins(stream), strict=True):
        net.evil.say(peer, net.evil.entries(key, twin))


def mute(net: EvilNet) -> None:
    """Neither answers nor says anything."""


def _deaf(net: EvilNet) -> None:
    """A reader that acknowledges nothing."""
    net.notices(40, 0.05, (NEAR, FAR, EVIL))


def meter(make: Callable[[EvilNet], Callable[[], Frame]], rate: float = 1500) -> Way:
    return Way(
        _pump(make, rate), "metered by number and size, then read more slowly", costly, off_gossip=NO_METER,
        holds=lambda report, base: report.rests > 0 and report.spent < base.spent + BEARABLE_SECONDS,
    )  # fmt: skip


def strike(make: Callable[[EvilNet], Callable[[], Frame]], cut: str, rate: float = 400) -> Way:
    off = {"bad_signatures": 1000}
    return Way(
        _pump(make, rate), "three strikes, then cut", costly, cut, off_settings=off, off_gossip=NO_METER
    )


UNVERIFIED = ((ed25519, "verify", lambda *_: None),)
WAYS: dict[str, Way] = {
    "request flood": meter(lambda net: net.evil.heartbeat),
    "unknown frames": meter(lambda net: net.evil.unknown),
    "digest flood": meter(lambda net: net.evil.digest),
    "want flood": meter(lambda net: lambda: net.evil.want(*seen(net), 0, 50)),
    "want of what is not there": meter(lambda net: lambda: net.evil.want(net.evil.rng(32), bytes(16), 0, 9)),
    "prune storm": meter(lambda net: lambda: net.evil.prune(seen(net)[0])),
    "graft storm": meter(lambda net: lambda: net.evil.graft(*seen(net), 0, 5)),
    "replay": meter(_replay, 500),
    "replay of what was refused": meter(_replay_refused, 500),
    "clocks of invented lanes": Way(
        _pump(lambda net: lambda: _clock(net), 5), "streams a peer may tell of are counted", bloated,
        gossip={**CAPS, **NO_METER}, off_gossip={"rows_per_peer": ENDLESS},
    ),
    "announcements of what does not exist": Way(
        _pump(lambda net: lambda: _announce(net), 4), "what is waited for is counted", bloated,
        gossip={**CAPS, **NO_METER}, off_gossip={"rows_per_peer": ENDLESS, "expected_per_peer": ENDLESS},
    ),
    "oversize counts": Way(
        _pump(lambda net: lambda: _oversize(net), 2), "counts are checked before anything else", bloated,
        "FANAL-E0701", gossip=NO_METER,
        off_code=((core, "check_frame", lambda _peer, frame, _limits: frame.WhichOneof("frame")),),
    ),
    "garbage": strike(lambda net: lambda: _garbage(net), ""),
    "broken signatures": strike(lambda net: lambda: _unsigned(net), ""),
    "re-addressed wraps": strike(lambda net: net.evil.readdressed, ""),
    "fork proofs that prove nothing": strike(lambda net: net.evil.fork, "", 2000),
    "notices in another's name": Way(
        _pump(_in_the_name_of(AUTHOR, 1, *READERS), 20), "the author's signature", forged,
        off_code=UNVERIFIED,
    ),
    "forged receipts": Way(
        _pump(_in_the_name_of(NEAR, 2, AUTHOR), 20, AUTHOR), "the signature of whose receipt it is", forged,
        off_code=UNVERIFIED,
    ),
    "equivocation": Way(
        _equivocate, "both are kept as a proof, and everybody is told", unproven,
        off_code=((Spreading, "found", lambda *_: None),), holds=lambda report, base: report.proofs == 3,
    ),
    "never reads": Way(
        _deaf, "a window of what is not acknowledged", lambda report, defended: report.flying > 30,
        gossip={"window_entries": 16, "flash_extra": 0}, off_gossip={"window_entries": ENDLESS},
        holds=lambda report, base: report.flying <= 16,
    ),
    "half-open": Way(
        mute, "silence ends a link", uncut, "FANAL-E0703",
        gossip={"silent_after": 4.0, "heartbeat_every": 2.0}, off_gossip={"silent_after": 1e9}, seconds=8.0,
    ),
}  # fmt: skip


ACTIONS: tuple[Callable[[EvilNet], Frame], ...] = (
    lambda net: net.evil.heartbeat(),
    lambda net: net.evil.unknown(),
    lambda net: net.evil.digest(),
    lambda net: net.evil.want(*seen(net), 0, 50),
    lambda net: net.evil.want(net.evil.rng(32), bytes(16), 0, 9),
    lambda net: net.evil.prune(seen(net)[0]),
    lambda net: net.evil.graft(*seen(net), 0, 5),
    lambda net: net.evil.entries(net.evil.seen[0]),
    lambda net: net.evil.documents(),
    lambda net: net.evil.readdressed(),
    lambda net: net.evil.fork(),
    lambda net: _in_the_name_of(AUTHOR, 1, *READERS)(net)(),
    lambda net: _in_the_name_of(NEAR, 2, AUTHOR)(net)(),
    _clock,
    _announce,
    _oversize,
    _garbage,
    _unsigned,
)
"""One frame each, for a mix of them."""

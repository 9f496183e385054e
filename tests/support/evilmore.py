# SPDX-License-Identifier: Apache-2.0
"""More of what the evil peer does, as an author: rows like those of `evilways`; and what people are told."""

from __future__ import annotations

from collections.abc import Callable

from evilnet import EvilNet, Report
from evilpeer import Frame
from evilways import READERS, Way, _pump

from fanal.errors import FanalError
from fanal.node.arrival import opening
from fanal.node.errors import FAULT
from fanal.node.ledger.rows import EntryRow
from fanal.node.node import Node
from fanal.v1 import envelope_pb2 as env

QUOTA, FLOOD = 45, 120
"""Notices an hour that a node takes of an author, more than the honest one sends; and the evil one's."""


def _poison(priority: int = env.EnvelopePriority.ROUTINE) -> Callable[[EvilNet], Callable[[], Frame]]:
    """A stream of notices, each signed as it should be, with noise inside."""

    def make(net: EvilNet) -> Callable[[], Frame]:
        stream = net.evil.stream(READERS)
        first = net.evil.key(stream)
        waiting: list[bytes] = [first]

        def one() -> Frame:
            waiting.append(net.evil.poisoned(stream, priority=priority))
            frame = net.evil.entries(*waiting)
            waiting.clear()
            return frame

        return one

    return make


def _through_all(net: EvilNet) -> None:
    """The same notices by way of every honest node at once, each of which passes them on to the others."""
    make = _poison()(net)
    net.evil.random.seed(5)
    made = [make() for _ in range(FLOOD)]
    for number, frame in enumerate(made):
        for peer in READERS:
            net.at(number * 0.01, lambda peer=peer, frame=frame: net.evil.say(peer, frame))  # type: ignore[misc]


def _stops_the_queue(node: Node, row: EntryRow, cursor: int | None, reason: str, key_envelope: bytes) -> None:
    """What is not opened is not passed over either."""
    raise FanalError(FAULT)


def unopened(report: Report, defended: Report) -> bool:
    return report.unopened > 0


def hoarded(report: Report, defended: Report) -> bool:
    return report.hoarded > QUOTA


def hurried(report: Report, defended: Report) -> bool:
    """Each of its notices is answered by a receipt of its own, at once."""
    return report.receipts > 3 * defended.receipts


MORE: dict[str, Way] = {
    "poisoned notices": Way(
        _pump(_poison(), 20), "what cannot be opened is put aside, and the queue goes on", unopened,
        off_code=((opening, "_wait", _stops_the_queue),),
        holds=lambda report, base: report.unopened == 0 and report.hoarded > 0,
    ),
    "everything is an alert": Way(
        _pump(_poison(env.EnvelopePriority.FLASH), 20), "so many alerts an hour, the rest is ROUTINE",
        hurried, off_settings={"flash_per_hour": 100_000},
    ),
    "one author through every neighbour": Way(
        _through_all, "an author's quota counts whoever brings it", hoarded,
        settings={"routine_per_hour": QUOTA}, off_settings={"routine_per_hour": 100_000},
        holds=lambda report, base: 0 < report.hoarded <= QUOTA,
    ),
}  # fmt: skip


METERED, GARBAGE, SIGNATURE = "FANAL-E0705", "FANAL-E0207", "FANAL-E0203"
SAID: dict[str, str] = {
    **dict.fromkeys((
        "request flood", "unknown frames", "digest flood", "want flood", "want of what is not there",
        "prune storm", "graft storm", "replay", "replay of what was refused",
        "clocks of invented lanes", "announcements of what does not exist",
    ), METERED),
    "oversize counts": "FANAL-E0701",
    "garbage": GARBAGE,
    "fork proofs that prove nothing": GARBAGE,
    "broken signatures": SIGNATURE,
    "notices in another's name": SIGNATURE,
    "forged receipts": SIGNATURE,
    "re-addressed wraps": "FANAL-E0404",
    "equivocation": "FANAL-E0720",
    "withholding": "FANAL-E0706",
    "withholding of one lane": "FANAL-E0706",
    "withholding beside an open line": "FANAL-E0706",
    "withholding where the lane came from": "FANAL-E0706",
    "never reads": "FANAL-E0707",
    "half-open": "FANAL-E0703",
    "poisoned notices": "",
    "everything is an alert": "FANAL-E0797",
    "one author through every neighbour": "FANAL-E0789",
}  # fmt: skip
"""Under which error id `peer show` or `doctor` of an honest node tells of it. Empty: the node cannot tell
(docs/THREATS.md)."""
USUAL: dict[str, dict[str, float]] = {
    "clocks of invented lanes": {"requests_per_second": 5.0, "requests_burst": 20},
    "announcements of what does not exist": {"requests_per_second": 5.0, "requests_burst": 20},
    "never reads": {"acknowledge_after": 2.0},
}
"""Limits of gossip in place of those of the row, which hides or shortens what is told."""

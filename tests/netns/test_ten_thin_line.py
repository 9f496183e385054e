# SPDX-License-Identifier: Apache-2.0
"""Three times as much as the line of one agency carries, whose operator has said what it carries: its links
stand, alerts pass the rest, little is carried twice, and all is there soon after. Over kernel TCP, 64 kbit/s
and 300 ms, a queue of four seconds. A campaign's (`make netns`): it takes a minute."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator

import pytest
from netswitch import Line, Way
from networld import NAMES, Sent, World
from realnet import until

from fanal.v1.notice_pb2 import Urgency

pytestmark = pytest.mark.process

THIN, OTHERS = NAMES[-1], NAMES[:-1]
LINE = Line(*[Way(rate=8_000, queue=32 * 1024, delay=0.15)] * 2)
KBIT = os.environ.get("THIN_KBIT", "64")
"""What the operator says that the line carries; 0: nothing, and the test fails."""
NOTICES, EVERY = int(os.environ.get("THIN_NOTICES", "54")), 1 / 4.5
ALERTS = 8
"""Each so many notices is a FLASH."""
EACH = 9_000
"""Bytes that a notice may cost the line, copies, announcements and TCP's own repair included."""


class Inbox:
    """When what was there at the agency on the thin line."""

    def __init__(self, world: World) -> None:
        self.came: dict[str, float] = {}
        self._officer = world.officers[THIN]

    def look(self) -> None:
        rows, now = self._officer.every("inbox"), time.monotonic()
        for row in rows:
            self.came.setdefault(row.ref, now)

    def holds(self, sent: list[Sent]) -> bool:
        threading.Event().wait(0.2)
        self.look()
        return all(one.ref in self.came for one in sent)


def load(world: World) -> Iterator[tuple[Sent, Urgency]]:
    """The nine others in turn; a machine that is busy takes longer for it."""
    began = time.monotonic()
    for at in range(NOTICES):
        threading.Event().wait(max(0.0, began + at * EVERY - time.monotonic()))
        urgency = Urgency.FLASH if at % ALERTS == ALERTS - 1 else Urgency.ROUTINE
        yield world.send(OTHERS[at % len(OTHERS)], urgency), urgency


@pytest.fixture
def declared(world: World) -> Iterator[World]:
    """The last agency's line is thin, and its settings say so."""
    number = world.number(THIN)
    world.restart(THIN, FANAL_LIMITS_LINE_KBIT_PER_S=KBIT, FANAL_RECEIPTS_BATCH_SECONDS="5")
    world.linked(NAMES, len(NAMES) - 1)
    world.lab.set({number: LINE})
    yield world
    world.lab.set({})
    world.restart(THIN, FANAL_LIMITS_LINE_KBIT_PER_S="0", FANAL_RECEIPTS_BATCH_SECONDS="0.5")
    world.linked(NAMES, len(NAMES) - 1)


def test_three_times_what_a_thin_line_carries_breaks_no_link_and_is_carried_once(declared: World) -> None:
    """Until all is there each notice has cost it less than 9 kB (nobody having said it nearly 13)."""
    world = declared
    inbox, number = Inbox(world), world.number(THIN)
    before, began, sent = world.lab.carried(number)[0], time.monotonic(), []
    for one in load(world):
        sent.append(one)
        inbox.look()
    took, links = time.monotonic() - began, world.officers[THIN].status().peers_connected
    there = sum(one.ref in inbox.came for one, _ in sent)
    print(f"  {len(sent)} in {took:.0f} s, {there} there by then, {links} links")
    print(f"  overloaded by their own word: {world.overloaded()}")
    until(lambda: inbox.holds([one for one, _ in sent]), "everything on the thin line", 90.0)
    each = (world.lab.carried(number)[0] - before) / len(sent)
    alerts = [inbox.came[one.ref] - one.began for one, urgency in sent if urgency == Urgency.FLASH]
    print(f"  all after {time.monotonic() - began:.0f} s, {each:.0f} bytes each")
    print(f"  FLASH median {statistics.median(alerts):.2f} s, most {max(alerts):.2f} s")
    assert links == len(OTHERS)
    assert each < EACH

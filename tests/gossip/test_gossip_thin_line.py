# SPDX-License-Identifier: Apache-2.0
"""A member behind 64 kbit/s in a busy channel of ten keeps up: it is sent one copy and told of the rest."""

from __future__ import annotations

import random

from memhost import Host, Outcome, stub_ingest
from memnet import Faults, MemNet, ThinLine
from memrosters import CASPIAN, roster_of
from memstore import FLASH, ROUTINE, channel_lane

from fanal.node.gossip.events import Place
from fanal.v1 import envelope_pb2

NAMES = tuple(f"X{letter}-{letter}" for letter in "ABCDEFGHIJ")
THIN = NAMES[-1]
RATE = 8_000.0  # bytes a second, for all its links together
EVERY = 8.0  # seconds between two notices of each priority of an author
SECONDS = 30.0


class Busy:
    """Nine agencies write ROUTINE and FLASH to all; when which reached the one on the thin line."""

    def __init__(self) -> None:
        self.net = MemNet(NAMES, roster_of(*NAMES), 3)
        self.net.mesh(Faults())
        self.line = self.net.thin[THIN] = ThinLine(self.net, RATE, 0.15)
        self.net.run(5.0)
        self.net.hosts[THIN].ingest = self._ingest
        self.rng = random.Random(3)
        self.began: dict[Place, float] = {}
        self.came: dict[Place, float] = {}
        self.copies = 0
        self.net.watchers.append(self._watch)

    def _watch(self, sender: str, receiver: str, frame: object) -> None:
        if receiver == THIN:
            self.copies += len(frame.entries.envelopes)  # type: ignore[attr-defined]

    def _ingest(
        self, host: Host, peer: str, envelopes: tuple[bytes, ...], wraps: tuple[envelope_pb2.WrapProof, ...]
    ) -> Outcome:
        outcome = stub_ingest(host, peer, envelopes, wraps)
        for meta in outcome.entries:
            self.came[meta.place] = self.net.now
        return outcome

    def write(self, after: float, author: str, priority: int) -> None:
        def now() -> None:
            place = self.net.hosts[author].write_plain(channel_lane(author, CASPIAN), priority, 1500)
            self.began[place] = self.net.now

        self.net.at(after, now)

    def trees(self) -> None:
        """Nobody is in a hurry while they grow."""
        for author in NAMES[:-1]:
            for turn in range(3):
                self.write(20 * turn + 10 * self.rng.random(), author, ROUTINE)
        self.net.run(150.0)
        self.began.clear()
        self.came.clear()
        self.line.carried = self.copies = 0

    def seconds(self, priority: int) -> list[float]:
        entries = self.net.hosts[THIN].store.entries
        places = [place for place in self.came if entries[place][0].priority == priority]
        return [self.came[place] - self.began[place] for place in places]


def test_a_member_on_64_kbit_in_a_busy_channel_of_ten_keeps_up():
    """Alerts within two seconds and all else within five, while three quarters of what the line carries are
    sent; in about one copy (once nine, and alerts after half a minute)."""
    busy = Busy()
    busy.trees()
    for author in NAMES[:-1]:
        after = busy.rng.random() * EVERY
        while after < SECONDS:
            busy.write(after, author, ROUTINE)
            busy.write(after + 0.05, author, FLASH)
            after += EVERY * (0.8 + 0.4 * busy.rng.random())
    busy.net.run(SECONDS + 5.0)
    for name, priority in (("FLASH", FLASH), ("ROUTINE", ROUTINE)):
        found = sorted(busy.seconds(priority))
        print(f"  {name}: median {found[len(found) // 2]:.2f} s, most {found[-1]:.2f} s ({len(found)})")
    print(
        f"  copies {busy.copies / len(busy.began):.2f}, {busy.line.carried / len(busy.began):.0f} bytes each"
    )
    assert set(busy.came) == set(busy.began)
    assert max(busy.seconds(FLASH)) < 2.0
    assert max(busy.seconds(ROUTINE)) < 5.0
    assert busy.copies <= 1.3 * len(busy.began)
    assert busy.line.carried / len(busy.began) < 4_000

# SPDX-License-Identifier: Apache-2.0
"""What came of opening entries, for whoever tells others of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from fanal.node.gossip.events import WrapMeta
from fanal.node.lanes.written import Written


@dataclass(frozen=True)
class Opened:
    """What opening wrote itself, whose wraps it lacks, and how many entries it left waiting for a key."""

    written: Written = field(default_factory=Written)
    wraps_missing: tuple[WrapMeta, ...] = ()
    waiting: int = 0
    done: int = 0
    """Entries that the cursor has passed, or that wait no longer."""
    waits: bool = False
    """Of one entry: it could not be opened yet."""
    then: tuple[bytes, ...] = ()
    """Of one entry: names under which others may have waited for it."""

    def __add__(self, other: Opened) -> Opened:
        return Opened(
            self.written + other.written,
            self.wraps_missing + other.wraps_missing,
            self.waiting + other.waiting,
            self.done + other.done,
        )

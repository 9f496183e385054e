# SPDX-License-Identifier: Apache-2.0
"""What the node itself has just committed, for gossip to tell."""

from __future__ import annotations

from dataclasses import dataclass

from fanal.node.gossip.events import EntryMeta, WrapMeta


@dataclass(frozen=True)
class Written:
    """Own entries and wraps, durable."""

    entries: tuple[EntryMeta, ...] = ()
    wraps: tuple[WrapMeta, ...] = ()

    def __add__(self, other: Written) -> Written:
        return Written(self.entries + other.entries, self.wraps + other.wraps)

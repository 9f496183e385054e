# SPDX-License-Identifier: Apache-2.0
"""What the node itself has just committed, for gossip to tell."""

from __future__ import annotations

from dataclasses import dataclass

from fanal.errors import FanalError
from fanal.node.gossip.events import EntryMeta, WrapMeta


@dataclass(frozen=True)
class Written:
    """Own entries and wraps, durable."""

    entries: tuple[EntryMeta, ...] = ()
    wraps: tuple[WrapMeta, ...] = ()
    failure: FanalError | None = None
    """Why a part of what was due could not be written; it is still owed."""

    def __add__(self, other: Written) -> Written:
        failure = self.failure or other.failure
        return Written(self.entries + other.entries, self.wraps + other.wraps, failure)

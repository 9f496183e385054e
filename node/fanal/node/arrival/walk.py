# SPDX-License-Identifier: Apache-2.0
"""What was walked of a stream while judging its suspects, so that many of one stream cost one walk."""

from __future__ import annotations

from dataclasses import dataclass

from fanal.node.ledger.rows import EntryRow


@dataclass(frozen=True)
class Walk:
    """A stretch of a stream in which each manifest names the one before, ``first`` to ``end``, and where it
    leads, over incarnations that go on from there; ``current``: its last stands under a current key."""

    first: int
    end: int
    last: EntryRow
    current: bool = False

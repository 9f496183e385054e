# SPDX-License-Identifier: Apache-2.0
"""What a witness stores, and what a restored author finds again; the same on both stores."""

from __future__ import annotations

from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.ledger.interface import Batch, LeafRow, Ledger, PeerCheckpoint


def test_a_head_of_anothers_log_never_falls_and_never_gets_a_second_root(ledger: Ledger, kit: Any) -> None:
    """The check that makes two racing offers safe: it is in the transaction that stores the head."""

    def head(size: int, root: str, origin: str = "x/log1") -> PeerCheckpoint:
        return PeerCheckpoint(origin, "AZ-CUS", size, kit.sha(root), f"note {root}".encode(), 7)

    ledger.append(Batch(peer_checkpoints=(head(5, "a"), head(3, "b", "y/log1"))))
    for bad in (head(4, "a"), head(5, "c")):
        with pytest.raises(FanalError) as caught:
            ledger.append(Batch(peer_checkpoints=(bad,), leaves=(LeafRow(b"never"),)))
        assert caught.value.kind is errors.PEER_CHECKPOINT
    assert ledger.head().size == 0
    ledger.append(Batch(peer_checkpoints=(head(5, "a"), head(9, "d"))))
    assert ledger.facts.peer_checkpoints("x/log1") == [head(9, "d")]
    assert [row.origin for row in ledger.facts.peer_checkpoints()] == ["x/log1", "y/log1"]
    assert ledger.facts.peer_checkpoints("z") == []


def test_an_entry_beyond_the_end_makes_a_closed_incarnation_live_again(ledger: Ledger, kit: Any) -> None:
    """A restored author closed it at the head it knew; what it wrote before comes back and counts."""
    ledger.append(kit.batch(0, 1))
    ledger.append(Batch(successors=(kit.successor(stop=2),)))
    assert ledger.lanes.clock() == []
    ledger.append(kit.batch(2))
    (row,) = ledger.lanes.clock()
    assert (row.next, row.closed) == (3, False)

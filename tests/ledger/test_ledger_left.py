# SPDX-License-Identifier: Apache-2.0
"""The lists of what is left to do, which both kinds of ledger keep with each batch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fanal.node.ledger.interface import Batch, LaneRange, Ledger


def test_what_receipts_do_not_cover_is_found_whatever_is_closed(ledger: Ledger, kit: Any) -> None:
    """A stream owes from its first entry until all of it is covered, holes and closing make no difference,
    and what a peer holds does not count; a new number makes it owe again."""
    lane, one = kit.lane().lane, kit.incarnation()

    def owing() -> list[bytes]:
        return [row.incarnation for row in ledger.lanes.owing()]

    ledger.append(kit.batch(0, 1, 3))
    assert owing() == [one]
    ledger.append(Batch(held=(LaneRange("", lane, one, 0, 2), LaneRange("", lane, one, 3, 4))))
    assert owing() == [one], "one is missing, and would be covered when it comes"
    ledger.append(replace(kit.batch(2), held=(LaneRange("", lane, one, 2, 3),)))
    assert owing() == []
    ledger.append(kit.batch(4))
    ledger.append(Batch(successors=(kit.successor(stop=5),), held=(LaneRange("PEER", lane, one, 0, 5),)))
    assert owing() == [one], "closed before a receipt was given"
    ledger.append(Batch(held=(LaneRange("", lane, one, 4, 5),)))
    assert owing() == []


def test_an_end_is_open_until_just_that_is_held(ledger: Ledger, kit: Any) -> None:
    """Also that of an incarnation of which nothing is here, and of one that went on beyond its end."""
    one = kit.incarnation()

    def ends() -> list[tuple[bytes, int]]:
        return [(end.incarnation, end.stop) for end in ledger.lanes.open_ends()]

    ledger.append(Batch(lanes=(kit.lane(),), successors=(kit.successor(stop=2),)))
    assert ends() == [(one, 2)]
    ledger.append(kit.batch(1))
    assert ends() == [(one, 2)], "a hole is left"
    ledger.append(kit.batch(0))
    assert ends() == []
    ledger.append(kit.batch(2))
    assert ends() == [(one, 2)], "its author was restored, and did not know of number 2"
    ledger.append(Batch(successors=(kit.successor(stop=3, by=8),)))
    assert ends() == []

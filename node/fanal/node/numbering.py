# SPDX-License-Identifier: Apache-2.0
"""The numbers of own notices, which people cite: no life of a data folder gives one that another gave.

A run begins at the number where the year stands, not at the counter of its ledger: that is behind, or gone,
when the ledger was restored, copied or lost, and nobody can be asked before the first notice. Within the run
the counter goes up by one. The first 900,000 numbers are spread over the year, one in 35 seconds, so a run
that gave fewer than 100 an hour is far behind whoever begins after it. Source: docs/adr/0024.
"""

from __future__ import annotations

import calendar
import time
from typing import TYPE_CHECKING

from fanal.node.ledger.rows import Batch
from fanal.notices.refs import make_ref

if TYPE_CHECKING:
    from fanal.node.node import Node

_SPREAD = 900_000
"""The rest of the 999,999 is left for a node that was started under a clock far ahead."""
_HURRY = 1_000
"""How far a ledger that is known to be put back may have been ahead of the year, as after a burst."""
_UNHURT = ("", "created")
_MOST_PASSED = 10_000


def floor(year: int, started: int, restored: bool) -> int:
    """The number above which a run that began at ``started`` (Unix seconds) counts in ``year``."""
    first, end = (calendar.timegm((y, 1, 1, 0, 0, 0)) for y in (year, year + 1))
    into = min(max(started - first, 0), end - first)
    return into * _SPREAD // (end - first) + (_HURRY if restored else 0)


def reserve(node: Node) -> str:
    """The next ref of this year, reserved durably. Gaps are allowed; one that a known notice has is passed
    over. Raises FanalError REF_EXHAUSTED."""
    year, known = year_of(node), node.vault.known
    above = floor(year, node.started, node.ledger.opened.reason not in _UNHURT)
    for _attempt in range(_MOST_PASSED):
        number = node.ledger.append(Batch(ref_year=year, ref_above=above)).ref_number
        assert number is not None  # it was asked for
        ref = make_ref(node.agency, year, number)
        if not known.ids_of_ref(ref):
            break
    return ref


def unused(node: Node) -> str:
    """A ref of the right form for checking a draft that has none yet: the last number of the year."""
    return make_ref(node.agency, year_of(node), 999_999)


def year_of(node: Node) -> int:
    return time.gmtime(node.now).tm_year

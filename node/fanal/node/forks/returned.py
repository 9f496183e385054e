# SPDX-License-Identifier: Apache-2.0
"""Entries of our own that this database did not write: it was restored, or a copy of it runs elsewhere.

Promise: the first one that any peer brings is an incident of this log and a finding of ``fanal doctor``, in
whichever lane it stands, also when nothing forked. Source: docs/adr/0015.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from fanal.node.lanes.leaves import incident_leaf
from fanal.node.ledger.rows import EntryRow, LeafRow

if TYPE_CHECKING:
    from fanal.node.node import Node

WHAT = "own-returned"
_RETURNED = "forks.returned"


@dataclass(frozen=True)
class Returned:
    """How many came back, when the first did and from whom, and the incarnation of the last."""

    count: int
    since: int
    peer: str
    incarnation: str


def noted(node: Node, rows: Sequence[EntryRow]) -> tuple[tuple[LeafRow, ...], tuple[tuple[str, bytes], ...]]:
    """Of entries that peers brought: one leaf for each incarnation that came back, and the finding; both for
    one batch, which says as well that these entries were looked at."""
    own = [row for row in rows if row.author == node.agency]
    if not own:
        return (), ()
    before = known(node)
    new = Returned(
        (before.count if before else 0) + len(own),
        before.since if before else node.now,
        before.peer if before else own[0].source,
        own[-1].incarnation.hex(),
    )
    evidence = sorted({hashlib.sha256(row.incarnation).digest() for row in own})
    leaves = tuple(incident_leaf(WHAT, node.now, node.agency, one) for one in evidence)
    return leaves, ((_RETURNED, json.dumps(asdict(new)).encode()),)


def known(node: Node) -> Returned | None:
    """What came back until now."""
    data = node.ledger.facts.meta(_RETURNED)
    return Returned(**json.loads(data)) if data else None

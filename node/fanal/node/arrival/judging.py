# SPDX-License-Identifier: Apache-2.0
"""What is judged of arrivals after their commit: chains, forks over incarnations, own entries that came back.

Promise: every entry that arrives is judged, whatever comes between its commit and that, and what is wrong
with it is written down once. One number in the ledger says up to which arrival that is done; it moves in the
transaction of what it found, or when it is ``BEHIND``. After a crash a few are judged again, in which nothing
was found. An entry that breaks the program is set aside, and those behind it are judged. A node that is
locked judges too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.arrival import chains
from fanal.node.errors import STORE_FAULTS
from fanal.node.forks import kept, returned
from fanal.node.forks.kept import Known
from fanal.node.gossip.events import Place
from fanal.node.lanes.leaves import incident_leaf
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.node.transport import Runner

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.arrival.judging")

_PAGE = 64
BEHIND = 256
"""So many entries may be judged that the ledger does not know of as judged: nothing is wrong with them.
The next start after a crash judges them again (7 ms of processor time)."""


@dataclass
class Found:
    """Forks that are new here, and where whom may be asked for the other branch."""

    forks: list[Known] = field(default_factory=list)
    branches: list[tuple[str, Place]] = field(default_factory=list)
    failure: FanalError | None = None
    """The store failed: the rest, and the page in hand, is judged the next time."""


def judge(node: Node) -> Found:
    """Judge what has arrived since, a page at a time."""
    found, cursor = Found(), node.judged
    with cursor.lock:
        try:
            cursor.read_back()
            while cursor.at < node.ledger.head().entries:
                _judge(node, node.ledger.entries.since(cursor.at, _PAGE), found)
            if cursor.at - cursor.written >= BEHIND:
                cursor.write(cursor.at)
        except FanalError as error:
            if error.kind not in STORE_FAULTS:
                raise
            found.failure = error
    return found


def _judge(node: Node, rows: Sequence[EntryRow], found: Found) -> None:
    """Some entries in order of arrival; one by one, when a fault of ours in one of them breaks it."""
    try:
        _page(node, [row for row in rows if row.source], rows[-1].arrival, found)
    except MemoryError:
        raise  # it says nothing of the entry: it is judged when there is some
    except Exception as error:
        if isinstance(error, FanalError) and error.kind in STORE_FAULTS:
            raise
        if len(rows) == 1:
            _set_aside(node, rows[0])
        else:
            for row in rows:
                _judge(node, [row], found)
    node.judged.at = rows[-1].arrival


def _set_aside(node: Node, row: EntryRow) -> None:
    """A fault of ours in one entry must not stop those behind it."""
    log.exception("entry set aside, not judged")
    leaf = incident_leaf("entry-set-aside", node.now, row.author, row.manifest_sha256)
    node.judged.write(row.arrival, Batch(leaves=(leaf,)))


def _page(node: Node, rows: Sequence[EntryRow], at: int, found: Found) -> None:
    """Entries that came from peers, and the cursor behind them."""
    found.forks += kept.of_successors(node, rows)
    broken: dict[bytes, EntryRow] = {}
    for peer in {row.source: None for row in rows}:
        brought = chains.broken(node, [row for row in rows if row.source == peer])
        broken |= {row.manifest_sha256: row for row in brought}
        found.branches += [(peer, place) for row in brought for place in _around(row)]
    leaves, meta = returned.noted(node, rows)
    leaves += tuple(chains.incident(node, row) for row in broken.values())
    if leaves:
        node.judged.write(at, Batch(leaves=leaves, meta=meta))


def _around(row: EntryRow) -> Iterable[Place]:
    """Both sides of a link that does not fit: one of the two has a twin at the peer."""
    yield Place(row.lane, row.incarnation, row.seq - 1)
    yield Place(row.lane, row.incarnation, row.seq)


class Judging:
    """When that is done: one run at a time, and another if something came then. The loop's thread only."""

    def __init__(self, node: Node, run: Runner, judged: Callable[[Found | FanalError], None]) -> None:
        self._node, self._run, self._judged = node, run, judged
        self._busy = self._again = False

    def ask(self) -> None:
        """Judge all that is in the ledger by now. Who hears of a failure asks again when it is mended."""
        self._again = self._busy
        if not self._busy and self._node.judged.at < self._node.ledger.head().entries:
            self._busy = True
            self._run(partial(judge, self._node), self._ran)

    def _ran(self, result: Found | FanalError) -> None:
        self._busy = False
        self._judged(result)
        if self._again:
            self.ask()

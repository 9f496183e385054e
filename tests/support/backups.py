# SPDX-License-Identifier: Apache-2.0
"""Backups of a node's ledger in memory, and nodes that go on from them as if nothing had happened."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from nodenet import NodeHost

from fanal.node.ledger.rows import Batch, IncarnationRow, Opened


@dataclass(frozen=True)
class Backup:
    """The whole ledger at one moment."""

    tables: Any
    frontier: Any


def backup(host: NodeHost) -> Backup:
    """A copy of everything the ledger holds."""
    return Backup(copy.deepcopy(host.ledger._tables), host.ledger._frontier)


def restore(host: NodeHost, saved: Backup, reason: str = "", away: float = 5.0) -> None:
    """Kill the node, put the backup in place and start it. ``reason``: what the marker outside the database
    tells ("rolled-back"); "" when it was restored too, as a snapshot of a whole machine does."""
    host.crash()
    host.net.run(away)
    ledger = type(host.ledger)(now=int(host.net.now), random=host.net.rng)
    tables = copy.deepcopy(saved.tables)
    vars(ledger._tables).update(vars(tables))
    ledger._frontier = saved.frontier
    ledger.opened = Opened(reason)
    if reason:
        ledger._tables.store_id = host.net.rng(16)
        predecessor = ledger.head().incarnation
        row = IncarnationRow(host.net.rng(16), predecessor, reason, int(host.net.now))
        ledger.append(Batch(incarnation=row))
    host.ledger = ledger
    host.start()

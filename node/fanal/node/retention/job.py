# SPDX-License-Identifier: Apache-2.0
"""The retention job: what is due by trusted time, a small batch at a time, beside the traffic.

A relay, and whoever could not open it, lets go of a ciphertext when its header expires; a reader and the
originator keep a notice until its delete_by. What is under a legal hold is looked at again the next day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fanal.node.attachments import tending
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.node.retention import erasing, holds, keys, recall, restored, trusted
from fanal.v1.envelope_pb2 import EnvelopeClass

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.retention")

BATCH = 32
"""Entries in one run: a few milliseconds of writing, then the traffic goes first again."""


def run(node: Node, caught_up: bool = True) -> tuple[Written, bool]:
    """One run. What it wrote for gossip to tell, and whether more is due at once.

    ``caught_up``: every linked peer holds what we hold; a restored node's inbox then opens at the end.
    """
    trusted.remember(node)
    now = trusted.now(node).time
    due = node.ledger.entries.due(now, BATCH)
    _work(node, due, now)
    written = recall.settle(node)
    keys.destroy_encryption_keys(node, now)
    more = len(due) == BATCH
    if not more:
        tending.sweep(node)
    if caught_up and not more and restored.closed(node):
        restored.reopen(node)
        log.info("the restored inbox is open again")
    return written, more


def _work(node: Node, due: Iterable[EntryRow], now: int) -> None:
    erase: dict[str, list[EntryRow]] = {}
    postpone: list[tuple[bytes, int]] = []
    for row in due:
        if row.klass == EnvelopeClass.KEY:
            keys.destroy_lane_key(node, row)
            continue
        basis, later = _judge(node, row, now)
        if basis:
            erase.setdefault(basis, []).append(row)
        else:
            postpone.append((row.manifest_sha256, later))
    if postpone:
        node.ledger.append(Batch(postponed=tuple(postpone)))
    for basis, rows in erase.items():
        erasing.erase(node, rows, basis)


def _judge(node: Node, row: EntryRow, now: int) -> tuple[str, int]:
    """The basis to erase it on now, or "" and the time to look again."""
    record = node.vault.notices.get(now, manifest_sha256=row.manifest_sha256)
    if record is None:
        opened = row.klass != EnvelopeClass.NOTICE or row.arrival <= node.vault.cursor()
        return (erasing.EXPIRED, 0) if opened else ("", now + trusted.HOUR)
    if holds.hold_on(node, record) is not None:
        return "", now + trusted.DAY
    if record.delete_by > now:
        return "", record.delete_by
    return (erasing.DELETE_BY if record.delete_by else erasing.EXPIRED), 0

# SPDX-License-Identifier: Apache-2.0
"""What a node does by itself when nothing arrives: coverage receipts, batched, and checkpoints.

What is owed is computed from the ledger, so a kill between a commit and its receipt delays the receipt and
never loses it. Receipts never cause a checkpoint by themselves: two idle nodes would answer each other for
ever; they ride with the next other leaf, or the hourly one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node import checkpoints
from fanal.node.gossip.events import EntryMeta
from fanal.node.lanes.written import Written
from fanal.node.receipts import issuing, keyless
from fanal.node.retention import job as retention
from fanal.node.retention import restored
from fanal.node.witness import standing
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.housekeeping")

Stream = tuple[bytes, bytes]
HOUR = 3600.0
DAY = 86_400.0
RETENTION_PAUSE = 2.0
"""Between two batches of erasures."""
FULL = 256
"""So many new leaves are checkpointed at once."""


@dataclass(frozen=True)
class Job:
    """What has come due."""

    streams: frozenset[Stream] = frozenset()
    flash: bool = False
    checkpoint: bool = False
    held: bool = False
    anchor: bool = False
    retention: bool = False
    caught_up: bool = False


@dataclass
class Keeper:
    """When what is due, by the node's ``ticks``. Touched by the loop's thread; the work runs elsewhere."""

    node: Node
    owed: dict[Stream, float] = field(default_factory=dict)
    flash: set[Stream] = field(default_factory=set)
    checkpoint_at: float | None = None
    new_leaves: int = 0
    held_at: float | None = None
    told_held: set[bytes] = field(default_factory=set)
    anchor_at: float | None = None
    retention_at: float | None = None
    caught_up: bool = False
    """Every linked peer holds what we hold, as far as gossip knows."""

    def start(self, now: float) -> None:
        """Owe what an earlier run did not finish. Costs a row per lane, not per entry."""
        for stream in issuing.uncovered(self.node):
            self.owed.setdefault(stream, now)
        self.checkpoint_at = now if checkpoints.behind(self.node.ledger) else now + HOUR
        self.note_documents(now)
        self.retention_at = now

    def release(self, now: float) -> None:
        """A witness has answered: no checkpoint waits for it any more."""
        if checkpoints.behind(self.node.ledger):
            self._checkpoint_soon(now)
        self.note_documents(now)

    def note_documents(self, now: float) -> None:
        """Documents may have changed: a new key or a revocation is anchored at once."""
        self.anchor_at = now + min(DAY, max(0.0, checkpoints.anchor_due(self.node) - self.node.clock()))

    def note_entries(self, entries: Iterable[EntryMeta], now: float) -> None:
        """Entries were committed: notices of others are owed a receipt, notices of anybody a checkpoint."""
        for meta in entries:
            if meta.klass != EnvelopeClass.NOTICE:
                continue
            self.new_leaves += 1
            self._checkpoint_soon(now)
            if meta.view.author != self.node.agency:
                self._owe(meta, now)

    def note_waiting(self, waiting: bool, now: float) -> None:
        """Entries wait for a lane key: after a while their authors are told."""
        if waiting and self.held_at is None:
            self.held_at = now + keyless.PATIENCE

    def note_retention(self, more: bool, now: float) -> None:
        """A run has ended: the next follows soon while there is more, or while the inbox is still closed."""
        soon = more or bool(restored.closed(self.node))
        self.retention_at = now + (RETENTION_PAUSE if soon else HOUR)

    def take(self, now: float) -> Job | None:
        """What has come due; it is the caller's from now on."""
        if self.node.locked:
            return None
        streams = frozenset(s for s, when in self.owed.items() if when <= now)
        flash = bool(self.flash & streams)
        checkpoint = self.checkpoint_at is not None and self.checkpoint_at <= now
        for stream in streams:
            del self.owed[stream]
        self.flash -= streams
        if checkpoint:
            self.checkpoint_at, self.new_leaves = now + HOUR, 0
        held = self.held_at is not None and self.held_at <= now
        if held:
            self.held_at = None
        anchor = self.anchor_at is not None and self.anchor_at <= now
        if anchor:
            self.anchor_at = now + HOUR
        retention = self.retention_at is not None and self.retention_at <= now
        if retention:
            self.retention_at = now + HOUR
        due = streams or checkpoint or held or anchor or retention
        job = Job(streams, flash, checkpoint, held, anchor, retention, self.caught_up)
        return job if due else None

    def next_due(self) -> float | None:
        """When `take` will have something, as far as is known; None while the node is locked."""
        if self.node.locked:
            return None
        times = [*self.owed.values(), self.checkpoint_at, self.held_at, self.anchor_at, self.retention_at]
        return min((when for when in times if when is not None), default=None)

    def _owe(self, meta: EntryMeta, now: float) -> None:
        stream = (meta.place.lane, meta.place.incarnation)
        flash = meta.priority == EnvelopePriority.FLASH
        if flash:
            self.flash.add(stream)
        due = now if flash else now + self.node.settings.receipts_batch_seconds
        self.owed[stream] = min(self.owed.get(stream, due), due)

    def _checkpoint_soon(self, now: float) -> None:
        wait = 0.0 if self.new_leaves >= FULL else self.node.settings.checkpoint_seconds
        self.checkpoint_at = min(self.checkpoint_at or now + HOUR, now + wait)


def retain(node: Node, job: Job) -> tuple[Written, bool]:
    """The retention job's batch, if it is due: on its own, so that a slow disk delays no receipt."""
    return retention.run(node, job.caught_up) if job.retention else (Written(), False)


def work(node: Node, job: Job, told: set[bytes]) -> Written:
    """Do what is due; what was written goes to gossip. ``told``: manifests that a HELD was issued for."""
    written = Written()
    if job.streams:
        priority = EnvelopePriority.FLASH if job.flash else EnvelopePriority.ROUTINE
        written = issuing.issue_coverage(node, job.streams, priority)
    try:
        for rows in keyless.together(keyless.late(node, told)) if job.held else ():
            held = keyless.issue_held(node, rows)
            told.update(row.manifest_sha256 for row in rows if held.failure is None)
            written += held
        _sign(node, job)
    except FanalError as error:
        # The receipts above are durable, and must be told all the same.
        log.error("not done to the end: %s", error)
        written += Written(failure=error)
    return written


def _sign(node: Node, job: Job) -> None:
    if job.checkpoint:
        checkpoints.sign_newest(node)
    if job.anchor and standing.may_sign(node) and checkpoints.anchor_due(node) <= node.now:
        checkpoints.anchor_now(node)

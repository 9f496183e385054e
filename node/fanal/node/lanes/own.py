# SPDX-License-Identifier: Apache-2.0
"""Our own lanes: the next free place of each, and the lane key that its readers hold.

Promise: two envelopes never get one place. A `LaneBatch` is built and appended under the node's one writing
lock, and the place is read from the ledger's committed heads, so a failed append leaves no gap and no fork.
A lane key is in the vault before the KEY envelope that announces it is in the ledger.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanal.envelope import audience as audiences
from fanal.envelope.seal import Lane, LaneKey, Position, Sealed, SealedKey, seal_content, seal_key
from fanal.envelope.verify import Received
from fanal.keys.charter import CharterView
from fanal.node import failpoints
from fanal.node.gossip.events import EntryMeta, WrapMeta
from fanal.node.inbox.interface import StoredLaneKey
from fanal.node.lanes.audience import fingerprint, reader_keys
from fanal.node.lanes.leaves import entry_leaf
from fanal.node.lanes.rows import lane_of, meta_of, row_of, successor_of
from fanal.node.ledger.rows import Appended, AttachmentRow, Batch, EntryRow, LaneInfo, LeafRow, WrapRow
from fanal.node.quotas import asking
from fanal.node.quotas.quotas import Charge
from fanal.node.witness import standing
from fanal.proof.leaf import LeafType
from fanal.v1.envelope_pb2 import (
    Audience,
    Content,
    EnvelopeClass,
    EnvelopePriority,
    Predecessor,
    Wrap,
    WrapProof,
)

if TYPE_CHECKING:
    from fanal.node.node import Node

KEY_LIFE = 30 * 86_400
"""A lane key is used for 30 days (protocol.md, Lane keys)."""


@dataclass
class LaneBatch:
    """What one append will store: envelopes of own lanes in their order, with wraps and leaves."""

    node: Node
    now: int
    rows: list[EntryRow] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    wraps: list[WrapRow] = field(default_factory=list)
    attached: list[AttachmentRow] = field(default_factory=list)
    leaves: list[LeafRow] = field(default_factory=list)
    lanes: dict[bytes, LaneInfo] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)
    """What `batch` has counted."""

    def content(
        self,
        content: Content,
        klass: EnvelopeClass.Code,
        audience: Audience,
        envelope_id: bytes,
        *,
        charter: CharterView,
        priority: EnvelopePriority.Code,
        expires: int,
    ) -> Sealed:
        """Seal the next envelope of the lane to this audience; a KEY envelope goes ahead when one is due."""
        lane = Lane(charter, audience)
        lane_key = self._lane_key(lane, priority, expires)
        sealed = seal_content(
            content,
            klass,
            lane=lane,
            lane_key=lane_key,
            position=self._position(self._lane_id(lane)),
            priority=priority,
            created=self.now,
            expires=max(expires, self.now),
            signer=self.node.keys.signer,
            envelope_id=envelope_id,
            attachments=[one.attachment for one in content.attachment_keys],
            rng=self.node.rng,
        )
        received = self._take(sealed.received)
        for name in received.manifest.attachments:
            length = self.node.attachments.whole(name)
            self.attached.append(AttachmentRow(name, received.manifest_sha256, length))
        return sealed

    def rewrap(
        self, audience: Audience, lane_key: LaneKey, priority: EnvelopePriority.Code, askers: Collection[str]
    ) -> None:
        """Announce an older lane key again, to those of its first readers who lack it: the audience may have
        others by now, and nobody gets a key from before it became a reader."""
        lane = Lane(self.node.directory.newest, audience)
        self._key_envelope(lane, priority, self.now + KEY_LIFE, lane_key, askers)

    def batch(self, notice: EntryRow | None = None, **more: object) -> Batch:
        """The whole as one transaction; ``more`` are further fields of the ledger's Batch. It is counted
        against our own quotas, which limit ``notice`` only: raises as ``asking.own``."""
        leaves = (*self.leaves, *more.pop("leaves", ()))  # type: ignore[misc]
        self.charges = asking.own(self.node, self.rows, [one.header for one in self.received], notice)
        meta = (*self.node.quotas.rows([self.node.agency]), *more.pop("meta", ()))  # type: ignore[misc]
        return Batch(
            lanes=tuple(self.lanes.values()),
            entries=tuple(self.rows),
            successors=tuple(filter(None, (successor_of(one.header) for one in self.received))),
            wraps=tuple(self.wraps),
            attached=tuple(self.attached),
            leaves=leaves,
            meta=meta,
            **more,  # type: ignore[arg-type]
        )

    def append(self, notice: EntryRow | None = None, **more: object) -> Appended:
        """Store `batch`. Raises as it and as Ledger.append; then nothing of it is counted."""
        batch = self.batch(notice, **more)
        try:
            return self.node.ledger.append(batch)
        except BaseException:
            self.node.quotas.give_back(self.charges)
            raise

    def metas(self) -> tuple[EntryMeta, ...]:
        return tuple(meta_of(r, row) for r, row in zip(self.received, self.rows, strict=True))

    def wrap_metas(self) -> tuple[WrapMeta, ...]:
        lanes = {row.manifest_sha256: row.lane for row in self.rows}
        return tuple(
            WrapMeta(w.key_manifest_sha256, lanes[w.key_manifest_sha256], w.recipient) for w in self.wraps
        )

    def _lane_id(self, lane: Lane) -> bytes:
        return audiences.lane_id(self.node.network, self.node.agency, lane.audience)

    def _position(self, lane: bytes) -> Position:
        incarnation = standing.incarnation(self.node)
        for row in reversed(self.rows):
            if row.lane == lane:
                return Position(incarnation, row.seq + 1, row.manifest_sha256)
        row_now = self.node.ledger.lanes.row(lane, incarnation)
        if row_now is not None and row_now.next > 0:
            return Position(incarnation, row_now.next, row_now.head)
        return Position(incarnation, 0, b"", self._predecessor(lane))

    def _predecessor(self, lane: bytes) -> Predecessor | None:
        before = self.node.ledger.lanes.own_before(lane)
        if before is None:
            return None
        return Predecessor(incarnation=before.incarnation, next=before.next, head=before.head)

    def _lane_key(self, lane: Lane, priority: EnvelopePriority.Code, expires: int) -> LaneKey:
        """The key in use, or a new one: first use, a change of readers or of their keys, or 30 days."""
        lane_id = self._lane_id(lane)
        known = self.node.vault.own_lane_key(lane_id)
        if known is not None and self._usable(known, fingerprint(self.node, lane.audience, self.now)):
            return LaneKey(known.key, known.commitment, known.key_manifest_sha256)
        return self._key_envelope(lane, priority, max(expires, self.now + KEY_LIFE)).lane_key

    def _usable(self, known: StoredLaneKey, readers: bytes) -> bool:
        """Young enough, for exactly these readers, and its KEY envelope really got into the ledger."""
        announced = any(row.manifest_sha256 == known.key_manifest_sha256 for row in self.rows)
        if not announced and self.node.ledger.entries.get(manifest_sha256=known.key_manifest_sha256) is None:
            return False
        return known.readers == readers and self.now < known.since + KEY_LIFE

    def _key_envelope(
        self,
        lane: Lane,
        priority: EnvelopePriority.Code,
        expires: int,
        rewraps: LaneKey | None = None,
        askers: Collection[str] | None = None,
    ) -> SealedKey:
        readers = reader_keys(self.node, lane.audience, self.now)
        sealed = seal_key(
            {one: key for one, key in readers.items() if askers is None or one in askers},
            lane=lane,
            position=self._position(self._lane_id(lane)),
            priority=priority,
            created=self.now,
            expires=expires,
            signer=self.node.keys.signer,
            rewraps=rewraps,
            rng=self.node.rng,
        )
        received = self._take(sealed.received)
        if rewraps is None:
            self._remember(
                received.header.lane, sealed.lane_key, fingerprint(self.node, lane.audience, self.now)
            )
        self.wraps += [_wrap_row(proof) for proof in sealed.wraps]
        return sealed

    def _remember(self, lane: bytes, key: LaneKey, readers: bytes) -> None:
        stored = StoredLaneKey(lane, key.commitment, key.key_manifest_sha256, key.key, self.now, readers)
        self.node.vault.put_own_lane_key(stored)
        failpoints.hit("lanes.after-key")

    def _take(self, received: Received) -> Received:
        entry = len(self.rows)
        self.rows.append(row_of(received, "", self.now))
        self.received.append(received)
        self.lanes.setdefault(received.header.lane, lane_of(received.header))
        self.leaves.append(entry_leaf(LeafType.ENVELOPE_OUT, received, "", self.now, entry))
        return received


def _wrap_row(proof: WrapProof) -> WrapRow:
    recipient = Wrap.FromString(proof.wrap).recipient
    return WrapRow(proof.key_manifest_sha256, proof.index, recipient, proof.wrap, tuple(proof.path))

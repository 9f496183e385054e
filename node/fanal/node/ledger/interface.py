# SPDX-License-Identifier: Apache-2.0
"""The ledger as the rest of the node sees it. Every store keeps these promises, tested on all alike.

1. ``append`` returns only when the batch is durable; after an error nothing of it is, ``ForkFound`` excepted.
2. Offering the same entry, wrap, document or keyed leaf again changes nothing and is no error.
3. A leaf, an entry and a checkpoint's root, once stored, never change; erasing takes an entry's content only.
4. Reads see every batch whose ``append`` returned; any thread may call them; they never block a write.
5. The cost of an append and of opening does not grow with what is stored.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from fanal.errors import VerificationError
from fanal.node.errors import FORK
from fanal.node.ledger.rows import (
    Appended,
    AttachmentRow,
    Batch,
    Checkpoint,
    DeliveryFact,
    DocumentRow,
    EntryRef,
    EntryRow,
    ErasureRow,
    Fork,
    Head,
    IncarnationRow,
    JoinRow,
    LaneEnd,
    LaneInfo,
    LaneRange,
    LaneRow,
    LeafRow,
    Opened,
    PeerCheckpoint,
    Range,
    State,
    Successor,
    WrapRow,
)

__all__ = [
    "Appended",
    "AttachmentRow",
    "Batch",
    "Checkpoint",
    "DeliveryFact",
    "DocumentRow",
    "Entries",
    "EntryRef",
    "EntryRow",
    "ErasureRow",
    "Facts",
    "Fork",
    "ForkFound",
    "Head",
    "IncarnationRow",
    "JoinRow",
    "LaneEnd",
    "LaneInfo",
    "LaneRange",
    "LaneRow",
    "Lanes",
    "LeafRow",
    "Ledger",
    "Log",
    "Opened",
    "PeerCheckpoint",
    "Range",
    "State",
    "Successor",
    "WrapRow",
]


class ForkFound(VerificationError):  # noqa: N818
    """An author signed two manifests for one place. Both are stored, and so is the rest of the batch.

    ``appended`` is the result of the batch, ``appended.forks`` the pairs.
    """

    def __init__(self, appended: Appended) -> None:
        first = appended.forks[0]
        super().__init__(
            FORK,
            author=first.kept.author,
            seq=first.kept.seq,
            kept=first.kept.manifest_sha256.hex(),
            offered=first.offered.manifest_sha256.hex(),
        )
        self.appended = appended


class Entries(Protocol):
    """Stored envelopes."""

    def get(
        self, *, envelope_id: bytes = b"", author: str = "", manifest_sha256: bytes = b""
    ) -> EntryRow | None:
        """The entry with this manifest hash, or the one with this id of this author. Ids are unique per
        author only; without one it is the first that came, on which nothing may be decided."""

    def at(self, lane: bytes, incarnation: bytes, seq: int) -> EntryRow | None:
        """The entry at one place of a lane."""

    def range(self, lane: bytes, incarnation: bytes, start: int, stop: int, limit: int) -> list[EntryRow]:
        """Entries ``start <= seq < stop``, ascending, at most ``limit``. Holes are simply absent."""

    def refs(self, lane: bytes, incarnation: bytes, start: int, stop: int, limit: int) -> list[EntryRef]:
        """As ``range``, without the bytes."""

    def keys(self, lane: bytes, incarnation: bytes, limit: int) -> list[EntryRef]:
        """The newest ``limit`` KEY envelopes of one incarnation, ascending."""

    def since(self, arrival: int, limit: int) -> list[EntryRow]:
        """Entries with a higher arrival number, in order of arrival, at most ``limit``."""

    def wraps(self, key_manifest_sha256: bytes, recipients: Collection[str] | None = None) -> list[WrapRow]:
        """The stored wraps of a KEY envelope by index; only those of ``recipients`` if given."""

    def attached(self, attachment: bytes) -> list[AttachmentRow]:
        """Every entry with content that has this attachment, in order of arrival."""

    def missing(self, limit: int, after: tuple[int, bytes] = (0, b"")) -> list[AttachmentRow]:
        """Attachments of which not all is here, by (arrival, attachment), from after ``after``."""

    def due(self, now: int, limit: int) -> list[EntryRow]:
        """Entries whose time to be erased, or to be judged, has come, the longest due first."""

    def forks(self, after: int = 0, limit: int = 1000) -> list[Fork]:
        """Kept forks beyond the first ``after``, oldest first."""


class Lanes(Protocol):
    """Who speaks to whom, and how much of it is here."""

    def clock(self, lanes: Collection[bytes] | None = None, closed: bool = False) -> list[LaneRow]:
        """Rows sorted by (lane, incarnation), of all lanes or of these; closed ones only if asked for."""

    def row(self, lane: bytes, incarnation: bytes) -> LaneRow | None:
        """One row, closed or not."""

    def info(self, lane: bytes) -> LaneInfo | None:
        """Author and audience of a lane."""

    def infos(self) -> list[LaneInfo]:
        """Every known lane, sorted by lane id."""

    def successors(self, lane: bytes, incarnation: bytes) -> list[Successor]:
        """Who goes on from this incarnation, by incarnation: one, unless its author forked."""

    def owing(self) -> list[LaneRow]:
        """Rows, closed or not, of which our receipts (``Facts.held`` of peer "") do not cover every number
        below ``next``; sorted by (lane, incarnation). Costs nothing for those that they cover."""

    def open_ends(self) -> list[LaneEnd]:
        """The furthest end of every incarnation that was closed and is not held to just that end."""

    def own_before(self, lane: bytes) -> LaneRow | None:
        """The open row of a lane of ours that the first entry of our present incarnation goes on from: the
        newest of our own, else one that came back from peers after a restore."""


class Log(Protocol):
    """Leaves, tree and checkpoints."""

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """The leaves ``start <= index < stop``; shorter at the end of the log."""

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree (a ``fanal.proof.tree.NodeSource``), else NODE_MISSING."""

    def leaf_index(self, key: bytes) -> int | None:
        """Where the leaf with this idempotency key stands."""

    def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        """The newest checkpoint, or the newest at most ``size`` leaves large."""


class Facts(Protocol):
    """Deliveries, peers, documents, invitations and small settings."""

    def deliveries(self, envelope_id: bytes) -> list[DeliveryFact]:
        """Every recipient's state, by recipient."""

    def waiting(self, limit: int, after: tuple[bytes, str] = (b"", "")) -> list[DeliveryFact]:
        """Deliveries QUEUED, SENT or RELAYED, by (envelope id, recipient), from after ``after``."""

    def waiting_count(self) -> int:
        """How many ``waiting`` has in all; O(1)."""

    def held(self, peer: str, lane: bytes = b"", incarnation: bytes = b"") -> list[LaneRange]:
        """What a peer is known to hold (peer "": what our receipts cover), of all lanes or of one."""

    def documents(
        self, kind: str | None = None, agency: str | None = None, after: int = 0
    ) -> list[DocumentRow]:
        """Stored documents in order of arrival; of a kind, of an agency, beyond the number ``after``."""

    def erasure(self, manifest_sha256: bytes) -> ErasureRow | None:
        """When and why the content of an entry was erased here; None when it was not."""

    def erasures(self, after: bytes, limit: int) -> list[ErasureRow]:
        """All erasures in the order of their manifests, beyond the manifest ``after``."""

    def pending_erasures(self, key_envelope: bytes, limit: int) -> list[ErasureRow]:
        """Erasures that wait for the lane key of this KEY envelope to be destroyed, by envelope id."""

    def meta(self, key: str) -> bytes | None:
        """A small setting."""

    def joins(self, token_id: bytes | None = None) -> list[JoinRow]:
        """Invitations by arrival of the invitation; all or one."""

    def peer_checkpoints(self, origin: str | None = None) -> list[PeerCheckpoint]:
        """The heads we hold of others' logs, as their witness, by origin; all or one."""

    def incarnations(self) -> list[IncarnationRow]:
        """Our own incarnations, oldest first; the last is current."""


class Ledger(Protocol):
    """One agency's ledger. Nobody but its node writes it."""

    opened: Opened

    def append(self, batch: Batch) -> Appended:
        """Store a batch in one transaction; durable on return. May be called from any thread.

        Raises ForkFound after storing the rest, and FanalError when nothing of the batch was stored:
        FIELD_SIZE, LANE_UNKNOWN, WRAP_WITHOUT_KEY, ROW_CONFLICT, CHECKPOINT_ROOT, JOIN_STATE for the batch
        alone; DISK_FULL, NOT_WRITABLE, STORE_FAILED, STORE_GONE, STORE_BUSY, STORE_CLOSED for the store.
        """

    def head(self) -> Head:
        """The committed state, without touching the disk."""

    @property
    def entries(self) -> Entries: ...

    @property
    def lanes(self) -> Lanes: ...

    @property
    def log(self) -> Log: ...

    @property
    def facts(self) -> Facts: ...

    def check_there(self) -> None:
        """Raise STORE_GONE when the database is no more where it was opened, else what hides it."""

    def close(self) -> None:
        """Finish what was taken, then refuse everything. Twice is fine."""

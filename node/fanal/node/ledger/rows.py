# SPDX-License-Identifier: Apache-2.0
"""What goes into the ledger and what comes out, as plain frozen values. Both stores speak only these.

Times are Unix seconds. Hashes are 32 bytes, incarnations, envelope ids and store ids 16. Sequence numbers
and indexes are below 2**63. A range is half open: ``start <= n < stop``. ``arrival`` is the entry's place in
the order of arrival at this node, from 1 up, never used again.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fanal.node.ledger.settings import Setting


class Range(NamedTuple):
    """Sequence numbers ``start <= seq < stop``."""

    start: int
    stop: int


class State(enum.StrEnum):
    """What became of a notice at one recipient. The first six only ever move to the right."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    RELAYED = "RELAYED"
    STORED = "STORED"
    READ = "READ"
    ANSWERED = "ANSWERED"
    REJECTED = "REJECTED"
    REFUSED = "REFUSED"
    HELD = "HELD"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class JoinState(enum.StrEnum):
    """Life of an invitation; the last three end it."""

    OPEN = "OPEN"
    WAITING = "WAITING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class EntryRow:
    """One stored envelope. ``manifest`` is exact bytes; ``body`` None is a manifest-only entry.

    ``source`` is the agency it came from, "" for our own. ``arrival`` and ``leaf`` (index of the leaf that
    logs it) are set by the ledger; what a caller puts there is ignored.
    """

    envelope_id: bytes
    lane: bytes
    incarnation: bytes
    seq: int
    klass: int
    priority: int
    author: str
    created: int
    expires: int
    manifest: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    manifest_sha256: bytes
    previous: bytes = b""
    key_envelope: bytes = b""
    body: bytes | None = field(default=None, repr=False)
    own_wrap: bytes = field(default=b"", repr=False)
    source: str = ""
    arrived: int = 0
    arrival: int = 0
    leaf: int | None = None

    def stored(self, arrival: int, leaf: int | None) -> EntryRow:
        return replace(self, arrival=arrival, leaf=leaf)


@dataclass(frozen=True)
class EntryRef:
    """An entry without its bytes, for counting and for delivery facts."""

    arrival: int
    envelope_id: bytes
    manifest_sha256: bytes
    seq: int
    klass: int
    priority: int
    size: int


@dataclass(frozen=True)
class WrapRow:
    """One reader's copy of a lane key, with its path under the wraps root. Its KEY envelope is stored."""

    key_manifest_sha256: bytes
    index: int
    recipient: str
    wrap: bytes = field(repr=False)
    path: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class AttachmentRow:
    """One attachment of one stored entry. ``length`` of its ciphertext, 0 until all of it is here.

    ``lane`` and ``arrival`` are those of the entry, set by the ledger; what a caller puts there is ignored.
    """

    attachment: bytes
    manifest_sha256: bytes
    length: int = 0
    lane: bytes = b""
    arrival: int = 0


@dataclass(frozen=True)
class LeafRow:
    """One leaf, byte for byte. With ``key`` it is logged once however often it is offered.

    ``entry`` is the place in the batch of the entry that it logs: such a leaf is appended only together with
    its entry, so a duplicate or a fork leaves none.
    """

    data: bytes
    key: bytes | None = None
    entry: int | None = None


@dataclass(frozen=True)
class LaneInfo:
    """Who speaks to whom in a lane. ``audience`` is the canonical Audience; ``channel`` is "" for a list."""

    lane: bytes
    author: str
    audience: bytes
    channel: str = ""


@dataclass(frozen=True)
class LaneRow:
    """A row of the lane clock: ``next`` is one past the highest seq held, ``head`` the hash there."""

    lane: bytes
    incarnation: bytes
    floor: int
    next: int
    head: bytes
    holes: tuple[Range, ...] = ()
    closed: bool = False

    def hole_numbers(self, limit: int = 1000) -> list[int]:
        """The first ``limit`` missing sequence numbers, ascending."""
        found: list[int] = []
        for hole in self.holes:
            found.extend(range(hole.start, min(hole.stop, hole.start + limit - len(found))))
            if len(found) >= limit:
                break
        return found


@dataclass(frozen=True)
class DocumentRow:
    """A charter or an identity document, exact SignedDocument bytes. ``agency`` is "" for a charter.

    ``serial`` is the identity's serial or the charter's version, ``sha256`` that of the body. Two documents
    of one serial are both kept: they are a fork proof. ``arrived``: trusted time, Unix seconds.
    """

    kind: str
    agency: str
    serial: int
    sha256: bytes
    document: bytes = field(repr=False)
    arrived: int = 0
    number: int = field(default=0, compare=False)
    """Place in the order of arrival, from 1; 0 in a row that is not stored yet."""


@dataclass(frozen=True)
class DeliveryFact:
    """A fact about one envelope at one recipient. A fact that would move backwards changes nothing."""

    envelope_id: bytes
    recipient: str
    state: State
    since: int
    reason: str = ""
    via: str = ""


@dataclass(frozen=True)
class LaneRange:
    """Some sequence numbers of one lane: held by ``peer``, or, with peer "", covered by our own receipts."""

    peer: str
    lane: bytes
    incarnation: bytes
    start: int
    stop: int


@dataclass(frozen=True)
class Checkpoint:
    """A signed note over the tree at ``size``; the same size again replaces the note, never the root."""

    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True)
class PeerCheckpoint:
    """The newest head that we, as a witness, hold of another agency's log; stored before it is cosigned.

    ``note`` is the checkpoint under the log's own signatures. It never falls, and no size gets two roots.
    """

    origin: str
    agency: str
    size: int
    root: bytes
    note: bytes
    seen: int


@dataclass(frozen=True)
class JoinRow:
    """An invitation. ``verifier`` is what the joiner's answer is checked with; ``identity`` is set on use."""

    token_id: bytes
    agency: str
    state: JoinState
    expires: int
    verifier: bytes = field(default=b"", repr=False)
    identity: bytes = field(default=b"", repr=False)
    arrived: int = 0


@dataclass(frozen=True)
class JoinChange:
    """Put ``row`` if the invitation is in state ``expected`` (None: not there); else refuse the batch."""

    row: JoinRow
    expected: JoinState | None


@dataclass(frozen=True)
class IncarnationRow:
    """One of our own incarnations, oldest first; ``reason`` says why it began."""

    incarnation: bytes
    predecessor: bytes
    reason: str
    started: int


@dataclass(frozen=True)
class ErasureRow:
    """The content of an entry is gone here. ``final`` once no key to a copy elsewhere is left either."""

    envelope_id: bytes
    manifest_sha256: bytes
    key_envelope: bytes
    basis: str
    at: int
    final: bool = False


@dataclass(frozen=True)
class Fork:
    """Two signed manifests at one place. ``offered`` is kept beside the entry, not in the lane."""

    kept: EntryRow
    offered: EntryRow


@dataclass(frozen=True)
class LaneEnd:
    """An incarnation ends below ``stop``, as a successor says."""

    lane: bytes
    incarnation: bytes
    stop: int


@dataclass(frozen=True)
class Successor:
    """What a first entry says: ``incarnation`` goes on from ``predecessor``, which ended below ``stop`` with
    the manifest ``head``."""

    lane: bytes
    predecessor: bytes
    incarnation: bytes
    stop: int
    head: bytes


@dataclass(frozen=True)
class Batch:
    """What one transaction stores, in this order. Everything or nothing (forks excepted: see ``append``)."""

    lanes: tuple[LaneInfo, ...] = ()
    entries: tuple[EntryRow, ...] = ()
    wraps: tuple[WrapRow, ...] = ()
    attached: tuple[AttachmentRow, ...] = ()
    """Attachments of entries; one whose entry is not here, or without content, is left out."""
    leaves: tuple[LeafRow, ...] = ()
    successors: tuple[Successor, ...] = ()
    """Said by first entries. An incarnation that one closed leaves the live clock once it is held to its end;
    of several ends the furthest counts."""
    floors: tuple[tuple[bytes, bytes, int], ...] = ()
    """(lane, incarnation, floor): nothing below is expected any more. Never falls."""
    documents: tuple[DocumentRow, ...] = ()
    deliveries: tuple[DeliveryFact, ...] = ()
    held: tuple[LaneRange, ...] = ()
    """What a peer acknowledged; with peer "" what our receipts cover."""
    forget_peers: tuple[str, ...] = ()
    """Peers that lost their store: what they held is forgotten before ``held`` is added."""
    checkpoint: Checkpoint | None = None
    peer_checkpoints: tuple[PeerCheckpoint, ...] = ()
    """Heads of others' logs. One that would fall, or give a size a second root, refuses the batch."""
    joins: tuple[JoinChange, ...] = ()
    meta: tuple[tuple[str, Setting], ...] = ()
    ref_year: int | None = None
    """Reserve the next number of this year's ref counter, above ``ref_above`` wherever the counter stands."""
    ref_above: int = 0
    arrived: tuple[tuple[bytes, int], ...] = ()
    """(attachment, length): all of its ciphertext is here, durably; length 0: it is not any more."""
    mended: tuple[EntryRow, ...] = ()
    """Verified copies of entries that the disk has changed: they replace what stands at their place. When and
    from whom the entry first came, its arrival number and its leaf stay."""
    mended_documents: tuple[DocumentRow, ...] = ()
    """Good copies of documents that the disk has changed, each with the number of the row it replaces."""
    dropped_wraps: tuple[tuple[bytes, int], ...] = ()
    """(manifest hash of a KEY envelope, index): this wrap is worthless, and makes room for a good one."""
    erased: tuple[ErasureRow, ...] = ()
    """Body, own wrap and attachments of these entries go; header, signature and place stay for ever."""
    postponed: tuple[tuple[bytes, int], ...] = ()
    """(manifest hash, time): the entry is not due before that; 0: it is not due any more."""
    destroyed: tuple[bytes, ...] = ()
    """Manifest hashes of KEY envelopes whose wraps, and those of whoever wraps them again, are deleted."""
    incarnation: IncarnationRow | None = None
    """Go on in this new incarnation, for example after a fork of one of our own lanes."""


@dataclass(frozen=True)
class Head:
    """The committed state. ``entries`` is the highest arrival number."""

    store_id: bytes
    incarnation: bytes
    size: int
    root: bytes
    entries: int
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True)
class Appended:
    """What became of a batch, after its commit.

    ``first_leaf`` is the tree size before it, ``size`` and ``root`` the tree right after it. ``fresh[i]``:
    entry i is new. ``stored[i]``: that, or a fork that was not kept before. ``arrivals[i]``: its arrival
    number, old or new (0 for a fork). ``leaf_indexes[i]``: where leaf i stands, the earlier one if it was
    logged before, None if it was left out with its entry.
    ``moved[i]``: delivery fact i changed something. ``ref_number``: the reserved number.
    """

    first_leaf: int
    size: int
    root: bytes
    fresh: tuple[bool, ...] = ()
    stored: tuple[bool, ...] = ()
    arrivals: tuple[int, ...] = ()
    leaf_indexes: tuple[int | None, ...] = ()
    moved: tuple[bool, ...] = ()
    ref_number: int | None = None
    forks: tuple[Fork, ...] = ()
    clean: bool = True
    """Nothing that was erased is left in the write-ahead log. False while somebody reads an older state."""


@dataclass(frozen=True)
class Opened:
    """What opening found. ``reason`` is "" when the store simply goes on in its incarnation.

    Else a new incarnation began because the store was: "created", "marker-missing", "marker-damaged",
    "rolled-back" (the marker knows more than the database), "other-incarnation" (one of them was restored) or
    "restored" (a backup said so itself).
    """

    reason: str = ""
    marker_size: int = 0
    marker_entries: int = 0

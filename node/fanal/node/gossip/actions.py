# SPDX-License-Identifier: Apache-2.0
"""Everything the gossip core may ask of its driver. Perform them in the order given.

A driver answers `Ingest` with `Committed`, the `Load...` actions with `Loaded...`, and `TakeDocuments` with
`DocumentsTaken`, each with the same peer and request number, also when there is nothing to give. The core
bounds what is outstanding per peer, so an answer that never comes stalls that peer only.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from fanal.errors import FanalError
from fanal.node.gossip.events import Place, Span
from fanal.v1 import envelope_pb2, identity_pb2, peer_pb2


class Priority(enum.IntEnum):
    """Order of writing on a link. FLASH, ROUTINE and BULK equal the codes of `EnvelopePriority`."""

    CONTROL = 0  # acknowledgements, documents, clocks: small, and what everything else waits for
    FLASH = 1
    ROUTINE = 2
    BULK = 3


@dataclass(frozen=True)
class Send:
    """Write one frame. Frames of one priority keep their order; a lower number goes first."""

    peer: str
    frame: peer_pb2.Frame
    priority: Priority


@dataclass(frozen=True)
class Wanted:
    """A span to read. For KEY envelopes in it, also the wraps held for these recipients, in this order."""

    span: Span
    wraps_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadEntries:
    """Read entries for a peer: in the order given, stop after the entry that reaches `limit_bytes`."""

    peer: str
    request: int
    wanted: tuple[Wanted, ...]
    limit_bytes: int
    priority: Priority


@dataclass(frozen=True)
class LoadWraps:
    """Read the wraps held of one KEY envelope for these recipients."""

    peer: str
    request: int
    key_manifest_sha256: bytes
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class LoadDocuments:
    """Read all charters above a version, lowest first, and the newest identity documents of agencies."""

    peer: str
    request: int
    charters_after: int | None
    identities_of: tuple[str, ...]


@dataclass(frozen=True)
class Ingest:
    """Hand received bytes to the incoming story: bound, decode, verify, policy, append."""

    peer: str
    request: int
    envelopes: tuple[bytes, ...]
    wraps: tuple[envelope_pb2.WrapProof, ...] = ()


@dataclass(frozen=True)
class TakeDocuments:
    """Verify and keep documents of a peer, in this order."""

    peer: str
    request: int
    charters: tuple[identity_pb2.SignedDocument, ...]
    identities: tuple[identity_pb2.SignedDocument, ...]


@dataclass(frozen=True)
class RecordHeld:
    """The peer has committed these spans of this node's own lanes (SENT). Told once per link, so a
    fact that could not be stored comes again."""

    peer: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class RecordRefused:
    """The peer will never take this entry of ours; `reason` is its token."""

    peer: str
    place: Place
    reason: str


@dataclass(frozen=True)
class RecordDeferred:
    """The peer takes these entries of ours later: we are over its limit. Without places it is the peer's own
    affair, and it takes nothing."""

    peer: str
    places: tuple[Place, ...]
    limit: str
    most: int
    until: int


@dataclass(frozen=True)
class HandOn:
    """A checked frame of a linked peer that is not about lanes: checkpoints and their witnesses."""

    peer: str
    frame: peer_pb2.Frame


@dataclass(frozen=True)
class WakeAt:
    """Feed `Tick` at this time (Unix seconds). Replaces any earlier `WakeAt`."""

    time: float


@dataclass(frozen=True)
class Cut:
    """Close the link and feed `LinkDown`; the error names the cause for log and operator."""

    peer: str
    error: FanalError


@dataclass(frozen=True)
class Rest:
    """Read nothing more from the peer for so many seconds: it asks faster than its bucket pays for. The frame
    at hand was dropped; an honest peer asks again."""

    peer: str
    seconds: float
    error: FanalError


@dataclass(frozen=True)
class Noted:
    """The peer did what no honest peer does for long; people are told, and nothing else follows here."""

    peer: str
    error: FanalError


Action = (
    Send
    | LoadEntries
    | LoadWraps
    | LoadDocuments
    | Ingest
    | TakeDocuments
    | RecordHeld
    | RecordRefused
    | RecordDeferred
    | HandOn
    | WakeAt
    | Cut
    | Rest
    | Noted
)

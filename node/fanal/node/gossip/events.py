# SPDX-License-Identifier: Apache-2.0
"""Everything that can happen to the gossip core, as frozen facts.

The driver (a gRPC service, or the simulated network of the tests) builds them; `GossipCore.handle` is the
only consumer. Lanes are 32 bytes, incarnations 16, manifest hashes 32; `now` is Unix seconds as a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fanal.node.gossip.entitlement import LaneView, Roster
from fanal.v1 import envelope_pb2, identity_pb2, peer_pb2

OWN = ""  # source of what this node itself wrote


class Place(NamedTuple):
    """Where an entry stands: one place holds one manifest for ever, or there is a fork proof."""

    lane: bytes
    incarnation: bytes
    seq: int


class Span(NamedTuple):
    """A run of places of one stream, half open: start <= seq < stop."""

    lane: bytes
    incarnation: bytes
    start: int
    stop: int


class Closed(NamedTuple):
    """What entry 0 of a new incarnation says of the one before: it ends below `next`."""

    incarnation: bytes
    next: int


@dataclass(frozen=True)
class EntryMeta:
    """What gossip needs to know of a committed entry; never its body. Classes and priorities are the
    codes of `EnvelopeClass` and `EnvelopePriority`; `size` is the length of the envelope's bytes."""

    place: Place
    view: LaneView
    klass: int
    priority: int
    manifest_sha256: bytes
    size: int
    key_envelope: bytes = b""
    closes: Closed | None = None

    @classmethod
    def of_header(cls, header: envelope_pb2.Header, manifest_sha256: bytes, size: int) -> EntryMeta:
        """From a verified header. The lane's audience is taken as the header states it."""
        closes = None
        if header.HasField("predecessor"):
            closes = Closed(header.predecessor.incarnation, header.predecessor.next)
        return cls(
            place=Place(header.lane, header.incarnation, header.seq),
            view=LaneView.of_audience(header.lane, header.author, header.audience),
            klass=header.envelope_class,
            priority=header.priority,
            manifest_sha256=manifest_sha256,
            size=size,
            key_envelope=header.key_envelope,
            closes=closes,
        )


@dataclass(frozen=True)
class WrapMeta:
    """A committed wrap: whose copy of which lane key."""

    key_manifest_sha256: bytes
    lane: bytes
    recipient: str


@dataclass(frozen=True)
class Heads:
    """Which documents somebody holds: the newest charter, and per agency (serial, SHA-256 of the body)."""

    charter_version: int = 0
    charter_sha256: bytes = b""
    identities: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)

    @classmethod
    def of_hello(cls, hello: peer_pb2.HelloMessage) -> Heads:
        """The heads that a Hello announces; of two for one agency the higher serial counts."""
        identities: dict[str, tuple[int, bytes]] = {}
        for head in hello.identities:
            if head.serial >= identities.get(head.agency, (0, b""))[0]:
                identities[head.agency] = (head.serial, head.sha256)
        return cls(hello.charter_version, hello.charter_sha256, identities)


@dataclass(frozen=True)
class LoadedEntry:
    """An entry read from the store, with the wraps asked for if it is a KEY envelope."""

    place: Place
    klass: int
    priority: int
    manifest_sha256: bytes
    envelope: bytes
    key_envelope: bytes = b""
    wraps: tuple[envelope_pb2.WrapProof, ...] = ()


@dataclass(frozen=True)
class StreamInfo:
    """One row of the ledger's heads table. `holes` are the runs (start, stop) below
    `next` that are missing, all of them; `keys` are
    (manifest hash, seq) of the KEY envelopes of this stream, newest last; `closed` is set when a later
    incarnation has closed this one below that number."""

    incarnation: bytes
    next: int
    head: bytes
    floor: int = 0
    holes: tuple[tuple[int, int], ...] = ()
    keys: tuple[tuple[bytes, int], ...] = ()
    closed: int | None = None


@dataclass(frozen=True)
class LaneInfo:
    """A lane as the ledger knows it when the node starts."""

    view: LaneView
    rows: tuple[StreamInfo, ...]


# --- events -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LinkUp:
    """A link to an authenticated peer stands; Hello has been exchanged and its network is ours. ``run`` is
    another one whenever its process started anew. ``thin``: its operator says that its line is."""

    peer: str
    run: bytes
    heads: Heads
    thin: bool = False


@dataclass(frozen=True)
class LinkDown:
    """The link is gone. There is one link per peer: a driver that lets a newer connection replace an older
    one feeds `LinkUp` for the newer (which ends the older) and no `LinkDown` for the older."""

    peer: str
    reason: str = ""


@dataclass(frozen=True)
class Received:
    """One decoded frame of a peer (at most 1 MiB on the wire; the transport enforces that)."""

    peer: str
    frame: peer_pb2.Frame


@dataclass(frozen=True)
class Committed:
    """Entries and wraps are durable. The answer to every `Ingest` (same `source` and `request`, empty if
    nothing was taken), and the news of what this node wrote itself (source OWN, request 0).

    `known` are places that were held already with the same manifest: acknowledged again, without effect.
    """

    entries: tuple[EntryMeta, ...] = ()
    source: str = OWN
    request: int = 0
    known: tuple[Place, ...] = ()
    wraps: tuple[WrapMeta, ...] = ()


NOT_STORED = "not-stored"
"""The verdict on an entry that could not be stored now: no refusal, for it is asked for again."""
NOT_FINAL = "not-final"
"""The verdict on a manifest that came too early without its content: others are asked, and the same peer with
the next round, when the withdrawal that explains it may have come."""


@dataclass(frozen=True)
class NotStored:
    """The other answer to an `Ingest`: the store failed, so nothing of these places was taken."""

    source: str
    request: int
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Damaged:
    """The disk has changed these entries: they are not held any more until a good copy is committed."""

    places: tuple[Place, ...]


@dataclass(frozen=True)
class Refused:
    """What this node will not take from this peer, with the token to tell it. Feed it before `Committed`."""

    peer: str
    entries: tuple[tuple[Place, str], ...]


@dataclass(frozen=True)
class Deferred:
    """What this node will not take of this peer, or of any, before `until`: its author is over a quota. The
    limit's name and value are told to the peer. Feed it before `Committed`."""

    peer: str
    entries: tuple[Place, ...]
    limit: str
    most: int
    until: float


@dataclass(frozen=True)
class Loaded:
    """The answer to `LoadEntries`: what the store holds of it, in the order asked. `truncated`: the byte
    limit stopped the reading, so the rest of the request is asked for again."""

    peer: str
    request: int
    entries: tuple[LoadedEntry, ...]
    truncated: bool = False


@dataclass(frozen=True)
class LoadedWraps:
    """The answer to `LoadWraps`: the lane of the KEY envelope (None when it is not held) and its wraps."""

    peer: str
    request: int
    view: LaneView | None
    wraps: tuple[envelope_pb2.WrapProof, ...]


@dataclass(frozen=True)
class LoadedDocuments:
    """The answer to `LoadDocuments`, in the order in which they must be taken."""

    peer: str
    request: int
    charters: tuple[identity_pb2.SignedDocument, ...]
    identities: tuple[identity_pb2.SignedDocument, ...]


@dataclass(frozen=True)
class DocumentsTaken:
    """The answer to `TakeDocuments` (same source and request), and the news of documents that came
    otherwise (source OWN, request 0): `heads` is all this node holds now."""

    heads: Heads
    source: str = OWN
    request: int = 0


@dataclass(frozen=True)
class DocumentsMissing:
    """An envelope waits for a charter or an identity that this node has not got."""

    agencies: tuple[str, ...] = ()
    charter: bool = False


@dataclass(frozen=True)
class WrapsMissing:
    """Lane keys that could not be opened because a wrap is missing (also read from the store at start)."""

    wraps: tuple[WrapMeta, ...]


@dataclass(frozen=True)
class RosterChanged:
    """A new charter, identity or trust list is in force. Feed it before `DocumentsTaken`."""

    roster: Roster


@dataclass(frozen=True)
class Tick:
    """The time of the last `WakeAt` has come."""


Event = (
    LinkUp
    | LinkDown
    | Received
    | Committed
    | NotStored
    | Damaged
    | Refused
    | Deferred
    | Loaded
    | LoadedWraps
    | LoadedDocuments
    | DocumentsTaken
    | DocumentsMissing
    | WrapsMissing
    | RosterChanged
    | Tick
)

# SPDX-License-Identifier: Apache-2.0
"""One envelope in its three shapes: bytes on the wire, a row of the ledger, gossip's view."""

from __future__ import annotations

from fanal.envelope import ciphers
from fanal.envelope import content as contents
from fanal.envelope.verify import Received
from fanal.node.gossip.entitlement import LaneView
from fanal.node.gossip.events import EntryMeta, Place
from fanal.node.ledger.rows import EntryRow, LaneInfo, Successor
from fanal.v1.envelope_pb2 import Content, Envelope, EnvelopeClass, Header, Manifest


def row_of(received: Received, source: str, now: int) -> EntryRow:
    """The ledger's row of a verified envelope; ``source`` is the peer it came from, "" for our own."""
    header, envelope = received.header, received.envelope
    return EntryRow(
        envelope_id=header.envelope_id,
        lane=header.lane,
        incarnation=header.incarnation,
        seq=header.seq,
        klass=header.envelope_class,
        priority=header.priority,
        author=header.author,
        created=header.created,
        expires=header.expires,
        manifest=envelope.manifest,
        signature=envelope.signature,
        manifest_sha256=received.manifest_sha256,
        previous=header.previous_manifest_sha256,
        key_envelope=header.key_envelope,
        body=envelope.body if envelope.body or received.is_key else None,
        own_wrap=envelope.own_wrap,
        source=source,
        arrived=now,
    )


def attachments_of(row: EntryRow) -> tuple[bytes, ...]:
    """The names of an entry's attachments, as its author signed them."""
    if row.klass != EnvelopeClass.NOTICE:
        return ()
    return tuple(Manifest.FromString(row.manifest).attachments)


def content_of(row: EntryRow, content_key: bytes) -> Content:
    """The content of an entry whose body is here, with the key that its first opening gave."""
    header = Manifest.FromString(row.manifest).header
    return contents.decode(ciphers.open_body(content_key, header, row.body or b""))


def lane_of(header: Header) -> LaneInfo:
    """Author and audience of the header's lane, as the ledger keeps them."""
    audience = header.audience.SerializeToString(deterministic=True)
    return LaneInfo(header.lane, header.author, audience, header.audience.channel)


def successor_of(header: Header) -> Successor | None:
    """What a first entry says of the incarnation that it closes; None for any other."""
    if not header.HasField("predecessor"):
        return None
    before = header.predecessor
    return Successor(header.lane, before.incarnation, header.incarnation, before.next, before.head)


def header_of(row: EntryRow) -> Header:
    """The header of a stored entry, which was verified before it was stored."""
    return Header.FromString(Manifest.FromString(row.manifest).header)


def envelope_bytes(row: EntryRow) -> bytes:
    """The bytes that travel. A manifest-only entry has no body."""
    return Envelope(
        manifest=row.manifest, signature=row.signature, body=row.body or b"", own_wrap=row.own_wrap
    ).SerializeToString(deterministic=True)


def size_of(row: EntryRow) -> int:
    """Bytes on the wire, but for a few bytes of framing."""
    return len(row.manifest) + len(row.signature) + len(row.body or b"") + len(row.own_wrap)


def meta_of(received: Received, row: EntryRow) -> EntryMeta:
    """What gossip needs to know of it."""
    return EntryMeta.of_header(received.header, row.manifest_sha256, size_of(row))


def view_of(received: Received) -> LaneView:
    """The lane as entitlement judges it."""
    header = received.header
    return LaneView.of_audience(header.lane, header.author, header.audience)


def place_of(row: EntryRow) -> Place:
    return Place(row.lane, row.incarnation, row.seq)

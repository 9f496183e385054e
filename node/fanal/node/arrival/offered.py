# SPDX-License-Identifier: Apache-2.0
"""Manifest-only entries on their way: header and signature of what was erased, which fill the sequence.

Promise: a holder that lets go of content early cannot make others lose it. A reader takes such an entry as
final only if its trusted time is past the header's ``expires``, or if it holds a deleting withdrawal of that
author for a notice that never came; otherwise it refuses this copy and asks other holders. What is erased
here is never taken in again, whoever offers it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.envelope import limits
from fanal.envelope.verify import (
    Received,
    Verified,
    bound_and_decode,
    decode_manifest_only,
    verify_received,
    verify_signed,
)
from fanal.errors import FanalError
from fanal.keys import strict
from fanal.node.gossip.events import NOT_FINAL
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.ledger.rows import EntryRow, ErasureRow, LaneRange
from fanal.node.retention import trusted
from fanal.v1.envelope_pb2 import Envelope, EnvelopeClass

__all__ = ["NOT_FINAL", "decode", "final", "is_manifest_only", "kept", "never_held", "stored", "verify"]

if TYPE_CHECKING:
    from fanal.node.node import Node


def decode(raw: bytes) -> Received:
    """As ``bound_and_decode``, and manifest-only entries too."""
    try:
        envelope = strict.decode(Envelope, raw, limits.ENVELOPE_RAW)
    except FanalError:
        return bound_and_decode(raw)
    if envelope.body or envelope.own_wrap:
        return bound_and_decode(raw)
    received = decode_manifest_only(envelope.manifest, envelope.signature)
    return bound_and_decode(raw) if received.is_key else received


def verify(received: Received, node: Node) -> Verified:
    """Membership, key, signature, and the hashes of what is there."""
    check = verify_signed if is_manifest_only(received) else verify_received
    return check(received, node.directory, node.now)


def stored(node: Node, row: EntryRow) -> Verified:
    """An entry of the ledger, verified again, with or without its content."""
    return verify(decode(envelope_bytes(row)), node)


def is_manifest_only(received: Received) -> bool:
    """Content that is not there; a KEY envelope has none."""
    return not received.is_key and not received.envelope.body


def final(node: Node, verified: Verified) -> bool:
    """Whether an entry is taken as it came: whole, or manifest-only and rightly so."""
    if not is_manifest_only(verified.received) or node.erasures.find(verified.manifest_sha256):
        return True
    if verified.header.expires <= trusted.now(node).time:
        return True
    # A withdrawal names a notice and not its envelope, so it vouches for one that never came.
    if node.locked or verified.header.envelope_class != EnvelopeClass.NOTICE:
        return False
    return node.vault.notices.deletes_unknown(verified.header.author)


def kept(node: Node, row: EntryRow) -> tuple[EntryRow, tuple[ErasureRow, ...]]:
    """The row as it is stored: without the content, if that was erased here in an earlier life."""
    line = node.erasures.find(row.manifest_sha256)
    if line is None:
        return row, ()
    erasure = ErasureRow(row.envelope_id, row.manifest_sha256, row.key_envelope, line.basis, line.at)
    return replace(row, body=None, own_wrap=b""), (erasure,)


def never_held(rows: Iterable[EntryRow]) -> tuple[LaneRange, ...]:
    """Places whose content never was here: no receipt says STORED of them."""
    return tuple(
        LaneRange("", row.lane, row.incarnation, row.seq, row.seq + 1) for row in rows if row.body is None
    )

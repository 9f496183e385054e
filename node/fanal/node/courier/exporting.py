# SPDX-License-Identifier: Apache-2.0
"""Making a courier file: what an agency may hold and is not known to have, signed by this node.

Promise: before the file is handed out the ledger has an `admin` leaf that names the person and the file's
SHA-256. Making one marks nothing as delivered: until a file of the agency says what it holds, the next one
has the same again, so a file that is lost costs only its bytes. The key that its header names signs it,
though another be taken up while it is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.arrival import opening
from fanal.node.courier import remembered
from fanal.node.courier.errors import NOT_TO_ONESELF
from fanal.node.courier.form import MOST_BYTES, Writer, hash_to
from fanal.node.courier.gather import Gathering
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.gossip.errors import NOT_A_PEER
from fanal.node.gossip.events import WrapMeta
from fanal.node.lanes.leaves import admin_leaf
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import Batch
from fanal.node.receipts import issuing
from fanal.v1.courier_pb2 import CourierHeader, CourierPeer
from fanal.v1.envelope_pb2 import EnvelopePriority

if TYPE_CHECKING:
    from fanal.node.node import Node

LEAF = "courier-export"


@dataclass(frozen=True)
class Exported:
    """What the file is and holds. ``partial``: the limit left something out. ``attachments`` are in it to
    their last piece, of ``begun`` there are pieces."""

    number: int
    size: int
    sha256: bytes
    entries: int
    documents: int
    attachments: int
    begun: int
    partial: bool


def export(
    node: Node,
    actor: Actor,
    agency: str,
    file: IO[bytes],
    announce: Callable[[Written], None],
    *,
    everything: bool = False,
    rest: bool = False,
    limit: int = MOST_BYTES,
) -> Exported:
    """Write the file for ``agency`` and log it. Receipts that are owed are issued first, so that they travel.
    ``rest``: without what the files have that were made since the agency's own newest one came.

    Raises NOT_TO_ONESELF, NOT_A_PEER, LOCKED, FILE_TOO_LARGE for a limit out of range.
    """
    if agency == node.agency:
        raise FanalError(NOT_TO_ONESELF, agency=agency)
    if not node.roster().is_peer(agency):
        raise FanalError(NOT_A_PEER, peer=agency[:16])
    person = person_mac(node.keys.person_key, actor.officer_id)
    missing = _settle(node, announce)
    peer, signer = remembered.load(node, agency), node.keys.signer
    writer = Writer(file, _header(node, agency, peer, signer.key_id), limit)
    gathering = Gathering(node, agency, peer, everything, rest)
    entries = documents = 0
    partial = False
    for frame in gathering.frames(missing):
        if not writer.put(frame):
            partial = True
            break
        entries += len(frame.entries.envelopes)
        documents += len(frame.documents.charters) + len(frame.documents.identities)
    writer.finish(signer.seed)
    size = file.seek(0, os.SEEK_END)
    sha256 = hash_to(file, size).digest()
    peer.sent, peer.sent_sha256 = peer.sent + 1, sha256
    giving = gathering.giving
    peer.given.CopyFrom(gathering.carried.record(giving.waiting))
    unfinished = len(giving.begun & giving.waiting.keys())
    leaf = admin_leaf(LEAF, sha256, node.now, person)
    node.ledger.append(Batch(leaves=(leaf,), meta=(remembered.meta(agency, peer),)))
    whole = len(giving.begun) - unfinished
    return Exported(peer.sent, size, sha256, entries, documents, whole, unfinished, partial)


def _settle(node: Node, announce: Callable[[Written], None]) -> tuple[WrapMeta, ...]:
    """Open what came and answer for it now; the wraps that are missing for it."""
    opened = opening.open_arrived(node, everything=True)
    announce(Written())  # what the opening wrote lies on the node's tray, which is taken up with this
    if opened.written.failure is not None:
        raise opened.written.failure
    announce(issuing.issue_coverage(node, issuing.uncovered(node), EnvelopePriority.ROUTINE))
    return opened.wraps_missing


def _header(node: Node, agency: str, peer: CourierPeer, key_id: bytes) -> CourierHeader:
    return CourierHeader(
        hello=node.hello(),
        addressee=agency,
        key_id=key_id,
        created=node.now,
        number=peer.sent + 1,
        previous_sha256=peer.sent_sha256,
        heard=peer.heard,
        heard_sha256=peer.heard_sha256,
    )

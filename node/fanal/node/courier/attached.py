# SPDX-License-Identifier: Apache-2.0
"""Attachments in courier files: piece by piece, behind all entries, as far as the size allows.

Sent are those of the entries in the same file, and what the addressee's newest file asked for, from the piece
that it named on. Each piece is verified against the attachment's name before it is written, as on a link.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from fanal.envelope.pieces import pieces_of
from fanal.errors import FanalError
from fanal.node.attachments.carrier import stored
from fanal.node.attachments.errors import DAY_FULL, NO_FOLDER, NOT_ATTACHED, OVER_LIMIT
from fanal.node.attachments.fetching import WINDOW
from fanal.node.attachments.folder import Piece
from fanal.node.attachments.serving import serve, views
from fanal.node.gossip.events import LoadedEntry
from fanal.v1 import peer_pb2
from fanal.v1.envelope_pb2 import Envelope, EnvelopeClass, Manifest, SeqRange

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.courier")
ASKED = 1000
"""Attachments asked for in one file."""
_NOT_NOW = (DAY_FULL, NO_FOLDER, NOT_ATTACHED, OVER_LIMIT)


def named_in(entries: Iterable[LoadedEntry]) -> list[bytes]:
    """The attachments of entries read from the ledger."""
    manifests = (Envelope.FromString(e.envelope).manifest for e in entries if e.klass == EnvelopeClass.NOTICE)
    return [name for one in manifests for name in Manifest.FromString(one).attachments]


def wanted(node: Node, lanes: Iterable[bytes]) -> Iterator[peer_pb2.Frame]:
    """What is missing here of these lanes, from the first missing piece on."""
    for row in node.ledger.entries.missing(ASKED):
        if row.lane in lanes:
            have = node.attachments.progress(row.attachment).have
            want = peer_pb2.WantPieces(
                attachment=row.attachment, ranges=[SeqRange(start=have, stop=have + 1)]
            )
            yield peer_pb2.Frame(want_pieces=want)


def given(node: Node, agency: str, starts: Mapping[bytes, int]) -> Iterator[peer_pb2.Frame]:
    """Pieces of these attachments, each from an index on, as far as the agency may hold them and they are
    here."""
    for name, index in starts.items():
        total = index + 1
        while index < total:
            served = serve(node, agency, name, range(index, index + WINDOW))
            if not served.pieces:
                break
            total = pieces_of(served.pieces[0].length)
            index += len(served.pieces)
            for one in served.pieces:
                pieces = peer_pb2.Pieces(
                    attachment=name, length=one.length, index=one.index, data=one.data, path=one.path
                )
                yield peer_pb2.Frame(pieces=pieces)


def take(node: Node, frame: peer_pb2.Pieces) -> bool:
    """Verify and store one piece; False when it cannot be stored now. A piece that is here, or comes before
    the one it follows, changes nothing. Raises VerificationError for one that is not of its attachment."""
    rows = node.ledger.entries.attached(frame.attachment)
    authors = [view.author for view in views(node, rows)]
    if not authors:
        return False
    have = node.attachments.progress(frame.attachment)
    if have.whole or frame.index < have.have:
        return True
    piece = Piece(frame.attachment, frame.length, frame.index, frame.data, tuple(frame.path))
    try:
        stored(node, authors[0], [piece])
    except FanalError as error:
        if error.kind not in _NOT_NOW:
            raise
        log.warning("attachment %s: %s", frame.attachment.hex(), error)
        return False
    return True

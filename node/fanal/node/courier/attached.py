# SPDX-License-Identifier: Apache-2.0
"""Attachments in courier files: piece by piece, behind all entries, as far as the size allows.

Sent are those that the addressee's newest file asked for, from the piece that it named on, and those of the
entries in the same file. Each piece is verified against the attachment's name before it is written, as on a
link; one of an attachment that no notice here names is let pass.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fanal.envelope.pieces import pieces_of
from fanal.errors import FanalError
from fanal.node.attachments.carrier import stored
from fanal.node.attachments.errors import DAY_FULL, NO_FOLDER, NOT_ATTACHED, OVER_LIMIT
from fanal.node.attachments.fetching import WINDOW
from fanal.node.attachments.folder import Piece, Progress
from fanal.node.attachments.serving import serve, views
from fanal.node.courier.carried import asked
from fanal.node.gossip.events import LoadedEntry
from fanal.v1 import peer_pb2
from fanal.v1.envelope_pb2 import Envelope, EnvelopeClass, Manifest

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.courier")
ASKED = 1000
"""Attachments asked for in one file."""
_NOT_NOW = (DAY_FULL, NO_FOLDER, NOT_ATTACHED, OVER_LIMIT)


def named_in(entry: LoadedEntry) -> list[bytes]:
    """The attachments of an entry read from the ledger."""
    if entry.klass != EnvelopeClass.NOTICE:
        return []
    return list(Manifest.FromString(Envelope.FromString(entry.envelope).manifest).attachments)


def wanted(node: Node, lanes: Iterable[bytes]) -> Iterator[peer_pb2.Frame]:
    """What is missing here of these lanes, from the first missing piece on."""
    for row in node.ledger.entries.missing(ASKED):
        if row.lane in lanes:
            have = node.attachments.progress(row.attachment).have
            yield peer_pb2.Frame(want_pieces=asked(row.attachment, have))


class Giving:
    """Pieces for one file. ``waiting``: the attachments that are not through yet, and where each goes on."""

    def __init__(self, node: Node, agency: str, starts: Mapping[bytes, int]) -> None:
        self._node, self._agency = node, agency
        self.waiting = dict(starts)
        self.begun: set[bytes] = set()
        """Of these the file has pieces."""

    def frames(self) -> Iterator[peer_pb2.Frame]:
        """As far as the agency may hold them and they are here. Whoever goes on has written the frame."""
        for name, index in list(self.waiting.items()):
            total = index + 1
            while index < total:
                served = serve(self._node, self._agency, name, range(index, index + WINDOW))
                if not served.pieces:
                    break
                total = pieces_of(served.pieces[0].length)
                for one in served.pieces:
                    yield _frame(one)
                    self.begun.add(name)
                    self.waiting[name] = index = one.index + 1
            else:
                del self.waiting[name]


def _frame(piece: Piece) -> peer_pb2.Frame:
    pieces = peer_pb2.Pieces(
        attachment=piece.attachment, length=piece.length, index=piece.index, data=piece.data, path=piece.path
    )
    return peer_pb2.Frame(pieces=pieces)


class Took(NamedTuple):
    """What is here of an attachment now. ``new``: by this piece."""

    here: Progress
    new: bool


def take(node: Node, frame: peer_pb2.Pieces) -> Took | None:
    """Verify and store one piece; None when no notice here names its attachment. A piece that is here, that
    comes before the one it follows, or that cannot be stored now, changes nothing. Raises VerificationError
    for one that is not of its attachment."""
    rows = node.ledger.entries.attached(frame.attachment)
    authors = [view.author for view in views(node, rows)]
    if not authors:
        return None
    have = node.attachments.progress(frame.attachment)
    if have.whole or frame.index < have.have:
        return Took(have, new=False)
    piece = Piece(frame.attachment, frame.length, frame.index, frame.data, tuple(frame.path))
    try:
        return Took(stored(node, authors[0], [piece]), new=True)
    except FanalError as error:
        if error.kind not in _NOT_NOW:
            raise
        log.warning("attachment %s: %s", frame.attachment.hex(), error)
        return Took(have, new=False)

# SPDX-License-Identifier: Apache-2.0
"""Pieces for a peer that asks: only of what it may hold, only what still verifies.

Promise: what the peer may not hold and what is not here get the same answer. A piece that the disk has spoilt
is not sent; the attachment is then missing again and fetched from others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanal.errors import VerificationError
from fanal.node.attachments.folder import Piece, Progress
from fanal.node.gossip.entitlement import LaneView, may_offer
from fanal.node.lanes.reading import view_of_lane
from fanal.node.ledger.rows import AttachmentRow, Batch

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.attachments")


@dataclass
class Served:
    """What there is of what was asked for. ``lacking``: not all; who gets the end of a whole one lacks
    nothing. ``entitled``: the peer may be told of more when it comes."""

    pieces: list[Piece] = field(default_factory=list)
    entitled: bool = True
    lacking: bool = False


def views(node: Node, rows: Iterable[AttachmentRow]) -> tuple[LaneView, ...]:
    """The lanes in which an attachment stands."""
    infos = [node.ledger.lanes.info(lane) for lane in dict.fromkeys(row.lane for row in rows)]
    return tuple(view_of_lane(info) for info in infos if info is not None)


def serve(node: Node, peer: str, attachment: bytes, indexes: Iterable[int]) -> Served:
    """Read pieces for a peer."""
    allowed = views(node, node.ledger.entries.attached(attachment))
    if not any(may_offer(peer, view, node.roster()) for view in allowed):
        return Served(entitled=False, lacking=True)
    served = Served()
    for index in indexes:
        try:
            piece = node.attachments.read(attachment, index)
        except VerificationError as error:
            log.error("attachment %s: %s", attachment.hex(), error)
            lost(node, attachment)
            served.lacking = True
            break
        if piece is None:
            here = check_here(node, attachment)
            served.lacking = not (served.pieces and here.whole and index >= here.total)
            break
        served.pieces.append(piece)
    return served


def check_here(node: Node, attachment: bytes) -> Progress:
    """How much is here. What the ledger has as arrived, and the disk has not whole any more, is lost."""
    found = node.attachments.progress(attachment)
    if found.whole or not any(row.length for row in node.ledger.entries.attached(attachment)):
        return found
    lost(node, attachment)
    return node.attachments.progress(attachment)


def lost(node: Node, attachment: bytes) -> None:
    """Not all of it is here any more: what still verifies is kept, the rest is fetched."""
    if not node.attachments.damaged(attachment).whole:
        node.ledger.append(Batch(arrived=((attachment, 0),)))
        node.attachments.spoilt = True  # after the commit: who looks before it finds nothing missing

# SPDX-License-Identifier: Apache-2.0
"""What a file says beside its entries, and what is remembered of it for the next file to its sender.

The sender's clock is its word that it has committed what it names (SENT at us); its verdicts, its view of our
log, its cosignature and its own checkpoint are taken as on a link. Its questions are answered by the next
file. Of a file that is older than one taken in before only facts that stay true count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanal.node.courier import remembered
from fanal.node.courier.form import Opened
from fanal.node.courier.gather import Gathering
from fanal.node.courier.told import Told
from fanal.node.damage import sound
from fanal.node.forks import kept
from fanal.node.gossip.entitlement import may_offer, readers_of
from fanal.node.gossip.events import Place, Span, WrapMeta, WrapsMissing
from fanal.node.gossip.push import recipient_of
from fanal.node.incoming import Outcome
from fanal.node.ledger.rows import Batch
from fanal.node.receipts import facts
from fanal.node.witness import attending, ownlog
from fanal.v1.courier_pb2 import CourierPeer
from fanal.v1.ledger_pb2 import LaneClock
from fanal.v1.peer_pb2 import CheckpointOffer, Cosigned, Frame, Refused, WantPieces, WantWraps, WitnessedHead

if TYPE_CHECKING:
    from fanal.node.node import Node

ROW_BYTES = 4 * 1024 * 1024
"""Of clock rows remembered of a file; what lies beyond is sent again."""
WANTS = 1000


@dataclass
class Said:
    """The frames of one file that are neither documents, nor proofs, nor entries; bounded."""

    rows: list[LaneClock] = field(default_factory=list)
    row_bytes: int = 0
    verdicts: list[Refused] = field(default_factory=list)
    wants: list[WantWraps] = field(default_factory=list)
    pieces: list[WantPieces] = field(default_factory=list)
    witnessed: WitnessedHead | None = None
    cosigned: Cosigned | None = None
    checkpoint: CheckpointOffer | None = None

    def take(self, frame: Frame) -> None:
        """One checked frame; kinds that mean nothing in a file are left alone."""
        kind = frame.WhichOneof("frame")
        if kind == "clock":
            self._clock(frame.clock.rows)
        elif kind == "ack":
            self.verdicts = [*self.verdicts, *frame.ack.refused][: remembered.VERDICTS]
        elif kind == "want_wraps" and len(self.wants) < WANTS:
            self.wants.append(frame.want_wraps)
        elif kind == "want_pieces" and len(self.pieces) < WANTS:
            self.pieces.append(frame.want_pieces)
        elif kind in ("witnessed", "cosigned", "checkpoint"):
            setattr(self, kind, getattr(frame, kind))

    def _clock(self, rows: Sequence[LaneClock]) -> None:
        for row in rows:
            self.row_bytes += row.ByteSize()
            if self.row_bytes <= ROW_BYTES:
                self.rows.append(row)


def follow(node: Node, sender: str, peer: CourierPeer, said: Said, tell: Told) -> None:
    """Take what the sender says of us. ``peer`` gets its answers about our log and ours about its own."""
    answered = node.standing.answered
    _sent(node, sender, said.rows)
    _refused(node, sender, said.verdicts)
    if said.witnessed is not None:
        peer.log_size = ownlog.told(node, sender, said.witnessed.note) or 0
    if said.cosigned is not None:
        _cosigned(node, sender, peer, said.cosigned)
    if said.checkpoint is not None:
        _attend(node, sender, peer, said.checkpoint, tell)
    if node.standing.answered and not answered:
        tell.answered()


def remember(node: Node, opened: Opened, peer: CourierPeer, said: Said, verdicts: Sequence[Refused]) -> None:
    """The newest file of its sender: its clock, verdicts and questions, for what goes into the next one."""
    header = opened.header
    refused = [v for v in remembered.merged(peer.refused, verdicts) if not _held(node, v)]
    for name in ("rows", "will_not_take", "wants", "refused", "pieces", "given"):
        peer.ClearField(name)
    peer.MergeFrom(
        CourierPeer(
            rows=said.rows,
            will_not_take=said.verdicts,
            wants=said.wants,
            refused=refused,
            pieces=said.pieces,
        )
    )
    peer.heard, peer.heard_sha256 = header.number, opened.sha256
    peer.heard_at = min(header.created, node.now)
    peer.hello.CopyFrom(header.hello)
    node.ledger.append(Batch(meta=(remembered.meta(opened.sender, peer),)))


def ask_on(node: Node, sender: str, wants: Iterable[WantWraps], tell: Told) -> None:
    """Wraps that the sender asks for and that are not here are asked for on, as for who asks over a link; its
    next file asks again, and what has come by then is in the one after it."""
    lacking = tuple(wrap for want in wants for wrap in _lacking(node, sender, want))
    if lacking:
        tell.asked(WrapsMissing(lacking))


def _lacking(node: Node, sender: str, want: WantWraps) -> list[WrapMeta]:
    """Of readers of a lane that the sender may hold; nothing of any other."""
    names = tuple(want.recipients) or (sender,)
    view, wraps = sound.wraps(node, want.key_manifest_sha256, names)
    if view is None or not may_offer(sender, view, node.roster()):
        return []
    found = {recipient_of(wrap) for wrap in wraps} | {view.author}
    readers = readers_of(view, node.roster()) & set(names)
    return [WrapMeta(want.key_manifest_sha256, view.lane, name) for name in sorted(readers - found)]


def _held(node: Node, verdict: Refused) -> bool:
    """Whether what was refused has come since, whole."""
    return (
        node.ledger.entries.at(verdict.entry.lane, verdict.entry.incarnation, verdict.entry.seq) is not None
    )


def _sent(node: Node, sender: str, rows: Sequence[LaneClock]) -> None:
    """It has committed these of our own entries."""
    gathering = Gathering(node, sender, CourierPeer(rows=rows), everything=False)
    spans = [
        Span(*key, *run)
        for key, held in gathering.told.items()
        if gathering.lanes[key[0]].author == node.agency
        for start, stop in held
        for run in gathering.streams[key].held.within(start, stop)
    ]
    facts.record_held(node, sender, spans)


def _refused(node: Node, sender: str, verdicts: Sequence[Refused]) -> None:
    """It will never take these of our own entries."""
    for verdict in verdicts:
        place = Place(verdict.entry.lane, verdict.entry.incarnation, verdict.entry.seq)
        lane = node.ledger.lanes.info(place.lane)
        if lane is not None and lane.author == node.agency:
            facts.record_refused(node, sender, place, verdict.reason)


def _cosigned(node: Node, sender: str, peer: CourierPeer, reply: Cosigned) -> None:
    if reply.lines:
        peer.log_size = max(peer.log_size, ownlog.merge(node, sender, reply) or 0)
    else:
        peer.log_size = ownlog.told(node, sender, reply.holds) or 0


def _attend(node: Node, sender: str, peer: CourierPeer, offer: CheckpointOffer, tell: Told) -> None:
    """As its witness; the answer goes into the next file."""
    attended = attending.attend(node, sender, offer)
    if attended.answer is not None:
        peer.cosigned.CopyFrom(attended.answer)
    if attended.fork is not None:
        tell.carried(Outcome(forks=kept.of_root(node, attended.fork)))

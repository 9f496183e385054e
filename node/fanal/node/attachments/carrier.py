# SPDX-License-Identifier: Apache-2.0
"""The conversation about attachments with every linked peer. Touched by the loop's thread only.

    entry stored, link up   -> `want_pieces`: a few pieces of what is missing here
    `want_pieces`           -> `pieces`, one a frame, or `news`: not found
    `pieces`                -> verified, written; more are asked for; the last one: `news` to others: held

All of it goes out at priority BULK, so nothing waits for it. What touches the disk runs in ``run``; pieces of
one attachment are written one after the other. A frame of a peer never makes this raise.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fanal.envelope.pieces import check_piece
from fanal.errors import FanalError, VerificationError
from fanal.node.attachments import counting
from fanal.node.attachments.errors import AUTHOR_FULL, DAY_FULL, NOT_ATTACHED, OVER_LIMIT, UNASKED
from fanal.node.attachments.fetching import REMEMBERED, RETRY, WINDOW, Ask, Fetching, Want
from fanal.node.attachments.folder import Piece, Progress
from fanal.node.attachments.serving import Served, serve, views
from fanal.node.gossip.entitlement import LaneView, may_offer
from fanal.node.gossip.peer_state import Bucket
from fanal.node.ledger.rows import AttachmentRow, Batch
from fanal.node.transport import Runner
from fanal.v1 import peer_pb2
from fanal.v1.envelope_pb2 import SeqRange

if TYPE_CHECKING:
    from fanal.node.node import Node

SERVED_AT_A_TIME = 8
"""Requests of one peer that are being read; its further ones are not answered."""
UNASKED_BURST = 64.0
"""Pieces that come too late are no fault; more than so many at once are."""
LATER = 3600.0
"""What is over a limit is looked at again."""
_PAGE = 64
_LIMITS = (DAY_FULL, OVER_LIMIT, AUTHOR_FULL)


class Carrier:
    """``transmit`` queues a frame at priority BULK; ``strike`` counts an error against a peer, ``cut`` ends
    its link. ``run`` gives a FanalError as the result of work that fails."""

    def __init__(
        self,
        node: Node,
        transmit: Callable[[str, peer_pb2.Frame], None],
        run: Runner,
        strike: Callable[[str, list[FanalError]], None],
        cut: Callable[[str, FanalError], None],
    ) -> None:
        self._node, self._transmit, self._run = node, transmit, run
        self._strike, self._cut = strike, cut
        self._fetching = Fetching(self._may_offer)
        self._peers: dict[str, Bucket] = {}
        self._serving: dict[str, int] = {}
        self._waiting: dict[bytes, dict[int, Piece]] = {}
        self._askers: OrderedDict[bytes, set[str]] = OrderedDict()
        self._cursor = (0, b"")
        self._looking = self._look_again = False
        self._round_at: float | None = None

    # --- links and time --------------------------------------------------------------------------------

    def link_up(self, peer: str) -> None:
        self._peers[peer] = Bucket(1.0, UNASKED_BURST, UNASKED_BURST, self._node.ticks)
        self._serving[peer] = 0
        self._fetching.link_up(peer)
        self._choose()

    def link_down(self, peer: str) -> None:
        self._peers.pop(peer, None)
        self._fetching.link_down(peer)
        self._choose()

    def look(self) -> None:
        """Something may be missing that was not: at the start, and when entries came."""
        if self._looking:
            self._look_again = True
            return
        self._looking, self._look_again = True, False
        entries, cursor = self._node.ledger.entries, self._cursor

        def find() -> list[tuple[AttachmentRow, tuple[LaneView, ...]]]:
            return [(row, views(self._node, [row])) for row in entries.missing(_PAGE, cursor)]

        self._run(find, self._found)

    def _look_for_spoilt(self) -> None:
        if self._node.attachments.spoilt:
            self._node.attachments.spoilt = False
            self._cursor = (0, b"")
            self.look()

    def came(self, attachments: Iterable[bytes]) -> None:
        """These are whole now, and no peer brought the last piece: who asked in vain is told."""
        for name in attachments:
            self._fetching.remove(name)
            self._tell_askers(name)

    def tick(self, now: float) -> None:
        self._fetching.tick(now)
        if self._round_at is not None and self._round_at <= now:
            self._round_at, self._cursor = None, (0, b"")
            self.look()
        self._look_for_spoilt()
        self._choose()

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing is missing."""
        times = (self._fetching.next_due(), self._round_at)
        return min((when for when in times if when is not None), default=None)

    # --- frames ----------------------------------------------------------------------------------------

    def received(self, peer: str, frame: peer_pb2.Frame) -> None:
        """A checked frame of a linked peer, of one of our three kinds."""
        if peer not in self._peers:
            return
        kind = frame.WhichOneof("frame")
        if kind == "want_pieces":
            self._wanted(peer, frame.want_pieces)
        elif kind == "pieces":
            self._arrived(peer, frame.pieces)
        elif kind == "attachment_news":
            self._fetching.not_found(peer, frame.attachment_news.not_found, self._node.ticks)
            self._fetching.offered(peer, frame.attachment_news.held)
            self._choose()

    def _wanted(self, peer: str, frame: peer_pb2.WantPieces) -> None:
        if self._serving[peer] >= SERVED_AT_A_TIME:
            return
        self._serving[peer] += 1
        attachment = frame.attachment
        indexes = [index for run in frame.ranges for index in range(run.start, run.stop)]

        def done(served: Served | FanalError) -> None:
            self._serving[peer] -= 1
            if peer in self._peers:
                self._give(peer, attachment, served if isinstance(served, Served) else Served(lacking=True))

        self._run(lambda: serve(self._node, peer, attachment, indexes), done)

    def _give(self, peer: str, attachment: bytes, served: Served) -> None:
        for piece in served.pieces:
            frame = peer_pb2.Pieces(
                attachment=attachment,
                length=piece.length,
                index=piece.index,
                data=piece.data,
                path=piece.path,
            )
            self._transmit(peer, peer_pb2.Frame(pieces=frame))
        if served.lacking:
            if served.entitled:
                self._remember_asker(peer, attachment)
            self._tell([peer], peer_pb2.AttachmentNews(not_found=[attachment]))
        self._look_for_spoilt()

    def _arrived(self, peer: str, frame: peer_pb2.Pieces) -> None:
        now = self._node.ticks
        want = self._fetching.expected(peer, frame.attachment, frame.index, now)
        if want is None:
            if not self._peers[peer].take(1.0, now):
                self._cut(peer, FanalError(UNASKED, peer=peer))
            return
        piece = Piece(frame.attachment, frame.length, frame.index, frame.data, tuple(frame.path))
        self._waiting.setdefault(frame.attachment, {})[piece.index] = piece
        self._store(want)

    # --- fetching --------------------------------------------------------------------------------------

    def _found(self, rows: list[tuple[AttachmentRow, tuple[LaneView, ...]]] | FanalError) -> None:
        self._looking = False
        if isinstance(rows, FanalError):
            self._round_at = self._node.ticks + RETRY
            return
        room = True
        for row, seen in rows:
            room = self._fetching.add(row.attachment, seen)
            if not room:
                break
            self._cursor = (row.arrival, row.attachment)
        if self._fetching.wants:
            self._round_at = self._node.ticks + RETRY
        if room and (len(rows) == _PAGE or self._look_again):
            self.look()
        self._choose()

    def _choose(self) -> None:
        for one in list(self._fetching.choose(self._node.ticks)):
            self._resume(self._fetching.wants[one.attachment])

    def _resume(self, want: Want) -> None:
        """See how much is here, then ask for the rest."""
        self._waiting.pop(want.attachment, None)

        def done(found: Progress | FanalError) -> None:
            want.busy = False
            if isinstance(found, FanalError):
                self._fetching.postpone(want, self._node.ticks + RETRY)
            elif found.whole:
                self._whole(want, "")
            else:
                self._ask(self._fetching.resumed(want, found, self._node.ticks))

        self._run(lambda: _resumed(self._node, want.attachment), done)

    def _store(self, want: Want) -> None:
        """Write what has come of one attachment, as far as nothing before it is missing."""
        waiting = self._waiting.get(want.attachment, {})
        pieces = [waiting.pop(index) for index in sorted(waiting) if index < want.arriving]
        if want.busy or not pieces:
            self._waiting[want.attachment] = {one.index: one for one in pieces} | waiting
            return
        source, want.busy = want.peer, True

        def done(found: Progress | FanalError) -> None:
            want.busy = False
            if isinstance(found, FanalError):
                self._refused(want, source, found)
            elif found.whole:
                self._whole(want, source)
            else:
                self._ask(self._fetching.stored(want, found))
                self._store(want)
                if found.have % WINDOW == 0:
                    self._tell_askers(want.attachment)
            self._choose()

        self._run(lambda: stored(self._node, want.author, pieces), done)

    def _refused(self, want: Want, source: str, error: FanalError) -> None:
        self._waiting.pop(want.attachment, None)
        now = self._node.ticks
        if error.kind is NOT_ATTACHED:
            self._fetching.remove(want.attachment)
        elif isinstance(error, VerificationError):
            if want.peer == source:
                self._fetching.pass_over(want, now)
            self._strike(source, [error])
        else:
            self._fetching.postpone(want, now + (LATER if error.kind in _LIMITS else RETRY))

    def _whole(self, want: Want, source: str) -> None:
        """All of it is here: whoever may hold it can have it from us."""
        self._waiting.pop(want.attachment, None)
        self._fetching.remove(want.attachment)
        self._askers.pop(want.attachment, None)
        others = [
            peer
            for peer in self._peers
            if peer != source and any(self._may_offer(peer, view) for view in want.views)
        ]
        self._tell(others, peer_pb2.AttachmentNews(held=[want.attachment]))

    def _ask(self, asks: Iterable[Ask]) -> None:
        for peer, attachment, start, stop in asks:
            run = SeqRange(start=start, stop=stop)
            frame = peer_pb2.WantPieces(attachment=attachment, ranges=[run])
            self._transmit(peer, peer_pb2.Frame(want_pieces=frame))

    # --- telling ---------------------------------------------------------------------------------------

    def _remember_asker(self, peer: str, attachment: bytes) -> None:
        self._askers.setdefault(attachment, set()).add(peer)
        while len(self._askers) > REMEMBERED:
            self._askers.popitem(last=False)

    def _tell_askers(self, attachment: bytes) -> None:
        """Who wanted more than there was can have some more now."""
        asked = self._askers.pop(attachment, set())
        self._tell(sorted(asked & self._peers.keys()), peer_pb2.AttachmentNews(held=[attachment]))

    def _tell(self, peers: Iterable[str], news: peer_pb2.AttachmentNews) -> None:
        for peer in peers:
            self._transmit(peer, peer_pb2.Frame(attachment_news=news))

    def _may_offer(self, peer: str, view: LaneView) -> bool:
        return may_offer(peer, view, self._node.roster())


def _resumed(node: Node, attachment: bytes) -> Progress:
    """What is here of an attachment that the ledger has as missing; if it is whole after all, it says so."""
    found = node.attachments.progress(attachment)
    if found.whole:
        node.ledger.append(Batch(arrived=((attachment, found.length),)))
    return found


def stored(node: Node, author: str, pieces: list[Piece]) -> Progress:
    """Verify and write pieces, in order. Raises VerificationError, NOT_ATTACHED when nothing here names the
    attachment any more, what the budget says, and what is wrong with the disk."""
    attachment = pieces[0].attachment
    if not node.ledger.entries.attached(attachment):
        raise FanalError(NOT_ATTACHED, notice=attachment.hex())
    found = Progress()
    for piece in pieces:
        check_piece(attachment, piece.length, piece.index, piece.data, piece.path)
        counting.count(node, author, attachment, piece.length)
        found = node.attachments.take(piece)
    if found.have <= pieces[-1].index:
        raise FanalError(NOT_ATTACHED, notice=attachment.hex())  # erased meanwhile: looked at anew
    if not node.ledger.entries.attached(attachment):
        counting.erase(node, author, attachment)
        raise FanalError(NOT_ATTACHED, notice=attachment.hex())
    if found.whole:
        node.ledger.append(Batch(arrived=((attachment, found.length),)))
    return found

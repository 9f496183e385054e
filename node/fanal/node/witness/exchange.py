# SPDX-License-Identifier: Apache-2.0
"""The conversation about checkpoints with every linked peer. Touched by the loop's thread only.

    link up     -> `witnessed`: what I hold of your log           (both ways)
    `witnessed` -> `checkpoint`: my newest, from where you are    (one at a time on its way)
    `checkpoint`-> `cosigned`: my line, or the head I hold        (once a minute per log; at once when asked)
    `cosigned`  -> the line goes onto the stored checkpoint; a newer checkpoint follows

What touches the disk or signs runs in `run`; a frame of a peer never makes this raise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fanal.errors import FanalError
from fanal.node.transport import Runner
from fanal.node.witness import attending, ownlog
from fanal.proof import note as notes
from fanal.proof.checkpoint import parse_text
from fanal.v1 import peer_pb2

if TYPE_CHECKING:
    from fanal.node.node import Node

T = TypeVar("T")
MINUTE = 60.0
"""Between two cosignatures for one log."""
URGENT = 5.0
"""Between two that were asked for at once."""


@dataclass
class _Peer:
    """What is known of a linked peer. ``holds``: the size of our log from which it can go on, None before
    it said so. ``offered``: the old size of the offer on its way. ``unsigned``: the size of the last
    checkpoint offered, until its line has come. ``insisted``: an offer was made once more."""

    holds: int | None = None
    offered: int | None = None
    unsigned: int | None = None
    insisted: bool = False
    urgent: bool = False
    waiting: peer_pb2.CheckpointOffer | None = None
    attending: bool = False


class Exchange:
    """``transmit`` queues a frame to a linked peer; ``answered`` is called when a witness first has,
    ``heed`` with what the store refused."""

    def __init__(
        self,
        node: Node,
        transmit: Callable[[str, peer_pb2.Frame], None],
        run: Runner,
        answered: Callable[[], None],
        heed: Callable[[FanalError], object] = lambda _refusal: None,
    ) -> None:
        self._node = node
        self._transmit = transmit
        self._run = run
        self._answered = answered
        self._heed = heed
        self._peers: dict[str, _Peer] = {}
        self._cosigned_at: dict[str, float] = {}
        self.fork_listener: Callable[[str, peer_pb2.RootFork], None] = lambda _peer, _fork: None
        """Called when a peer's log turned out forked: the proof goes to everybody."""

    # --- links ---------------------------------------------------------------------------------------

    def link_up(self, peer: str) -> None:
        """Tell the peer how far we have seen its log; it does the same."""
        self._peers[peer] = _Peer()
        self._tell(peer)

    def link_down(self, peer: str) -> None:
        self._peers.pop(peer, None)

    def tell_all(self) -> None:
        """Begin anew with every linked peer: keys or documents are there that were not before, or room."""
        for peer in self._peers:
            self._tell(peer)
            self._offer(peer)

    def _tell(self, peer: str) -> None:
        def done(head: peer_pb2.WitnessedHead) -> None:
            if peer in self._peers:
                self._transmit(peer, peer_pb2.Frame(witnessed=head))

        self._do(lambda: attending.head_for(self._node, peer), done)

    # --- frames --------------------------------------------------------------------------------------

    def received(self, peer: str, frame: peer_pb2.Frame) -> None:
        """A checked frame of a linked peer, of one of our three kinds."""
        if peer not in self._peers:
            return
        kind = frame.WhichOneof("frame")
        if kind == "witnessed":
            self._hear(peer, frame.witnessed.note)
        elif kind == "checkpoint":
            self._peers[peer].waiting = frame.checkpoint
            self._attend_due(peer)
        elif kind == "cosigned":
            self._cosigned(peer, frame.cosigned)

    def _hear(self, peer: str, note: bytes, tried: int | None = None) -> None:
        """Where the peer stands in our log; ``tried``: the old size that it has just turned down. If that is
        where it stands, it may have answered an earlier offer: once, the offer is made again."""
        before = self._node.standing.answered

        def done(size: int | None) -> None:
            state = self._peers.get(peer)
            if not before and self._node.standing.answered:
                self._answered()
            if state is None:
                return
            state.holds, state.offered = size, None
            if size is not None and not (size == tried and state.insisted):
                state.insisted = size == tried
                self._offer(peer)

        self._do(lambda: ownlog.told(self._node, peer, note), done, lambda: self._not_stored(peer))

    def _not_stored(self, peer: str) -> None:
        """What the peer answered is lost. The next offer starts where it was last known to stand; if it is
        elsewhere, it says so again."""
        state = self._peers.get(peer)
        if state is not None:
            state.holds, state.offered = state.holds or 0, None

    def _cosigned(self, peer: str, reply: peer_pb2.Cosigned) -> None:
        """A line is taken also after an answer that came twice has ended the wait for it, and once; where the
        peer stands only as the answer to the offer on its way. An older line counts if it leads further, or a
        witness could have the same offer made without end."""
        state = self._peers[peer]
        to_last = reply.size == state.unsigned
        if not reply.lines:
            if to_last and state.offered is not None:
                self._hear(peer, reply.holds, state.offered)
            return
        if not to_last and (state.offered is None or reply.size <= state.offered):
            return
        state.unsigned = None if to_last else state.unsigned

        def done(size: int | None) -> None:
            state = self._peers.get(peer)
            if state is not None:
                state.offered = None
                if size is not None:
                    state.holds, state.insisted = size, False
                    self._offer(peer)

        self._do(lambda: ownlog.merge(self._node, peer, reply), done, lambda: self._not_stored(peer))

    # --- our log -------------------------------------------------------------------------------------

    def newest(self, *, at_once: bool = False) -> None:
        """A checkpoint of ours may be new: offer it to everyone who can go on from where it is."""
        for peer, state in self._peers.items():
            state.urgent |= at_once
            if at_once:
                state.offered = None
            self._offer(peer)

    def _offer(self, peer: str) -> None:
        state = self._peers[peer]
        if state.holds is None or state.offered is not None:
            return
        holds, urgent = state.holds, state.urgent
        state.offered, state.urgent = holds, False

        def done(offer: peer_pb2.CheckpointOffer | None) -> None:
            now = self._peers.get(peer)
            if now is None:
                return
            if offer is None:
                now.offered = None
            else:
                now.unsigned = parse_text(notes.parse(offer.note).text).size
                self._transmit(peer, peer_pb2.Frame(checkpoint=offer))

        self._do(
            lambda: ownlog.offer_for(self._node, peer, holds, urgent), done, lambda: self._not_stored(peer)
        )

    # --- others' logs --------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Attend to what waited for its minute."""
        for peer in list(self._peers):
            if self._due(peer) is not None:
                self._attend_due(peer)

    def next_due(self) -> float | None:
        """When `tick` has something to do; None while nothing waits."""
        return min((due for due in map(self._due, self._peers) if due is not None), default=None)

    def _due(self, peer: str) -> float | None:
        state = self._peers[peer]
        if state.waiting is None or state.attending or self._node.locked:
            return None
        pause = URGENT if state.waiting.at_once else MINUTE
        return self._cosigned_at.get(peer, float("-inf")) + pause

    def _attend_due(self, peer: str) -> None:
        state, now, due = self._peers[peer], self._node.ticks, self._due(peer)
        if due is None or due > now or state.waiting is None:
            return
        offer, state.waiting, state.attending = state.waiting, None, True

        def done(attended: attending.Attended) -> None:
            if attended.cosigned:
                self._cosigned_at[peer] = now
            if attended.fork is not None:
                self.fork_listener(peer, attended.fork)
            state = self._peers.get(peer)
            if state is None:
                return
            state.attending = False
            if attended.answer is not None:
                self._transmit(peer, peer_pb2.Frame(cosigned=attended.answer))
            self._attend_due(peer)

        def failed() -> None:
            self._cosigned_at[peer] = now  # once more in a minute
            state = self._peers.get(peer)
            if state is not None:
                state.attending, state.waiting = False, state.waiting or offer

        self._do(lambda: attending.attend(self._node, peer, offer), done, failed)

    def _do(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[], None] = lambda: None
    ) -> None:
        """Elsewhere, then back here; what a store that fails has lost is made up for by the next offer."""

        def ended(result: T | FanalError) -> None:
            if isinstance(result, FanalError):
                failed()
                self._heed(result)
            else:
                done(result)

        self._run(work, ended)

# SPDX-License-Identifier: Apache-2.0
"""Which missing attachment is asked of whom, and how much at a time. No clock, no disk, no socket.

Promise: at most ACTIVE attachments are under way and at most WINDOW pieces of each are unanswered; a peer
that has not got one, or falls silent, is passed over for the next; one that cannot be had holds up no other,
and is asked for more and more rarely.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from fanal.envelope.pieces import MOST_PIECES
from fanal.node.attachments.folder import Progress
from fanal.node.gossip.entitlement import LaneView

ACTIVE = 4
PER_PEER = 2
WINDOW = 8
"""Pieces asked for and not answered: half a MiB on its way keeps a fast line busy and a slow one short."""
REMEMBERED = 256
PATIENCE = 60.0
"""Without a piece, another holder is asked. A piece takes 8 seconds at 64 kbit/s, if nothing else is sent."""
RETRY = 60.0
"""After everybody was asked in vain, they are asked again; each time after twice as long."""
MOST_DOUBLINGS = 6


class Ask(NamedTuple):
    """Ask a peer for pieces: start <= index < stop."""

    peer: str
    attachment: bytes
    start: int
    stop: int


class Resume(NamedTuple):
    """Find out how much is here, then call ``resumed``."""

    attachment: bytes


@dataclass
class Want:
    """One missing attachment. ``due``: not before. ``busy``: its files are being looked at or written.

    All pieces before ``arriving`` have come, and those of ``early``: frames may take two connections.
    ``begun``: when the first of those ``tried`` was passed over; who comes again and again with nothing does
    not put off the others.
    """

    attachment: bytes
    views: tuple[LaneView, ...]
    peer: str = ""
    arriving: int = 0
    asked: int = 0
    early: set[int] = field(default_factory=set)
    total: int = 0
    progress: float = 0.0
    begun: float = 0.0
    due: float = 0.0
    rounds: int = 0
    busy: bool = False
    tried: set[str] = field(default_factory=set)

    @property
    def author(self) -> str:
        return self.views[0].author


class Fetching:
    """The state. ``may_ask`` tells whether a linked peer may be asked about a lane."""

    def __init__(self, may_ask: Callable[[str, LaneView], bool]) -> None:
        self._may_ask = may_ask
        self._linked: OrderedDict[str, None] = OrderedDict()
        self._looked = 0.0
        self.wants: OrderedDict[bytes, Want] = OrderedDict()

    # --- what happens --------------------------------------------------------------------------------

    def link_up(self, peer: str) -> None:
        self._linked[peer] = None
        self.offered(peer, self.wants)

    def link_down(self, peer: str) -> None:
        self._linked.pop(peer, None)
        for want in self._of(peer):
            want.peer = ""

    def add(self, attachment: bytes, views: Iterable[LaneView]) -> bool:
        """Something is missing; False when there is no room to remember it."""
        if attachment not in self.wants:
            if len(self.wants) >= REMEMBERED and not self._forget():
                return False
            self.wants[attachment] = Want(attachment, ())
        want = self.wants[attachment]
        want.views = tuple(dict.fromkeys((*want.views, *views)))
        return True

    def remove(self, attachment: bytes) -> None:
        """It is here, or not wanted any more."""
        self.wants.pop(attachment, None)

    def offered(self, peer: str, attachments: Iterable[bytes]) -> None:
        """The peer may have these: it says so, or is newly linked."""
        for name in attachments:
            want = self.wants.get(name)
            if want is not None:
                want.tried.discard(peer)
                want.rounds = 0

    def not_found(self, peer: str, attachments: Iterable[bytes], now: float) -> None:
        """The peer has no more of these, or does not give them."""
        for name in attachments:
            want = self.wants.get(name)
            if want is not None and want.peer == peer:
                self.pass_over(want, now)

    def pass_over(self, want: Want, now: float) -> None:
        """Ask somebody else."""
        if not want.tried:
            want.begun = now
        want.tried.add(want.peer)
        want.peer, want.progress = "", now

    def postpone(self, want: Want, until: float) -> None:
        """No other holder can help: the disk is full, or a limit is reached."""
        want.peer, want.due = "", until

    def expected(self, peer: str, attachment: bytes, index: int, now: float) -> Want | None:
        """Whose piece this is, if it was asked of this peer and has not come yet; None for any other."""
        want = self.wants.get(attachment)
        if want is None or want.peer != peer or not want.arriving <= index < want.asked:
            return None
        if index in want.early:
            return None
        want.early.add(index)
        while want.arriving in want.early:
            want.early.remove(want.arriving)
            want.arriving += 1
        want.progress, want.rounds = now, 0
        return want

    def resumed(self, want: Want, found: Progress, now: float) -> Iterator[Ask]:
        """How much is here. Asks for what comes after it."""
        want.progress = now
        want.arriving = want.asked = found.have
        want.early.clear()
        want.total = found.total
        if want.peer:
            yield from self._ask(want)

    def stored(self, want: Want, found: Progress) -> Iterator[Ask]:
        """Pieces were verified and written. Asks for more when half of what was asked for is in."""
        want.total = found.total
        if want.peer and want.asked - want.arriving <= WINDOW // 2:
            yield from self._ask(want)

    # --- what is to be done ----------------------------------------------------------------------------

    def choose(self, now: float) -> Iterator[Resume]:
        """Begin with what can be begun: each is to be looked at on the disk first."""
        self._looked = now
        for want in list(self.wants.values()):
            if sum(bool(one.peer) for one in self.wants.values()) >= ACTIVE:
                return
            if want.peer or want.busy or want.due > now:
                continue
            peer = self._holder(want)
            if peer:
                want.peer, want.busy, want.progress = peer, True, now
                yield Resume(want.attachment)

    def tick(self, now: float) -> None:
        """Give up on who is silent; forget, after a while, who had nothing."""
        for want in self.wants.values():
            if want.peer and not want.busy and now - want.progress >= PATIENCE:
                self.pass_over(want, now)
            elif not want.peer and want.tried and now >= _again(want):
                want.tried.clear()
                want.begun, want.rounds = now, min(want.rounds + 1, MOST_DOUBLINGS)

    def next_due(self) -> float | None:
        """When `tick` or `choose` has something to do, as far as is known."""
        soonest = self._looked + 1.0
        times = [
            max(soonest, one.progress + PATIENCE if one.peer else max(one.due, _again(one)))
            for one in self.wants.values()
            if self._linked
        ]
        return min(times, default=None)

    def _ask(self, want: Want) -> Iterator[Ask]:
        stop = min(want.arriving + WINDOW, want.total or MOST_PIECES)
        if stop > want.asked:
            yield Ask(want.peer, want.attachment, want.asked, stop)
            want.asked = stop

    def _holder(self, want: Want) -> str:
        free = [peer for peer in self._linked if peer not in want.tried and len(self._of(peer)) < PER_PEER]
        able = [peer for peer in free if any(self._may_ask(peer, view) for view in want.views)]
        return min(able, key=lambda peer: len(self._of(peer)), default="")

    def _of(self, peer: str) -> list[Want]:
        return [want for want in self.wants.values() if want.peer == peer]

    def _forget(self) -> bool:
        """Make room: the longest known that nobody has now comes again with the next round."""
        for name, want in self.wants.items():
            if not want.peer and not want.busy and want.tried:
                del self.wants[name]
                return True
        return False


def _again(want: Want) -> float:
    return want.begun + RETRY * float(1 << want.rounds)

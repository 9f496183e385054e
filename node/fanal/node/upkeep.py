# SPDX-License-Identifier: Apache-2.0
"""The disk's part of a running host: what failed is done again, what was changed is found and fetched again.

Promise: after a fault of the store the node is where it would be after a restart, without one. Every entry is
verified as read, a page a second after a start and again each day, and the vault after them, or at once when
somebody meets its damage. Touched by the
loop's thread only; the work itself runs elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from fanal.errors import FanalError
from fanal.node import mending
from fanal.node.damage import docdamage, scrubbing
from fanal.node.errors import DAMAGED
from fanal.node.gossip import actions, events
from fanal.node.receipts import facts
from fanal.node.store.heldup import HeldUp
from fanal.node.store.news import StoreNews
from fanal.node.transport import Runner
from fanal.v1.peer_pb2 import Frame

if TYPE_CHECKING:
    from fanal.node.gossip.core import GossipCore
    from fanal.node.node import Node

SCRUB_PAUSE, SCRUB_AGAIN = 1.0, 86_400.0
"""Seconds between two pages of a look at every entry, and between two such looks."""
VAULT_AGAIN = 10.0
"""Seconds until a new vault is begun again, when the disk did not let a damaged one be replaced."""


class Kept(Protocol):
    """What upkeep needs of the host it keeps up."""

    node: Node
    core: GossipCore
    held_up: HeldUp

    def start(self) -> None: ...

    def handle(self, event: events.Event, /) -> None: ...

    def committed(self, entries: tuple[events.EntryMeta, ...], /) -> None: ...

    def open_arrived(self) -> None: ...

    def take_documents(self, sent: actions.TakeDocuments, /) -> None: ...


class Upkeep:
    """When to try again, and when to look. ``run`` catches refusals and sets the alarm afterwards."""

    def __init__(self, host: Kept, run: Runner, tell: Callable[[str, Frame], None]) -> None:
        self._host, self._run = host, run
        self._news = StoreNews(host.held_up, lambda: host.core.linked, tell)
        self._mender = mending.Mender()
        self._scrubbed = 0
        self._looking = False
        self._uncopied = False
        self._vault_at: float | None = None
        self._scrub_at: float | None = host.node.ticks + SCRUB_PAUSE

    def next_due(self) -> float | None:
        times = (self._mender.next_due(), self._scrub_at, self._news.next_due(), self._vault_at)
        return min((one for one in times if one is not None), default=None)

    def tick(self, now: float) -> None:
        """Do what has come due."""
        self._look_at_store()
        untold = self._mender.take(now)
        if untold is not None:
            self._mend(untold)
        if self._scrub_at is not None and self._scrub_at <= now:
            self._scrub()
        if self._vault_at is not None and self._vault_at <= now:
            self._vault_at = None
            self._look_at_vault()

    def _look_at_store(self) -> None:
        self._news.look(self._host.node.ticks, self._host.node.now)

    def heed(self, result: object) -> bool:
        """Look at a job's result: whether the store refused it, so that a mending is due; and tell gossip
        what the job found damaged."""
        failed = self._mender.failed(result, self._host.node.ticks)
        if isinstance(result, FanalError):
            if failed:
                self._host.held_up.refused = True
                self._host.node.failures.note(result, self._host.node.now, self._host.node.ticks)
            self.met(result)
        places = self._host.node.damage.take()
        if places:
            self._host.handle(events.Damaged(places))
        wraps = self._host.node.damage.take_wraps()
        if wraps:
            self._host.handle(events.WrapsMissing(wraps))
        return failed

    def well(self) -> None:
        """Both stores have just taken what was owed, or a part of it."""
        self._mender.well()

    def met(self, refusal: FanalError) -> None:
        """Somebody was refused this. A damaged vault is filled again at once, not when its look is due."""
        node = self._host.node
        of_vault = node.vault_path is not None and refusal.facts.get("path") == str(node.vault_path)
        if refusal.kind is DAMAGED and of_vault:
            self._look_at_vault()

    def _look_at_vault(self) -> None:
        if not self._looking:
            self._looking = True
            self._run(partial(scrubbing.check_vault, self._host.node), self._vault_looked_at)

    def _vault_looked_at(self, _result: object) -> None:
        self._looking = False
        self._vault_seen()

    def _vault_seen(self) -> None:
        """It was looked at: what a new one lacks is filed in it, one that is wanting is begun again soon."""
        if self._host.node.wanting is None:
            self._host.open_arrived()
        else:
            self._vault_at = self._host.node.ticks + VAULT_AGAIN

    def documents_taken(self) -> None:
        """Charters, identities or revocations came: they are written a second time."""

        def done(result: FanalError | None) -> None:
            self._uncopied = isinstance(result, FanalError)
            self.heed(result)

        node = self._host.node
        self._run(partial(docdamage.copy, node.ledger, node.copies), done)

    def link_up(self, peer: str) -> None:
        """A contact begins: the peer is told how the store is, and second copies that the disk did not take
        are written now."""
        self._news.forget(peer)
        self._look_at_store()
        if self._uncopied:
            self.documents_taken()

    def documents_sent(self, sent: actions.TakeDocuments, result: object) -> None:
        """What became of documents that a peer sent: what the store did not take is taken later."""
        if self.heed(result):
            self._mender.keep_documents(sent)

    def record_held(self, action: actions.RecordHeld) -> None:
        """Write down what a peer holds; later, if the store does not take it now."""

        def done(result: object) -> None:
            if self.heed(result):
                self._mender.keep_held(action.peer, action.spans)

        self._run(partial(facts.record_held, self._host.node, action.peer, action.spans), done)

    def record_refused(self, action: actions.RecordRefused) -> None:
        """Write down what a peer will not take; later, if the store does not take it now."""
        what = (action.peer, action.place, action.reason)

        def done(result: object) -> None:
            if self.heed(result):
                self._mender.keep_refused(*what)

        self._run(partial(facts.record_refused, self._host.node, *what), done)

    def _mend(self, untold: mending.Untold) -> None:
        """The store failed a while ago: write down what is untold, then take up what is owed."""

        def done(result: mending.Mended | FanalError) -> None:
            if self.heed(result):
                self._mender.put_back(untold)
            if isinstance(result, mending.Mended):
                self._host.held_up.refused = False
                self._tell_unheard(result)
                for sent in untold.documents:
                    self._host.take_documents(sent)
                self.heed(self._started())

        self._run(partial(mending.write_down, self._host.node, untold, self._host.core.doubtful()), done)

    def _started(self) -> FanalError | None:
        try:
            self._host.start()
        except FanalError as error:
            return error
        return None

    def _tell_unheard(self, mended: mending.Mended) -> None:
        """Entries that were committed by a job which then failed: gossip never heard of them."""
        core = self._host.core
        lacking = ((lane, inc, core.lacking(lane, inc, held)) for lane, inc, held in mended.held)
        spans = [events.Span(lane, inc, *run) for lane, inc, runs in lacking for run in runs]

        def done(found: tuple[events.EntryMeta, ...] | FanalError) -> None:
            if not self.heed(found) and not isinstance(found, FanalError):
                self._host.committed(found)

        if spans:
            self._run(partial(mending.metas, self._host.node, spans), done)

    def _scrub(self) -> None:
        """The next page of entries; a page a second, so that traffic goes first."""
        self._scrub_at = None

        def done(found: int | FanalError) -> None:
            reached = self._scrubbed + scrubbing.PAGE if isinstance(found, FanalError) else found
            self._scrubbed = reached
            self._scrub_at = self._host.node.ticks + (SCRUB_PAUSE if reached else SCRUB_AGAIN)
            self.heed(found)
            if isinstance(found, FanalError) and found.kind is DAMAGED:
                self._host.node.damage.beyond_mending = found
            if not reached or self._host.node.wanting is not None:
                self._vault_seen()

        self._run(partial(scrubbing.scrub, self._host.node, self._scrubbed), done)

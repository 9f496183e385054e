# SPDX-License-Identifier: Apache-2.0
"""Performs what the gossip core asks: the one place where the sans-IO core meets ledger, stories and links.

Promise: an entry is acknowledged only after `incoming.receive` has returned, and a failing store, a bad
document or a poisoned envelope stops nothing but itself. `handle` runs on one thread (the loop); what
touches the disk goes through `run`, which calls back on that thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from fanal.errors import FanalError
from fanal.node import documents, housekeeping, incoming
from fanal.node.arrival import judging, opening
from fanal.node.arrival.opened import Opened
from fanal.node.attachments.carrier import Carrier
from fanal.node.errors import FAULT
from fanal.node.forks.branches import Branches
from fanal.node.forks.spreading import Spreading
from fanal.node.gossip import actions, events
from fanal.node.gossip.core import ATTACHMENTS, GossipCore
from fanal.node.gossip.limits import GossipLimits, of_settings
from fanal.node.lanes import reading
from fanal.node.lanes.written import Written
from fanal.node.loads import Loads
from fanal.node.node import Node
from fanal.node.opener import Opener
from fanal.node.penalties import Penalties
from fanal.node.quotas.quotas import by_limit
from fanal.node.retention import restored
from fanal.node.store.heldup import HeldUp
from fanal.node.transport import Links, Runner
from fanal.node.upkeep import Upkeep
from fanal.node.witness import ownlog
from fanal.node.witness.exchange import Exchange
from fanal.v1.peer_pb2 import Frame

log = logging.getLogger("fanal.node.host")
T = TypeVar("T")
FAULT_PAUSE = 1.0
"""Seconds without an alarm after a fault of ours: what caused it may be due at once again."""


class Host:
    """One node's gossip, running."""

    def __init__(self, node: Node, links: Links, run: Runner, limits: GossipLimits | None = None) -> None:
        self.node = node
        self.links = links
        self.held_up = HeldUp(lambda: node.ticks)
        self.run = run
        self.penalties = Penalties(node, links)
        self._core_wakes: float | None = None
        self._rests_until = 0.0
        self.keeper = housekeeping.Keeper(node)
        self._upkeep = Upkeep(self, self._run_caught, self._tell_first)
        self.exchange = Exchange(node, self._tell, self._run_caught, self.answered, self._upkeep.heed)
        strike, cut = self.penalties.strike, self.penalties.cut_off
        self.forks = Spreading(node, self._tell_first, self._run_caught, strike, self._upkeep.heed)
        self._branches = Branches(lambda peer, want: links.transmit(peer, want, actions.Priority.CONTROL))
        self._judging = judging.Judging(node, self._run_caught, self._judged)
        self.exchange.fork_listener = self.forks.root_fork
        self.attachments = Carrier(node, self._tell_last, self._run_caught, strike, cut)
        node.witnessed = lambda: ownlog.newest_cosigned(node)
        self._opener = Opener(node, self._run_caught, self._opened)
        restored.begin(node)
        gossip, lanes = limits or of_settings(node.settings.limits), reading.lane_infos(node.ledger)
        closed = reading.closed_streams(node.ledger)
        self.core = GossipCore(node.agency, node.roster(), node.heads(), lanes, gossip, closed)
        loads = Loads(node, self._run_caught, self.handle, self._upkeep.heed)
        self._do = {
            actions.Send: self._send,
            actions.LoadEntries: loads.entries,
            actions.LoadWraps: loads.wraps,
            actions.LoadDocuments: loads.documents,
            actions.Ingest: self._ingest,
            actions.TakeDocuments: self.take_documents,
            actions.RecordHeld: self._upkeep.record_held,
            actions.RecordRefused: self._upkeep.record_refused,
            actions.RecordDeferred: lambda told: node.elsewhere.note(told, node.ticks),
            actions.HandOn: self._hand_on,
            actions.WakeAt: self._wake_at,
            actions.Cut: self.penalties.cut,
            actions.Rest: self.penalties.rest,
            actions.Noted: self.penalties.noted,
        }

    def start(self) -> None:
        """Take up what an earlier run left: open what arrived and what waits, send what is owed. Call it
        again when the node has been unlocked."""
        self.keeper.start(self.node.ticks)
        self.exchange.tell_all()
        self.forks.start()
        self._judging.ask()
        self.attachments.look()
        self.open_arrived(everything=True)
        self.tick()

    def handle(self, event: events.Event) -> None:
        """Feed one event and perform what follows."""
        for action in self.core.handle(event, self.node.ticks, self.held_up.seconds()):
            self._do[type(action)](action)  # type: ignore[operator]
        if isinstance(event, events.LinkUp) and event.peer in self.core.linked:
            self.exchange.link_up(event.peer)
            self.forks.link_up(event.peer)
            self._branches.link_up(event.peer)
            self.attachments.link_up(event.peer)
            self._upkeep.link_up(event.peer)
            self._set_alarm()
        elif isinstance(event, events.LinkDown):
            self.exchange.link_down(event.peer)
            self.forks.link_down(event.peer)
            self._branches.link_down(event.peer)
            self.node.elsewhere.left(event.peer)
            self.attachments.link_down(event.peer)

    def tick(self) -> None:
        """The time asked for by `Links.wake_at` has come. What fails in one part stops no other; it is looked
        at again, with all else, ``FAULT_PAUSE`` later."""
        now = self.node.ticks
        others = (self.exchange.tick, self._upkeep.tick, self.attachments.tick)
        for part in (self._tick_core, *others, self._tick_keeper):
            failed = _caught(partial(part, now))
            if isinstance(failed, FanalError):
                self._rests_until = now + FAULT_PAUSE
                self._upkeep.heed(failed)
        self._set_alarm()

    def _tick_core(self, now: float) -> None:
        if self._core_wakes is not None and self._core_wakes <= now:
            self._core_wakes = None
            self.handle(events.Tick())

    def _tick_keeper(self, now: float) -> None:
        self.keeper.caught_up = self._caught_up()
        job = self.keeper.take(now)
        if job is not None:
            self.run(
                lambda: _caught(lambda: housekeeping.work(self.node, job, self.keeper.told_held)), self._kept
            )
        if job is not None and job.retention:
            self.run(lambda: _caught(lambda: housekeeping.retain(self.node, job)), self._retained)

    def committed(
        self, entries: tuple[events.EntryMeta, ...], wraps: tuple[events.WrapMeta, ...] = ()
    ) -> None:
        """This node wrote something itself: tell its peers, and file its own copy."""
        self.handle(events.Committed(entries, wraps=wraps))
        self._judging.ask()
        self.keeper.note_entries(entries, self.node.ticks)
        self._set_alarm()

    def announced(self, written: Written) -> None:
        """A job or a call wrote this: as ``committed``, and what failed beside it is done again. So is what
        came of entries that the call opened on its way."""
        self._upkeep.heed(written.failure)
        if written.entries:
            self.committed(written.entries, written.wraps)
        self._take_up()
        self._set_alarm()

    def refused(self, error: FanalError) -> None:
        """An officer was refused this: what can be mended is, and what was committed all the same is told."""
        self._take_up()
        self._upkeep.heed(error)
        self._set_alarm()

    def roster_changed(self) -> None:
        """Charter, identities or trust list changed here, not through a peer."""
        self.handle(events.RosterChanged(self.node.roster()))
        self.handle(events.DocumentsTaken(self.node.heads()))
        self._opener.ask(everything=True)
        self._documents_taken()

    def checkpoint_made(self) -> None:
        """A checkpoint was made that does not wait for the witnesses' minute: an anchor or an export."""
        self.exchange.newest(at_once=True)

    def carried(self, outcome: incoming.Outcome) -> None:
        """A courier file brought this. What follows is what follows on a link, without anybody to answer."""
        self._ingested(actions.Ingest(events.OWN, 0, ()), outcome)

    def answered(self) -> None:
        """A witness has told what it holds: what waited for that is due."""
        self.keeper.release(self.node.ticks)
        self._set_alarm()

    def open_arrived(self, keys: Iterable[bytes] = (), *, everything: bool = False) -> None:
        """The second half of the incoming story: see `Opener.ask`."""
        self._opener.ask(keys, everything=everything)

    # --- what the core asks ----------------------------------------------------------------------

    def _send(self, action: actions.Send) -> None:
        self.links.transmit(action.peer, action.frame, action.priority)

    def _tell(self, peer: str, frame: Frame) -> None:
        self.links.transmit(peer, frame, actions.Priority.ROUTINE)

    def _tell_first(self, peer: str, frame: Frame) -> None:
        self.links.transmit(peer, frame, actions.Priority.FLASH)

    def _tell_last(self, peer: str, frame: Frame) -> None:
        self.links.transmit(peer, frame, actions.Priority.BULK)

    def _hand_on(self, action: actions.HandOn) -> None:
        kind = action.frame.WhichOneof("frame")
        if kind == "fork":
            self.forks.received(action.peer, action.frame.fork)
        elif kind in ATTACHMENTS:
            self.attachments.received(action.peer, action.frame)
            self._set_alarm()
        else:
            self.exchange.received(action.peer, action.frame)
            self._set_alarm()  # an offer may have to wait for its minute

    def _run_caught(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def ended(result: Any) -> None:
            done(result)
            self._set_alarm()

        self.run(lambda: _caught(work), ended)

    def _ingest(self, action: actions.Ingest) -> None:
        def work() -> incoming.Outcome:
            return incoming.receive(self.node, action.peer, action.envelopes, action.wraps)

        self.run(lambda: _caught(work), lambda outcome: self._ingested(action, outcome))

    def _ingested(self, action: actions.Ingest, outcome: incoming.Outcome | FanalError) -> None:
        if isinstance(outcome, FanalError):
            self._upkeep.heed(outcome)
            unstored = tuple(incoming.places_of(action.envelopes))
            self.handle(events.NotStored(action.peer, action.request, unstored))
            return
        self.node.counts["ingested", ""] += len(outcome.entries)
        self.node.counts.update(("refused", reason) for _place, reason in outcome.refused)
        if outcome.refused:
            self.handle(events.Refused(action.peer, tuple(outcome.refused)))
        for over, places in by_limit(outcome.deferred).items():
            self.handle(events.Deferred(action.peer, tuple(places), over.limit, over.most, over.until))
        fresh, known = outcome.told(self.core.unheard(outcome.held))
        self.handle(events.Committed(fresh, action.peer, action.request, known, outcome.wraps))
        if outcome.missing_charter or outcome.missing_agencies:
            agencies = tuple(sorted(outcome.missing_agencies))
            self.handle(events.DocumentsMissing(agencies, outcome.missing_charter))
        self.penalties.strike(action.peer, outcome.strikes)
        self.forks.found(outcome.forks)
        self._branches.ask(outcome.branches)
        self._judging.ask()
        self.keeper.note_entries(fresh, self.node.ticks)
        if outcome.attached:
            self.attachments.look()
        self.attachments.came(outcome.whole)
        if fresh or outcome.wraps:
            keys = [wrap.key_manifest_sha256 for wrap in outcome.wraps]
            self.open_arrived(keys, everything=outcome.mended)
        self._set_alarm()

    def take_documents(self, action: actions.TakeDocuments) -> None:
        """Verify and keep what a peer sent."""

        def done(taken: bool | FanalError) -> None:
            self._upkeep.documents_sent(action, taken)
            changed = taken is True
            if changed:
                self.handle(events.RosterChanged(self.node.roster()))
            self.handle(events.DocumentsTaken(self.node.heads(), action.peer, action.request))
            self.forks.documents()
            if changed:
                given = (*action.charters, *action.identities)
                everything = documents.may_end_any_wait(self.node.agency, given)
                self._opener.ask(everything=everything, reasons=opening.FOR_DOCUMENTS)
                self._documents_taken()

        self.run(
            lambda: _caught(
                lambda: self.node.take_documents(action.charters, action.identities, action.peer)
            ),
            done,
        )

    def _documents_taken(self) -> None:
        """Charter or identities changed: whom we admit, what can be opened, who cosigns, what we anchor."""
        self.roster_listener()
        self.exchange.tell_all()
        self.keeper.note_documents(self.node.ticks)
        self._upkeep.documents_taken()
        self._set_alarm()

    roster_listener: Callable[[], None] = staticmethod(lambda: None)
    """Called when charter or identities changed: the transport renews whom it admits and dials."""

    def _wake_at(self, action: actions.WakeAt) -> None:
        self._core_wakes = action.time
        self._set_alarm()

    # --- what follows ----------------------------------------------------------------------------

    def _judged(self, result: judging.Found | FanalError) -> None:
        if isinstance(result, judging.Found):
            self.forks.found(result.forks)
            self._branches.ask(result.branches)
        self._upkeep.heed(result.failure if isinstance(result, judging.Found) else result)

    def _opened(self, result: Opened | FanalError) -> None:
        self._take_up()
        self._upkeep.heed(result)

    def _take_up(self) -> None:
        """What openings wrote and found lacking, officers' ones too."""
        while self.node.tray:
            opened = self.node.tray.popleft()
            if opened.wraps_missing:
                self.handle(events.WrapsMissing(opened.wraps_missing))
            self.keeper.note_waiting(bool(opened.waiting), self.node.ticks)
            self.announced(opened.written)
            if opened.done or opened.written.failure is None:
                self._upkeep.well()

    def _kept(self, written: Written | FanalError) -> None:
        if isinstance(written, Written):
            self.announced(written)
        self._upkeep.heed(written)
        self.exchange.newest()
        self._set_alarm()

    def _retained(self, result: tuple[Written, bool] | FanalError) -> None:
        more = False
        if not isinstance(result, FanalError):
            written, more = result
            self.announced(written)
        self._upkeep.heed(result)
        self.keeper.note_retention(more, self.node.ticks)
        self._set_alarm()

    def _caught_up(self) -> bool:
        """Whether every linked peer, and there is one if there are others at all, was found to hold the same,
        and all that came has been opened."""
        alone = len(self.node.directory.newest.members) == 1
        return (bool(self.core.linked) or alone) and self.core.caught_up and not self._opener.busy

    def _set_alarm(self) -> None:
        times = (
            self._core_wakes,
            self.keeper.next_due(),
            self._upkeep.next_due(),
            self.exchange.next_due(),
            self.attachments.next_due(),
        )
        if due := [when for when in times if when is not None]:
            self.links.wake_at(max(min(due), self._rests_until))


def _caught(work: Callable[[], T]) -> T | FanalError:
    """The result, or the refusal of a store or of a lock as a value: the caller decides what it stops."""
    try:
        return work()
    except FanalError as error:
        log.error("not done: %s", error)
        return error
    except Exception:
        # A fault of ours ends this piece of work, never the node.
        log.exception("not done")
        return FanalError(FAULT)

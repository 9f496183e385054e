# SPDX-License-Identifier: Apache-2.0
"""Sending the corpus: each notice by the officer of its originator, once everything it refers to has arrived.

A notice's readers are fixed by the corpus and the agencies present; that the program resolves the same ones
is expected of every notice, so nobody is ever added silently.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from fanal.cli.demo import corpus, plan
from fanal.cli.demo.corpus import Issued, Item, Selection
from fanal.cli.demo.expectations import Step, until
from fanal.cli.demo.network import Network
from fanal.notices.drafts import new_notice_id
from fanal.v1.notice_pb2 import Notice, Urgency

PATIENCE = 15.0
_WAITING = frozenset({"QUEUED", "SENT", "RELAYED"})


@dataclass(frozen=True)
class Sent:
    """A notice that is on its way: what was signed, and who is to read it."""

    item: Item
    notice_id: str
    ref: str
    envelope_id: bytes
    readers: frozenset[str]
    notice: bytes = field(repr=False)

    @property
    def author(self) -> str:
        return self.item.notice.originator

    @property
    def holders(self) -> frozenset[str]:
        """Who may know it: author and readers."""
        return self.readers | {self.author}

    def __str__(self) -> str:
        return f"{self.ref} ({self.item.kind}) revision {self.item.notice.revision}"


class Sender:
    """The corpus on its way through a network. ``now`` is Unix seconds."""

    def __init__(self, network: Network, now: int) -> None:
        self.network, self.now = network, now
        self.plan = network.plan
        items = corpus.good()
        self.selection: Selection = corpus.select(items, self.plan.agencies, self.plan.channels)
        self.delta = now - corpus.moment(self.selection.items)
        self.issued = Issued()
        for item in self.selection.items:
            self.issued.ids.setdefault(item.notice.notice_id, new_notice_id(now, os.urandom))
        self.sent: list[Sent] = []

    def readers(self, item: Item) -> frozenset[str]:
        """Who is to read a notice of the corpus here."""
        return corpus.readers_of(item.notice, self.plan.agencies, self.plan.channels)

    def send(self, item: Item, step: Step) -> Sent:
        """Send one notice the way an officer does. FanalError when it is refused or does not get that far."""
        author = item.notice.originator
        desk = self.network.desks[author]
        self._await_references(item)
        draft = self.draft(item)
        readers = self.readers(item)
        if self.plan.sabotage == plan.RELAY_READS and not draft.group:
            draft.recipients.append(plan.RELAY)
        answer = desk.send(draft)
        told = {row["agency"] for row in answer["readers"]}
        shown = desk.fetch(answer["notice_id"], item.notice.revision)
        sent = Sent(
            item=item,
            notice_id=answer["notice_id"],
            ref=answer["ref"],
            envelope_id=bytes.fromhex(answer["envelope_id"]),
            readers=readers,
            notice=shown.notice,
        )
        step.equal(f"the readers shown for {sent} are those of the corpus", sorted(told), sorted(readers))
        self.issued.refs[item.notice.ref] = sent.ref
        self.issued.statements[item.key] = hashlib.sha256(shown.statement).hexdigest()
        self.sent.append(sent)
        return sent

    def draft(self, item: Item) -> Notice:
        """The notice as it is typed today; refs that it names ahead of their notice are reserved now."""
        for other in self.selection.items:
            named = other.notice.ref in corpus.references(item.notice)
            if named and other.notice.ref not in self.issued.refs:
                ahead = corpus.draft_of(other, self.issued, self.delta, self.readers(other), self.now)
                self.issued.refs[other.notice.ref] = self.network.desks[other.notice.originator].reserve(
                    ahead
                )
        return corpus.draft_of(item, self.issued, self.delta, self.readers(item), self.now)

    def _await_references(self, item: Item) -> None:
        """Until the author holds what the notice refers to."""
        named = {self.issued.ids.get(one) for one in corpus.references(item.notice)}
        wanted = named & {sent.notice_id for sent in self.sent}
        desk = self.network.desks[item.notice.originator]
        what = f"{item.notice.originator} holds what {item.kind} refers to"
        until(what, PATIENCE, lambda: wanted <= desk.held().keys())

    def pick_for_kill(self) -> tuple[int, str]:
        """Which notice, and which of its readers, to kill while it is SENT: index and agency.

        It must not be a FLASH, whose receipts wait for nobody. One whose reader answers it later is best:
        it shows that the killed node is whole again.
        """
        items = self.selection.items
        spared = {self.plan.behind, self.plan.governor}
        fit = [
            (index, victim)
            for index, item in enumerate(items)
            for victim in sorted(self.readers(item) - spared)
            if item.notice.urgency != Urgency.FLASH
        ]
        answered = [
            (index, victim)
            for index, victim in fit
            if any(
                later.notice.originator == victim
                and later.notice.in_reply_to == items[index].notice.notice_id
                for later in items[index + 1 :]
            )
        ]
        return (answered or fit)[-1]

    def undelivered(self) -> list[str]:
        """Notices and readers whose node has not signed for them yet."""
        found = []
        for sent in self.sent:
            if not self.network.nodes[sent.author].alive:
                continue  # nobody can be asked; what it sent is looked for at its readers
            states = self.network.desks[sent.author].states(sent.notice_id)
            late = (one for one in sorted(sent.readers) if states.get(one, "QUEUED") in _WAITING)
            found += [f"{sent} at {one}" for one in late]
        return found

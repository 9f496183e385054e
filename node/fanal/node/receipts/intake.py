# SPDX-License-Identifier: Apache-2.0
"""Receipts that others send us: checked against our own lanes, logged, and turned into delivery facts.

A coverage counts only from a reader (STORED) or a relay (RELAYED) of the lane, only over our own lane, and
only if its head is the manifest that we signed there. A READ counts only with its officer's signature.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fanal.envelope import audience as audiences
from fanal.envelope.receipts import read_receipt
from fanal.envelope.seal import LaneKey
from fanal.envelope.trust import Standing
from fanal.envelope.verify import decode_manifest_only
from fanal.errors import FanalError
from fanal.keys.errors import IDENTITY_UNKNOWN, UnknownIdentity
from fanal.node.forks import returned
from fanal.node.gossip.entitlement import is_relay_of, readers_of
from fanal.node.gossip.events import Span
from fanal.node.lanes.audience import NO_KEY, NOT_A_MEMBER
from fanal.node.lanes.leaves import coverage_leaf, incident_leaf
from fanal.node.lanes.own import LaneBatch
from fanal.node.lanes.reading import view_of_lane
from fanal.node.lanes.written import Written
from fanal.node.ledger.ranges import subtract
from fanal.node.ledger.rows import Batch, DeliveryFact, EntryRow, LaneRange, LeafRow, Range, State
from fanal.node.ledger.rules import COMPLIED
from fanal.node.receipts import facts, issuing, keyless
from fanal.node.witness import standing
from fanal.proof.leaf import LeafType
from fanal.v1.envelope_pb2 import (
    EnvelopeClass,
    EnvelopePriority,
    Header,
    ReadReceipt,
    RecallAnswer,
    RecallOutcome,
    Receipts,
    StoredCoverage,
)
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.receipts.intake")

PATIENCE = 86_400
"""Seconds from its arrival for which a receipt waits for an entry that a restore has lost."""


class NotBackYet(Exception):  # noqa: N818
    """It is about an entry that this restored database lacks, and that peers are giving back."""

    def __init__(self, manifest_sha256: bytes) -> None:
        super().__init__()
        self.tag = tag(manifest_sha256)


def tag(manifest_sha256: bytes) -> bytes:
    """What receipts wait under that are about this entry; the entry looks for them when it comes."""
    return hashlib.sha256(b"fanal/receipts-wait/v1\0" + manifest_sha256).digest()


def take_receipts(node: Node, row: EntryRow, told: Receipts) -> Written:
    """Take what the author of ``row`` tells. One that does not fit our lanes is an incident, not a fact.

    Raises UnknownIdentity, with nothing taken, when it asks for a lane key and names no encryption key in
    force: its next identity document brings one, and the receipt is opened again. Raises NotBackYet, with
    nothing taken, after a restore.
    """
    digest = hashlib.sha256(told.SerializeToString(deterministic=True)).digest()
    taken = _Taken(node, row, digest)
    for item in told.stored:
        taken.coverage(item, "stored", State.STORED)
    for item in told.relayed:
        taken.coverage(item, "relayed", State.RELAYED)
    for refusal in told.rejected:
        first = refusal.problems[0]
        taken.single(
            refusal.manifest_sha256, "rejected", State.REJECTED, f"{first.code} {first.field}".strip()
        )
    for waiting in told.held:
        taken.single(waiting.manifest_sha256, "held", State.HELD, waiting.reason)
    for one in told.read:
        taken.read(one)
    for answer in told.recalls:
        taken.recall(answer)
    _check_key_known(node, row.author, taken.lacking_key)
    node.ledger.append(
        Batch(deliveries=tuple(taken.facts), leaves=tuple(taken.leaves), held=tuple(taken.held))
    )
    return _wrap_again(node, row.author, taken.lacking_key)


def take_own(node: Node, row: EntryRow, told: Receipts) -> Written:
    """Take back what this node told and a restore has lost. Raises NotBackYet, with the rest taken."""
    written, lost = keyless.given_back(node, row, told)
    if lost and node.now < row.arrived + PATIENCE:
        raise NotBackYet(lost)
    return written


class _Taken:
    """What the receipts of one envelope come to."""

    def __init__(self, node: Node, row: EntryRow, digest: bytes) -> None:
        self.node, self.row, self.digest = node, row, digest
        self.facts: list[DeliveryFact] = []
        self.leaves: list[LeafRow] = []
        self.held: list[LaneRange] = []
        self.told: dict[tuple[str, bytes, bytes], list[Range]] = {}
        self.looked: dict[tuple[bytes, bytes], list[Range]] = {}
        self.later = keyless.Later(node, row)
        self.lacking_key: list[EntryRow] = []

    def coverage(self, item: StoredCoverage, name: str, state: State) -> None:
        recipients = self._covered(item, state)
        if not recipients:
            self._check_not_lost(item.head)
            self._incident()
            return
        via = self.row.author if state is State.RELAYED else ""
        spans = self._news(item, name)
        if state is State.STORED:
            spans = self._but_held(item, spans)
        for where in spans:
            found = facts.notice_facts(self.node, where, recipients, state, self.row.created, via)
            self.facts += found
            if state is State.STORED:
                self._withdrawn(found)
        self.leaves.append(
            coverage_leaf(
                LeafType.RECEIPT_IN,
                name,
                item,
                self.digest,
                self.row.envelope_id,
                self.row.author,
                self.node.now,
            )
        )

    def _but_held(self, item: StoredCoverage, news: list[Span]) -> list[Span]:
        """The news, and what the teller once said HELD of; of both nothing that a later word of it holds."""
        stream = (item.lane, item.incarnation)
        looked = self.looked.setdefault(stream, [])
        spans = subtract([Range(span.start, span.stop) for span in item.ranges], looked)
        looked += spans
        held: list[Range] = []
        came = [Range(span.start, span.stop) for span in news]
        for seq in keyless.waiting(self.node, self.row.author, *stream, *spans):
            one = Range(seq, seq + 1)
            (held if self.later.says("held", *stream, seq) else came).append(one)
        return [Span(*stream, *span) for span in subtract(came, held)]

    def _news(self, item: StoredCoverage, name: str) -> list[Span]:
        """What this teller has not told before, of what is there: to tell a lane again costs nothing."""
        node, stream = self.node, (item.lane, item.incarnation)
        row = node.ledger.lanes.row(*stream)
        if row is None:
            return []
        teller = f"{name} {self.row.author}"
        told = self.told.setdefault((name, *stream), [])
        known = [Range(one.start, one.stop) for one in node.ledger.facts.held(teller, *stream)] + told
        ranges = [Range(span.start, min(span.stop, row.next)) for span in item.ranges]
        news = subtract(ranges, known)
        told += news
        self.held += [LaneRange(teller, *stream, *span) for span in news]
        return [Span(*stream, *span) for span in news]

    def single(self, manifest_sha256: bytes, name: str, state: State, reason: str = "") -> None:
        entry = self._own(manifest_sha256)
        if entry is None or reason == NOT_A_MEMBER:  # which its author says, of who is sent nothing
            self._check_not_lost(manifest_sha256)
            self._incident()
            return
        lacks_key = state is State.HELD and reason == NO_KEY
        over = lacks_key and self.later.says("stored", entry.lane, entry.incarnation, entry.seq)
        if entry.klass == EnvelopeClass.NOTICE and not over:
            self.facts.append(
                DeliveryFact(entry.envelope_id, self.row.author, state, self.row.created, reason)
            )
        if lacks_key:
            self.lacking_key.append(entry)
            self.held.append(keyless.waits(self.row.author, entry))
        self.leaves.append(
            issuing.entry_receipt_leaf(
                LeafType.RECEIPT_IN,
                name,
                entry,
                self.digest,
                self.row.envelope_id,
                self.row.author,
                self.node.now,
            )
        )

    def read(self, receipt: ReadReceipt) -> None:
        try:
            statement, officer = read_receipt(receipt, self.row.author, self.node.directory)
        except FanalError as error:
            log.warning("read receipt of %s not taken: %s", self.row.author, error)
            self._incident()
            return
        if officer.standing is Standing.REVOKED:
            self._incident()
            return
        self.single(statement.manifest_sha256, "read", State.READ)

    def recall(self, answer: RecallAnswer) -> None:
        """A holder's word about our withdrawal: it counts for every envelope of that notice."""
        entry = self._own(answer.manifest_sha256)
        recall = self.node.vault.notices.recall(answer.notice_id, self.node.agency)
        if entry is None or recall is None or not self._asked(entry, answer):
            self._check_not_lost(answer.manifest_sha256)
            self._incident()
            return
        who, since = self.row.author, self.row.created
        outcome = RecallOutcome.Code.Name(answer.outcome)
        for one in self._sent(answer.notice_id, who):
            self.facts.append(DeliveryFact(one, who, State.WITHDRAWN, since))
            if outcome == COMPLIED:
                self.facts.append(DeliveryFact(one, who, State.WITHDRAWN, since, COMPLIED))
            else:
                self.facts.append(DeliveryFact(one, who, State(outcome), since, answer.reason))
        self.leaves.append(
            issuing.entry_receipt_leaf(
                LeafType.RECEIPT_IN,
                outcome.lower(),
                entry,
                self.digest,
                self.row.envelope_id,
                who,
                self.node.now,
            )
        )

    def _asked(self, withdrawal: EntryRow, answer: RecallAnswer) -> bool:
        """Whether it was sent to the teller and, as far as its text is kept, withdraws the notice."""
        if withdrawal.klass != EnvelopeClass.NOTICE or answer.reason == NOT_A_MEMBER:
            return False
        record = self.node.vault.notices.get(self.node.now, manifest_sha256=withdrawal.manifest_sha256)
        text = Notice.FromString(record.notice) if record is not None else Notice()
        named = not text.notice_id or answer.notice_id in text.withdrawal.notice_ids
        return named and _was_reader(self.node, withdrawal, self.row.author)

    def _covered(self, item: StoredCoverage, state: State) -> tuple[str, ...]:
        """For whom this coverage speaks; nobody unless it is of our lane, from one who holds it rightly."""
        lane = self.node.ledger.lanes.info(item.lane)
        if lane is None or lane.author != self.node.agency:
            return ()
        last = item.ranges[-1].stop - 1
        refs = self.node.ledger.entries.refs(item.lane, item.incarnation, last, last + 1, 1)
        if not refs or refs[0].manifest_sha256 != item.head:
            return ()
        view, roster, author = view_of_lane(lane), self.node.roster(), self.row.author
        if state is State.STORED:
            return (author,) if author in readers_of(view, roster) else ()
        return facts.served_by(author, view, roster) if is_relay_of(author, view, roster) else ()

    def _own(self, manifest_sha256: bytes) -> EntryRow | None:
        """Our own entry with this manifest, if the teller may read its lane."""
        entry = self.node.ledger.entries.get(manifest_sha256=manifest_sha256)
        lane = self.node.ledger.lanes.info(entry.lane) if entry is not None else None
        if entry is None or lane is None or lane.author != self.node.agency:
            return None
        return entry if self.row.author in readers_of(view_of_lane(lane), self.node.roster()) else None

    def _withdrawn(self, stored: list[DeliveryFact]) -> None:
        """A withdrawal that has arrived: what it withdraws is WITHDRAWN at that recipient."""
        for fact in stored:
            record = self.node.vault.notices.get(
                self.node.now, envelope_id=fact.envelope_id, author=self.node.agency
            )
            if record is None or record.summary.kind != "WITHDRAWAL":
                continue
            for notice_id in Notice.FromString(record.notice).withdrawal.notice_ids:
                for one in self._sent(notice_id, fact.recipient):
                    self.facts.append(DeliveryFact(one, fact.recipient, State.WITHDRAWN, fact.since))

    def _sent(self, notice_id: str, agency: str) -> Iterator[bytes]:
        """The envelopes of our notice that the agency was sent: who is asked for more has nothing to give."""
        for one in self.node.vault.notices.envelopes(notice_id, self.node.agency):
            entry = self.node.ledger.entries.get(envelope_id=one, author=self.node.agency)
            if entry is not None and _was_reader(self.node, entry, agency):
                yield one

    def _check_not_lost(self, manifest_sha256: bytes) -> None:
        """Nobody is accused of a receipt for what this database may have held before it was restored."""
        node = self.node
        if node.now >= self.row.arrived + PATIENCE or not _restored(node):
            return
        if node.ledger.entries.get(manifest_sha256=manifest_sha256) is None:
            raise NotBackYet(manifest_sha256)

    def _incident(self) -> None:
        evidence = self.row.manifest_sha256
        self.leaves.append(incident_leaf("receipt-does-not-fit", self.node.now, self.row.author, evidence))


def _restored(node: Node) -> bool:
    """Whether the start, a witness or what came back tells that own entries are lacking here."""
    began_anew = node.ledger.opened.reason not in ("", "created")
    return began_anew or standing.lost_now(node) is not None or returned.known(node) is not None


def _was_reader(node: Node, original: EntryRow, agency: str) -> bool:
    """A lane key is for its first readers alone: who joined a channel later gets no earlier key."""
    header = _header(original)
    charter = node.directory.charter(header.charter_version, header.charter_sha256)
    return agency in audiences.readers(header.audience, charter)


def _header(row: EntryRow) -> Header:
    return decode_manifest_only(row.manifest, row.signature).header


def _check_key_known(node: Node, asker: str, entries: list[EntryRow]) -> None:
    member = node.directory.newest.is_member(asker)
    if entries and member and not node.directory.encryption_keys([asker], node.now):
        raise UnknownIdentity(IDENTITY_UNKNOWN, agency=asker, key_id="")


def _wrap_again(node: Node, asker: str, entries: list[EntryRow]) -> Written:
    """A reader lacks the lane key: announce it once more, to the key that this reader has now."""
    written = Written()
    for key_envelope in {entry.key_envelope or entry.manifest_sha256 for entry in entries}:
        original = node.ledger.entries.get(manifest_sha256=key_envelope)
        stored = node.vault.lane_key(key_manifest_sha256=key_envelope)
        member = node.directory.newest.is_member(asker)
        if stored is None or original is None or not (member and _was_reader(node, original, asker)):
            continue
        header = _header(original)
        with node.writing:
            batch = LaneBatch(node, node.now)
            key = LaneKey(stored.key, stored.commitment, stored.key_manifest_sha256)
            batch.rewrap(header.audience, key, EnvelopePriority.ROUTINE, (asker,))
            batch.append()
        written += Written(batch.metas(), batch.wrap_metas())
    return written

# SPDX-License-Identifier: Apache-2.0
"""Taking a courier file in: refused as a whole before anything changed, or ingested like what a link brings.

    hash -> network, addressee -> sender's key -> signature -> lengths, every frame's form      `verified`
    documents, fork proofs, entries with their wraps -> clock, verdicts, checkpoints -> record  `take`

Promise: what is inside is believed no more than what a link brings, for it goes the same way
(`incoming.receive`, `Node.take_documents`, `forks.kept`). Any order, twice, and again after a kill is fine:
what was taken in is known, the rest follows. One bad entry is left out, with an incident, and stops no other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from fanal.envelope.errors import Step
from fanal.errors import FanalError, VerificationError
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.keys.trust import Directory, KeyStatus
from fanal.node import documents, incoming
from fanal.node.courier import attached, conversation, form, remembered
from fanal.node.courier.errors import (
    NOT_SIGNED,
    OTHER_ADDRESSEE,
    OTHER_FORM,
    OTHER_NETWORK,
    SENDER_KEY_REVOKED,
    SENDER_NOT_ADMITTED,
    SENDER_UNKNOWN,
)
from fanal.node.courier.form import Opened
from fanal.node.courier.told import Told
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.forks import kept
from fanal.node.incoming import Outcome
from fanal.node.lanes.leaves import admin_leaf, incident_leaf, refusal_leaf
from fanal.node.ledger.rows import Batch
from fanal.node.software import agreed, versions
from fanal.v1.envelope_pb2 import WrapProof
from fanal.v1.identity_pb2 import KeyUse
from fanal.v1.peer_pb2 import Documents, ForkProof, Frame, LaneSeq, Refused

if TYPE_CHECKING:
    from fanal.node.node import Node

LEAF = "courier-import"
INCIDENT = "courier-bad-entry"
HEAD = 1024
"""Frames that are looked at before the signature is. Documents are packed, so the largest file has fewer."""


@dataclass
class Imported:
    """What became of a file. ``waiting``: entries that cannot be taken yet, and come again; their charter or
    identity document has not come, or they are over a quota; and attachments that cannot be stored now.
    ``whole``: attachments of which the file brought the last piece, ``begun``: of which it brought any."""

    opened: Opened
    older: bool
    entries: int = 0
    known: int = 0
    refused: int = 0
    waiting: int = 0
    documents: bool = False
    whole: set[bytes] = field(default_factory=set)
    begun: set[bytes] = field(default_factory=set)


def take(node: Node, actor: Actor, file: IO[bytes], told: Told) -> Imported:
    """Verify the file and take in what is in it.

    Raises one of `courier.errors` with nothing changed but a `refusal` leaf, LOCKED, and what the ledger
    cannot store; then the same file is imported again.
    """
    person = person_mac(node.keys.person_key, actor.officer_id)
    try:
        opened = verified(node, file)
    except FanalError as error:
        leaf = refusal_leaf(error.kind.id.lower(), node.now, actor=person)
        node.ledger.append(Batch(leaves=(leaf,)))
        raise
    node.ledger.append(Batch(leaves=(admin_leaf(LEAF, opened.sha256, node.now, person),)))
    return _Taking(node, opened, told).run()


def verified(node: Node, file: IO[bytes]) -> Opened:
    """The file, if it is whole, for us, of a member whom we trust, signed by its node and well formed."""
    opened = form.opened(file)
    hello, header = opened.header.hello, opened.header
    mine = node.hello()
    if not agreed(hello, mine):
        raise VerificationError(OTHER_FORM, found=versions(hello), expected=versions(mine))
    if hello.network != node.network:
        raise VerificationError(OTHER_NETWORK, found=hello.network.hex()[:64], sender=opened.sender[:16])
    if header.addressee != node.agency:
        raise FanalError(
            OTHER_ADDRESSEE, sender=opened.sender[:16], addressee=header.addressee[:16], agency=node.agency
        )
    opened.check_signature(_key_of(node, opened))
    for _frame in opened.frames():
        """Each is looked at before the first is taken in."""
    return opened


def _key_of(node: Node, opened: Opened) -> bytes:
    """The key that must have signed. A newcomer's documents may be in the file: they prove themselves."""
    try:
        return _admitted(node, node.directory, opened)
    except FanalError:
        trial = node.directory.copy()
    for kind, frame in islice(opened.frames(), HEAD):
        if kind != "documents":
            break
        for charter in frame.documents.charters:
            with contextlib.suppress(FanalError):
                trial.take_charter(charter)
        for identity in frame.documents.identities:
            with contextlib.suppress(FanalError):
                trial.take_identity(identity)
    return _admitted(node, trial, opened)


def _admitted(node: Node, directory: Directory, opened: Opened) -> bytes:
    """The sender's key under this directory. Raises SENDER_NOT_ADMITTED, SENDER_UNKNOWN, NOT_SIGNED,
    SENDER_KEY_REVOKED."""
    sender = opened.sender
    if sender == node.agency or not documents.roster_of(directory.newest, node.settings).is_peer(sender):
        raise FanalError(SENDER_NOT_ADMITTED, sender=sender[:16])
    try:
        known = directory.signing_key(sender, opened.header.key_id, KeyUse.NODE_SIGN, node.now)
    except UnknownIdentity:
        raise FanalError(SENDER_UNKNOWN, sender=sender) from None
    except VerificationError as error:
        raise VerificationError(NOT_SIGNED, sender=sender) from error  # a key for something else
    if known.status is KeyStatus.REVOKED:
        raise VerificationError(SENDER_KEY_REVOKED, sender=sender)
    return known.public


class _Taking:
    """One verified file on its way in."""

    def __init__(self, node: Node, opened: Opened, told: Told) -> None:
        self.node, self.opened, self.told = node, opened, told
        self.peer = remembered.load(node, opened.sender)
        newest = remembered.is_newest(self.peer, opened.header, node.now)
        self.result = Imported(opened, older=not newest)
        self.verdicts: list[Refused] = []
        self.said = conversation.Said()
        self.waiting: tuple[bytes, ...] = ()
        self.blamed = False
        self.left: set[bytes] = set()
        """Attachments that cannot be stored now."""

    def run(self) -> Imported:
        for kind, frame in self.opened.frames():
            if kind == "wraps":
                self._receive(frame.wraps.wraps)
            else:
                self._receive(())
                _NOW.get(kind, _Taking._later)(self, frame)
        self._receive(())
        self.result.waiting += len(self.left)
        if self.result.begun:
            self.told.carried(Outcome(attached=True, whole=tuple(self.result.whole)))
        conversation.follow(self.node, self.opened.sender, self.peer, self.said, self.told)
        if not self.result.older:
            conversation.remember(self.node, self.opened, self.peer, self.said, self.verdicts)
            conversation.ask_on(self.node, self.opened.sender, self.said.wants, self.told)
        return self.result

    def _receive(self, wraps: Iterable[WrapProof]) -> None:
        """What waits, in one transaction with the wraps that follow it."""
        envelopes, self.waiting = self.waiting, ()
        if not envelopes and not wraps:
            return
        outcome = incoming.receive(self.node, self.opened.sender, envelopes, wraps)
        self._count(len(envelopes), outcome)
        if outcome.strikes or any(reason == incoming.REFUSED for _, reason in outcome.refused):
            self._incident()
        self.verdicts += [
            Refused(
                entry=LaneSeq(lane=place.lane, incarnation=place.incarnation, seq=place.seq), reason=reason
            )
            for place, reason in outcome.refused
        ]
        outcome.strikes, outcome.refused = [], []  # logged; there is no link to cut and nobody to answer
        self.told.carried(outcome)

    def _count(self, offered: int, outcome: Outcome) -> None:
        result, fresh, known = self.result, len(outcome.entries), len(outcome.known)
        result.entries, result.known = result.entries + fresh, result.known + known
        rest = offered - fresh - known - len(outcome.refused)
        garbage = sum(error.facts.get("step") != Step.SIGNATURE for error in outcome.strikes)
        later = max(0, rest - garbage)
        result.waiting += later
        result.refused += len(outcome.refused) + rest - later

    def _incident(self) -> None:
        """One for each file, however much of it is bad."""
        if self.blamed:
            return
        self.blamed = True
        leaf = incident_leaf(INCIDENT, self.node.now, self.opened.sender, self.opened.sha256)
        self.node.ledger.append(Batch(leaves=(leaf,)))

    def _entries(self, frame: Frame) -> None:
        self.waiting = tuple(frame.entries.envelopes)

    def _documents(self, frame: Frame) -> None:
        sent: Documents = frame.documents
        if self.node.take_documents(sent.charters, sent.identities, self.opened.sender):
            self.result.documents = True
            self.told.changed()

    def _fork(self, frame: Frame) -> None:
        proof: ForkProof = frame.fork
        try:
            line = kept.take(self.node, proof, self.opened.sender)
        except (UnknownCharter, UnknownIdentity):
            return  # it cannot be judged here yet, and comes with every file
        except VerificationError:
            self._incident()
            return
        if line is not None:
            self.told.carried(Outcome(forks=[line]))

    def _pieces(self, frame: Frame) -> None:
        name = frame.pieces.attachment
        try:
            took = attached.take(self.node, frame.pieces)
        except VerificationError:
            self.result.refused += 1
            self._incident()
            return
        if took is None:
            return
        if took.here.have <= frame.pieces.index:
            self.left.add(name)
        if took.new:
            self.result.begun.add(name)
        if took.new and took.here.whole:
            self.result.whole.add(name)

    def _later(self, frame: Frame) -> None:
        self.said.take(frame)


_NOW: dict[str, Any] = {
    "entries": _Taking._entries,
    "documents": _Taking._documents,
    "fork": _Taking._fork,
    "pieces": _Taking._pieces,
}

# SPDX-License-Identifier: Apache-2.0
"""What leaves tell beside envelopes: receipts, accesses, erasures and incidents, held against the entries.

All of it without opening anything: a receipt's words are sealed, but who sent which receipt to whom about
which places is in the leaf, and the envelope that carries it is signed. A body may be missing only with an
erasure leaf, and an erasure leaf only without the body.
"""

from __future__ import annotations

from collections import Counter

from fanal.envelope import limits
from fanal.errors import VerificationError
from fanal.i18n import _, translate
from fanal.keys import strict
from fanal.node.ledger.audit_entries import First, failed, passed
from fanal.node.ledger.readonly import LedgerView
from fanal.proof.audit import Check
from fanal.proof.leaf import Leaf, LeafType, decode
from fanal.proof.leaf_forms import Value
from fanal.v1.envelope_pb2 import Audience, EnvelopeClass

RECEIPTS = "receipts.envelope"
LOGGED = "receipts.logged"
ACCESS = "access.envelope"
BODIES = "entries.body"
INCIDENTS = "incidents"
_SHOWN = 5

_NO_ENVELOPE = _("Leaf {index} tells of a receipt in envelope {envelope}, which is not here.")
_NOT_ITS = _("Leaf {index}: envelope {envelope} is no receipt from {author} to {peer}.")
_NO_PLACE = _("Leaf {index} tells of a receipt about number {seq} of lane {lane}, which is not here.")
_SILENT = _("Envelope {envelope} is a receipt of this agency, and no leaf says what it answered.")
_NOT_HELD = _("Leaf {index} tells of an access to envelope {envelope}, which is not here.")
_BARE = _("The body of envelope {envelope} is gone, and no leaf says that it was erased.")
_STILL = _("Leaf {index} says that envelope {envelope} was erased, and its body is here.")
_LISTED = _("leaf {index}: {what}")


class LeafFacts:
    """Fed with every leaf in order, it holds them against the entries. ``agency`` may be unknown ("")."""

    def __init__(self, view: LedgerView, agency: str) -> None:
        self._view, self._agency = view, agency
        self._receipts, self._access = First(RECEIPTS), First(ACCESS)
        self._count: Counter[LeafType] = Counter()
        self._told: set[bytes] = set()
        self._erased: dict[bytes, int] = {}
        self._incidents: list[str] = []
        self.heads: dict[tuple[str, int], tuple[int, int]] = {}
        """The newest leaf about each other log, by agency and number: its index, and the size it names."""

    def feed(self, index: int, leaf: Leaf) -> None:
        self._count[leaf.type] += 1
        if leaf.type in (LeafType.RECEIPT_OUT, LeafType.RECEIPT_IN):
            self._receipts.note(self._receipt(index, leaf))
        elif leaf.type is LeafType.ACCESS:
            self._access.note(self._accessed(index, leaf))
        elif leaf.type is LeafType.PEER_CHECKPOINT:
            self.heads[str(leaf["peer"]), int(leaf["log"] or 0)] = (index, int(leaf["size"] or 0))
        elif leaf.type is LeafType.ERASURE:
            self._erased.setdefault(_bytes(leaf["manifest"]), index)
        elif leaf.type is LeafType.INCIDENT and len(self._incidents) < _SHOWN:
            self._incidents.append(translate(_LISTED).format(index=index, what=leaf["what"]))

    def results(self) -> list[Check]:
        """After the last leaf."""
        receipts = self._count[LeafType.RECEIPT_OUT] + self._count[LeafType.RECEIPT_IN]
        incidents = self._count[LeafType.INCIDENT]
        more = "; ..." if incidents > len(self._incidents) else ""
        return [
            self._receipts.result(receipts),
            *self._entries(),
            self._access.result(self._count[LeafType.ACCESS]),
            passed(INCIDENTS, found=str(incidents), detail="; ".join(self._incidents) + more),
        ]

    def _receipt(self, index: int, leaf: Leaf) -> Check | None:
        envelope, peer = _bytes(leaf["envelope"]), str(leaf["peer"])
        out = leaf.type is LeafType.RECEIPT_OUT
        held = self._view.told(envelope, self._agency if out else peer)
        if held is None:
            detail = translate(_NO_ENVELOPE).format(index=index, envelope=envelope.hex())
            return failed(RECEIPTS, envelope.hex(), "", detail)
        klass, author, audience = held
        sender = (self._agency or author) if out else peer
        fits = klass == EnvelopeClass.RECEIPT and author == sender
        if not fits or not _reads(audience, peer if out else self._agency):
            to = peer if out else self._agency
            facts = {"index": index, "envelope": envelope.hex(), "author": sender, "peer": to}
            return failed(RECEIPTS, sender, author, translate(_NOT_ITS).format_map(facts))
        return self._places(index, leaf)

    def _places(self, index: int, leaf: Leaf) -> Check | None:
        lane, incarnation = _bytes(leaf["lane"]), _bytes(leaf["incarnation"])
        for seq in dict.fromkeys((leaf["first"], leaf["last"])):
            if self._view.at(lane, incarnation, int(seq or 0)) is None:
                detail = translate(_NO_PLACE).format(index=index, seq=seq, lane=lane.hex())
                return failed(RECEIPTS, str(seq), "", detail)
        if leaf.type is LeafType.RECEIPT_OUT:
            self._told.add(_bytes(leaf["envelope"]))
        return None

    def _accessed(self, index: int, leaf: Leaf) -> Check | None:
        envelope = leaf["envelope"]
        if not isinstance(envelope, bytes) or self._view.told(envelope) is not None:
            return None
        detail = translate(_NOT_HELD).format(index=index, envelope=envelope.hex())
        return failed(ACCESS, envelope.hex(), "", detail)

    def _entries(self) -> list[Check]:
        """Every own receipt has a leaf, every body is here or was erased."""
        logged, bodies, receipts, count = First(LOGGED), First(BODIES), 0, 0
        for _arrival, envelope, manifest, klass, held in self._view.bodies():
            if klass == EnvelopeClass.RECEIPT and self._agency and envelope not in self._told:
                logged.note(self._unlogged(envelope, manifest))
            receipts += klass == EnvelopeClass.RECEIPT
            if klass != EnvelopeClass.KEY:
                count += 1
                bodies.note(self._body(envelope, manifest, held))
        return [logged.result(receipts), bodies.result(count)]

    def _unlogged(self, envelope: bytes, manifest: bytes) -> Check | None:
        told = self._view.told(envelope, self._agency)
        if told is None or told[:2] != (EnvelopeClass.RECEIPT, self._agency) or self._returned(manifest):
            return None
        return failed(LOGGED, envelope.hex(), "", translate(_SILENT).format(envelope=envelope.hex()))

    def _returned(self, manifest: bytes) -> bool:
        """An own envelope that came back to a restored ledger: the leaf that says what it answered went with
        the lost tail, and the one that is here says that a peer handed it over."""
        index = self._view.leaf_of(manifest)
        data = None if index is None else self._view.leaf(index)
        return data is not None and decode(data).type is LeafType.ENVELOPE_IN

    def _body(self, envelope: bytes, manifest: bytes, held: bool) -> Check | None:
        index = self._erased.get(manifest)
        if held == (index is None):
            return None
        text = translate(_STILL if held else _BARE)
        return failed(BODIES, detail=text.format(index=index, envelope=envelope.hex()))


def _reads(audience: bytes, agency: str) -> bool:
    """Whether an explicit audience names the agency; unknown is not accused."""
    try:
        decoded = strict.decode(Audience, audience, limits.ENVELOPE)
    except VerificationError:
        return False
    return not agency or bool(decoded.channel) or agency in decoded.agencies


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b""

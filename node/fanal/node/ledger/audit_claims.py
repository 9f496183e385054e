# SPDX-License-Identifier: Apache-2.0
"""What the node says became of its own notices, held against the receipts that its leaves tell of.

Promise: a row of the working table ``deliveries`` that claims what only another agency can say (RELAYED,
STORED, READ, ANSWERED, REJECTED, HELD, WITHDRAWN, COMPLIED, REFUSED) without a receipt leaf of that agency
over that place is named. A row that claims too little accuses nobody: it takes nothing from the leaves.

A receipt's words are sealed, so some things cannot be held against each other exactly: a leaf tells the first
and the last number of a coverage, not its gaps; which withdrawal a holder answered, and which question a
notice answers, is inside the envelope. What follows a withdrawal counts as backed when the holder answered so
about anything of ours, an answer when there is a notice of that agency.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import NamedTuple

from fanal.i18n import _, translate
from fanal.node.lanes.audience import NOT_A_MEMBER
from fanal.node.ledger.audit_entries import First, failed, undecided
from fanal.node.ledger.ranges import union
from fanal.node.ledger.readonly import Claim, LedgerView
from fanal.node.ledger.rows import State
from fanal.node.ledger.rules import COMPLIED, rank
from fanal.proof.audit import Check
from fanal.proof.leaf import Leaf, LeafType
from fanal.proof.leaf_forms import Value

MATCHED = "receipts.matched"

_UNBACKED = _(
    "Envelope {envelope} is said to be {state} at {recipient}, and no receipt leaf of {teller} says so."
)
_NO_REPLY = _("Envelope {envelope} is said to be answered by {recipient}, which never wrote anything here.")
_NO_ENTRY = _("Envelope {envelope} is said to be {state} at {recipient}, and it is not among our own here.")
_NO_STATE = _("Envelope {envelope} is said to be {state} at {recipient}, which is no state.")

_STATES = frozenset(one.value for one in State)
_UNSIGNED = frozenset({State.QUEUED, State.SENT, State.EXPIRED})
"""What the node says by itself."""
_AFTER_WITHDRAWAL = ("stored", "complied", "refused", "held")
_PACK = 1024


class Spans:
    """Half-open ranges of numbers, kept few by joining them now and then."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []
        self._limit = _PACK
        self._ready = True

    def add(self, start: int, stop: int) -> None:
        self._ranges.append((start, stop))
        self._ready = False
        if len(self._ranges) >= self._limit:
            self._join()
            self._limit = _PACK + 2 * len(self._ranges)

    def holds(self, number: int) -> bool:
        self._join()
        at = bisect_right(self._ranges, (number, 2**63)) - 1
        return at >= 0 and number < self._ranges[at][1]

    def _join(self) -> None:
        if not self._ready:
            self._ranges, self._ready = list(union(self._ranges)), True


class _Stream(NamedTuple):
    teller: str
    kind: str
    lane: bytes
    incarnation: bytes


class Claims:
    """Fed with every leaf, then asked for its check. ``agency`` may be unknown ("")."""

    def __init__(self, view: LedgerView, agency: str) -> None:
        self._view, self._agency = view, agency
        self._told: dict[_Stream, Spans] = {}
        self._ever: set[tuple[str, str]] = set()
        self._wrote: dict[str, bool] = {}

    def feed(self, _index: int, leaf: Leaf) -> None:
        if leaf.type is not LeafType.RECEIPT_IN:
            return
        teller, kind = str(leaf["peer"]), str(leaf["kind"])
        stream = _Stream(teller, kind, _bytes(leaf["lane"]), _bytes(leaf["incarnation"]))
        self._told.setdefault(stream, Spans()).add(_number(leaf["first"]), _number(leaf["last"]) + 1)
        self._ever.add((teller, kind))

    def result(self) -> Check:
        """After the last leaf: every row of the table."""
        result, count = First(MATCHED), 0
        for claim in self._view.claims():
            count += 1
            result.note(self._judged(claim))
        return result.result(count)

    def _judged(self, claim: Claim) -> Check | None:
        if claim.state not in _STATES:
            return _of(claim, _NO_STATE)
        state = State(claim.state)
        if state in _UNSIGNED or (state is State.HELD and claim.reason == NOT_A_MEMBER):
            return None
        place = self._view.place(claim.envelope_id, self._agency)
        if place is None:
            facts = {"envelope": claim.envelope_id.hex(), "state": claim.state, "recipient": claim.recipient}
            return undecided(MATCHED, claim.state, "", translate(_NO_ENTRY).format_map(facts))
        if state is State.ANSWERED:
            return None if self._writes(claim.recipient) else _of(claim, _NO_REPLY)
        if state is State.WITHDRAWN or claim.reached >= rank(State.WITHDRAWN):
            kinds = _said_after_withdrawal(state, claim.reason)
            backed = any((claim.recipient, kind) in self._ever for kind in kinds)
        elif state is State.REFUSED:
            backed = True  # by the next hop, which signs no receipt for what it does not take
        else:
            stream = _Stream(_teller(claim), state.value.lower(), *place[:2])
            told = self._told.get(stream)
            backed = told is not None and told.holds(place[2])
        return None if backed else _of(claim, _UNBACKED)

    def _writes(self, agency: str) -> bool:
        if agency not in self._wrote:
            self._wrote[agency] = self._view.wrote_notice(agency)
        return self._wrote[agency]


def _said_after_withdrawal(state: State, reason: str) -> Collection[str]:
    if state is State.WITHDRAWN:
        return ("complied",) if reason == COMPLIED else _AFTER_WITHDRAWAL
    return (state.value.lower(),)


def _teller(claim: Claim) -> str:
    """Who must have said so: the recipient, or the relay that has it."""
    return claim.via if claim.state == State.RELAYED else claim.recipient


def _of(claim: Claim, text: str) -> Check:
    facts = {
        "envelope": claim.envelope_id.hex(),
        "state": claim.reason if claim.reason == COMPLIED else claim.state,
        "recipient": claim.recipient,
        "teller": _teller(claim) or "?",
    }
    return failed(MATCHED, claim.state, "", translate(text).format_map(facts))


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b""


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0

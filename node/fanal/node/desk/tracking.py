# SPDX-License-Identifier: Apache-2.0
"""What became of a notice at each recipient: state, since when, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.desk import recalled, shelf
from fanal.node.errors import NOT_OURS
from fanal.node.gossip.events import Place
from fanal.node.inbox.interface import Summary
from fanal.node.lanes import audience, readingkeys
from fanal.node.ledger.rows import DeliveryFact, State
from fanal.node.ledger.rules import WAITING
from fanal.node.quotas import asking
from fanal.node.quotas.elsewhere import Told
from fanal.node.quotas.errors import DISK_FULL_THERE, STORE_FAILS_THERE, WAITS_AT_PEER
from fanal.node.quotas.quotas import DISK_LIMIT
from fanal.v1 import officer_pb2 as api

if TYPE_CHECKING:
    from fanal.node.node import Node

_CLOSED = (*(one.value for one in WAITING), State.STORED.value, State.HELD.value)
"""States of what nobody is known to have opened."""

Link = Callable[[str], tuple[str, FanalError | None] | None]
"""State of a peer's link, and why it does not stand, with the facts, as `fanal peer list` shows them."""


def track(node: Node, handle: str, link: Link) -> api.TrackReply:
    """Every recipient of the newest revision. Raises NOT_OURS for a notice of another agency."""
    record = node.vault.notices.find(handle, node.now)
    if not record.summary.outgoing:
        raise FanalError(NOT_OURS, notice=record.summary.ref, originator=record.summary.originator)
    newest: dict[str, DeliveryFact] = {}
    for envelope_id in node.vault.notices.envelopes(record.summary.notice_id, node.agency):
        for fact in node.ledger.facts.deliveries(envelope_id):
            newest[fact.recipient] = fact
    recall = node.vault.notices.recall(record.summary.notice_id, node.agency)
    deliveries = [_delivery(record.summary, newest[agency], node, link) for agency in sorted(newest)]
    if recall is not None:
        recalled.name(node, recall, record.summary, deliveries)
    for one in deliveries:
        _name_unreadable(one, newest[one.recipient].envelope_id, node)
    return api.TrackReply(summary=shelf.summary_of(record.summary), deliveries=deliveries)


def _name_unreadable(one: api.Delivery, envelope_id: bytes, node: Node) -> None:
    """A recipient that cannot open it: its reading key had ended when the lane key was sealed, and none
    can be sealed for it now. What it says of that itself is set aside until its new key is here."""
    if one.reason not in ("", audience.NO_KEY) or one.state not in _CLOSED:
        return
    found = readingkeys.of(node.directory, one.recipient, node.now)
    if not found.ended or found.finding is None or _sealed_for(node, one.recipient, envelope_id):
        return
    one.reason = found.finding.kind.id
    one.facts.update({name: str(value) for name, value in found.finding.facts.items()})


def _sealed_for(node: Node, recipient: str, envelope_id: bytes) -> bool:
    """Whether a wrap of the lane key for the recipient is here: then it may still hold what opens it."""
    row = node.ledger.entries.get(envelope_id=envelope_id, author=node.agency)
    return row is not None and bool(node.ledger.entries.wraps(row.key_envelope, [recipient]))


def waits_at(node: Node, agency: str) -> FanalError | None:
    """Why a linked peer takes nothing more of ours for now, or nothing at all."""
    if node.elsewhere.held_up(agency, node.ticks):
        return FanalError(STORE_FAILS_THERE, agency=agency)
    told = node.elsewhere.of(agency, node.now)
    return None if told is None else _waits(agency, told)


def _waits(agency: str, told: Told) -> FanalError:
    when = asking.when(told.until)
    if told.limit == DISK_LIMIT:
        return FanalError(DISK_FULL_THERE, agency=agency, when=when)
    return FanalError(WAITS_AT_PEER, agency=agency, limit=told.limit, most=told.most, when=when)


def _delivery(summary: Summary, fact: DeliveryFact, node: Node, link: Link) -> api.Delivery:
    state, since, reason = fact.state, fact.since, fact.reason
    facts: dict[str, str] = {}
    if state in WAITING and summary.expires_at <= node.now:
        state, since = State.EXPIRED, summary.expires_at
    if state is State.QUEUED and not reason:
        reason, facts = _deferred(node, fact) or _obstacle(fact.recipient, link)
    if state in WAITING and not reason:
        reason, facts = _held_up(node, fact.recipient, link)
    return api.Delivery(
        recipient=fact.recipient, state=state.value, since=since, reason=reason, facts=facts, via=fact.via
    )


def _held_up(node: Node, recipient: str, link: Link) -> tuple[str, dict[str, str]]:
    """A linked recipient's store takes nothing: neither the notice nor a receipt that is owed."""
    state, _reason = link(recipient) or ("CONNECTED", None)
    if state != "CONNECTED" or not node.elsewhere.held_up(recipient, node.ticks):
        return "", {}
    return STORE_FAILS_THERE.id, {"agency": recipient}


def _deferred(node: Node, fact: DeliveryFact) -> tuple[str, dict[str, str]] | None:
    """A peer on the way, or the recipient, takes it later."""
    row = node.ledger.entries.get(envelope_id=fact.envelope_id, author=node.agency)
    found = None if row is None else node.elsewhere.about(Place(row.lane, row.incarnation, row.seq), node.now)
    if found is None:
        return None
    error = _waits(*found)
    return error.kind.id, {name: str(value) for name, value in error.facts.items()}


def _obstacle(recipient: str, link: Link) -> tuple[str, dict[str, str]]:
    """Why nobody has taken it yet, with its facts: what the link to the recipient says, "" when it stands."""
    state, reason = link(recipient) or ("CONNECTED", None)
    if state == "CONNECTED":
        return "", {}
    if reason is None:
        return state, {}
    return reason.kind.id, {name: str(value) for name, value in reason.facts.items()}

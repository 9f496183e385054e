# SPDX-License-Identifier: Apache-2.0
"""What is known of each notice at each of its recipients, and how the node comes to know it.

QUEUED at the commit; SENT when the next hop has committed it; RELAYED, STORED, READ and ANSWERED by what the
others signed. A fact never moves backwards: the ledger sees to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fanal.node.gossip.entitlement import LaneView, Roster, readers_of
from fanal.node.gossip.events import NOT_FINAL, Place, Span
from fanal.node.lanes.reading import view_of_lane
from fanal.node.ledger.ranges import subtract
from fanal.node.ledger.rows import Batch, DeliveryFact, LaneRange, State
from fanal.v1.envelope_pb2 import EnvelopeClass

if TYPE_CHECKING:
    from fanal.node.node import Node

_PAGE = 1000


def served_by(peer: str, view: LaneView, roster: Roster) -> tuple[str, ...]:
    """The readers whom a peer stands for: itself, or those it serves as a relay."""
    readers = readers_of(view, roster) - {view.author}
    if peer in readers:
        return (peer,)
    relay = roster.relays.get(peer)
    return tuple(sorted(readers & relay.serves)) if relay is not None else ()


def record_held(node: Node, peer: str, spans: Sequence[Span]) -> None:
    """The next hop has committed these spans of our own lanes: SENT."""
    found = of_held(node, peer, spans)
    if found.held:
        node.ledger.append(found)


def of_held(node: Node, peer: str, spans: Sequence[Span]) -> Batch:
    """What that is to be written. A peer says so anew with every link; only what it had not said before is
    work."""
    deliveries: list[DeliveryFact] = []
    spans = _news(node, peer, spans)
    for span in spans:
        lane = node.ledger.lanes.info(span.lane)
        if lane is not None:
            recipients = served_by(peer, view_of_lane(lane), node.roster())
            via = "" if recipients == (peer,) else peer
            deliveries += notice_facts(node, span, recipients, State.SENT, node.now, via)
    return Batch(held=tuple(LaneRange(peer, *span) for span in spans), deliveries=tuple(deliveries))


def _news(node: Node, peer: str, spans: Sequence[Span]) -> list[Span]:
    """What of the spans the peer is not yet known to hold."""
    found: list[Span] = []
    for span in spans:
        known = node.ledger.facts.held(peer, span.lane, span.incarnation)
        left = subtract([(span.start, span.stop)], [(one.start, one.stop) for one in known])
        found += [Span(span.lane, span.incarnation, *run) for run in left]
    return found


def record_refused(node: Node, peer: str, place: Place, reason: str) -> None:
    """The next hop will never take it: REFUSED with its reason."""
    found = of_refused(node, peer, place, reason)
    if found.deliveries:
        node.ledger.append(found)


def of_refused(node: Node, peer: str, place: Place, reason: str) -> Batch:
    """What that is to be written; nothing when it is not for good."""
    lane = node.ledger.lanes.info(place.lane)
    if lane is None or reason == NOT_FINAL:
        return Batch()  # it asks others for the content, or takes the entry as it is later on
    span = Span(place.lane, place.incarnation, place.seq, place.seq + 1)
    recipients = [r for r in served_by(peer, view_of_lane(lane), node.roster()) if r == peer]
    return Batch(deliveries=tuple(notice_facts(node, span, recipients, State.REFUSED, node.now, "", reason)))


def notice_facts(
    node: Node,
    span: Span,
    recipients: Iterable[str],
    state: State,
    since: int,
    via: str = "",
    reason: str = "",
) -> list[DeliveryFact]:
    """One fact per notice of the span and recipient; keys and receipts have no recipients to be told."""
    found: list[DeliveryFact] = []
    who, start = tuple(recipients), span.start
    while who and start < span.stop:
        refs = node.ledger.entries.refs(span.lane, span.incarnation, start, span.stop, _PAGE)
        for ref in refs:
            if ref.klass == EnvelopeClass.NOTICE:
                found += [DeliveryFact(ref.envelope_id, r, state, since, reason, via) for r in who]
        if len(refs) < _PAGE:
            break
        start = refs[-1].seq + 1
    return found

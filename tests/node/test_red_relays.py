# SPDX-License-Identifier: Apache-2.0
"""TLP:RED passes no DIRECT relay that the officer did not allow, whatever the client does."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from restating import restated

from fanal.envelope import audience, redrelays
from fanal.envelope.errors import RED_BY_RELAY
from fanal.envelope.redrelays import CODE, Onlooker
from fanal.errors import FanalError
from fanal.keys.charter import RelayView
from fanal.node.documents import roster_of
from fanal.node.gossip.entitlement import LaneView, is_relay_of, may_offer
from fanal.v1.notice_pb2 import Notice, Onward, Tlp

A, B, C, RELAY = "GE-CUS", "TR-CUS", "UZ-CUS", "XX-RLY"
SERVING_C = {RELAY: RelayView(RELAY, direct=True, serves=(C,))}


@pytest.fixture
def net() -> NodeNet:
    """A relay that carries explicit lanes for C, and none for A and B."""
    made = NodeNet(A, B, C, RELAY, relays=SERVING_C)
    made.run(1)
    return made


def red(tlp: Tlp.Code = Tlp.RED, author: str = A) -> Notice:
    notice = some_notice(author)
    notice.handling.tlp = tlp
    notice.handling.onward = Onward.NONE
    return notice


def refused(
    host: NodeHost, notice: Notice, to: Iterable[str], reasons: Iterable[tuple[str, str]]
) -> FanalError:
    entries = host.ledger.head().entries
    with pytest.raises(FanalError) as error:
        host.hand_in(host.draft(notice, to, reasons=reasons))
    assert host.ledger.head().entries == entries
    return error.value


@pytest.mark.parametrize(
    "reasons", [(), [(CODE, "XX-OTHER")], [("OTHER_CODE", RELAY)], [(CODE, f"{RELAY}X")]]
)
def test_red_over_a_direct_relay_is_not_sent(net: NodeNet, reasons: list[tuple[str, str]]) -> None:
    """The node refuses what the client signed, naming the relay, whom it serves and the way out."""
    error = refused(net.nodes[A], red(), [B, C], reasons)
    assert error.kind is RED_BY_RELAY
    assert (error.facts["relays"], error.facts["served"]) == (RELAY, C)
    assert error.facts["options"] == f"--allow-relay {RELAY}"


def test_what_the_officer_allowed_goes_and_every_reader_sees_that_it_was(net: NodeNet) -> None:
    """The consent is under the officer's signature, and shown as a reason."""
    sent = net.nodes[A].hand_in(net.nodes[A].draft(red(), [C], reasons=[(CODE, f"{RELAY}, XX-OTHER")]))
    net.run(10)
    shown = net.nodes[C].show(sent.ref)
    assert [(one.code, one.text) for one in shown.reasons] == [(CODE, f"{RELAY}, XX-OTHER")]


def test_what_no_direct_relay_carries_needs_no_consent(net: NodeNet) -> None:
    """A lower TLP, readers whom no relay serves, and the relay itself as a reader."""
    a = net.nodes[A]
    for notice, to in ((red(), [B]), (red(Tlp.AMBER_STRICT), [C]), (red(), [C, RELAY])):
        a.hand_in(a.draft(notice, to, reasons=()))


def test_a_restatement_needs_a_consent_of_its_own(net: NodeNet) -> None:
    """Handing a RED notice on to whom a DIRECT relay serves is refused like sending it there."""
    a = net.nodes[A]
    sent = a.send(red(), [B])
    with pytest.raises(FanalError) as error:
        a.hand_in(restated(a, a.show(sent.ref), C))
    assert error.value.kind is RED_BY_RELAY


def test_an_answer_to_a_red_notice_is_held_to_the_same_rule(net: NodeNet) -> None:
    """Whoever the relay serves is refused as well: serving the author is enough."""
    assert refused(net.nodes[C], red(author=C), [A], ()).kind is RED_BY_RELAY


def test_a_relay_marked_later_is_offered_what_was_sent_before(net: NodeNet) -> None:
    """What the rule does not cover: entitlement follows the newest charter, so old RED lanes go there, and
    only the next notice is refused."""
    a = net.nodes[A]
    a.send(red(), [B])
    resolved = audience.explicit(A, [B])
    view = LaneView.of_audience(audience.lane_id(a.node.network, A, resolved), A, resolved)
    assert not may_offer(RELAY, view, a.node.roster())
    a.next_charter(relays={RELAY: RelayView(RELAY, direct=True, serves=(B,))})
    assert may_offer(RELAY, view, a.node.roster())
    assert refused(a, red(), [B], ()).kind is RED_BY_RELAY


def test_the_rule_names_exactly_the_relays_that_gossip_would_offer_the_lane(net: NodeNet) -> None:
    """For every relay of a charter and every audience: who may hold the lane and may not read it."""
    node = net.nodes[A].node
    members = (A, B, C, RELAY)
    served = [names for size in range(4) for names in itertools.combinations((A, B, C), size)]
    seen = 0
    for relay, direct, serves in itertools.product((RELAY, B, "XX-GONE"), (True, False), served):
        charter = replace(node.directory.newest, relays={relay: RelayView(relay, direct, serves)})
        roster = roster_of(charter, node.settings)
        for size in (1, 2, 3):
            for others in itertools.combinations(members[1:], size):
                to = audience.explicit(A, others)
                view = LaneView.of_audience(audience.lane_id(node.network, A, to), A, to)
                carries = relay not in to.agencies and is_relay_of(relay, view, roster)
                found = redrelays.onlookers(red(), to, charter)
                want = (Onlooker(relay, tuple(sorted({*serves} & {*to.agencies}))),) if carries else ()
                assert found == want
                seen += carries
    assert seen > 20

# SPDX-License-Identifier: Apache-2.0
"""The one rule of who may hold a lane, as a matrix of agencies by lanes."""

import pytest

from fanal.node.gossip.entitlement import LaneView, RelayView, Roster, may_hold, may_offer, wraps_due

LANE = bytes(32)
CHANNEL = LaneView(LANE, "AA-A", channel="X")
DIRECT_TO_B = LaneView(LANE, "AA-A", agencies=frozenset({"AA-A", "BB-B"}))
FROM_C = LaneView(LANE, "CC-C", agencies=frozenset({"CC-C", "DD-D"}))
STRANGER = LaneView(LANE, "ZZ-Z", agencies=frozenset({"ZZ-Z", "BB-B"}))

ROSTER = Roster(
    members=frozenset({"AA-A", "BB-B", "CC-C", "DD-D", "RC-R", "RD-R", "RP-R"}),
    channels={"X": frozenset({"AA-A", "BB-B", "ZZ-Z"})},
    relays={
        "RC-R": RelayView("RC-R", channels=frozenset({"X"}), serves=frozenset({"BB-B"})),
        "RD-R": RelayView("RD-R", direct=True, serves=frozenset({"BB-B"})),
        "RP-R": RelayView("RP-R", serves=frozenset({"BB-B", "CC-C"})),
        "ZZ-R": RelayView("ZZ-R", frozenset({"X"}), True, frozenset({"BB-B"})),
    },
)

MATRIX = [
    # agency, channel lane, explicit A>B, explicit C>D, lane of a removed author
    ("AA-A", True, True, False, False),
    ("BB-B", True, True, False, False),
    ("CC-C", False, False, True, False),
    ("DD-D", False, False, True, False),
    ("RC-R", True, False, False, False),  # relay of the channel, not direct
    ("RD-R", False, True, False, False),  # direct: explicit lanes of those it serves
    ("RP-R", False, False, False, False),  # a relay of nothing
    ("ZZ-Z", False, False, False, False),  # in the channel's list, no longer a member
    ("ZZ-R", False, False, False, False),  # a relay that is no member
    ("", False, False, False, False),
]


@pytest.mark.parametrize(("agency", "channel", "to_b", "from_c", "stranger"), MATRIX)
def test_an_agency_holds_exactly_the_lanes_of_the_matrix(agency, channel, to_b, from_c, stranger):
    """Readers, authors and relays hold what the newest charter says, everybody else nothing."""
    held = tuple(may_hold(agency, view, ROSTER) for view in (CHANNEL, DIRECT_TO_B, FROM_C, STRANGER))
    assert held == (channel, to_b, from_c, stranger)


def test_a_direct_relay_that_serves_the_author_carries_the_lane():
    """Serving the author is enough: its mail must leave its building."""
    relay = RelayView("RD-R", direct=True, serves=frozenset({"AA-A"}))
    assert may_hold("RD-R", DIRECT_TO_B, Roster(ROSTER.members, {}, {"RD-R": relay}))


def test_a_channel_unknown_to_the_charter_has_no_reader_but_its_author():
    """A channel that the newest charter does not have entitles nobody."""
    view = LaneView(LANE, "AA-A", channel="GONE")
    assert [agency for agency in ROSTER.members if may_hold(agency, view, ROSTER)] == ["AA-A"]


@pytest.mark.parametrize(
    "view", [LaneView(LANE, "AA-A"), LaneView(LANE, "AA-A", "X", frozenset({"AA-A", "BB-B"}))]
)
def test_a_lane_without_exactly_one_audience_is_held_by_nobody(view):
    """No audience, or two, is malformed and entitles nobody, not even the author."""
    assert not any(may_hold(agency, view, ROSTER) for agency in ROSTER.members)


def test_an_entitled_agency_off_the_trust_list_is_offered_nothing():
    """The trust list bounds links; the charter bounds lanes; both must allow."""
    trusting = Roster(ROSTER.members, ROSTER.channels, ROSTER.relays, trusted=frozenset({"CC-C"}))
    assert may_offer("BB-B", CHANNEL, ROSTER)
    assert not may_offer("BB-B", CHANNEL, trusting)


def test_a_reader_is_given_its_own_wrap_first_then_those_without_another_way():
    """Wraps of linked readers go to them directly and burden nobody else."""
    members = frozenset({"AA-A", "BB-B", "CC-C", "DD-D"})
    roster = Roster(members, {"X": members})
    assert wraps_due("CC-C", CHANNEL, roster) == ("CC-C",)
    assert wraps_due("CC-C", CHANNEL, roster, ["BB-B", "CC-C", "EE-E"]) == ("CC-C", "BB-B")


def test_a_relay_is_given_the_wraps_of_the_readers_it_serves_only():
    """A relay needs no wrap of its own and none of strangers."""
    assert wraps_due("RC-R", CHANNEL, ROSTER) == ("BB-B",)
    assert wraps_due("RC-R", FROM_C, ROSTER, ["DD-D"]) == ()

# SPDX-License-Identifier: Apache-2.0
"""Small networks that several tests share: who is in them, and the channel lane they write to."""

from __future__ import annotations

from memnet import Faults, MemNet
from memstore import channel_lane

from fanal.node.gossip.entitlement import RelayView, Roster
from fanal.node.gossip.limits import GossipLimits

FOUR = ("AA-A", "BB-B", "CC-C", "DD-D")
RELAY = "RR-R"
CASPIAN = "CASPIAN"
LANE_A = channel_lane("AA-A", CASPIAN)
LANE_B = channel_lane("BB-B", CASPIAN)


def roster_of(*agencies: str, relay: RelayView | None = None) -> Roster:
    """All agencies in one channel; the relay is a member of the network and of no channel."""
    members = frozenset(agencies) | ({relay.agency} if relay else frozenset())
    relays = {relay.agency: relay} if relay else {}
    return Roster(members, {CASPIAN: frozenset(agencies)}, relays)


def mesh(seed: int = 0, faults: Faults | None = None, limits: GossipLimits | None = None) -> MemNet:
    """Four readers of one channel, everyone linked to everyone, links up."""
    net = MemNet(FOUR, roster_of(*FOUR), seed, limits)
    net.mesh(faults)
    net.run(2.0)
    return net


def pair(limits: GossipLimits | None = None, faults: Faults | None = None) -> MemNet:
    """Two readers and one link."""
    net = MemNet(FOUR[:2], roster_of(*FOUR[:2]), 0, limits)
    net.connect(*FOUR[:2], faults)
    net.run(2.0)
    return net


def relayed(serves: tuple[str, ...] = FOUR[:3]) -> MemNet:
    """Three readers who are linked to a DIRECT relay only."""
    relay = RelayView(RELAY, frozenset({CASPIAN}), True, frozenset(serves))
    net = MemNet((*FOUR[:3], RELAY), roster_of(*FOUR[:3], relay=relay))
    for agency in FOUR[:3]:
        net.connect(agency, RELAY)
    net.run(2.0)
    return net

# SPDX-License-Identifier: Apache-2.0
"""The gossip core: one table from events to the modules that answer them.

It imports no clock, no randomness, no socket and no store, so the same code runs under grpc.aio and under a
deterministic simulator. It promises: no frame names a lane to a peer that may not hold it; what is
acknowledged to a peer was committed before; work and memory per event do not depend on the number of
entries; no frame of a peer makes it raise.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.node.gossip.actions import Action
from fanal.node.gossip.entitlement import Roster
from fanal.node.gossip.events import Event, Heads, LaneInfo
from fanal.node.gossip.limits import GossipLimits


class GossipCore:
    """One node's side of gossip. Feed every event to `handle` and perform the actions it returns."""

    def __init__(
        self,
        me: str,
        roster: Roster,
        heads: Heads,
        lanes: Iterable[LaneInfo] = (),
        limits: GossipLimits | None = None,
    ) -> None:
        raise NotImplementedError

    def handle(self, event: Event, now: float) -> list[Action]:
        """What is to be done about the event. `now`: Unix seconds, never falling."""
        raise NotImplementedError

# SPDX-License-Identifier: Apache-2.0
"""Acknowledgements as they leave: only of what is durable here, and of what is refused for good."""

from __future__ import annotations

from collections.abc import Iterable

from fanal.node.gossip.events import Place
from fanal.node.gossip.state import State
from fanal.v1 import peer_pb2


def acknowledge(
    state: State, peer: str, stored: Iterable[Place], refused: Iterable[tuple[Place, str]] = ()
) -> None:
    """Tell the peer, in frames of bounded size; nothing when there is nothing to tell."""
    named = [_wire(place) for place in stored]
    verdicts = [peer_pb2.Refused(entry=_wire(place), reason=reason) for place, reason in refused]
    step = state.limits.ids_per_frame
    for start in range(0, max(len(named), len(verdicts)), step):
        ack = peer_pb2.Acknowledgement(
            stored=named[start : start + step], refused=verdicts[start : start + step]
        )
        state.send(peer, peer_pb2.Frame(ack=ack))


def _wire(place: Place) -> peer_pb2.LaneSeq:
    return peer_pb2.LaneSeq(lane=place.lane, incarnation=place.incarnation, seq=place.seq)

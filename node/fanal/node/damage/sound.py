# SPDX-License-Identifier: Apache-2.0
"""What of the ledger is given to peers: entries and wraps that were verified after they were read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from fanal.node.damage import soundentries, soundwraps
from fanal.node.gossip.actions import Wanted
from fanal.node.gossip.entitlement import LaneView
from fanal.node.gossip.events import LoadedEntry
from fanal.node.lanes import reading
from fanal.v1.envelope_pb2 import WrapProof

if TYPE_CHECKING:
    from fanal.node.node import Node


def entries(node: Node, wanted: Iterable[Wanted], limit_bytes: int) -> tuple[tuple[LoadedEntry, ...], bool]:
    """As ``reading.load_entries``, of what is sound."""
    is_sound, wraps_of = partial(soundentries.is_sound, node), partial(soundwraps.of, node)
    return reading.load_entries(node.ledger, wanted, limit_bytes, is_sound, wraps_of)


def wraps(
    node: Node, key_manifest_sha256: bytes, recipients: tuple[str, ...]
) -> tuple[LaneView | None, tuple[WrapProof, ...]]:
    """As ``reading.load_wraps``, of what is sound."""
    return reading.load_wraps(node.ledger, key_manifest_sha256, recipients, partial(soundwraps.of, node))

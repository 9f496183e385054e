# SPDX-License-Identifier: Apache-2.0
"""What a host needs of whatever carries its frames and runs its work: gRPC and threads, or a test network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from fanal.v1.peer_pb2 import Frame

Runner = Callable[[Callable[[], Any], Callable[[Any], None]], None]
"""Calls the first somewhere, and the second with its result on the loop's thread. One that a host gives to
its parts has a refusal for the result of what raised it."""


class Links(Protocol):
    """What a transport does for the host."""

    def transmit(self, peer: str, frame: Frame, priority: int) -> None:
        """Queue a frame; a lower priority number goes first."""

    def cut(self, peer: str, reason: str) -> None:
        """Close the link; `LinkDown` follows as an event."""

    def rest(self, peer: str, seconds: float) -> None:
        """Read nothing more from the peer for so long."""

    def wake_at(self, when: float) -> None:
        """Call `Host.tick` at this time. Replaces an earlier call."""

# SPDX-License-Identifier: Apache-2.0
"""What this program calls itself to peers and in `fanal status`, and which peers it understands.

Promise: two nodes speak the highest version of the peer protocol that both know. A release that raises
``PROTOCOL`` leaves ``PROTOCOL_LOWEST`` one behind, so that a network is upgraded one agency at a time.
"""

from __future__ import annotations

from fanal.v1.peer_pb2 import HelloMessage

PROTOCOL = 1
"""The highest version of the peer protocol that this program speaks."""
PROTOCOL_LOWEST = 1
"""The lowest one."""
SOFTWARE = "fanal/0.1.0"
_MOST = 9_999
_NAME = 64


def spoken(hello: HelloMessage) -> tuple[int, int]:
    """The lowest and the highest version that the sender of a Hello speaks, each at most 9,999."""
    return min(hello.protocol_lowest or hello.protocol, _MOST), min(hello.protocol, _MOST)


def agreed(one: HelloMessage, other: HelloMessage) -> int:
    """The highest version that both speak; 0 when there is none."""
    (low, high), (other_low, other_high) = spoken(one), spoken(other)
    version = min(high, other_high)
    return version if version >= max(low, other_low, 1) else 0


def versions(hello: HelloMessage) -> str:
    """What its sender speaks, for people: "2", or "1-2"."""
    low, high = spoken(hello)
    return str(high) if low == high else f"{low}-{high}"


def software(hello: HelloMessage) -> str:
    """What its sender calls itself: at most 64 characters, and empty if one of them is none for people."""
    name = hello.software[:_NAME]
    return name if name.isprintable() else ""

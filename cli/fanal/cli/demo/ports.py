# SPDX-License-Identifier: Apache-2.0
"""Free ports on 127.0.0.1 that no outgoing connection takes between finding and using them."""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

from fanal.cli.demo.errors import NO_PORTS
from fanal.errors import FanalError

_LOW, _HIGH = 10_000, 65_535
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int, rng: random.Random | None = None) -> list[int]:
    """``count`` free ports outside the range from which the kernel serves outgoing connections."""
    chosen = (rng or random.SystemRandom()).sample(_candidates(), k=min(4_000, len(_candidates())))
    found: list[int] = []
    with contextlib.ExitStack() as held:
        for port in chosen:
            if len(found) == count:
                return found
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
    if len(found) < count:
        raise FanalError(NO_PORTS, count=count)
    return found


def _candidates() -> list[int]:
    try:
        low, high = (int(word) for word in _RANGE.read_text("ascii").split())
    except (OSError, ValueError):
        low, high = 32_768, 60_999
    outside = [port for port in range(_LOW, _HIGH) if not low <= port <= high]
    return outside if len(outside) >= 1_000 else list(range(_LOW, _HIGH))

# SPDX-License-Identifier: Apache-2.0
"""What a node knows of one peer over all its links, for whoever dials, tells or shows it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fanal.errors import FanalError
from fanal.node.service.credit import RoundTrip

CONNECTED, CONNECTING, UNREACHABLE = "CONNECTED", "CONNECTING", "UNREACHABLE"


@dataclass(eq=False)
class PeerRecord:
    """What is known of one peer; `since` and `last_contact` are Unix seconds, `cut_until` is by
    ``steady``. Counters span all links."""

    agency: str
    state: str = CONNECTING
    since: float = 0.0
    reason: FanalError | None = None
    last_contact: float = 0.0
    sent: int = 0
    received: int = 0
    cuts: int = 0
    cut_until: float = 0.0
    thin: bool = False
    trip: RoundTrip = field(default_factory=RoundTrip)
    contact: asyncio.Event = field(default_factory=asyncio.Event)
    freed: asyncio.Event = field(default_factory=asyncio.Event)

# SPDX-License-Identifier: Apache-2.0
"""How many bytes of frames went over the links, by kind of frame, since the process began.

For the operator of a slow line: what fills it. Frames alone are counted, each with its whole length once its
last byte was taken or has come; TLS, TCP and links that were dialled in vain come on top.
"""

from __future__ import annotations

import collections
from dataclasses import dataclass, field

from fanal.v1.peer_pb2 import Frame

KINDS = {each.number: each.name for each in Frame.DESCRIPTOR.fields}
OTHER = "other"
"""What a newer version may send and this one does not know."""


@dataclass
class Carried:
    """Of all links of the node together, so the number of figures is that of kinds. Any thread may read."""

    sent: collections.Counter[str] = field(default_factory=collections.Counter)
    received: collections.Counter[str] = field(default_factory=collections.Counter)
    ended: collections.Counter[str] = field(default_factory=collections.Counter)
    """Links that ended, by the error id of the reason; those ended on purpose under ``""``."""


def kind_of(data: bytes) -> str:
    """The kind of a serialised frame, from its first tag: a field number in one or two bytes."""
    tag = data[0] if data else 0
    if tag & 0x80:
        tag = tag & 0x7F | data[1] << 7 if len(data) > 1 else 0
    return KINDS.get(tag >> 3, OTHER)

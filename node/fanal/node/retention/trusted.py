# SPDX-License-Identifier: Apache-2.0
"""Trusted time: what erasure, expiry and the destruction of keys go by, never the bare clock.

Promise: a clock that is wrong, or set wrong on purpose, erases nothing early. With witnesses it is bounded by
their newest cosignature and a day; without them a jump of more than a day waits for the operator.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fanal.node.lanes.leaves import admin_leaf
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch

DAY = 86_400
HOUR = 3_600
_META = "time.trusted"


@dataclass(frozen=True)
class Trusted:
    """Unix seconds; ``waits`` while the own clock is ahead and only an operator can say that it is right."""

    time: int
    waits: bool = False


class Clocked(Protocol):
    """What trusted time is told from: a node is one."""

    @property
    def now(self) -> int:
        """The own clock, Unix seconds."""

    @property
    def ledger(self) -> Ledger: ...

    @property
    def witnessed(self) -> Callable[[], int | None]:
        """The time of the newest cosignature of a witness."""


def trusted_time(own: int, last: int | None, witnessed: int | None = None) -> Trusted:
    """min(own clock, newest witness cosignature + 1 day) (protocol.md, Lanes, Trusted time).

    ``last`` is the own clock when it was last trusted. Without a witness it may be a day behind, no more.
    """
    if witnessed is not None:
        return Trusted(min(own, witnessed + DAY))
    if last is None or own <= last + DAY:
        return Trusted(own)
    return Trusted(last, waits=True)


def now(node: Clocked) -> Trusted:
    """The node's trusted time."""
    return trusted_time(node.now, last_known(node), node.witnessed())


def last_known(node: Clocked) -> int | None:
    data = node.ledger.facts.meta(_META)
    return int.from_bytes(data) if data else None


def remember(node: Clocked) -> None:
    """Move the last trusted time on, once an hour: a jump is measured from there."""
    found, last = now(node), last_known(node)
    if not found.waits and (last is None or found.time >= last + HOUR):
        node.ledger.append(Batch(meta=((_META, found.time.to_bytes(8)),)))


def confirm(node: Clocked, actor: bytes) -> None:
    """An operator says that the clock is right. ``actor`` is the person's HMAC."""
    at = node.now
    leaf = admin_leaf("clock-confirmed", hashlib.sha256(at.to_bytes(8)).digest(), at, actor)
    node.ledger.append(Batch(leaves=(leaf,), meta=((_META, at.to_bytes(8)),)))

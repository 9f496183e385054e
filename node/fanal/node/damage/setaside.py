# SPDX-License-Identifier: Apache-2.0
"""Which entries are set aside, and wraps dropped, because the disk has changed them; what was verified."""

from __future__ import annotations

import threading
from collections import OrderedDict

from fanal.errors import FanalError
from fanal.node.gossip.events import Place, WrapMeta

_REMEMBERED = 4096


class Damage:
    """What is set aside, and what was verified lately. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._fresh: list[Place] = []
        self._aside: dict[Place, bytes] = {}
        self._lost: set[int] = set()
        self._wraps: list[WrapMeta] = []
        self.beyond_mending: FanalError | None = None
        """What was last come upon and no peer can give back."""

    @property
    def waiting(self) -> int:
        """How many entries wait for a good copy."""
        return len(self._aside)

    def expected(self, place: Place) -> bytes | None:
        """The manifest hash that a copy for this place must have; None where nothing is damaged."""
        return self._aside.get(place)

    def take(self) -> tuple[Place, ...]:
        """Places found since the last call, for gossip."""
        with self._lock:
            found, self._fresh = tuple(self._fresh), []
        return found

    def lost_wrap(self, wrap: WrapMeta) -> None:
        """A wrap was dropped."""
        with self._lock:
            self._wraps.append(wrap)

    def take_wraps(self) -> tuple[WrapMeta, ...]:
        """Wraps dropped since the last call, for gossip."""
        with self._lock:
            found, self._wraps = tuple(self._wraps), []
        return found

    def mended(self, place: Place) -> None:
        """A good copy has been stored there."""
        self._aside.pop(place, None)

    def known_good(self, digest: bytes) -> bool:
        """Whether these very bytes were verified before; else the caller verifies and calls ``passed``."""
        with self._lock:
            return digest in self._good

    def passed(self, digest: bytes) -> None:
        with self._lock:
            self._good[digest] = None
            while len(self._good) > _REMEMBERED:
                self._good.popitem(last=False)

    def note(self, place: Place, manifest_sha256: bytes) -> bool:
        """Set an entry aside; False when it was already."""
        with self._lock:
            if place in self._aside:
                return False
            self._aside[place] = manifest_sha256
            self._fresh.append(place)
            return True

    def lost(self, arrival: int, error: FanalError) -> bool:
        """An entry that no copy can mend; False when it was known."""
        with self._lock:
            self.beyond_mending = error
            known = arrival in self._lost
            self._lost.add(arrival)
            return not known

# SPDX-License-Identifier: Apache-2.0
"""What follows for a peer that did what no honest node does: it is written down, said once, rested or cut.

Promise: a link is cut only for garbage and bad signatures, so many within a window, or where gossip or the
fetching of attachments says so. One thread's, the loop's.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence

from fanal.errors import FanalError
from fanal.node.gossip import actions
from fanal.node.gossip.errors import NOT_A_PEER, UNCONFIRMED
from fanal.node.node import Node
from fanal.node.repeated import Repeated
from fanal.node.transport import Links

log = logging.getLogger(__name__)


class Penalties:
    """Of one node, on all its links."""

    def __init__(self, node: Node, links: Links) -> None:
        self._node, self._links = node, links
        self._strikes: dict[str, deque[float]] = {}
        self._said = Repeated(log)

    def strike(self, peer: str, errors: Sequence[FanalError]) -> None:
        """Garbage and bad signatures came from the peer: so many in the window cut the link."""
        if not errors:
            return
        limits, now = self._node.settings.limits, self._node.ticks
        window = self._strikes.setdefault(peer, deque(maxlen=limits.bad_signatures))
        for error in errors:
            self._note(peer, error)
            self._said.warn((peer, error.kind.id), now, "refused from %s: %s", peer, error)
            self._node.counts["strike", error.kind.id] += 1
            window.append(now)
        if len(window) == limits.bad_signatures and now - window[0] <= limits.bad_signature_window_seconds:
            window.clear()
            self._links.cut(peer, errors[-1].kind.id)

    def cut_off(self, peer: str, error: FanalError) -> None:
        """As ``cut``, for what decides outside of the core."""
        self.cut(actions.Cut(peer, error))

    def cut(self, action: actions.Cut) -> None:
        """The link ends."""
        self.noted(action)
        self._said.warn((action.peer, "cut"), self._node.ticks, "cut %s: %s", action.peer, action.error)
        self._links.cut(action.peer, action.error.kind.id)

    def rest(self, action: actions.Rest) -> None:
        """Nothing more is read from the peer for a while."""
        self.noted(action)
        self._said.warn((action.peer, "rest"), self._node.ticks, "%s waits: %s", action.peer, action.error)
        self._links.rest(action.peer, action.seconds)

    def noted(self, action: actions.Noted | actions.Cut | actions.Rest) -> None:
        """It is told to people, unless no charter names who did it, or the peer has given its reason."""
        kind, node = action.error.kind, self._node
        reason_given = kind is UNCONFIRMED and node.elsewhere.held_up(action.peer, node.ticks)
        if kind is not NOT_A_PEER and not reason_given:
            self._note(action.peer, action.error)

    def _note(self, peer: str, error: FanalError) -> None:
        self._node.conduct.note(peer, error, self._node.clock())

# SPDX-License-Identifier: Apache-2.0
"""Reads from the store what the gossip core asks for.

Promise: each request gets one answer, whatever becomes of the reading: the core waits for it without a limit
of time. A failing store gives nothing, and upkeep is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fanal.errors import FanalError
from fanal.node.damage import sound
from fanal.node.gossip import actions, events
from fanal.node.lanes import reading
from fanal.node.node import Node
from fanal.node.transport import Runner


class Loads:
    """``run`` gives a refusal of the store as a value; ``handle`` feeds the core; ``heed`` looks at what the
    store has said."""

    def __init__(
        self, node: Node, run: Runner, handle: Callable[[events.Event], None], heed: Callable[[Any], object]
    ) -> None:
        self._node, self._run, self._handle, self._heed = node, run, handle, heed

    def entries(self, action: actions.LoadEntries) -> None:
        peer, request, wanted, most = action.peer, action.request, action.wanted, action.limit_bytes
        self._answer(
            lambda: events.Loaded(peer, request, *sound.entries(self._node, wanted, most)),
            events.Loaded(peer, request, ()),
        )

    def wraps(self, action: actions.LoadWraps) -> None:
        peer, request, manifest = action.peer, action.request, action.key_manifest_sha256
        self._answer(
            lambda: events.LoadedWraps(peer, request, *sound.wraps(self._node, manifest, action.recipients)),
            events.LoadedWraps(peer, request, None, ()),
        )

    def documents(self, action: actions.LoadDocuments) -> None:
        peer, request = action.peer, action.request
        after, of = action.charters_after, action.identities_of
        self._answer(
            lambda: events.LoadedDocuments(peer, request, *reading.load_documents(self._node, after, of)),
            events.LoadedDocuments(peer, request, (), ()),
        )

    def _answer(self, read: Callable[[], events.Event], nothing: events.Event) -> None:
        def done(found: events.Event | FanalError) -> None:
            self._handle(nothing if isinstance(found, FanalError) else found)
            self._heed(found)

        self._run(read, done)

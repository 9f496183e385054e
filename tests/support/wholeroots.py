# SPDX-License-Identifier: Apache-2.0
"""One log, one root for each size, as whole nodes sign it and their witnesses store and cosign it.

One exception, which docs/THREATS.md names: a folder that was put back may sign another root for a size if no
witness that it has heard since holds a head that its ledger does not lead to.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from wholenode import WholeNode

from fanal.errors import FanalError
from fanal.node.ledger.rows import Batch, Checkpoint
from fanal.node.node import Node
from fanal.node.witness import attending, names, ownlog
from fanal.node.witness.lost import Standing
from fanal.proof import note as notes
from fanal.proof.checkpoint import log_number, parse_text
from fanal.proof.tree import root_at
from fanal.v1 import peer_pb2

if TYPE_CHECKING:
    from wholeworld import WholeWorld

Life = tuple[str, int]
"""An agency, and how often its folder had been put back."""


class Roots:
    """What was signed, heard, stored and cosigned. ``broken`` says what must not be."""

    def __init__(self, world: WholeWorld) -> None:
        self.world = world
        self.broken = ""
        self._roots: dict[tuple[Life, str, int], bytes] = {}
        self._heard: dict[str, Standing] = {}
        self._lost: set[tuple[Life, str]] = set()
        self._texts: set[bytes] = set()
        """What was signed by anybody in any life: with more lines under it, it is only stored."""
        for host in world.net.whole.values():
            host.heed = self._commits
            if first := host.ledger.log.checkpoint():
                self._texts.add(notes.parse(first.note).text)
            if host.alive and host.node.standing.answered:  # before anything went wrong
                self._heard[host.name] = host.node.standing

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what witnesses tell each node of its log, by line and by file."""
        proper = ownlog.told

        def told(node: Node, peer: str, note: bytes) -> int | None:
            lost = self._is_lost(node, note) if peer in self.world.honest else ""
            found = proper(node, peer, note)
            if node.standing.answered:
                self._heard[node.agency] = node.standing
            if lost:
                self._lost.add((_life(self.world.net.whole[node.agency]), lost))
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ownlog, "told", told)
            patch.setattr(attending, "head_for", self._telling(attending.head_for))
            yield

    def _telling(self, proper: Callable[[Node, str], peer_pb2.WitnessedHead]) -> Callable[..., object]:
        """An honest witness says which head it holds."""

        def head_for(node: Node, peer: str) -> peer_pb2.WitnessedHead:
            head = proper(node, peer)
            held = [row for row in node.ledger.facts.peer_checkpoints() if row.agency == peer]
            newest = max(held, key=lambda row: log_number(row.origin), default=None)
            if node.agency in self.world.honest and head.note != (newest.note if newest else b""):
                self._breaks(f"{node.agency} did not tell {peer} which head it holds")
            return head

        return head_for

    @staticmethod
    def _is_lost(node: Node, note: bytes) -> str:
        """The log in use, if its ledger does not lead to the head that an honest witness holds of it."""
        if not note:
            return ""
        point = parse_text(notes.parse(note).text)
        leads = point.size <= node.ledger.head().size
        leads = leads and root_at(point.size, node.ledger.log.node) == point.root
        newest = names.newest_origin(node.directory, node.agency)
        return point.origin if point.origin == newest and not leads else ""

    def _commits(self, host: WholeNode, batch: Batch) -> None:
        if batch.checkpoint is not None and host.name in self.world.honest:
            self._signs(host, batch.checkpoint)
        for head in batch.peer_checkpoints:
            if {host.name, head.agency} <= set(self.world.honest):
                self._known(host, head.origin, head.size, head.root)

    def _signs(self, host: WholeNode, row: Checkpoint) -> None:
        """A checkpoint of its own: signed now, or stored with more lines."""
        text = notes.parse(row.note).text
        origin = parse_text(text).origin
        if self._known(host, origin, row.size, row.root) or text in self._texts:
            return
        self._texts.add(text)
        if self._heard.get(host.name) is not host.node.standing:
            self._breaks(f"{host.name} signed {row.size} leaves and had asked no witness")
        if (_life(host), origin) in self._lost:
            self._breaks(f"{host.name} signed {row.size} leaves of a log whose end it was told it had lost")

    def cosigned(self, host: WholeNode, author: str, reply: peer_pb2.Cosigned) -> None:
        """An honest witness has put its line under what it holds, and nothing else."""
        if reply.lines and not _holds(host, reply):
            self._breaks(f"{host.name} cosigned another root of {author} than it holds")

    def _known(self, host: WholeNode, origin: str, size: int, root: bytes) -> bool:
        """Whether this folder, since it was put back, had a root of that size before; it must be the same."""
        key = (_life(host), origin, size)
        known = key in self._roots
        if self._roots.setdefault(key, root) != root:
            self._breaks(f"{host.name} has two roots of {origin} with {size} leaves")
        return known

    def _breaks(self, why: str) -> None:
        self.broken = self.broken or why


def _life(host: WholeNode) -> Life:
    return host.name, host.restored


def _holds(host: WholeNode, reply: peer_pb2.Cosigned) -> bool:
    """Whether every line is under a head of that size which the witness has stored."""
    keys = names.witness_keys(host.node.directory, host.name)
    for row in host.ledger.facts.peer_checkpoints(reply.origin):
        with contextlib.suppress(FanalError):
            text = notes.parse(row.note).text + b"\n" + "".join(reply.lines).encode()
            lines = notes.verify(notes.parse(text), keys)
            if row.size == reply.size and len(lines) == len(reply.lines):
                return True
    return False

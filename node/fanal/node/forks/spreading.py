# SPDX-License-Identifier: Apache-2.0
"""Fork proofs between peers: told at once to everybody linked, and on every new link. The loop's thread only.

A proof is verified before it is kept or told on; one that proves nothing is a strike against who sent it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fanal.errors import FanalError, VerificationError
from fanal.node.forks import kept
from fanal.node.forks.kept import Known
from fanal.node.transport import Runner
from fanal.v1 import peer_pb2

if TYPE_CHECKING:
    from fanal.node.node import Node

PER_LINK = 64
"""Proofs told when a link comes up, the newest."""


class Spreading:
    """``transmit`` queues a frame to a linked peer; ``strike`` counts an error against one; ``heed`` hears of
    what the store refused, and whoever mends it calls ``start`` again."""

    def __init__(
        self,
        node: Node,
        transmit: Callable[[str, peer_pb2.Frame], None],
        run: Runner,
        strike: Callable[[str, list[FanalError]], None],
        heed: Callable[[object], object],
    ) -> None:
        self._node = node
        self._transmit = transmit
        self._run = run
        self._strike = strike
        self._heed = heed
        self._linked: dict[str, set[str]] = {}
        """Peers with a link, and the proofs each has on this link."""
        self._compared = 0
        """Documents up to this place were compared in this run."""

    def start(self) -> None:
        """Take up what an earlier run found and did not get to prove."""
        self._run(lambda: kept.of_ledger(self._node), self.found)
        self.documents()

    def link_up(self, peer: str) -> None:
        self._linked[peer] = set()
        self._run(lambda: kept.known(self._node)[-PER_LINK:], lambda lines: self._tell([peer], lines))

    def link_down(self, peer: str) -> None:
        self._linked.pop(peer, None)

    def found(self, lines: Iterable[Known] | FanalError) -> None:
        """Proofs that are new here go to every linked peer."""
        self._heed(lines)
        self._tell(list(self._linked), lines)

    def root_fork(self, _peer: str, fork: peer_pb2.RootFork) -> None:
        """We as a witness hold two checkpoints that do not go together."""
        self._run(lambda: kept.of_root(self._node, fork), self.found)

    def documents(self) -> None:
        """Documents came: two of one number may be among those that are stored."""
        after = self._compared

        def done(result: tuple[list[Known], int] | FanalError) -> None:
            if isinstance(result, FanalError):
                self.found(result)
            else:
                lines, self._compared = result
                self.found(lines)

        self._run(lambda: kept.of_documents(self._node, after), done)

    def received(self, peer: str, proof: peer_pb2.ForkProof) -> None:
        """A checked frame of a linked peer."""

        def work() -> Known | VerificationError | None:
            try:
                return kept.take(self._node, proof, peer)
            except VerificationError as error:
                return error

        def done(result: Known | FanalError | None) -> None:
            if isinstance(result, VerificationError):
                self._strike(peer, [result])
            elif isinstance(result, Known):
                self._linked.get(peer, set()).add(result.key)
                self.found([result])

        self._run(work, done)

    def _tell(self, peers: Iterable[str], lines: Iterable[Known] | FanalError) -> None:
        if isinstance(lines, FanalError):
            return
        for line in lines:
            missing = [one for one in peers if line.key not in self._linked.get(one, {line.key})]
            if missing:
                self._send(missing, line.key)

    def _send(self, peers: list[str], key: str) -> None:
        def done(proof: peer_pb2.ForkProof | FanalError | None) -> None:
            if not isinstance(proof, peer_pb2.ForkProof) or proof.ByteSize() > kept.MAX_PROOF:
                return
            for one in peers:
                if key not in self._linked.get(one, {key}):
                    self._linked[one].add(key)
                    self._transmit(one, peer_pb2.Frame(fork=proof))

        self._run(lambda: kept.proof(self._node, key), done)

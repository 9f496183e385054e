# SPDX-License-Identifier: Apache-2.0
"""Rows for the ledger, made from small numbers, and random bytes that are the same in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from fanal.node.ledger.interface import Batch, EntryRow, LaneInfo, LeafRow, Successor

NOW = 1_800_000_000


class Kit:
    """Makes rows from small numbers; the same numbers always give the same row."""

    now = NOW

    def sha(self, text: str) -> bytes:
        return hashlib.sha256(text.encode()).digest()

    def lane(self, name: str = "a", author: str = "GE-CUS") -> LaneInfo:
        return LaneInfo(self.sha(f"lane {name}"), author, f"audience {name}".encode(), "")

    def incarnation(self, number: int = 1) -> bytes:
        return self.sha(f"incarnation {number}")[:16]

    def entry(
        self, seq: int, lane: str = "a", incarnation: int = 1, mark: str = "", **change: Any
    ) -> EntryRow:
        name = f"{lane}/{incarnation}/{seq}/{mark}"
        manifest = f"manifest {name}".encode()
        fields: dict[str, Any] = {
            "envelope_id": self.sha(f"id {name}")[:16],
            "lane": self.lane(lane).lane,
            "incarnation": self.incarnation(incarnation),
            "seq": seq,
            "klass": 1,
            "priority": 2,
            "author": "GE-CUS",
            "created": NOW,
            "expires": NOW + 1000,
            "manifest": manifest,
            "signature": b"s" * 64,
            "manifest_sha256": hashlib.sha256(manifest).digest(),
            "body": f"body {name}".encode(),
            "own_wrap": b"w" * 48,
            "arrived": NOW,
        }
        return EntryRow(**{**fields, **change})

    def successor(self, stop: int, lane: str = "a", incarnation: int = 1, by: int = 9) -> Successor:
        """What a first entry of incarnation ``by`` says of the end of another."""
        name = self.lane(lane).lane
        return Successor(name, self.incarnation(incarnation), self.incarnation(by), stop, self.sha("head"))

    def batch(self, *seqs: int, lane: str = "a", incarnation: int = 1, mark: str = "") -> Batch:
        """Entries with one leaf each."""
        entries = tuple(self.entry(seq, lane, incarnation, mark) for seq in seqs)
        leaves = tuple(
            LeafRow(b"leaf " + entry.manifest_sha256.hex().encode(), entry.manifest_sha256, number)
            for number, entry in enumerate(entries)
        )
        return Batch(lanes=(self.lane(lane),), entries=entries, leaves=leaves)


def counting() -> Callable[[int], bytes]:
    """Bytes that differ at every call, the same in every run."""
    calls = iter(range(10**9))
    return lambda count: hashlib.sha256(f"random {next(calls)}".encode()).digest()[:count]

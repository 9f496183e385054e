# SPDX-License-Identifier: Apache-2.0
"""An officer at a node whose disk fails: offers the same bytes again until they are taken, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from realnet import RealNode
from realofficer import RealOfficer

from fanal.errors import FanalError
from fanal.node.errors import DISK_FULL, NOT_WRITABLE, STORE_FAILED
from fanal.v1 import officer_pb2 as api

T = TypeVar("T")
REFUSALS = frozenset({DISK_FULL, STORE_FAILED, NOT_WRITABLE})
"""What a node may say while its disk fails."""
ATTEMPTS = 60


class Client:
    """One officer; ``sent`` is what was acknowledged."""

    def __init__(self, node: RealNode) -> None:
        self.node, self.officer = node, RealOfficer(node.home)
        self.refused: Counter[str] = Counter()
        self.sent: list[api.SendReply] = []

    def send(self, text: str) -> api.SendReply:
        request = self.stubborn(lambda: self.officer.prepared(["GE-CUS"], text))
        self.sent.append(self.stubborn(lambda: self.officer.send(request)))
        return self.sent[-1]

    def stubborn(self, call: Callable[[], T]) -> T:
        for _ in range(ATTEMPTS):
            try:
                return call()
            except FanalError as error:
                if error.kind not in REFUSALS:
                    raise
                self.refused[error.kind.id] += 1
        raise AssertionError(f"refused {ATTEMPTS} times: {self.refused}")

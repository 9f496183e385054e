# SPDX-License-Identifier: Apache-2.0
"""Two agencies as real processes, for what an operator does while notices flow."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from realnet import RealNode, found_network

A, B = "AZ-CUS", "GE-CUS"


@pytest.fixture
def network(tmp_path: Path) -> Iterator[dict[str, RealNode]]:
    """Two agencies, joined and running."""
    nodes = found_network(tmp_path, [A, B])
    nodes[B].start()
    try:
        yield nodes
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end(signal.SIGKILL)

# SPDX-License-Identifier: Apache-2.0
"""Two agencies as real processes, for what an operator does while notices flow."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakeclock import FakeClock, fake_clock
from realnet import QUICK, RealNode, found_network

A, B = "AZ-CUS", "GE-CUS"


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[FakeClock]:
    """The clock of AZ-CUS, its officers' commands and its client; the other agency's is right."""
    with fake_clock(tmp_path) as moved:
        yield moved


@pytest.fixture
def network(tmp_path: Path, clock: FakeClock) -> Iterator[dict[str, RealNode]]:
    """Two agencies, joined and running."""
    nodes = found_network(tmp_path, [A, B], {**QUICK, **clock.env})
    nodes[B].settings = QUICK
    nodes[B].start()
    try:
        yield nodes
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end(signal.SIGKILL)

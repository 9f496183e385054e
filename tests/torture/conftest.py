# SPDX-License-Identifier: Apache-2.0
"""Two agencies in one network for all tests of this folder: a sender, and a reader."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from realnet import QUICK, RealNode, found_network

NAMES = ("AZ-CUS", "GE-CUS")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RealNode]]:
    """The agencies, by name; none of them runs."""
    nodes = found_network(tmp_path_factory.mktemp("net"), NAMES)
    try:
        for node in nodes.values():
            if node.process is not None:
                node.end()
        yield nodes
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end(signal.SIGKILL)
            node.settings = QUICK

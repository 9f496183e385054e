# SPDX-License-Identifier: Apache-2.0
"""Three agencies in one network for all tests of a file: joining costs more than restarting."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from realnet import RealNode, found_network

NAMES = ("AZ-CUS", "GE-CUS", "TR-CUS")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RealNode]]:
    """The agencies, by name. New for each file: the kills wait for points that a lane passes only once, which
    the tests of another file have passed already."""
    nodes = found_network(tmp_path_factory.mktemp("crash"), NAMES)
    try:
        yield nodes
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end(signal.SIGKILL)


@pytest.fixture
def running(network: dict[str, RealNode]) -> dict[str, RealNode]:
    """The same, every node running."""
    for node in network.values():
        if node.process is None:
            node.start()
    return network

# SPDX-License-Identifier: Apache-2.0
"""One agency's folder made by commands, copied for each test; and two agencies that run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from realnet import RealNode, found_network

from fanal.config.home import Home


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RealNode]]:
    """AZ-CUS and GE-CUS as real processes, joined and linked."""
    nodes = found_network(tmp_path_factory.mktemp("n"), ["AZ-CUS", "GE-CUS"])
    try:
        nodes["GE-CUS"].start()
        yield nodes
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end()


@pytest.fixture(scope="session")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an agency that has run and was stopped in order."""
    [node] = found_network(tmp_path_factory.mktemp("t"), ["AZ-CUS"]).values()
    assert node.end() == 0
    return node.home.path


@pytest.fixture
def home(stopped: Path, tmp_path: Path) -> Home:
    """A copy of it that a test may spoil."""
    shutil.copytree(stopped, tmp_path / "az", symlinks=True)
    return Home(tmp_path / "az")

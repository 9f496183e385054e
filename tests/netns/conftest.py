# SPDX-License-Identifier: Apache-2.0
"""What needs network namespaces runs where there can be some; elsewhere the run says that it did not."""

from __future__ import annotations

import os
from collections.abc import Iterator

import netlab
import pytest
from networld import World, network_world

CAMPAIGN = "NETNS_PARTITIONS"
"""Set by `make netns`: a campaign that cannot run is an error, not a remark."""

if netlab.impossible():
    if CAMPAIGN in os.environ:
        raise pytest.UsageError(netlab.impossible())
    collect_ignore_glob = ["test_ten_*.py"]
elif CAMPAIGN not in os.environ:
    collect_ignore_glob = ["test_ten_thin_line.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last lines of a run that left this folder out say so, and why."""
    if why := netlab.impossible():
        terminalreporter.write_line(f"NOT RUN: tests/netns, the network in namespaces: {why}")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Ten agencies; each test leaves them running, whole and linked."""
    with network_world(tmp_path_factory.mktemp("n")) as found:
        yield found

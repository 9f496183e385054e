# SPDX-License-Identifier: Apache-2.0
"""Three agencies that keep attached files in folders on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from nodenet import NodeNet

NAMES = ("AZ-CUS", "BG-CUS", "CH-CUS")


@pytest.fixture
def net(tmp_path: Path) -> NodeNet:
    """Linked, each with its own folder below this one."""
    net = NodeNet(*NAMES, files=tmp_path)
    net.run(1)
    return net

# SPDX-License-Identifier: Apache-2.0
"""One scene for all tests that only look at bundles of it."""

from __future__ import annotations

import pytest
from evidencekit import Scene, scene


@pytest.fixture(scope="session")
def five() -> Scene:
    """The scene with five readers; tests only add bundles to it."""
    return scene()


@pytest.fixture(scope="session")
def whole(five: Scene) -> bytes:
    """The sender's bundle with the whole content."""
    return five.bundle(content=True)


@pytest.fixture(scope="session")
def redacted(five: Scene) -> bytes:
    """The sender's bundle with two named fields."""
    return five.bundle(fields=["modus_operandi.technique", "originator"])


@pytest.fixture(scope="session")
def bare(five: Scene) -> bytes:
    """The sender's bundle without anything of the content."""
    return five.bundle()

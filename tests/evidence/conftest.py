# SPDX-License-Identifier: Apache-2.0
"""One scene for all tests that only look at bundles of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from bundlescript import Ran, Run, check, tools_in, unpack
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


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH for verify.sh."""
    return tools_in(tmp_path_factory.mktemp("bin"))


@pytest.fixture
def run(tmp_path: Path, tools: Path) -> Run:
    """Unpacks files and runs their verify.sh in an environment with nothing but that PATH."""

    def go(files: bytes | dict[str, bytes], *arguments: str, inside: str = "/") -> Ran:
        folder = tmp_path / f"b{len(list(tmp_path.iterdir()))}"
        unpack(files, folder)
        return check(folder, tools, *arguments, inside=inside)

    return go

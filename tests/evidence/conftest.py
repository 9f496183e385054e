# SPDX-License-Identifier: Apache-2.0
"""One scene for all tests that only look at bundles of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from bundlescript import Ran, Run, check, tools_in, unpack
from evidencekit import Scene, scene

from fanal.proof.evidence.script import script


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
    """Unpacks files and runs their verify.sh, or with ``own`` the auditor's, with nothing but that PATH."""

    def go(files: bytes | dict[str, bytes], *arguments: str, inside: str = "/", own: bool = False) -> Ran:
        folder = tmp_path / f"b{len(list(tmp_path.iterdir()))}"
        unpack(files, folder)
        if not own:
            return check(folder, tools, *arguments, inside=inside)
        unpack({"verify.sh": script()}, tmp_path / "own")
        return check(tmp_path / "own", tools, *arguments, str(folder), inside=inside)

    return go

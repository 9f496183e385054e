# SPDX-License-Identifier: Apache-2.0
"""One agency's folder made by commands, copied for each test; and two agencies that run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hostile import Ended, checked
from realnet import RealNode, found_network

from fanal.cli.main import run as run_command
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


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """One command in this process, with ``env`` added: the checks of a process at a tenth of its time."""

    def one(*arguments: str, env: Mapping[str, str]) -> Ended:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        began = time.monotonic()
        code = run_command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return checked(Ended(int(code), out, err, time.monotonic() - began, 0))

    return one

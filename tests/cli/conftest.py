# SPDX-License-Identifier: Apache-2.0
"""An agency on disk, a runner of commands, and a node that answers what a test tells it to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from clikit import FakeNode, Ran, Run

from fanal.cli.main import run as run_command
from fanal.config.home import Home


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in this process: ``run("notice", "list", "--json")``."""

    def one(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run_command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ran(int(code), out, err)

    return one


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder made by the commands themselves: AZ-CUS with a key file, in a network of its own."""
    folder = tmp_path_factory.mktemp("agency") / "az"
    os.environ["FANAL_HOME"] = str(folder)
    try:
        assert run_command(["init", "AZ-CUS", "--key-file", "--duty", "--name", "en=Customs"]) == 0
        assert run_command(["network", "create", "caspian", "--channel", "CASPIAN"]) == 0
    finally:
        del os.environ["FANAL_HOME"]
    return folder


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the template that FANAL_HOME points at; its socket has a short path."""
    folder = tmp_path / "az"
    shutil.copytree(template, folder)
    monkeypatch.setenv("FANAL_HOME", str(folder))
    for name in ("FANAL_OFFICER", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Home(folder)


@pytest.fixture
def node(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNode]:
    """The stand-in node of ``home``, listening."""
    fake = FakeNode(home)
    short = tmp_path_factory.mktemp("s") / "s"
    with home.settings_file.open("a") as file:
        file.write(f'socket = "{short}"\n')
    pool = ThreadPoolExecutor(4)
    server = grpc.server(pool)
    server.add_generic_rpc_handlers((fake.handler(),))
    server.add_insecure_port(f"unix:{short}")
    server.start()
    yield fake
    server.stop(None).wait()
    pool.shutdown()

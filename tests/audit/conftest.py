# SPDX-License-Identifier: Apache-2.0
"""Ledgers to audit, and a runner of commands on a machine that belongs to no agency."""

from __future__ import annotations

from pathlib import Path

import audited
import pytest
from clikit import Ran, Run

from fanal.cli.main import run as run_command


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> audited.Audited:
    """What three nodes wrote; never changed."""
    return audited.written(tmp_path_factory.mktemp("ledgers"))


@pytest.fixture
def desk(template: audited.Audited, tmp_path: Path) -> audited.Audited:
    """A copy that a test may change."""
    return template.copied(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs one command where there is no agency's folder: an auditor's own machine."""
    monkeypatch.setenv("FANAL_HOME", str(tmp_path / "nobody"))

    def one(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run_command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ran(int(code), out, err)

    return one

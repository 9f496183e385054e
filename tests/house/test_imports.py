# SPDX-License-Identifier: Apache-2.0
"""The fences between the rooms hold: each contract is kept here, and broken by a planted violation."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("proto", "keys", "config", "node", "cli")
_LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
_DOWNWARDS = "Rooms import downwards only"
_SQL = "Only ledger and inbox know SQL"
_GRPC = "Only the service and the command line's client speak gRPC"
_SANS_IO = "The gossip core has no input, output, clock or chance"
_PURE = "Verification touches no database, network or process"

VIOLATIONS = [
    # what is planted: in which file, which line, which contract must say so
    ("node/fanal/node/planted.py", "import fanal.cli.main", _DOWNWARDS),
    ("config/fanal/config/planted.py", "import fanal.node.node", _DOWNWARDS),
    ("keys/fanal/proof/planted.py", "import fanal.config.settings", _DOWNWARDS),
    ("keys/fanal/envelope/planted.py", "import fanal.proof.tree", _DOWNWARDS),
    ("keys/fanal/keys/planted.py", "import fanal.envelope.seal", _DOWNWARDS),
    ("proto/fanal/notices/planted.py", "import fanal.keys.ed25519", _DOWNWARDS),
    ("proto/fanal/errors_planted/__init__.py", "import fanal.errors", _DOWNWARDS),
    ("node/fanal/node/planted.py", "import sqlcipher3", _SQL),
    ("node/fanal/node/service/planted.py", "import sqlite_utils", _SQL),
    ("cli/fanal/cli/planted.py", "import sqlite3", _SQL),
    ("node/fanal/node/planted.py", "import grpc", _GRPC),
    ("node/fanal/node/ledger/planted.py", "import grpc", _GRPC),
    ("cli/fanal/cli/planted.py", "def late() -> None:\n    import grpc", _GRPC),
    ("node/fanal/node/gossip/planted.py", "import asyncio", _SANS_IO),
    ("node/fanal/node/gossip/planted.py", "from time import monotonic", _SANS_IO),
    ("node/fanal/node/gossip/planted.py", "import random", _SANS_IO),
    ("keys/fanal/proof/planted.py", "import socket", _PURE),
    ("proto/fanal/notices/planted.py", "import subprocess", _PURE),
]


@pytest.fixture
def tree(repo: Path, tmp_path: Path) -> Path:
    """A copy of the rooms and of the contracts."""
    for room in ROOMS:
        shutil.copytree(repo / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(repo / ".importlinter", tmp_path)
    return tmp_path


def lint(tree: Path) -> str:
    """What the import linter says of a tree."""
    search = os.pathsep.join(str(tree / room) for room in ROOMS)
    done = subprocess.run(
        [sys.executable, "-c", _LINT, "--no-cache"],
        cwd=tree,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": search, "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def verdict(output: str, contract: str) -> str:
    """KEPT or BROKEN, as the output says of one contract; empty when it is not named."""
    found = re.search(re.escape(contract) + r" (KEPT|BROKEN)", output)
    return found[1] if found else ""


@pytest.mark.process
def test_every_contract_is_kept(tree: Path) -> None:
    """The rooms as they are break no contract, and all of them were looked at."""
    output = lint(tree)
    names = {violation[2] for violation in VIOLATIONS}
    assert {name: verdict(output, name) for name in names} == dict.fromkeys(names, "KEPT"), output


@pytest.mark.process
@pytest.mark.parametrize(("file", "line", "contract"), VIOLATIONS, ids=lambda value: str(value)[:40])
def test_planted_violation_is_named(tree: Path, file: str, line: str, contract: str) -> None:
    """One forbidden import breaks its contract, by name, and the planted module is shown."""
    path = tree / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(line + "\n")
    output = lint(tree)
    assert verdict(output, contract) == "BROKEN", output
    assert "planted" in output


def test_every_contract_has_a_planted_violation(repo: Path) -> None:
    """A contract that is added without a violation would never be known to work."""
    config = configparser.ConfigParser()
    config.read(repo / ".importlinter")
    contracts = {config[one]["name"] for one in config.sections() if one.startswith("importlinter:contract")}
    assert contracts == {violation[2] for violation in VIOLATIONS}

# SPDX-License-Identifier: Apache-2.0
"""Shell completion: a script for each shell, and what it completes to, without node or key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from clikit import Run, identity_of

from fanal.config.home import Home

ROOMS = [str(Path(__file__).parents[2] / room) for room in ("proto", "keys", "config", "node", "cli")]


def completed(home: Home, *words: str) -> list[str]:
    """What bash would offer for the last of these words."""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(ROOMS),
        "_FANAL_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
        "FANAL_HOME": str(home.path),
    }
    code = "from fanal.cli.main import main; import sys; sys.argv[0] = 'fanal'; main()"
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    return [line.partition(",")[2] for line in ran.stdout.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(run: Run, home: Home, shell: str) -> None:
    """It is the one that asks this program, under the name under which it answers."""
    shown = run("completion", shell)
    assert shown.code == 0
    assert f"_FANAL_COMPLETE={shell}_complete" in shown.out
    assert run("completion", "tcsh").code == 2


def test_commands_options_agencies_and_keys_are_completed(home: Home) -> None:
    """Agencies from the charter in the folder, keys from the own identity document by the shortest ids."""
    assert "rotate" in completed(home, "fanal", "key", "ro")
    assert "--reason" in completed(home, "fanal", "key", "revoke", "--re")
    assert completed(home, "fanal", "peer", "show", "az") == ["AZ-CUS"]
    key = next(iter(identity_of(home).keys)).hex()
    assert key[:16] in completed(home, "fanal", "key", "revoke", key[:2])
    assert completed(Home(home.path / "nowhere"), "fanal", "peer", "show", "a") == []

# SPDX-License-Identifier: Apache-2.0
"""deploy/Containerfile: what it copies is there, what it installs comes by hash, and nobody is root."""

from __future__ import annotations

import re
from pathlib import Path

from fanal.cli.table import node

REPO = Path(__file__).resolve().parents[2]
TEXT = (REPO / "deploy" / "Containerfile").read_text()
LINES = [line for line in re.sub(r"\\\n\s*", "", TEXT).splitlines() if line and not line.startswith("#")]


def test_everything_that_is_copied_is_in_the_tree() -> None:
    """A file that was renamed would end the build on another machine."""
    copied = [line.split()[1:-1] for line in LINES if line.startswith("COPY ") and "--from" not in line]
    assert copied
    assert [name for names in copied for name in names if not (REPO / name).exists()] == []


def test_what_is_installed_comes_by_hash_and_from_no_named_index() -> None:
    """Wheels of the lock only; Fanal itself without dependencies; no address in the file."""
    installs = [line for line in LINES if "pip install" in line]
    assert len(installs) == 2
    for line in installs:
        hashed = "--require-hashes" in line and "--only-binary :all:" in line
        assert hashed or ("--no-deps" in line and "--no-build-isolation" in line)
    assert "://" not in TEXT
    assert "index-url" not in TEXT


def test_it_runs_as_nobody_in_particular_and_ends_as_a_node_does() -> None:
    """The last user is no root, the signal is the node's, and the commands exist."""
    users = [line.split()[1] for line in LINES if line.startswith("USER ")]
    assert users[-1] == "10001"
    assert "STOPSIGNAL SIGTERM" in LINES
    assert 'ENTRYPOINT ["fanal"]' in LINES
    assert {"run", "health"} <= set(node.table)


def test_it_says_how_to_run_it_without_any_right() -> None:
    """In the command that people copy: nothing to write to but the volume, no way to more rights."""
    command = " ".join(TEXT.split("#   run:")[1].split("fanal node run")[0].split())
    rights = ("--read-only ", "--cap-drop=all ", "--security-opt=no-new-privileges ")
    assert [one for one in (*rights, "-v fanal-az:/var/lib/fanal ") if one not in command] == []

# SPDX-License-Identifier: Apache-2.0
"""kill -9 at every named point of a commit: what was answered is there, what is there is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ledgerkit import NOW, Kit

from fanal.node import failpoints
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger import marker
from fanal.node.ledger.sqlite import open_ledger
from fanal.proof.tree import root_at

pytestmark = pytest.mark.process

# Prints each number only after append (or file) has returned: the client's own list of what was acknowledged.
LEDGER_CHILD = """
import sys
from pathlib import Path
from ledgerkit import NOW, Kit
from fanal.node.ledger.sqlite import open_ledger
ledger = open_ledger(Path(sys.argv[1]), now=NOW)
for seq in range(10):
    ledger.append(Kit().batch(3 * seq, 3 * seq + 1, 3 * seq + 2))
    print(seq, flush=True)
"""

VAULT_CHILD = """
import sys
from pathlib import Path
from fanal.node.inbox.interface import Filing, PendingOpen
from fanal.node.inbox.sqlite import open_vault
vault = open_vault(Path(sys.argv[1]) / "vault.db", bytes(32))
for number in range(1, 11):
    waits = PendingOpen(bytes([number]) * 32, number, bytes(32), "NO_KEY", 1)
    vault.file(Filing(cursor=number, pending=(waits,)))
    print(number, flush=True)
"""


def killed(child: str, folder: Path, point: str) -> list[int]:
    """Run the child until the failpoint kills it; what it had acknowledged."""
    environment = {**os.environ, failpoints.VARIABLE: point, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", child, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return [int(line) for line in done.stdout.split()]


@pytest.mark.parametrize("point", ["ledger.before-commit", "ledger.after-commit", "ledger.after-marker"])
@pytest.mark.parametrize("count", [1, 4])
def test_no_acknowledged_batch_is_lost_to_a_kill(tmp_path: Path, point: str, count: int) -> None:
    """Restart after SIGKILL: every acknowledged batch whole, at most the one in flight more."""
    acknowledged = killed(LEDGER_CHILD, tmp_path, f"{point}:{count}")
    assert acknowledged == list(range(count - 1))
    ledger = open_ledger(tmp_path, now=NOW)
    in_flight = 0 if point == "ledger.before-commit" else 1
    assert ledger.head().entries == ledger.head().size == 3 * (len(acknowledged) + in_flight)
    assert ledger.head().root == root_at(ledger.head().size, ledger.log.node)
    # A store that had marked nothing yet and lost nothing goes on, too.
    assert ledger.opened.reason == ""
    again = ledger.append(Kit().batch(*range(3 * count)))
    assert again.size == 3 * count
    ledger.close()


def test_the_marker_never_says_more_than_was_committed(tmp_path: Path) -> None:
    """Killed between commit and marker, the marker is behind the database, never ahead."""
    killed(LEDGER_CHILD, tmp_path, "ledger.after-commit:3")
    mark = marker.read(tmp_path / "marker")
    assert mark is not None
    assert mark.entries == 6
    ledger = open_ledger(tmp_path, now=NOW)
    assert (ledger.head().entries, ledger.opened.reason) == (9, "")
    ledger.close()


@pytest.mark.parametrize(("point", "in_flight"), [("vault.before-commit", 0), ("vault.after-commit", 1)])
def test_a_filing_and_its_cursor_survive_a_kill_together(tmp_path: Path, point: str, in_flight: int) -> None:
    """The cursor never passes an arrival that was not filed."""
    acknowledged = killed(VAULT_CHILD, tmp_path, f"{point}:4")
    assert acknowledged == [1, 2, 3]
    vault = open_vault(tmp_path / "vault.db", bytes(32))
    assert vault.cursor() == 3 + in_flight
    assert [one.arrival for one in vault.pending(20)] == list(range(1, 4 + in_flight))
    vault.close()


def test_without_the_variable_a_failpoint_does_nothing() -> None:
    """Production never sets FANAL_FAILPOINT."""
    assert failpoints.VARIABLE not in os.environ
    failpoints.hit("")
    failpoints.hit("ledger.before-commit")

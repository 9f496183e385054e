# SPDX-License-Identifier: Apache-2.0
"""`fanal demo` as a person runs it: whole, sabotaged, interrupted, kept. Real processes throughout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clikit import misfits

import fanal
from fanal.cli.demo.plan import FIRST, RELAY
from fanal.cli.demo.summary import DemoAnswer

pytestmark = pytest.mark.process

SECONDS = 240
SMALL = ("--agencies", "3")


def environment(temporary: Path, **more: str) -> dict[str, str]:
    rooms = os.pathsep.join(str(Path(room).parent) for room in fanal.__path__)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FANAL_")}
    return {**kept, "TMPDIR": str(temporary), "PYTHONPATH": rooms, **more}


def start(temporary: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fanal.cli", "demo", *arguments],
        env=environment(temporary),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(temporary: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(temporary, *arguments)
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def processes_of(temporary: Path) -> list[int]:
    """The ids of processes that speak for a folder in there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.fsencode(temporary) in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended, or is another's
    return found


@pytest.fixture
def short() -> Iterator[Path]:
    """A temporary folder whose path leaves room for a socket's."""
    with tempfile.TemporaryDirectory(prefix="d", dir="/tmp") as folder:
        yield Path(folder)


def nothing_left(short: Path) -> None:
    assert processes_of(short) == []
    assert list(short.iterdir()) == []


def steps_of(out: str) -> dict[str, Any]:
    """The steps of the one JSON object, by name."""
    first = out.splitlines()[0]
    return {step["name"]: step for step in json.loads(first)["steps"]}


def test_whole_demo_holds_every_expectation_and_leaves_nothing(short: Path) -> None:
    """Eight agencies and a relay: exit 0, the figures the demo stands for, no process and no file."""
    code, out, err = run(short, "--json")
    answer = json.loads(out)
    assert (code, answer["failed"], err) == (0, 0, ""), answer
    assert misfits(answer, DemoAnswer) == []
    assert answer["agencies"] == list(FIRST)
    assert answer["relay"] == RELAY
    steps = steps_of(out)
    assert steps["joined"]["facts"]["within"] <= 15.0
    assert steps["joined"]["facts"]["nodes"] == 9
    assert steps["answered"]["facts"]["total"] >= 25
    assert steps["answered"]["facts"]["total_kinds"] >= 18
    assert steps["answered"]["facts"]["left_out"]["has attachments"] == 1
    assert steps["secret"]["facts"]["canaries"] == 20
    assert steps["secret"]["facts"]["captured_bytes"] > 100_000
    assert steps["audited"]["facts"]["ledgers"] == 9
    nothing_left(short)


@pytest.mark.parametrize(
    ("sabotage", "step", "failure"),
    [
        ("relay-reads", "secret", f"the opened vault of {RELAY} does not hold"),
        ("drop-one", "delivered", "is STORED at"),
        ("flip-leaf", "audited", "the ledger of TR-CUS verifies"),
    ],
)
def test_sabotage_fails_the_expectation_it_breaks(
    short: Path, sabotage: str, step: str, failure: str
) -> None:
    """The demo ends with 1 because that very expectation did not hold, and still leaves nothing."""
    code, out, _err = run(short, *SMALL, "--json", "--break", sabotage)
    assert code == 1
    assert any(failure in one for one in steps_of(out)[step]["failures"]), out
    assert json.loads(out.splitlines()[-1])["error"]["id"] == "FANAL-E1001"
    nothing_left(short)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_demo_leaves_no_process_and_no_file(short: Path, number: signal.Signals) -> None:
    """Ctrl-C or a service manager's SIGTERM in the midst of it: every node is ended, every file removed."""
    process = start(short, *SMALL)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("joined"):
            break
    assert len(processes_of(short)) >= 4
    process.send_signal(number)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted" in err
    assert "Traceback" not in err
    nothing_left(short)


def test_kept_network_runs_until_told_and_its_homes_speak_for_their_agencies(short: Path) -> None:
    """--keep and --stay: every command works with FANAL_HOME there; after Ctrl-C only the homes are left."""
    folder = short / "k"
    process = start(short, *SMALL, "--keep", str(folder), "--stay")
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C" in line:
            break
    home = folder / "az-cus"
    listed = subprocess.run(
        [sys.executable, "-m", "fanal.cli", "notice", "list", "--json"],
        env=environment(short, FANAL_HOME=str(home)),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(listed.stdout)["notices"]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert processes_of(short) == []
    assert sorted(path.name for path in folder.iterdir()) == ["az-cus", "ge-cus", "tr-cus", RELAY.lower()]
    settings = (home / "fanal.toml").read_text()
    assert "advertise" not in settings
    assert not (home / "run" / "api.sock").exists()


@pytest.mark.parametrize("count", ["2", "29", "many"])
def test_impossible_numbers_of_agencies_are_refused(short: Path, count: str) -> None:
    """Usage, exit 2, before anything is made."""
    code, out, err = run(short, "--agencies", count)
    assert (code, out) == (2, "")
    assert "--agencies" in err
    nothing_left(short)


def test_folder_that_is_not_empty_is_refused(short: Path) -> None:
    """What lies there is not touched."""
    (short / "mine").mkdir()
    (short / "mine" / "letter").write_text("dear")
    code, out, err = run(short, "--keep", str(short / "mine"))
    assert (code, out) == (2, "")
    assert "FANAL-E1003" in err
    assert (short / "mine" / "letter").read_text() == "dear"

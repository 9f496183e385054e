# SPDX-License-Identifier: Apache-2.0
"""On a terminal: prompts without echo, tables without surprises, and a node that starts locked."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from realnet import PATIENCE

from fanal.config.home import Home

pytestmark = pytest.mark.process

ROOMS = os.pathsep.join(
    str(Path(__file__).parents[2] / room) for room in ("proto", "keys", "config", "node", "cli")
)
FANAL = [sys.executable, "-m", "fanal.cli"]


class Terminal:
    """A pseudo-terminal with one command on it."""

    def __init__(self, arguments: Sequence[str], env: dict[str, str]) -> None:
        self.master, slave = pty.openpty()
        # The first terminal that a new session opens becomes its own. Who runs the tests may ignore Ctrl-C.
        opening = f'exec env --default-signal=INT "$@" <{os.ttyname(slave)}'
        self.child = subprocess.Popen(
            ["/bin/sh", "-c", opening, "sh", *FANAL, *arguments],
            env={"PYTHONPATH": ROOMS, **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def until(self, words: str) -> None:
        """Reads what the command shows until these words."""
        while words not in self.seen:
            data = self._read()
            assert data, self.seen
            self.seen += data

    def type(self, line: str) -> None:
        os.write(self.master, line.encode() + b"\n")

    def end(self) -> int:
        """Reads to the end; the exit code."""
        while data := self._read():
            self.seen += data
        os.close(self.master)
        return self.child.wait(30)

    def _read(self) -> str:
        ready, _, _ = select.select([self.master], [], [], PATIENCE)
        assert ready, f"silent for {PATIENCE:g} s after: {self.seen}"
        try:
            return os.read(self.master, 65_536).decode()
        except OSError:  # EIO: the last process has closed the terminal
            return ""


def test_passphrase_is_typed_twice_without_echo(tmp_path: Path) -> None:
    """The prompt is on the terminal, what is typed is not; the agency is made."""
    shown = Terminal(["init", "AZ-CUS"], {"FANAL_HOME": str(tmp_path / "az"), "TERM": "dumb"})
    shown.until("New passphrase: ")
    shown.type("correct horse")
    shown.until("The same again: ")
    shown.type("correct horse")
    assert shown.end() == 0
    assert "correct horse" not in shown.seen
    assert "AZ-CUS is ready" in shown.seen


@pytest.mark.parametrize("env", [{"NO_COLOR": "1", "TERM": "xterm-256color"}, {}, {"TERM": "dumb"}])
def test_table_on_a_terminal_without_colour(home: Home, env: dict[str, str]) -> None:
    """NO_COLOR, a missing and a dumb TERM all give plain text, whole."""
    shown = Terminal(["key", "list"], {"FANAL_HOME": str(home.path), "COLUMNS": "200", **env})
    assert shown.end() == 0
    assert "OFFICER" in shown.seen
    assert "\x1b[3" not in shown.seen


def test_interrupted_prompt_is_130(tmp_path: Path) -> None:
    """Ctrl-C at a passphrase prompt ends with 130, one sentence, and nothing made."""
    shown = Terminal(["init", "AZ-CUS"], {"FANAL_HOME": str(tmp_path / "az")})
    shown.until("New passphrase: ")
    os.write(shown.master, b"\x03")
    assert shown.end() == 130
    assert "Traceback" not in shown.seen
    assert list(tmp_path.iterdir()) == []


@contextmanager
def line_of(text: str) -> Iterator[int]:
    """A descriptor from which a passphrase can be read."""
    reading, writing = os.pipe()
    os.write(writing, text.encode() + b"\n")
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


def fanal(home: Path, *arguments: str, passphrase: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
    with line_of(passphrase) as number:
        given = [*arguments, "--passphrase-fd", str(number)] if passphrase else list(arguments)
        return subprocess.run(
            [*FANAL, *given],
            env={"PYTHONPATH": ROOMS, "FANAL_HOME": str(home), "FANAL_LISTEN": "127.0.0.1:0"},
            pass_fds=[number], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            start_new_session=True, check=False, **more,
        )  # fmt: skip


def test_locked_node_is_unlocked_by_passphrase(tmp_path: Path) -> None:
    """Without a key file the node starts locked and says how to open it; a wrong passphrase does not."""
    home = tmp_path / "az"
    assert fanal(home, "init", "AZ-CUS", passphrase="pass").returncode == 0
    assert fanal(home, "network", "create", "caspian", passphrase="pass").returncode == 0
    node = subprocess.Popen(
        [*FANAL, "node", "run"],
        env={"PYTHONPATH": ROOMS, "FANAL_HOME": str(home), "FANAL_LISTEN": "127.0.0.1:0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert node.stdout is not None
        assert json.loads(node.stdout.readline())["locked"]
        assert fanal(home, "node", "health").returncode == 0
        locked = fanal(home, "notice", "list", passphrase="pass")
        assert (locked.returncode, "fanal unlock" in locked.stderr) == (4, True)
        assert fanal(home, "status").returncode == 2
        assert "unchecked" in fanal(home, "doctor").stdout
        assert fanal(home, "unlock", passphrase="pass\nwrong").returncode == 4
        assert fanal(home, "unlock", passphrase="wrong").returncode == 4
        assert fanal(home, "unlock", passphrase="pass").returncode == 0
        assert fanal(home, "notice", "list", passphrase="pass").returncode == 0
    finally:
        node.terminate()
        node.communicate(timeout=30)
    assert node.returncode == 0

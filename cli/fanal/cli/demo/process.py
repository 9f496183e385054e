# SPDX-License-Identifier: Apache-2.0
"""One agency's node as a process of its own: ``fanal node run``, started, waited for, killed, ended.

Each process is the leader of its own group, so that Ctrl-C reaches the demo alone, which ends them all.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import fanal
from fanal.cli.demo.errors import NODE_FAILED
from fanal.config.home import Home
from fanal.errors import FanalError

READY_SECONDS = 20.0
STOP_SECONDS = 15.0


class NodeProcess:
    """The process of the agency in ``home``; at most one at a time."""

    def __init__(self, agency: str, home: Home) -> None:
        self.agency, self.home = agency, home
        self.log = home.path / "node.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the process last started; 0 before the first."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start it; it is not ready yet."""
        with self.log.open("ab") as log:  # what is said before the log is open, and after a crash
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                [sys.executable, "-m", "fanal.cli", "node", "run", "--log-file", str(self.log)],
                env=environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Until it has said that it is ready. FanalError NODE_FAILED with the last line of its log."""
        assert self._process is not None
        assert self._process.stdout is not None
        until = time.monotonic() + READY_SECONDS
        line = b""
        while not line.endswith(b"\n"):
            left = until - time.monotonic()
            readable = select.select([self._process.stdout], [], [], max(0.0, left))[0]
            part = os.read(self._process.stdout.fileno(), 4096) if readable else b""
            if not part:
                raise FanalError(
                    NODE_FAILED, agency=self.agency, seconds=int(READY_SECONDS), log=self._last_words()
                )
            line += part

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is flushed."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._close()

    def terminate(self) -> None:
        """SIGTERM; it finishes what it took."""
        if self._process is not None and self.alive:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Its exit code; after ``seconds`` it is killed."""
        if self._process is None:
            return 0
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()
        return int(self._process.returncode)

    def _close(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self.log.read_text("utf-8", errors="replace").splitlines()
            return lines[-1][:500] if lines else "nothing"
        return "nothing"


def environment(home: Home) -> dict[str, str]:
    """What a command that speaks for ``home`` is started with: ours, without settings of another agency."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FANAL_")}
    rooms = [str(Path(room).parent) for room in fanal.__path__ if "site-packages" not in Path(room).parts]
    path = os.pathsep.join([*rooms, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "FANAL_HOME": str(home.path), **({"PYTHONPATH": path} if path else {})}

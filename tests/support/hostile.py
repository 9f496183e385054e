# SPDX-License-Identifier: Apache-2.0
"""Commands as a hostile or unlucky user runs them: a process, what it said, how long and how large it was."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from realnet import PATHS, command

PATIENCE = 60.0
LARGEST_MIB = 400
"""A command imports gRPC and cryptography and shares pages; nothing it reads may add to that by its size."""


@dataclass(frozen=True)
class Ended:
    """One command that came to its end."""

    code: int
    out: str
    err: str
    seconds: float
    mebibytes: int

    @property
    def error_id(self) -> str:
        """The id of the error that was shown, as words or as JSON; empty without one."""
        if '{"error"' in self.out:
            return str(self.error["id"])
        found = re.search(r"^error: .* \[(FANAL-E\d{4})\]$", self.err, re.MULTILINE | re.DOTALL)
        return found[1] if found else ""

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])["error"]
        return found

    def refused(self, code: int, error_id: str) -> Ended:
        """Itself, once it ended with this code, this id, a sentence and a next step."""
        assert (self.code, self.error_id) == (code, error_id), self
        if '{"error"' in self.out:
            assert self.error["sentence"] and self.error["hint"], self  # noqa: PT018
        else:
            assert re.search(r"^next:  \S", self.err, re.MULTILINE), self
        return self


def fanal(
    *arguments: str | bytes,
    env: Mapping[str, str | bytes] | None = None,
    shell: str = "",
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    limits: str = "",
    patience: float = PATIENCE,
) -> Ended:
    """Run one command to its end, with only ``env`` and the import path around it and no terminal.

    ``shell`` redirects its streams, ``limits`` is for the shell's ulimit. No traceback, no fault of the
    program itself (FANAL-E0903), no more memory than ``LARGEST_MIB``: anything else ends the test.
    """
    line: list[str | bytes] = [*command(), *arguments]
    if shell or limits:
        before = f"ulimit {limits} && " if limits else ""
        line = ["/bin/sh", "-c", f'{before}"$@" {shell}', "sh", *line]
    whole = {"PYTHONPATH": PATHS, "PATH": os.environ["PATH"], **(env or {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(
            line, env=whole, stdin=stdin, stdout=out, stderr=err, start_new_session=True
        )
        timer = threading.Timer(patience, process.kill)
        timer.start()
        try:
            _pid, status, used = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = Ended(
            process.returncode, _all(out), _all(err), time.monotonic() - began, used.ru_maxrss // 1024
        )
    return checked(ended)


def _all(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="replace")


def checked(ended: Ended) -> Ended:
    """Itself, once it ended without a traceback or a fault of the program, and within its memory."""
    assert ended.code >= 0, ended
    assert "Traceback" not in ended.err, ended
    assert "FANAL-E0903" not in ended.err + ended.out, ended
    assert ended.mebibytes < LARGEST_MIB, ended
    return ended

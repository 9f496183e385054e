# SPDX-License-Identifier: Apache-2.0
"""A wall clock that jumps on command: fakeclock.c, compiled here and loaded before libc into a process."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("fakeclock.c")
NO_COMPILER = "the tests of clocks need a C compiler: apt-get install gcc libc6-dev"
HOUR, DAY, YEAR = 3_600, 86_400, 365 * 86_400


@cache
def library(folder: Path) -> Path:
    """The compiled library in ``folder``."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, NO_COMPILER
    built = folder / "fakeclock.so"
    flags = ["-O2", "-shared", "-fPIC", "-Wall", "-Werror"]
    subprocess.run([compiler, *flags, "-o", str(built), str(SOURCE), "-ldl"], check=True)
    return built


@dataclass
class FakeClock:
    """The clock of the processes that run with ``env``; seconds beside the machine's."""

    env: dict[str, str]
    _control: mmap.mmap

    @property
    def shift(self) -> int:
        return int(struct.unpack_from("=q", self._control)[0])

    @shift.setter
    def shift(self, seconds: int) -> None:
        self._control[0:8] = struct.pack("=q", seconds)

    @property
    def now(self) -> int:
        """What a process with this clock reads."""
        return int(time.time()) + self.shift


@contextmanager
def fake_clock(folder: Path, name: str = "clock") -> Iterator[FakeClock]:
    """A clock that starts as the machine's."""
    control = folder / name
    control.write_bytes(bytes(8))
    env = {"LD_PRELOAD": str(library(folder)), "FAKECLOCK": str(control)}
    handle = os.open(control, os.O_RDWR)
    try:
        with mmap.mmap(handle, 8) as mapped:
            yield FakeClock(env, mapped)
    finally:
        os.close(handle)

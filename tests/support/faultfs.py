# SPDX-License-Identifier: Apache-2.0
"""A disk that fails on command: faultfs.c, compiled here and loaded before libc into a node's process."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("faultfs.c")
NO_COMPILER = "the tests of disk faults need a C compiler: apt-get install gcc libc6-dev"
_FIELDS = ("mode", "next", "step", "lasts", "count", "hits", "resyncs", "syncs")


class Mode(IntEnum):
    """How an operation fails; the numbers are those of faultfs.c."""

    NONE = 0
    FULL = 1
    """ENOSPC for writes, truncates, creations and renames."""
    DEVICE = 2
    """EIO for everything, syncs too."""
    SHORT = 3
    """Half of what should be written is."""
    SYNC = 4
    """EIO for syncs alone."""
    KILL = 5
    """The process dies in the operation's place."""
    DIES = 6
    """EIO for a sync, and the process dies of it."""


@cache
def library(folder: Path) -> Path:
    """The compiled library in ``folder``."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, NO_COMPILER
    built = folder / "faultfs.so"
    flags = ["-O2", "-shared", "-fPIC", "-Wall", "-Werror"]
    subprocess.run([compiler, *flags, "-o", str(built), str(SOURCE), "-ldl", "-lpthread"], check=True)
    return built


@dataclass
class FaultFs:
    """The disk under ``prefix``, as the processes see it that run with ``env``."""

    env: dict[str, str]
    log: Path
    _control: mmap.mmap

    def arm(self, mode: Mode, first: int = 1, *, step: int = 0, lasts: int = 1) -> None:
        """The ``first``-th operation from now fails, and after it every ``step``-th; each time ``lasts``.
        In modes SYNC and DIES syncs alone count, and ``step`` is the mean of distances that vary."""
        at = self.count + first
        self._control[8:32] = struct.pack("=3Q", at, step, lasts)
        self._control[0:8] = struct.pack("=Q", mode)

    def disarm(self) -> None:
        self._control[0:8] = struct.pack("=Q", Mode.NONE)

    def __getattr__(self, name: str) -> int:
        if name not in _FIELDS:
            raise AttributeError(name)
        return int(struct.unpack_from("=Q", self._control, 8 * _FIELDS.index(name))[0])


@contextmanager
def fault_fs(prefix: Path, folder: Path, *, logged: bool = False) -> Iterator[FaultFs]:
    """A disk for the files under ``prefix``; what belongs to it lies in ``folder``, which is elsewhere."""
    control, log = folder / "control", folder / "writes.log"
    control.write_bytes(bytes(8 * len(_FIELDS)))
    log.write_bytes(b"")
    env = {
        "LD_PRELOAD": str(library(folder)),
        "FAULTFS_PREFIX": str(prefix),
        "FAULTFS_CONTROL": str(control),
    }
    if logged:
        env["FAULTFS_LOG"] = str(log)
    handle = os.open(control, os.O_RDWR)
    try:
        with mmap.mmap(handle, 0) as mapped:
            yield FaultFs(env, log, mapped)
    finally:
        os.close(handle)

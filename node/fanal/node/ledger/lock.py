# SPDX-License-Identifier: Apache-2.0
"""One node per data folder: an exclusive flock on ``lock``, held for as long as the process lives.

The kernel drops the lock with the process, so a killed node leaves nothing to clean up.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.errors import FOLDER_IN_USE


class FolderLock:
    """Held from construction to ``close``. Raises FOLDER_IN_USE at once if another process has it."""

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._handle)
            raise FanalError(FOLDER_IN_USE, folder=str(folder)) from error

    def close(self) -> None:
        os.close(self._handle)


def holder(folder: Path) -> int | None:
    """The process that holds the folder; None when nobody does or this system does not tell. Takes no lock,
    which a node that starts just then would run into (the form of /proc/locks: proc(5))."""
    try:
        file = (folder / "lock").stat()
        locks = Path("/proc/locks").read_text("ascii", "replace")
    except OSError:
        return None
    name = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    for line in locks.splitlines():
        fields = line.split()
        if len(fields) >= 6 and fields[1] == "FLOCK" and fields[5] == name and fields[4].isdigit():
            return int(fields[4]) or None
    return None

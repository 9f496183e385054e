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

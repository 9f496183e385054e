# SPDX-License-Identifier: Apache-2.0
"""How full the disk of the data folder is, and the file that keeps room on it for the operator.

Promise: the disk is asked at most once in ten seconds, however much arrives. From ``disk_refuse_percent``
on nothing of others is taken, so that own notices still find room. The reserve is real blocks, not a hole,
and is given up only by a person: room that frees itself would be filled by whoever sends most.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from fanal.errors import FanalError
from fanal.node.quotas.errors import RESERVE_REFUSED

EVERY = 10.0
NAME = "reserve"


def percent_used(folder: Path) -> int | None:
    """Percent of the disk in use, as an ordinary user may use it; None when it cannot be told."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    used = found.f_blocks - found.f_bfree
    whole = used + found.f_bavail
    return 100 * used // whole if whole else None


class Room:
    """``measure`` gives percent used or None; ``clock`` Unix seconds. Any thread may call."""

    def __init__(
        self, measure: Callable[[], int | None], clock: Callable[[], float], warn: int, refuse: int
    ) -> None:
        self._measure, self._clock = measure, clock
        self._warn, self._refuse = warn, refuse
        self._lock = threading.Lock()
        self._percent: int | None = None
        self._at: float | None = None
        self.asked = 0
        """How often the disk was asked."""

    @property
    def percent(self) -> int | None:
        """In use when it was last asked. Time that falls asks anew."""
        with self._lock:
            now = self._clock()
            if self._at is None or not 0 <= now - self._at < EVERY:
                self._percent, self._at = self._measure(), now
                self.asked += 1
            return self._percent

    @property
    def refuses(self) -> bool:
        """Whether nothing of others is taken now."""
        return (self.percent or 0) >= self._refuse

    @property
    def warns(self) -> bool:
        return (self.percent or 0) >= self._warn


def reserve_file(data: Path) -> Path:
    return data / NAME


def keep_reserve(data: Path, size: int) -> bool:
    """Make the file, or bring it to this size (0: none). False when there is no room for it; then what is
    there stays. Raises RESERVE_REFUSED when it cannot be written at all."""
    path = reserve_file(data)
    try:
        if size == 0:
            path.unlink(missing_ok=True)
            return True
        if path.exists() and path.stat().st_size == size:
            return True
        return _filled(path, size)
    except OSError as error:
        raise FanalError(RESERVE_REFUSED, path=str(path), reason=error.strerror or "?") from error


def free_reserve(data: Path) -> int:
    """Give the reserve up; the bytes that came free, 0 when there was none. Raises RESERVE_REFUSED."""
    path = reserve_file(data)
    try:
        size = path.stat().st_blocks * 512
        path.unlink()
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise FanalError(RESERVE_REFUSED, path=str(path), reason=error.strerror or "?") from error
    return size


def _filled(path: Path, size: int) -> bool:
    """A name with half a file under it would be taken for a reserve, so the name comes last."""
    part = path.with_name(NAME + ".part")
    file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
    except OSError:
        part.unlink(missing_ok=True)
        return False
    finally:
        os.close(file)
    part.replace(path)
    return True

# SPDX-License-Identifier: Apache-2.0
"""Reading within a bound and writing whole or not at all, for the small files of an agency's folder."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from fanal.config.errors import TOO_LARGE, UNREADABLE
from fanal.errors import FanalError


def read_bounded(path: Path, limit: int) -> bytes:
    """The bytes of a file or pipe of at most ``limit`` bytes; /dev/zero ends there too.

    Raises FanalError UNREADABLE or TOO_LARGE.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FanalError(UNREADABLE, path=str(path), reason=reason) from error
    if len(data) > limit:
        raise FanalError(TOO_LARGE, path=str(path), limit=limit)
    return data


def write_private(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Writes beside ``path``, makes it durable, then renames: a reader sees the old bytes or the new.

    ``mode`` is the file's from its first byte on. Raises OSError; nothing is left behind.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in ``folder`` durable (fsync of a directory, POSIX)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

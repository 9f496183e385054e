# SPDX-License-Identifier: Apache-2.0
"""Reading within a bound: drafts, documents, settings. Secrets are read by ``fanal.keys.files``."""

from __future__ import annotations

from pathlib import Path

from fanal.config.errors import FILE_MISSING, TOO_LARGE, UNREADABLE
from fanal.errors import FanalError


def read_bounded(path: Path, limit: int) -> bytes:
    """The bytes of a file or pipe of at most ``limit`` bytes; /dev/zero ends there too.

    Raises FanalError FILE_MISSING, UNREADABLE or TOO_LARGE.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError as error:
        raise FanalError(FILE_MISSING, path=str(path)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FanalError(UNREADABLE, path=str(path), reason=reason) from error
    if len(data) > limit:
        raise FanalError(TOO_LARGE, path=str(path), limit=limit)
    return data

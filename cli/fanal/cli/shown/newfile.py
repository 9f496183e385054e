# SPDX-License-Identifier: Apache-2.0
"""A new file for this user alone, under its name only when it is whole; what is there is never replaced."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path

from fanal.cli.errors import ALREADY_THERE, CANNOT_WRITE
from fanal.errors import FanalError
from fanal.keys.file_errors import NO_SPACE
from fanal.keys.files import no_space


def check_new(path: Path) -> None:
    """Raise ALREADY_THERE, before anything is done in vain."""
    if path.exists():
        raise FanalError(ALREADY_THERE, path=str(path))


def cannot(path: Path | str, error: OSError) -> FanalError:
    """A refusal of the file system: a full disk by its name, everything else with the system's words."""
    if no_space(error):
        return FanalError(NO_SPACE, path=str(path))
    return FanalError(CANNOT_WRITE, path=str(path), reason=error.strerror or "-")


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BufferedRandom]:
    """To write and read until the block ends; then the file gets its name. After an error nothing is left.

    Raises ALREADY_THERE, also before the block begins, NO_SPACE and CANNOT_WRITE.
    """
    check_new(path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        os.link(beside, path)
    except FileExistsError:
        raise FanalError(ALREADY_THERE, path=str(path)) from None
    except OSError as error:
        raise cannot(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()

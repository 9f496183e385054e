# SPDX-License-Identifier: Apache-2.0
"""The officers' Unix socket: a short path, a folder of one's own, and nobody else on it.

gRPC takes a path over in silence, even from a living server, and says only "failed to bind" for one that is
too long. So all three are checked before.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from pathlib import Path

from fanal.config.errors import SOCKET_TOO_LONG
from fanal.config.settings import SOCKET_PATH_LIMIT
from fanal.errors import FanalError
from fanal.node.service.errors import CANNOT_LISTEN, SOCKET_FOLDER


def prepare(path: Path) -> str:
    """The gRPC address of a socket that may be bound now. SOCKET_TOO_LONG, SOCKET_FOLDER, CANNOT_LISTEN."""
    length = len(os.fsencode(path))
    if length > SOCKET_PATH_LIMIT:
        raise FanalError(SOCKET_TOO_LONG, length=length, limit=SOCKET_PATH_LIMIT, path=str(path))
    _own_folder(path.parent)
    if _somebody_listens(path):
        raise FanalError(CANNOT_LISTEN, address=str(path), key="socket")
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    return f"unix:{path}"


def remove(path: Path) -> None:
    """Take the socket away after the server has stopped; gRPC usually did."""
    with contextlib.suppress(OSError):
        path.unlink()


def _own_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise FanalError(SOCKET_FOLDER, path=str(folder), reason=error.strerror or "unusable") from error
    if found.st_uid != os.geteuid():
        raise FanalError(SOCKET_FOLDER, path=str(folder), reason="it belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise FanalError(SOCKET_FOLDER, path=str(folder), reason="others may enter it")


def _somebody_listens(path: Path) -> bool:
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FanalError(SOCKET_FOLDER, path=str(path), reason="a file of that name is no socket")
    except FileNotFoundError:
        return False
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    probe.settimeout(1.0)
    try:
        probe.connect(str(path))
    except OSError:
        return False
    finally:
        probe.close()
    return True

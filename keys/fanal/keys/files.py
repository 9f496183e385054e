# SPDX-License-Identifier: Apache-2.0
"""Files that hold secrets: private to one user, written whole or not at all, never through a link.

After ``write_private`` returns, the bytes survive a power cut; before, the old file is untouched.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from fanal.errors import FanalError
from fanal.i18n import _, translate
from fanal.keys.file_errors import (
    FILE_EXISTS,
    FILE_KIND,
    FILE_MISSING,
    FILE_PERMISSIONS,
    FILE_UNREADABLE,
    KEYS_IN_USE,
    KEYSTORE_TOO_LARGE,
    NO_SPACE,
)

_OTHERS = 0o077
_SHOWN = 120
"""Characters of a command that are told."""


def read_private(path: Path, limit: int) -> bytes:
    """The bytes of an ordinary file that only its owner can reach, at most ``limit`` of them.

    Raises FanalError, one kind each: absent, a link or no ordinary file, open to others, over the limit,
    unreadable. Nothing is read before mode and kind are known.
    """
    descriptor = _open(path)
    try:
        _check(path, os.fstat(descriptor), limit)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise FanalError(KEYSTORE_TOO_LARGE, path=str(path), limit=limit)
    return data


def write_private(path: Path, data: bytes, *, replace: bool) -> None:
    """Write atomically with mode 0600: a new file beside it, fsync, rename (or link), fsync of the folder.

    Raises FanalError if the file exists and ``replace`` is false, or if the disk refuses.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_new(temporary, data)
        if replace:
            temporary.replace(path)
        else:
            os.link(temporary, path)
        sync_folder(path.parent)
    except FileExistsError:
        raise FanalError(FILE_EXISTS, path=str(path)) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def remove_unfinished(path: Path) -> None:
    """Remove what a ``write_private`` that was cut short left beside ``path``: whole or torn copies.

    Raises FanalError if one cannot be removed. Only for the one process that writes the file at the time.
    """
    form = re.compile(re.escape(f".{path.name}.") + "[0-9a-f]{16}")
    try:
        for one in path.parent.iterdir():
            if form.fullmatch(one.name):
                one.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise _unreadable(path, error) from None


PATIENCE = 30.0
"""Seconds that a command waits for another one, which may be making a key at that time."""
_LOOK = 0.05


@contextlib.contextmanager
def exclusive(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Only one process, and one thread of it, changes the keys in a folder at a time; others wait, so many
    seconds at most: who holds it may have been suspended. The kernel lets go with the process.

    Raises FanalError if the folder cannot be opened, and KEYS_IN_USE with who holds it.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(folder, error) from None
    try:
        _lock(folder, descriptor, patience)
        yield
    finally:
        os.close(descriptor)


def _lock(folder: Path, descriptor: int, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(_LOOK)
                continue
            holder = _holder(os.fstat(descriptor).st_ino)
            raise FanalError(KEYS_IN_USE, path=str(folder), holder=holder, seconds=int(patience)) from None
        return


def _holder(inode: int) -> str:
    """Number and command of the process that has locked this file, as far as proc(5) shows it."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/locks").read_text().splitlines():
            _number, kind, _way, _mode, process, file, *_range = line.split()
            if kind == "FLOCK" and file.endswith(f":{inode}"):
                words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
                return f"process {process} ({' '.join(words).strip()[-_SHOWN:]})"
    return translate(_("another process"))


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        # O_NONBLOCK: opening a pipe must not wait for a writer; its kind is refused afterwards.
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise FanalError(FILE_MISSING, path=str(path)) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise FanalError(FILE_KIND, path=str(path)) from None
        raise _unreadable(path, error) from None


def _check(path: Path, found: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise FanalError(FILE_KIND, path=str(path))
    if _reachable(found):
        raise FanalError(FILE_PERMISSIONS, path=str(path), mode=f"{stat.S_IMODE(found.st_mode):04o}")
    if found.st_size > limit:
        raise FanalError(KEYSTORE_TOO_LARGE, path=str(path), limit=limit)


def _reachable(found: os.stat_result) -> bool:
    """Whether anybody besides its owner and root can reach the file.

    systemd hands a credential to a service as a file of root:root with mode 0440, its group bits being the
    mask of an access list for that one user (systemd.exec(5), LoadCredential).
    """
    reachable = found.st_mode & _OTHERS
    if os.geteuid() and (found.st_uid, found.st_gid) == (0, 0):
        reachable &= ~stat.S_IRGRP
    return bool(reachable)


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def no_space(error: BaseException) -> bool:
    """Whether this is the file system's word for a full disk, or a full quota on it."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _unreadable(path: Path, error: OSError) -> FanalError:
    if no_space(error):
        return FanalError(NO_SPACE, path=str(path))
    return FanalError(FILE_UNREADABLE, path=str(path), reason=error.strerror or "input/output error")

# SPDX-License-Identifier: Apache-2.0
"""What an officer's client hands in: taken as a stream, kept only if it is what its name says.

Promise: an upload is bounded as it streams, durable when ``finish`` returns, and leaves no file when it ends
in any other way; what a kill leaves, or no notice names within a day, the sweep removes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from fanal.envelope.pieces import LONGEST, Pieces, pieces_of
from fanal.errors import FanalError
from fanal.keys.merkle import HASH_BYTES
from fanal.node.attachments.errors import UPLOAD_BROKEN
from fanal.node.attachments.folder import UNDER_WAY, UPLOADS, AttachmentFolder, overwrite
from fanal.node.ledger.database import sync_folder, translated


class Upload:
    """One upload. Call ``write`` until all is there, then ``finish``; else ``abandon``. Not thread-safe.

    ``abandoned`` is called when it leaves nothing.
    """

    def __init__(
        self,
        folder: AttachmentFolder,
        attachment: bytes,
        length: int,
        abandoned: Callable[[], None] = lambda: None,
    ) -> None:
        if len(attachment) != HASH_BYTES:
            raise FanalError(UPLOAD_BROKEN, reason=f"a name of {len(attachment)} bytes")
        if not 0 < length <= LONGEST:
            raise FanalError(UPLOAD_BROKEN, reason=f"a length of {length} bytes")
        self._attachment, self._length, self._abandoned = attachment, length, abandoned
        self._folder = folder.path / UPLOADS
        self._pieces = Pieces()
        self._temporary = self._folder / f"{secrets.token_hex(16)}{UNDER_WAY}"
        self._file: BinaryIO = _create(self._temporary)

    def write(self, data: bytes) -> None:
        """The next bytes. Raises UPLOAD_BROKEN beyond the announced length."""
        if self._pieces.length + len(data) > self._length:
            raise FanalError(UPLOAD_BROKEN, reason=f"more than the announced {self._length} bytes")
        self._pieces.feed(data)
        with translated(self._temporary):
            self._file.write(data)

    def finish(self) -> None:
        """Durable, under its name. Raises UPLOAD_BROKEN when it is not what its name says."""
        if self._pieces.length != self._length:
            raise FanalError(
                UPLOAD_BROKEN, reason=f"it ends after {self._pieces.length} of {self._length} bytes"
            )
        if self._pieces.name() != self._attachment:
            raise FanalError(UPLOAD_BROKEN, reason="its bytes are not what its name says")
        target = self._folder / self._attachment.hex()
        with translated(target):
            self._write_paths(target.with_name(f"{target.name}.paths"))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._temporary.rename(target)
            sync_folder(self._folder)

    def abandon(self) -> None:
        """Leave nothing of it. After ``finish`` it does nothing."""
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
        if self._temporary.exists():
            overwrite(self._temporary)
            self._abandoned()

    def _write_paths(self, path: Path) -> None:
        slot = HASH_BYTES * (pieces_of(self._length) - 1).bit_length()
        path.unlink(missing_ok=True)
        with _create(path) as file:
            file.write(self._length.to_bytes(8))
            for one in self._pieces.paths():
                file.write(b"".join(one).ljust(slot, b"\x00"))
            file.flush()
            os.fsync(file.fileno())


def _create(path: Path) -> BinaryIO:
    with translated(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        return os.fdopen(handle, "wb")

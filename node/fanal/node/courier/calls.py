# SPDX-License-Identifier: Apache-2.0
"""The calls of officers about courier files: one at a time, the file in pieces through a nameless file here.

Each piece is a signed call of its own, so nobody but the officer who began puts anything into a file or gets
anything out of it. A file that nobody goes on with for ten minutes is forgotten, and with the process it is
gone: it never has a name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, cast

from fanal.errors import FanalError
from fanal.keys.agency import check_agency
from fanal.node.arrival import opening
from fanal.node.courier import exporting, importing
from fanal.node.courier.errors import FILE_TOO_LARGE, FILES_UNDER_WAY, NO_SUCH_FILE
from fanal.node.courier.form import MOST_BYTES
from fanal.node.courier.told import Told
from fanal.node.desk.actor import Actor
from fanal.node.lanes.written import Written
from fanal.v1 import officer_pb2 as api

if TYPE_CHECKING:
    from fanal.node.node import Node

PIECE = 256 * 1024
FILES = 4
"""Under way at a time."""
FORGOTTEN_AFTER = 600.0
_IN_MEMORY = 4 * 1024 * 1024
_HANDLE = 16


@dataclass
class _Spool:
    """A file under way: whose, and when somebody last went on with it. ``written``: it is handed in."""

    key_id: bytes
    file: IO[bytes]
    at: float
    written: bool


class Courier:
    """``told`` hears what imports change, ``announce`` what this node itself wrote; both from any thread."""

    def __init__(self, node: Node, announce: Callable[[Written], None]) -> None:
        self.node, self.announce = node, announce
        self.told = Told()
        self._files: dict[bytes, _Spool] = {}
        self._lock = threading.Lock()
        self._working = threading.Lock()

    def export(self, actor: Actor, request: api.CourierExportRequest) -> api.CourierExportReply:
        """Make a file and log it. Errors as `exporting.export`."""
        to, limit = check_agency(request.to), request.max_bytes or MOST_BYTES
        with self._fresh(actor, written=False) as (handle, file), self._working:
            made = exporting.export(
                self.node,
                actor,
                to,
                file,
                self.announce,
                everything=request.all,
                rest=request.rest,
                limit=limit,
            )
            return api.CourierExportReply(
                handle=handle,
                size=made.size,
                sha256=made.sha256,
                number=made.number,
                entries=made.entries,
                documents=made.documents,
                partial=made.partial,
                attachments=made.attachments,
                attachments_part=made.begun,
            )

    def read(self, actor: Actor, request: api.CourierReadRequest) -> api.CourierReadReply:
        """The next piece of a file that was made; after the last one the file is gone."""
        with self._found(actor, request.handle, written=False) as file:
            file.seek(request.offset)
            piece = file.read(PIECE)
        if not piece:
            self._forget(request.handle)
        return api.CourierReadReply(piece=piece)

    def write(self, actor: Actor, request: api.CourierWriteRequest) -> api.CourierWriteReply:
        """The next piece of a file that is handed in."""
        if len(request.piece) > PIECE or request.offset + len(request.piece) > MOST_BYTES:
            found = max(len(request.piece), request.offset + len(request.piece))
            raise FanalError(FILE_TOO_LARGE, found=found, least=0, limit=MOST_BYTES)
        if not request.handle:
            with self._fresh(actor, written=True) as (handle, file):
                file.write(request.piece)
            return api.CourierWriteReply(handle=handle)
        with self._found(actor, request.handle, written=True) as file:
            if file.seek(0, 2) != request.offset:
                raise FanalError(NO_SUCH_FILE)
            file.write(request.piece)
        return api.CourierWriteReply(handle=request.handle)

    def take(self, actor: Actor, request: api.CourierImportRequest) -> api.CourierImportReply:
        """Verify and take in a file that was handed in. Errors as `importing.take`."""
        try:
            with self._found(actor, request.handle, written=True) as file, self._working:
                result = importing.take(self.node, actor, file, self.told)
        finally:
            self._forget(request.handle)
        opening.open_arrived(self.node)
        self.announce(Written())
        header = result.opened.header
        return api.CourierImportReply(
            sender=result.opened.sender,
            number=header.number,
            sha256=result.opened.sha256,
            created=header.created,
            entries=result.entries,
            known=result.known,
            refused=result.refused,
            waiting=result.waiting,
            documents=result.documents,
            older=result.older,
            attachments=len(result.whole),
            attachments_part=len(result.begun - result.whole),
        )

    def close(self) -> None:
        """Let go of what is under way."""
        for handle in list(self._files):
            self._forget(handle)

    @contextmanager
    def _fresh(self, actor: Actor, *, written: bool) -> Iterator[tuple[bytes, IO[bytes]]]:
        """A new file, kept under its handle unless the block fails."""
        handle, now = self.node.rng(_HANDLE), self.node.clock()
        with self._lock:
            for old in [h for h, one in self._files.items() if now - one.at > FORGOTTEN_AFTER]:
                self._files.pop(old).file.close()
            if len(self._files) >= FILES:
                raise FanalError(FILES_UNDER_WAY, limit=FILES)
            spool = SpooledTemporaryFile(_IN_MEMORY, dir=str(self.node.settings.data))  # noqa: SIM115
            file = cast("IO[bytes]", spool)
            self._files[handle] = _Spool(actor.key_id, file, now, written)
        try:
            yield handle, file
        except BaseException:
            self._forget(handle)
            raise

    @contextmanager
    def _found(self, actor: Actor, handle: bytes, *, written: bool) -> Iterator[IO[bytes]]:
        with self._lock:
            one = self._files.get(handle)
            if one is None or one.key_id != actor.key_id or one.written is not written:
                raise FanalError(NO_SUCH_FILE)
            one.at = self.node.clock()
        yield one.file

    def _forget(self, handle: bytes) -> None:
        with self._lock:
            gone = self._files.pop(handle, None)
        if gone is not None:
            gone.file.close()

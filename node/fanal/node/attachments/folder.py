# SPDX-License-Identifier: Apache-2.0
"""The files of attachments: ciphertext beside the ledger, each named by its own content.

    NAME          a whole ciphertext          NAME.part     its verified pieces so far, from the first on
    NAME.paths    its length, then the path of each piece
    uploads/      what officers handed in and no notice names yet

Promise: nothing is in a file that was not verified against the name, and what is read is verified again, so a
flipped bit on the disk is never served. A NAME without suffix is whole and durable. What a kill or a failed
sync leaves of a .part is verified, and written anew, before it is gone on with. Modes 0600 and 0700.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fanal.envelope.pieces import LONGEST, PIECE, check_piece, piece_bytes, pieces_of
from fanal.errors import FanalError, VerificationError
from fanal.keys.merkle import HASH_BYTES, path_length
from fanal.node.attachments.errors import NO_FOLDER
from fanal.node.ledger.database import sync_folder, translated

NAME = "attachments"
UPLOADS = "uploads"
UNDER_WAY = ".new"
_HEAD = 8
_STRIPES = 16


@dataclass(frozen=True)
class Piece:
    """A verified piece on its way. ``length`` is the whole ciphertext's."""

    attachment: bytes
    length: int
    index: int
    data: bytes = field(repr=False)
    path: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class Progress:
    """The first ``have`` pieces are here; ``length`` is 0 while not even one is."""

    have: int = 0
    length: int = 0

    @property
    def total(self) -> int:
        return pieces_of(self.length)

    @property
    def whole(self) -> bool:
        return 0 < self.total == self.have


class AttachmentFolder:
    """The folder, or with no path none at all: then nothing is here and nothing can be stored."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._changing = [threading.Lock() for _ in range(_STRIPES)]
        """One at a time changes the files of an attachment: links and courier files bring pieces."""
        self._parts: dict[bytes, Progress] = {}
        """What of a .part was verified in this run."""
        self._naming = threading.Lock()
        self._names_sure = False
        """What has its name has it on the disk: unknown until the folder is synced, and after that failed."""
        self.spoilt = False
        """The ledger has something damaged as missing since whoever fetches looked last."""

    @property
    def path(self) -> Path:
        """The folder, made when it is first needed. Raises NO_FOLDER."""
        if self._path is None:
            raise FanalError(NO_FOLDER)
        uploads = self._path / UPLOADS
        if not uploads.is_dir():
            with translated(uploads):
                self._path.mkdir(mode=0o700, exist_ok=True)
                uploads.mkdir(mode=0o700, exist_ok=True)
                sync_folder(self._path.parent)
        return self._path

    def whole(self, attachment: bytes) -> int:
        """Bytes of the ciphertext if all of it is here, else 0: a file that has lost its end is not whole."""
        found = self._whole(attachment)
        paths = self._paths(attachment)
        if found is None or paths is None:
            return 0
        with translated(found), paths.open("rb") as beside:
            length = int.from_bytes(beside.read(_HEAD))
            if found.stat().st_size != length:
                return 0
        self._make_names_sure()
        return length

    def progress(self, attachment: bytes) -> Progress:
        """How much is here. The first look at a .part in a run verifies it."""
        length = self.whole(attachment)
        if length:
            return Progress(pieces_of(length), length)
        with self._lock:
            if attachment not in self._parts and self._file(attachment, ".part") is not None:
                self._parts[attachment] = self._verified(attachment)
            return self._parts.get(attachment, Progress())

    def read(self, attachment: bytes, index: int) -> Piece | None:
        """One piece with its path, None when it is not here. Raises VerificationError when the disk gives
        something else than was written."""
        whole = self._whole(attachment)
        if whole is None and index >= self.progress(attachment).have:
            return None
        data = whole or self._file(attachment, ".part")
        paths = self._paths(attachment)
        return None if data is None or paths is None else _read(attachment, data, paths, index)

    def take(self, piece: Piece) -> Progress:
        """Verify the next piece and store it. Any other than the next changes nothing.

        Durable when the last one is in. Raises VerificationError before anything is written.
        """
        check_piece(piece.attachment, piece.length, piece.index, piece.data, piece.path)
        with self._alone(piece.attachment):
            before = self.progress(piece.attachment)
            if before.whole or piece.index != before.have:
                return before
            return self._append(piece)

    def _append(self, piece: Piece) -> Progress:
        part, paths = (self.path / f"{piece.attachment.hex()}{end}" for end in (".part", ".paths"))
        after = Progress(piece.index + 1, piece.length)
        with self._lock:
            self._parts.pop(piece.attachment, None)  # after a failure only a new look tells
        with translated(part):
            _write(part, paths, piece)
            if after.whole:
                self._finish(part, paths)
        with self._lock:
            if not after.whole:
                self._parts[piece.attachment] = after
        return after

    def damaged(self, attachment: bytes) -> Progress:
        """The disk gave something else: keep the pieces that still verify, so that the rest is fetched."""
        with self._alone(attachment), self._lock:
            whole, paths = self._whole(attachment), self._paths(attachment)
            for found, end in ((paths, ".paths"), (whole, ".part")):
                if found is not None:
                    with translated(found):
                        found.rename(self.path / f"{attachment.hex()}{end}")
            self._parts[attachment] = self._verified(attachment)
            return self._parts[attachment]

    def adopt(self, attachments: Sequence[bytes]) -> None:
        """A notice that names these uploads is committed: they stay. Repeating it changes nothing."""
        if not attachments:
            return
        uploads = self.path / UPLOADS
        # The paths first: what stands under its bare name can be read.
        moves = [f"{one.hex()}{end}" for one in attachments for end in (".paths", "")]
        found = [name for name in moves if (uploads / name).exists()]
        with translated(uploads):
            for name in found:
                (uploads / name).rename(self.path / name)
            for folder in (uploads, self.path):  # also of an earlier try that failed in them
                sync_folder(folder)

    def erase(self, attachment: bytes) -> bool:
        """Overwrite and remove whatever is here of it; True if anything was. Durable on return."""
        with self._alone(attachment), self._lock:
            found = self._files(attachment)
            self._parts.pop(attachment, None)
            for path in found:
                overwrite(path)
        for folder in {path.parent for path in found}:
            sync_folder(folder)
        return bool(found)

    def names(self) -> Iterator[bytes]:
        """Every attachment of which there is a file outside ``uploads``, once; for the sweep."""
        seen: set[str] = set()
        for path in sorted(self._path.iterdir()) if self._path is not None and self._path.is_dir() else ():
            name = path.name.partition(".")[0]
            if len(name) == 2 * HASH_BYTES and name not in seen:
                seen.add(name)
                with contextlib.suppress(ValueError):
                    yield bytes.fromhex(name)

    def uploads(self, before: float) -> Iterator[bytes]:
        """Uploads that were handed in before this time (Unix seconds); what a broken one left is removed."""
        folder = self._path / UPLOADS if self._path is not None else None
        for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else ():
            if not path.exists() or path.stat().st_mtime >= before:
                continue  # gone: it was erased with its other half
            if path.suffix == UNDER_WAY or (path.suffix == ".paths" and not path.with_suffix("").exists()):
                overwrite(path)
            elif not path.suffix:
                with contextlib.suppress(ValueError):
                    yield bytes.fromhex(path.name)

    # --- inside ---------------------------------------------------------------------------------------

    def _alone(self, attachment: bytes) -> threading.Lock:
        return self._changing[attachment[0] % _STRIPES]

    def _file(self, attachment: bytes, end: str, folder: Path | None = None) -> Path | None:
        if self._path is None:
            return None
        found = (folder or self._path) / f"{attachment.hex()}{end}"
        return found if found.is_file() else None

    def _paths(self, attachment: bytes) -> Path | None:
        if self._path is None:
            return None
        return self._file(attachment, ".paths") or self._file(attachment, ".paths", self._path / UPLOADS)

    def _files(self, attachment: bytes) -> list[Path]:
        if self._path is None or not self._path.is_dir():
            return []
        names = [f"{attachment.hex()}{end}" for end in ("", ".part", ".paths")]
        found = [folder / name for folder in (self._path, self._path / UPLOADS) for name in names]
        return [path for path in found if path.exists()]

    def _whole(self, attachment: bytes) -> Path | None:
        if self._path is None:
            return None
        return self._file(attachment, "") or self._file(attachment, "", self._path / UPLOADS)

    def _verified(self, attachment: bytes) -> Progress:
        """The pieces of a .part from the first to the last that verifies, written anew, for after a failed
        sync they may be in the kernel's memory alone; the rest of the file is cut off."""
        part, paths = self._file(attachment, ".part"), self._file(attachment, ".paths")
        have, length = 0, 0
        if part is not None and paths is not None:
            with contextlib.suppress(VerificationError):
                while piece := _read(attachment, part, paths, have):
                    _write(part, paths, piece)
                    have, length = have + 1, piece.length
        if part is not None:
            with translated(part):
                os.truncate(part, have * PIECE if have < pieces_of(length) else length)
        progress = Progress(have, length)
        if progress.whole and part is not None and paths is not None:
            with translated(part):
                self._finish(part, paths)
        return progress

    def _finish(self, part: Path, paths: Path) -> None:
        """All pieces are in: make the files durable, then the name."""
        for path in (part, paths):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        with self._naming:
            self._names_sure = False
            part.rename(part.with_suffix(""))
            sync_folder(part.parent)
            self._names_sure = True

    def _make_names_sure(self) -> None:
        if self._names_sure:
            return
        with self._naming, translated(self.path):
            sync_folder(self.path)
            self._names_sure = True


def _slot(length: int) -> int:
    """Bytes that the path of each piece takes in a .paths file."""
    return HASH_BYTES * (pieces_of(length) - 1).bit_length()


def _read(attachment: bytes, data: Path, paths: Path, index: int) -> Piece | None:
    """A piece from its two files, verified; None beyond their end."""
    with translated(data), data.open("rb") as file, paths.open("rb") as beside:
        length = int.from_bytes(beside.read(_HEAD))
        if not 0 < length <= LONGEST or index >= pieces_of(length):
            return None
        size = pieces_of(length)
        beside.seek(_HEAD + index * _slot(length))
        path = beside.read(HASH_BYTES * path_length(index, size))
        file.seek(index * PIECE)
        found = file.read(piece_bytes(length, index))
    if not found:
        return None
    hashes = tuple(path[at : at + HASH_BYTES] for at in range(0, len(path), HASH_BYTES))
    check_piece(attachment, length, index, found, hashes)
    return Piece(attachment, length, index, found, hashes)


def _write(part: Path, paths: Path, piece: Piece) -> None:
    with translated(part):
        slot = b"".join(piece.path).ljust(_slot(piece.length), b"\x00")
        head = piece.length.to_bytes(_HEAD) if piece.index == 0 else b""
        _write_at(paths, (_HEAD if piece.index else 0) + piece.index * len(slot), head + slot)
        _write_at(part, piece.index * PIECE, piece.data)


def _write_at(path: Path, offset: int, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb", buffering=0) as file:
        file.seek(offset)
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]


def overwrite(path: Path) -> None:
    """Zeros over a file's bytes, durably, then the file is removed."""
    with translated(path):
        with path.open("r+b", buffering=0) as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                left -= file.write(bytes(min(left, PIECE)))
            os.fsync(file.fileno())
        path.unlink()

# SPDX-License-Identifier: Apache-2.0
"""What may be on the disk after a power cut: the log of faultfs.c, replayed with losses.

Sure is what was in a file before a sync of that file began that has returned, and which names a folder had
before a sync of the folder began. Of the rest each 512-byte sector, each truncation and each name may have
landed or not; names land in order, as journaling file systems write them. The shared-memory files of SQLite
are lost in every cut; they are made anew.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple

SECTOR = 512
SHARES = (0.0, 0.1, 0.5, 0.5, 0.9, 1.0)
"""Of a cut: how likely an unsure sector has landed."""
_HEAD = struct.Struct("<cIQQQH")
MARK, DEATH = "A", "K"
_WITH_DATA = frozenset("WRA")


class Record(NamedTuple):
    """One operation. ``data`` of a rename is the new path, of a mark what was acknowledged."""

    op: str
    thread: int
    inode: int
    offset: int
    length: int
    path: str
    data: bytes


def read_log(path: Path) -> list[Record]:
    """Every record, in order, but those of shared-memory files."""
    raw, at, found = path.read_bytes(), 0, []
    while at < len(raw):
        op, thread, inode, offset, length, names = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        name, at = raw[at : at + names].decode(), at + names
        kind, data = op.decode(), b""
        if kind in _WITH_DATA:
            data, at = raw[at : at + length], at + length
        if not name.endswith("-shm"):
            found.append(Record(kind, thread, inode, offset, length, name, data))
    return found


def mark(log: Path, what: bytes) -> None:
    """Note in the log that a client has been told this: from here on it must not be lost."""
    with log.open("ab", buffering=0) as file:
        file.write(_HEAD.pack(MARK.encode(), 0, 0, 0, len(what), 0) + what)


@dataclass(frozen=True)
class Snapshot:
    """A folder as it was when the log began: its folders, and path -> inode and content of its files."""

    folders: list[str]
    files: dict[str, tuple[int, bytes]]


def snapshot(root: Path) -> Snapshot:
    """The folder now. Nobody may be writing in it."""
    paths = [root, *sorted(root.rglob("*"))]
    files = {
        str(one): (one.stat().st_ino, one.read_bytes())
        for one in paths
        if one.is_file() and not one.name.endswith("-shm")
    }
    return Snapshot([str(one) for one in paths if one.is_dir()], files)


@dataclass(eq=False)
class _File:
    sure: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, Record]] = field(default_factory=list)


class Disk:
    """Files and names as operations change them. Begins with a snapshot, all of it sure."""

    def __init__(self, base: Snapshot, rng: random.Random) -> None:
        self._rng = rng
        self.acknowledged: list[bytes] = []
        self._now = 0
        self._names: dict[str, _File] = {}
        self._inodes: dict[int, _File] = {}
        self._folders: dict[str, list[tuple[int, Record, _File | None]]] = {one: [] for one in base.folders}
        self._syncing: dict[tuple[int, str], int] = {}
        for path, (inode, content) in base.files.items():
            self._names[path] = self._inodes[inode] = _File(bytearray(content))

    def apply(self, record: Record) -> None:
        """One operation more has taken place."""
        self._now += 1
        self._OPERATIONS[record.op](self, record)

    def cut(self, rng: random.Random) -> dict[str, bytes]:
        """The files after a power cut now: path -> content. One draw of what of the unsure has landed."""
        names, share = dict(self._names), rng.choice(SHARES)
        for waiting in self._folders.values():
            for _, record, file in waiting[: rng.randint(0, len(waiting))]:
                _rename(names, record, file)
        return {name: _landed(file, share, rng) for name, file in names.items()}

    def _changed(self, record: Record) -> None:
        self._inodes[record.inode].waiting.append((self._now, record))

    def _named(self, record: Record) -> None:
        file = None
        if record.op == "C":
            file = self._inodes[record.inode] = _File()
        self._folders[str(Path(record.path).parent)].append((self._now, record, file))

    def _sync_began(self, record: Record) -> None:
        self._syncing[record.thread, record.path] = self._now

    def _synced(self, record: Record) -> None:
        began = self._syncing.pop((record.thread, record.path))
        if record.path in self._folders:
            waiting = self._folders[record.path]
            for _, one, file in [one for one in waiting if one[0] < began]:
                _rename(self._names, one, file)
            self._folders[record.path] = [one for one in waiting if one[0] >= began]
            return
        synced = self._inodes[record.inode]
        for _, one in [one for one in synced.waiting if one[0] < began]:
            _land(synced.sure, one, lambda: True)
        synced.waiting = [one for one in synced.waiting if one[0] >= began]

    def _sync_failed(self, record: Record) -> None:
        if record.path in self._folders:
            return  # names wait for a sync that succeeds
        file = self._inodes[record.inode]
        for _, one in file.waiting:
            _land(file.sure, one, lambda: self._rng.random() < self._rng.choice(SHARES))
        file.waiting.clear()

    def _folder(self, record: Record) -> None:
        self._folders[record.path] = []

    def _acknowledge(self, record: Record) -> None:
        self.acknowledged.append(record.data)

    _OPERATIONS: ClassVar[dict[str, Callable[[Disk, Record], None]]] = {
        "W": _changed,
        "T": _changed,
        "C": _named,
        "U": _named,
        "R": _named,
        "D": _folder,
        "s": _sync_began,
        "S": _synced,
        "F": _sync_failed,
        DEATH: lambda _self, _record: None,  # what the kernel has in memory outlives the process
        MARK: _acknowledge,
    }


def _landed(file: _File, share: float, rng: random.Random) -> bytes:
    image = bytearray(file.sure)
    for _, record in file.waiting:
        _land(image, record, lambda: rng.random() < share)
    return bytes(image)


def _land(image: bytearray, record: Record, lands: Callable[[], bool]) -> None:
    """A write sector by sector, or a truncation, as far as it lands."""
    if record.op == "T":
        if lands():
            image[record.length :] = bytes(max(0, record.length - len(image)))
        return
    start, stop = record.offset, record.offset + len(record.data)
    while start < stop:
        end = min(stop, (start // SECTOR + 1) * SECTOR)
        if lands():
            image.extend(bytes(max(0, end - len(image))))
            image[start:end] = record.data[start - record.offset : end - record.offset]
        start = end


def _rename(names: dict[str, _File], record: Record, file: _File | None) -> None:
    if record.op == "C":
        assert file is not None
        names[record.path] = file
        return
    found = names.pop(record.path, None)
    if record.op == "R" and found is not None:
        names[record.data.decode()] = found

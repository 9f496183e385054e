# SPDX-License-Identifier: Apache-2.0
"""Steps about attached files: sent with a notice, and spoilt on a disk.

A folder of files is a real one, on a disk in memory where there is one. It is not put back with the
databases: what no notice names any more the node's own sweep removes, what a notice names comes from others.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attachkit import keys_of, name_files, sealed, some_bytes, upload
from simschedule import Step
from wholenode import WholeNet, WholeNode

from fanal.envelope.pieces import PIECE, pieces_of
from fanal.errors import FanalError
from fanal.node.attachments.folder import UPLOADS, AttachmentFolder
from fanal.v1.envelope_pb2 import AttachmentKey
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    from wholeworld import Sent

LARGEST = 2.5
"""Pieces: a few, the last of them short."""


class Files:
    """Each step says whether it changed anything."""

    net: WholeNet
    honest: list[str]
    sent: list[Sent]
    keepers: dict[bytes, tuple[str, int]]  # attachment -> whose copy is spared, how often put back by then
    up: Any
    audience: Any
    send: Any

    def attach(self, step: Step) -> bool:
        """A notice with one file, now and then with two."""
        host = self.up(step.agency)
        if host is None:
            return False
        sizes = [1 + int(step.share * LARGEST * PIECE)] + ([PIECE] if step.amount > 0.7 else [])
        files = tuple(some_bytes(size, f"{len(self.sent)} {at}") for at, size in enumerate(sizes))
        one = self.send(host, self.audience(host, step), files)
        self.keepers.update((name, (host.name, host.restored)) for name in names_of(one.notice))
        return True

    def damage(self, step: Step) -> bool:
        """Some disk changes a bit of a file, loses its end or all of it. Never the only sound copy: one of
        those that are left is the keeper's from then on."""
        names = sorted(self.keepers)
        host = self.net.whole[step.agency]
        if not names or host.behaviour:
            return False
        name = names[int(step.amount * len(names))]
        if self.keepers[name][0] == host.name:
            spare = [other for other in self.honest if self._has(host.name, other, name)]
            if not spare:
                return False
            self.keepers[name] = (spare[0], self.net.whole[spare[0]].restored)
        return spoil(host, name, step.share)

    def _has(self, host: str, other: str, name: bytes) -> bool:
        linked = frozenset((host, other)) in self.net.links
        return linked and sound(self.net.whole[other], name)


def attach(host: WholeNode, notice: Notice, files: tuple[bytes, ...]) -> list[AttachmentKey]:
    """What the officer's client does with files: hands them in, names them, and keeps their keys ready."""
    found = []
    for data in files:
        one, ciphertext = sealed(data, os.urandom)
        upload(host, one, ciphertext)
        found.append(one)
    now = host.net.now + host.clock_ahead
    for path in sorted((host.files.path / UPLOADS).iterdir()) if files else ():
        os.utime(path, (now, now))  # files bear the date that this machine's clock shows
    name_files(notice, found)
    return keys_of(found)


def names_of(notice: Notice) -> list[bytes]:
    return [bytes.fromhex(one.blob_id) for one in notice.attachments]


def sound(host: WholeNode, name: bytes) -> bool:
    """Whether all of the ciphertext lies there, and every piece of it verifies."""
    folder = AttachmentFolder(host.files._path)
    length = folder.whole(name)
    try:
        return length > 0 and all(folder.read(name, at) for at in range(pieces_of(length)))
    except FanalError:
        return False


def spoil(host: WholeNode, name: bytes, how: float) -> bool:
    """False when nothing of it is there."""
    path = host.files._whole(name) or host.files._file(name, ".part")
    size = path.stat().st_size if path is not None else 0
    if path is None or not size:
        return False
    if how < 0.4:
        _flip(path, int(how / 0.4 * size))
    elif how < 0.6:
        os.truncate(path, int((how - 0.4) / 0.2 * size))
    elif how < 0.8:
        os.truncate(path, (size - 1) // PIECE * PIECE)  # the last piece is gone, and nothing else
    else:
        path.unlink()
    return True


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)

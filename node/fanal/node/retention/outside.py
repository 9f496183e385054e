# SPDX-License-Identifier: Apache-2.0
"""The erasure list outside the databases: what was erased stays erased when they are restored.

Promise: an erasure is in the list, durably, before it is reported. The list is kept beside the marker and
once more in the home, so that a data folder restored as a whole does not take it back. A line is::

    ENVELOPE-ID MANIFEST-SHA256 BASIS TIME          hex, hex, token, Unix seconds
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fanal.node.ledger.database import sync_folder, translated

_LINE = re.compile(r"([0-9a-f]{32}) ([0-9a-f]{64}) ([a-z0-9][a-z0-9-]{0,63}) ([0-9]{1,18})", re.ASCII)
NAME = "erasures"


@dataclass(frozen=True)
class Erased:
    """One line."""

    envelope_id: bytes
    manifest_sha256: bytes
    basis: str
    at: int

    @property
    def text(self) -> str:
        return f"{self.envelope_id.hex()} {self.manifest_sha256.hex()} {self.basis} {self.at}"


class ErasureList:
    """The list, in as many files as given; none of them: in memory only, for tests and the simulator. It is
    added to under ``Node.erasing``, so that all files have one order; any thread may ``find``."""

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._paths = tuple(paths)
        self.lines: list[Erased] = []
        self.agree = True
        """False when the files differ otherwise than by length: then nothing is taken as applied."""
        self.lacking = False
        """Something was added in this run that did not get into the ledger: the next start sees to it."""
        self._load()
        self._known = {one.manifest_sha256: one for one in self.lines}

    def find(self, manifest_sha256: bytes) -> Erased | None:
        return self._known.get(manifest_sha256)

    def add(self, found: Iterable[Erased]) -> None:
        """Durable on return, in every file."""
        fresh = [one for one in found if one.manifest_sha256 not in self._known]
        for path in self._paths if fresh else ():
            _append(path, fresh)
        self.lines += fresh
        self._known.update({one.manifest_sha256: one for one in fresh})

    @contextlib.contextmanager
    def adding(self, found: Iterable[Erased]) -> Iterator[None]:
        """As ``add``; then the ledger takes the same, or is noted as lacking it."""
        try:
            self.add(found)
            yield
        except BaseException:
            self.lacking = True
            raise

    def _load(self) -> None:
        found = [read(path) for path in self._paths]
        longest: list[Erased] = max(found, key=len, default=[])
        merged = dict.fromkeys(longest)
        for lines in found:
            self.agree &= longest[: len(lines)] == lines
            merged.update(dict.fromkeys(lines))
        self.lines = list(merged)
        for path, lines in zip(self._paths, found, strict=True):
            known = set(lines)
            missing = [one for one in self.lines if one not in known]
            if missing:
                _append(path, missing)


def read(path: Path) -> list[Erased]:
    """The lines of one file; none when it is not there."""
    if not path.is_file():
        return []
    with translated(path):
        text = path.read_text("ascii", "replace")
    found = [_LINE.fullmatch(line) for line in text.split("\n")]  # a torn last line is no line
    return [Erased(bytes.fromhex(m[1]), bytes.fromhex(m[2]), m[3], int(m[4])) for m in found if m is not None]


def _append(path: Path, lines: Iterable[Erased]) -> None:
    with translated(path):
        existed = path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            data = ("\n" if torn else "") + "".join(one.text + "\n" for one in lines)
            written = os.write(handle, data.encode("ascii"))
            if written < len(data):
                os.write(handle, data[written:].encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)
        if not existed:
            sync_folder(path.parent)

# SPDX-License-Identifier: Apache-2.0
"""Files of notices as a bounded stream: one notice as JSON over several lines, or JSON lines.

Never more than one line of 256 KiB and its successor in memory, never more than 64 MiB read. A line that is
too long or not UTF-8 becomes a NOT_JSON problem of that line; a file that is no file, is too large or cannot
be read is refused as a whole.
"""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from fanal.errors import FanalError
from fanal.i18n import _, translate
from fanal.notices.errors import FILE_EMPTY, FILE_NOT_FOUND, FILE_TOO_LARGE, FILE_UNREADABLE, NOT_A_FILE
from fanal.notices.problem import Problem, Stage, problem
from fanal.notices.strictjson import MAX_NESTING, MAX_TEXT_BYTES, nesting

MAX_FILE_BYTES = 64 * 1024 * 1024
STDIN = Path("-")

Text = bytes | Problem
"""The text of a notice, or why its line cannot be read."""


def notice_texts(path: Path) -> Iterator[tuple[int, Text]]:
    """The notices of a file with the line where each begins, counted from 1; ``-`` is standard input.

    One input line gives one item, also when it is blank; a notice written over several lines gives one.
    Raises FanalError for the file as a whole.
    """
    with _opened(path) as file:
        yield from _texts(file, _name(path))


def read_whole(path: Path) -> bytes:
    """The bytes of a small file: at most 256 KiB and one byte, which the parser then refuses."""
    with _opened(path) as file:
        return _Lines(file, _name(path)).read(MAX_TEXT_BYTES + 1)


def _texts(file: BinaryIO, name: str) -> Iterator[tuple[int, Text]]:
    lines = _Lines(file, name)
    head = lines.line(MAX_TEXT_BYTES + 1)
    if not _is_json(head):  # JSON lines need no look ahead, so that they stream
        head += lines.read(MAX_TEXT_BYTES + 1 - len(head))
        whole = len(head) <= MAX_TEXT_BYTES
        if whole and not head.strip():
            raise FanalError(FILE_EMPTY, file=name)
        if whole and _is_one_text(head):
            yield 1, head
            return
    lines.unread(head)
    yield from enumerate(lines, start=1)


def _is_one_text(whole: bytes) -> bool:
    """Whether a text over several lines is one notice and not JSON lines.

    It is when all of it is one JSON value although its first line is none; or, faulty, when its first line is
    the opening brace that pretty-printers write and no later line is an object by itself.
    """
    first, _newline, rest = whole.strip().partition(b"\n")
    if not rest or _is_json(first):
        return False
    if _is_json(whole):
        return True
    return first.strip() == b"{" and not any(
        line.startswith(b"{") and _is_json(line) for line in rest.splitlines()
    )


def _is_json(text: bytes) -> bool:
    try:
        decoded = text.decode()
        if nesting(decoded) > MAX_NESTING:
            return False
        json.loads(decoded, parse_int=str)
    except ValueError:
        return False
    return True


class _Lines:
    """Lines of at most MAX_TEXT_BYTES; what was read ahead may be given back once."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name, self._taken = file, name, 0
        self._ahead = io.BytesIO()

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        parts = []
        while size > 0 and (part := self._system(self._file.read, size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def line(self, size: int) -> bytes:
        """The next line with its end, or its first ``size`` bytes; empty at the end of the file."""
        line = self._ahead.readline(size)
        if line.endswith(b"\n") or len(line) == size:
            return line
        return line + self._system(self._file.readline, size - len(line))

    def unread(self, data: bytes) -> None:
        self._ahead = io.BytesIO(data)

    def __iter__(self) -> Iterator[Text]:
        while line := self.line(MAX_TEXT_BYTES + 1):
            if len(line) <= MAX_TEXT_BYTES or line.endswith(b"\n"):
                yield line.removesuffix(b"\n")
                continue
            while (rest := self.line(MAX_TEXT_BYTES)) and not rest.endswith(b"\n"):
                pass
            message = _("The line is longer than {limit} KiB.")
            yield problem(Stage.JSON, "NOT_JSON", "$", message, limit=MAX_TEXT_BYTES // 1024)

    def _system(self, call: Callable[[int], bytes], size: int) -> bytes:
        try:
            data = call(size)
        except OSError as bad:
            raise _unreadable(self._name, bad) from bad
        self._taken += len(data)
        if self._taken > MAX_FILE_BYTES:
            raise _too_large(self._name)
        return data


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    if path == STDIN:
        return nullcontext(_stdin())
    try:
        file = path.open("rb")
    except FileNotFoundError as bad:
        raise FanalError(FILE_NOT_FOUND, file=_name(path)) from bad
    except IsADirectoryError as bad:
        raise FanalError(NOT_A_FILE, file=_name(path), what=translate(_("directory"))) from bad
    except (OSError, ValueError) as bad:
        raise _unreadable(_name(path), bad) from bad
    try:
        _refuse_odd(file, _name(path))
    except BaseException:
        file.close()
        raise
    return file


def _stdin() -> BinaryIO:
    if sys.stdin is None or sys.stdin.closed:
        raise FanalError(FILE_UNREADABLE, file="-", reason=translate(_("there is no standard input")))
    return sys.stdin.buffer


def _refuse_odd(file: BinaryIO, name: str) -> None:
    state = os.fstat(file.fileno())
    if stat.S_ISCHR(state.st_mode) or stat.S_ISBLK(state.st_mode):
        raise FanalError(NOT_A_FILE, file=name, what=translate(_("device")))
    if stat.S_ISREG(state.st_mode) and state.st_size > MAX_FILE_BYTES:
        raise _too_large(name)


def _too_large(name: str) -> FanalError:
    return FanalError(FILE_TOO_LARGE, file=name, limit=MAX_FILE_BYTES // (1024 * 1024))


def _unreadable(name: str, bad: Exception) -> FanalError:
    reason = (bad.strerror if isinstance(bad, OSError) else None) or str(bad)
    return FanalError(FILE_UNREADABLE, file=name, reason=reason)


def _name(path: Path) -> str:
    return str(path).encode("utf-8", "replace").decode()

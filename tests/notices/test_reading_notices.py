# SPDX-License-Identifier: Apache-2.0
"""Files of notices: one text or JSON lines, bounded, and a clear refusal for what is no such file."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.notices import reading
from fanal.notices.checkfile import check_file
from fanal.notices.problem import Problem
from fanal.notices.reading import MAX_FILE_BYTES, Text, notice_texts, read_whole
from fanal.notices.strictjson import MAX_TEXT_BYTES

Json = dict[str, Any]


def texts(path: Path, content: bytes) -> list[tuple[int, Text]]:
    path.write_bytes(content)
    return list(notice_texts(path))


def refused_id(path: Path) -> str:
    with pytest.raises(FanalError) as refused:
        list(notice_texts(path))
    assert refused.value.hint
    return refused.value.kind.id


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notices.jsonl"


@pytest.mark.parametrize("indent", [1, 4, "\t"])
def test_a_pretty_printed_notice_is_one_text(file: Path, good: dict[str, Json], indent: int | str) -> None:
    """Whatever the indent, one notice over many lines is read as one, at line 1."""
    content = json.dumps(good["ack"], indent=indent).encode()
    assert texts(file, content) == [(1, content)]
    assert texts(file, b"\n" + content + b"\n\n") == [(1, b"\n" + content + b"\n\n")]


def test_a_notice_broken_by_hand_over_lines_is_one_text(file: Path) -> None:
    """The first line holds more than a brace, and the whole is one JSON value."""
    assert texts(file, b'{"ref":\n"x"}') == [(1, b'{"ref":\n"x"}')]


def test_a_pretty_printed_notice_with_a_fault_stays_one_text(file: Path) -> None:
    """A missing bracket gives one NOT_JSON and not one for every line."""
    (line,) = check_file_of(file, b'{\n "ref": "x",\n "revision": 1\n')
    assert [one.code for one in line.problems] == ["NOT_JSON"]


def check_file_of(file: Path, content: bytes) -> list[Any]:
    file.write_bytes(content)
    return [checked.report for checked in check_file(file)]


def test_one_input_line_gives_one_output_line(file: Path) -> None:
    """Good, broken, blank, not UTF-8, without an end: each line is counted and answered."""
    content = b'{"a":1}\n{"a":\n\n  \n\xff\n[]\n{"b":2}'
    assert [number for number, _text in texts(file, content)] == [1, 2, 3, 4, 5, 6, 7]
    reports = check_file_of(file, content)
    codes = [[one.code for one in report.problems] for report in reports]
    assert codes == [["UNKNOWN_FIELD"], *[["NOT_JSON"]] * 5, ["UNKNOWN_FIELD"]]


def test_a_lone_brace_does_not_swallow_the_notices_after_it(file: Path) -> None:
    """A first line cut off after its brace looks like a pretty-printed notice; whole notices follow it."""
    assert [number for number, _text in texts(file, b'{\n{"a":1}\n{"b":2}\n')] == [1, 2, 3]


def test_a_broken_first_line_does_not_swallow_the_others(file: Path) -> None:
    """JSON lines stay JSON lines when the first is cut off."""
    assert [number for number, _text in texts(file, b'{"a":\n{"b":1}\n{"c":1}\n')] == [1, 2, 3]


def test_a_duplicate_key_over_several_lines_is_found(file: Path) -> None:
    """Deciding that a text is one notice hides none of its faults."""
    (report,) = check_file_of(file, b'{"ref": "x",\n"ref": "y"}')
    assert [(one.code, one.field) for one in report.problems] == [("DUPLICATE_KEY", "ref")]


def test_an_over_long_line_is_one_problem_and_the_next_line_is_read(file: Path) -> None:
    """The line past the limit is skipped, wherever it stands, and the line at the limit is not."""
    long, exact = b"x" * (MAX_TEXT_BYTES + 1), b"y" * MAX_TEXT_BYTES
    huge = b"z" * (3 * MAX_TEXT_BYTES)
    got = texts(file, b"\n".join([long, b"{}", exact, huge, b"{}", long]))
    assert [number for number, _text in got] == [1, 2, 3, 4, 5, 6]
    kinds = [isinstance(text, Problem) for _number, text in got]
    assert kinds == [True, False, False, True, False, True]
    assert got[2][1] == exact


def test_a_long_pretty_printed_text_is_refused_line_by_line(file: Path) -> None:
    """More than 256 KiB are never taken as one text."""
    content = b"{\n" + b'"a": 1,\n' * (MAX_TEXT_BYTES // 8) + b'"b": 1}\n'
    assert len(texts(file, content)) > 1


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n\t\n"])
def test_an_empty_file_is_refused(file: Path, content: bytes) -> None:
    """No notice at all is not "all notices ok"."""
    file.write_bytes(content)
    assert refused_id(file) == "FANAL-E0105"


def test_much_blank_space_is_answered_line_by_line(file: Path) -> None:
    """A file of blanks past the look-ahead ends in problems and not in memory."""
    got = texts(file, b" " * (MAX_TEXT_BYTES + 2))
    assert [isinstance(text, Problem) for _number, text in got] == [True]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Missing, a directory, a device: each says what it is."""
    assert refused_id(tmp_path / "missing") == "FANAL-E0101"
    assert refused_id(tmp_path) == "FANAL-E0102"
    assert refused_id(Path("/dev/zero")) == "FANAL-E0102"
    assert refused_id(tmp_path / "a\x00b") == "FANAL-E0103"
    assert refused_id(tmp_path / ("x" * 300)) == "FANAL-E0103"


def test_a_file_of_one_gigabyte_is_refused_unread(file: Path) -> None:
    """The size is looked at before a byte is read."""
    with file.open("wb") as sparse:
        sparse.truncate(1 << 30)
    assert refused_id(file) == "FANAL-E0104"


class _Endless(io.RawIOBase):
    """A pipe that never ends, and counts what was taken from it."""

    def __init__(self, pattern: bytes) -> None:
        self.taken, self._pattern = 0, pattern

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        buffer[:] = (self._pattern * (size // len(self._pattern) + 1))[:size]
        self.taken += size
        return size


class _Stdin:
    def __init__(self, raw: io.RawIOBase) -> None:
        self.buffer, self.closed = io.BufferedReader(raw, 1 << 16), False


def test_an_endless_line_from_a_pipe_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros without end on standard input: refused after 64 MiB, never held in memory."""
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 4 * MAX_TEXT_BYTES)
    zeros = _Endless(b"\0")
    monkeypatch.setattr("sys.stdin", _Stdin(zeros))
    assert refused_id(Path("-")) == "FANAL-E0104"
    assert zeros.taken <= 6 * MAX_TEXT_BYTES


def test_standard_input_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed standard input is a refusal and not a traceback."""
    monkeypatch.setattr("sys.stdin", None)
    assert refused_id(Path("-")) == "FANAL-E0103"


class _Failing(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise OSError(5, "Input/output error")


def test_a_disk_that_fails_while_reading_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """EIO in the middle names the file and the reason."""
    monkeypatch.setattr("sys.stdin", _Stdin(_Failing()))
    assert refused_id(Path("-")) == "FANAL-E0103"


def test_json_lines_from_a_pipe_are_answered_as_they_come() -> None:
    """A complete first line is given out before the second is there."""
    out, into = os.pipe()
    with os.fdopen(into, "wb", 0) as writer:
        writer.write(b'{"a":1}\n')
        lines = notice_texts(Path(f"/dev/fd/{out}"))
        assert next(lines) == (1, b'{"a":1}')
        writer.write(b'{"b":1}\n')
        assert next(lines) == (2, b'{"b":1}')
    assert list(lines) == []
    os.close(out)


def test_a_small_file_is_read_whole_up_to_its_limit(file: Path) -> None:
    """One byte past the limit comes along, so that the parser refuses it by its own rule."""
    file.write_bytes(b"x" * (MAX_TEXT_BYTES + 10))
    assert len(read_whole(file)) == MAX_TEXT_BYTES + 1
    assert MAX_FILE_BYTES == 64 * 1024 * 1024

# SPDX-License-Identifier: Apache-2.0
"""Streams that are closed, full, endless or of another character set, and an environment that is absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile import fanal

pytestmark = pytest.mark.process

CORPUS = Path(__file__).parents[1] / "notices" / "corpus"
GOOD, BAD = str(CORPUS / "notices.jsonl"), str(CORPUS / "bad_notices.jsonl")


@pytest.mark.parametrize("redirect", ["2>/dev/full", "2>&-", "<&- 2>&-"])
def test_a_stderr_that_takes_nothing_changes_neither_answer_nor_exit_code(redirect: str) -> None:
    """What cannot be said beside the answer is dropped: the verdict and its exit code stay."""
    assert fanal("notice", "check", GOOD, shell=redirect).code == 0
    ran = fanal("notice", "check", BAD, "--json", shell=redirect)
    assert (ran.code, len(ran.out.splitlines())) == (1, 106)
    assert fanal("notice", "check", "nowhere", shell=redirect).code == 9


def test_a_json_answer_that_stdout_does_not_take_is_told_in_words() -> None:
    """With --json and a closed stdout the refusal goes to stderr, with its own exit code."""
    fanal("nonsense", "--json", shell=">&-").refused(2, "FANAL-E0901")
    fanal("notice", "check", GOOD, "--json", shell=">&-").refused(1, "FANAL-E0906")
    fanal("notice", "check", GOOD, "--json", shell=">/dev/full").refused(1, "FANAL-E0906")


def test_all_streams_closed_is_a_failure_and_writes_into_no_file_that_was_opened(tmp_path: Path) -> None:
    """A draft opened while all streams are closed gets no stray byte; the exit code says that it failed."""
    path = tmp_path / "draft.json"
    ran = fanal(
        "notice", "new", "ACK", "--originator", "AZ-CUS", "-o", str(path), shell="<&- >&- 2>&-",
        env={"FANAL_HOME": str(tmp_path)},
    )  # fmt: skip
    assert ran.code == 1
    assert json.loads(path.read_text())["originator"] == "AZ-CUS"


def test_endless_input_is_cut_off() -> None:
    """/dev/zero as standard input ends at the limit of what each command reads."""
    with Path("/dev/zero").open("rb") as zero:
        fanal("notice", "check", "-", stdin=zero).refused(1, "FANAL-E0104")
        fanal("notice", "send", "-", stdin=zero).refused(1, "FANAL-E0113")


def test_one_line_of_300_megabytes_is_one_refusal_in_bounded_memory(tmp_path: Path) -> None:
    """Over the size of a file: told at once; as a pipe: read up to the limit and no further."""
    path = tmp_path / "line.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a":"')
        file.seek(300 * 1024 * 1024)
        file.write(b'"}\n{}\n')
    fanal("notice", "check", str(path)).refused(1, "FANAL-E0104")
    with path.open("rb") as stdin:
        fanal("notice", "check", "-", stdin=stdin).refused(1, "FANAL-E0104")


@pytest.mark.parametrize(
    "env",
    [
        {"COLUMNS": "1", "TERM": "nonsense"},
        {"COLUMNS": "-5", "LINES": "x"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONIOENCODING": "latin-1:strict", "LANGUAGE": "../../etc", "TZ": "no/where"},
    ],
)
def test_no_terminal_of_any_kind_breaks_an_answer(env: dict[str, str]) -> None:
    """Absurd widths, unknown terminals and narrow character sets: the same verdicts."""
    assert fanal("--help", env=env).code == 0
    assert fanal("notice", "check", BAD, env=env).code == 1


def test_a_folder_that_cannot_be_is_refused_by_name(tmp_path: Path) -> None:
    """No home at all, one that is a file, one with a name too long, one that is no text."""
    fanal("status", env={"HOME": ""}).refused(2, "FANAL-E0501")
    fanal("status", env={"FANAL_HOME": "/dev/null"}).refused(9, "FANAL-E0502")
    fanal("status", env={"FANAL_HOME": b"/\xff\xfe"}).refused(9, "FANAL-E0502")
    fanal("status", env={"FANAL_HOME": "/" + "x" * 5000}).refused(1, "FANAL-E0931")


def test_an_argument_of_100_000_characters_is_not_echoed_whole(tmp_path: Path) -> None:
    """The refusal names it and stays short."""
    long = "x" * 100_000
    ran = fanal("notice", "new", "ACK", "--originator", long, env={"FANAL_HOME": str(tmp_path)})
    assert ran.code == 2
    assert len(ran.err) < 4_000
    ran = fanal(long)
    assert (ran.code, len(ran.err) < 4_000) == (2, True)

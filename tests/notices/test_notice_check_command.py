# SPDX-License-Identifier: Apache-2.0
"""`fanal notice check` as a person and a script meet it: words, JSON, exit codes, odd files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fanal.cli.notice.check import check
from fanal.notices.compose import draft_json, new_draft

Json = dict[str, Any]


def run(*arguments: str | Path, text: str | bytes | None = None) -> Result:
    return CliRunner().invoke(check, [str(one) for one in arguments], input=text)


def program(*arguments: str | Path, shell: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
    """The real program, with an environment that holds nothing but its path; ``shell`` redirects it."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "fanal.cli", "notice", "check", *map(str, arguments)]
    if shell:
        command = ["/bin/sh", "-c", f'exec "$@" {shell}', "sh", *command]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run(command, env=environment, text=True, timeout=60, check=False, **pipes)


def test_a_person_reads_code_field_and_what_to_do(good: dict[str, Json], tmp_path: Path) -> None:
    """One block a notice: the verdict, then each finding with its field and a sentence."""
    file = tmp_path / "two.jsonl"
    bad = {**good["ack"], "recipients": ["NE-POL"]}
    file.write_text(json.dumps(good["ack"]) + "\n" + json.dumps(bad) + "\n{\n")
    result = run(file)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "line 1: ACK: ok",
        "line 2: ACK: refused, stage RULES",
        "  ERROR SELF_RECIPIENT recipients",
        "        The originator is among the recipients.",
        "line 3: no notice: refused, stage JSON",
        "  ERROR NOT_JSON $",
        "        The text is not JSON: line 1, column 2.",
    ]
    assert "3 checked: 1 ok, 0 ok with a warning, 2 refused." in result.stderr
    assert "--context" in result.stderr


def test_a_warning_asks_for_a_reason_and_ends_with_0(good: dict[str, Json]) -> None:
    """WARN does not stop a notice."""
    result = run("-", text=json.dumps({**good["person_notice#3"], "urgency": "ROUTINE"}))
    assert result.exit_code == 0
    assert "ok with a warning, stage RULES; send it with a reason" in result.stdout
    assert "  WARN  MISSING_MINOR_NOT_URGENT urgency" in result.stdout
    assert "1 ok with a warning, 0 refused" in result.stderr


def test_standard_input_takes_a_pretty_printed_notice(good: dict[str, Json]) -> None:
    """What `fanal notice new` writes can be piped in."""
    result = run("-", "--json", text=json.dumps(good["ack"], indent=2))
    told = json.loads(result.stdout)
    assert told == {"line": 1, "ok": True, "kind": "ACK", "problems": []}


def test_names_of_a_stranger_cannot_command_the_terminal() -> None:
    """Escape sequences and direction marks in a field name are spelled out."""
    result = run("-", text='{"\\u001b[2J\\u202e": 1}')
    assert "\\u001b[2J\\u202e" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr


def test_an_earlier_line_with_an_error_is_not_known_to_a_later_one(
    good: dict[str, Json], corpus: Path, tmp_path: Path
) -> None:
    """A reply to a refused question finds no question."""
    question, answer = good["information_request#2"], good["information_reply#3"]
    file = tmp_path / "thread.jsonl"
    for first, expected in ((question, [True, True]), ({**question, "legal_basis": ""}, [False, False])):
        file.write_text(json.dumps(first) + "\n" + json.dumps(answer) + "\n")
        result = run(file, "--context", corpus / "context.json", "--json")
        assert [json.loads(line)["ok"] for line in result.stdout.splitlines()] == expected


def test_an_over_long_line_is_answered_as_its_line(tmp_path: Path) -> None:
    """The line past 256 KiB is NOT_JSON at its number, and the file goes on."""
    file = tmp_path / "long.jsonl"
    file.write_text("{}\n" + "x" * 300_000 + "\n{}\n")
    lines = [json.loads(line) for line in run(file, "--json").stdout.splitlines()]
    assert [one["line"] for one in lines] == [1, 2, 3]
    assert [one["code"] for one in lines[1]["problems"]] == ["NOT_JSON"]


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "code", "error"),
    [("missing", 9, "FANAL-E0101"), (".", 1, "FANAL-E0102"), ("/dev/zero", 1, "FANAL-E0102"),
     ("big", 1, "FANAL-E0104"), ("empty", 1, "FANAL-E0105"), ("secret", 1, "FANAL-E0103")],
)  # fmt: skip
def test_what_is_no_file_of_notices_is_refused_in_words(
    tmp_path: Path, name: str, code: int, error: str
) -> None:
    """A sentence, a next step and a stable id, as text and as JSON; never a traceback."""
    with (tmp_path / "big").open("wb") as sparse:
        sparse.truncate(1 << 30)
    (tmp_path / "empty").touch()
    (tmp_path / "secret").symlink_to(tmp_path / "secret")
    done = program(tmp_path / name)
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    assert error in done.stderr
    assert "next:" in done.stderr
    as_json = program(tmp_path / name, "--json")
    assert as_json.returncode == code
    assert json.loads(as_json.stdout)["error"]["id"] == error


@pytest.mark.process
def test_zeros_without_end_on_standard_input_are_refused() -> None:
    """The program ends by itself, with one refusal."""
    with Path("/dev/zero").open("rb") as zeros:
        done = program("-", stdin=zeros)
    assert done.returncode == 1
    assert "FANAL-E0104" in done.stderr


@pytest.mark.process
def test_a_closed_standard_input_is_refused() -> None:
    """`<&-` is a refusal and not a traceback."""
    done = program("-", shell="<&-")
    assert done.returncode == 1
    assert "FANAL-E0103" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.process
def test_a_missing_context_is_refused(corpus: Path, tmp_path: Path) -> None:
    """A context that cannot be used stops the check before its first line."""
    done = program(corpus / "notices.jsonl", "--context", tmp_path / "none.json")
    assert (done.returncode, done.stdout) == (9, "")
    assert "FANAL-E0101" in done.stderr


def a_draft(good: dict[str, Json]) -> Json:
    """What ``fanal notice new`` makes, filled in: no ref, no audience."""
    made = draft_json(new_draft("ACK", good["ack"]["originator"], int(time.time()), os.urandom))
    kept = ("ack", "legal_basis", "in_reply_to", "conversation_id")
    return made | {key: good["ack"][key] for key in kept if key in good["ack"]}


def test_a_draft_is_checked_as_if_sent_now(good: dict[str, Json], tmp_path: Path) -> None:
    """What sending adds is no finding with --draft, and is one without it."""
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(a_draft(good)))
    clean = run("--draft", file)
    assert (clean.exit_code, clean.stdout) == (0, "line 1: ACK: ok\n"), clean.stdout
    assert run(file).exit_code == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [({"originator": ""}, "originator"), ({"ack": {}}, "ack"), ({"recipients": ["NE-POL"]}, "recipients")],
)
def test_a_draft_is_still_told_what_is_missing(good: dict[str, Json], change: Json, code: str) -> None:
    """An empty originator, an empty body, oneself as recipient: found with --draft too."""
    result = run("--draft", "--json", "-", text=json.dumps({**a_draft(good), **change}))
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (1, False)
    assert any(code in problem["field"] for problem in told["problems"]), told


def test_a_draft_that_is_no_notice_is_refused_alike(good: dict[str, Json]) -> None:
    """JSON and schema come first; no body is found by the rules, not by a traceback."""
    assert "NOT_JSON" in run("--draft", "-", text="{").stdout
    bare = {key: value for key, value in a_draft(good).items() if key != "ack"}
    assert run("--draft", "-", text=json.dumps(bare)).exit_code == 1

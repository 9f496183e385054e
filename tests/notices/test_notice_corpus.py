# SPDX-License-Identifier: Apache-2.0
"""The contract's corpora: every good notice passes, every bad one has exactly its one problem."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fanal.cli.notice.check import check
from fanal.notices.check import check_text
from fanal.notices.context import Context
from fanal.notices.forms import from_json, to_json

Json = dict[str, Any]


@pytest.fixture(scope="module")
def with_known(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """context.json that also names the good notices as known."""
    folder = tmp_path_factory.mktemp("context")
    context = json.loads((corpus / "context.json").read_text())
    (folder / "known.jsonl").write_bytes((corpus / "notices.jsonl").read_bytes())
    (folder / "context.json").write_text(json.dumps({**context, "notices": "known.jsonl"}))
    return folder / "context.json"


def test_a_bad_notice_has_exactly_its_problem(
    bad_case: Json, bad_text: Callable[[Json], str], base_context: Context
) -> None:
    """Code, field, severity and stage are those that the corpus states, and nothing else is found."""
    report = check_text(bad_text(bad_case), base_context)
    got = [(one.code, one.field, one.severity, one.stage) for one in report.problems]
    expected = ("expect_code", "expect_field", "expect_severity", "refused_by")
    assert got == [tuple(bad_case[key] for key in expected)]


def test_the_command_refuses_a_bad_notice(
    bad_case: Json, bad_text: Callable[[Json], str], with_known: Path, tmp_path: Path
) -> None:
    """The command ends with 1 for an ERROR and 0 for a WARN, and prints one object with the one problem."""
    file = tmp_path / "case.jsonl"
    file.write_text(bad_text(bad_case) + "\n")
    result = CliRunner().invoke(check, [str(file), "--context", str(with_known), "--json"])
    warned = bad_case["expect_severity"] == "WARN"
    assert result.exit_code == (0 if warned else 1)
    (line,) = result.stdout.splitlines()
    told = json.loads(line)
    assert list(told) == ["line", "ok", "kind", "problems"]
    assert (told["line"], told["ok"]) == (1, warned)
    (one,) = told["problems"]
    assert list(one) == ["code", "field", "severity", "message"]
    keys = ("expect_code", "expect_field", "expect_severity")
    assert [one["code"], one["field"], one["severity"]] == [bad_case[key] for key in keys]
    assert one["message"]


def test_a_good_notice_passes_all_stages(good_line: str, base_context: Context) -> None:
    """Nothing is found in a good notice, also among all the others."""
    assert check_text(good_line, base_context).problems == ()


def test_the_json_form_survives_the_round_trip(good_line: str) -> None:
    """A notice printed again is the text that it was read from, names, order of lists and times included."""
    assert to_json(from_json(good_line)) == json.loads(good_line)


def test_the_corpora_have_the_size_of_the_contract(corpus: Path, good: dict[str, Json]) -> None:
    """63 good notices of every kind, 106 bad cases of which four are warnings."""
    bad = [json.loads(line) for line in (corpus / "bad_notices.jsonl").read_text().splitlines()]
    assert (len(good), len(bad)) == (63, 106)
    assert sum(case["expect_severity"] == "WARN" for case in bad) == 4


def test_the_command_passes_the_good_file(corpus: Path) -> None:
    """The file of good notices passes by itself: each reply finds its question on an earlier line."""
    arguments = [str(corpus / "notices.jsonl"), "--context", str(corpus / "context.json"), "--json"]
    result = CliRunner().invoke(check, arguments)
    assert result.exit_code == 0
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["line"] for one in told] == list(range(1, 64))
    assert all(one["ok"] and one["problems"] == [] and one["kind"] for one in told)


@pytest.mark.process
def test_the_real_program_checks_a_file_without_a_node(corpus: Path, tmp_path: Path) -> None:
    """As a process, with HOME, LANG and TERM unset: exit code, stdout for data, stderr for the sum."""
    bad = json.loads((corpus / "bad_notices.jsonl").read_text().splitlines()[0])
    file = tmp_path / "both.jsonl"
    good = (corpus / "notices.jsonl").read_text().splitlines()[0]
    file.write_text(good + "\n" + json.dumps(bad["notice"]) + "\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "fanal.cli", "notice", "check", str(file), "--json"]
    done = subprocess.run(command, capture_output=True, env=environment, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert [json.loads(line)["ok"] for line in done.stdout.splitlines()] == [True, False]
    assert "2 checked: 1 ok" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.process
def test_checking_loads_no_grpc_no_cryptography_and_no_code_list(corpus: Path) -> None:
    """The start stays light: importing the rules loads no list, and the command loads no transport."""
    program = (
        "import sys, fanal.notices.check, fanal.notices.compose;"
        "from fanal.notices import codelists as c;"
        "assert c._lines.cache_info().currsize == 0;"
        "assert not {'pycountry', 'stdnum'} & set(sys.modules);"
        "import fanal.cli.notice.check as n;"
        "n.check.main(sys.argv[1:], standalone_mode=False);"
        "assert not {'grpc', 'cryptography', 'nacl', 'rich', 'sqlite3'} & set(sys.modules)"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, str(corpus / "notices.jsonl")]
    done = subprocess.run(command, capture_output=True, env=environment, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr[-500:].count("Error")) == (0, 0)

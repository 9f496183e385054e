# SPDX-License-Identifier: Apache-2.0
"""The corpus of notices, and small tools to change one field of a good notice."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fanal.notices.check import Report, check_text
from fanal.notices.context import Context, MemoryNotices
from fanal.notices.contextfile import load_context
from fanal.notices.forms import from_json

CORPUS = Path(__file__).parent / "corpus"
Json = dict[str, Any]


def good_lines() -> list[str]:
    return (CORPUS / "notices.jsonl").read_text("utf-8").splitlines()


def good_notices() -> dict[str, Json]:
    """The good notices by ``kind``, ``kind#2`` and so on, in the order of the file."""
    found: dict[str, Json] = {}
    for line in good_lines():
        notice = json.loads(line)
        kind = next(reversed(notice))
        count = sum(name.split("#")[0] == kind for name in found) + 1
        found[kind if count == 1 else f"{kind}#{count}"] = notice
    return found


def bad_cases() -> list[Json]:
    return [json.loads(line) for line in (CORPUS / "bad_notices.jsonl").read_text("utf-8").splitlines()]


def text_of(case: Json) -> str:
    return str(case["text"]) if "text" in case else json.dumps(case["notice"], ensure_ascii=False)


GOOD = good_notices()
BAD = bad_cases()


def steps(path: str) -> list[str | int]:
    return [int(part[1:-1]) if part[0] == "[" else part for part in re.findall(r"\[\d+\]|[^.\[]+", path)]


def changed(notice: Json, changes: Json) -> Json:
    """A copy with fields set by path; None removes one."""
    made = copy.deepcopy(notice)
    for path, value in changes.items():
        *way, last = steps(path)
        here: Any = made
        for step in way:
            if isinstance(here, dict) and step not in here:
                here[step] = {}
            here = here[step]
        if value is None:
            del here[last]
        elif isinstance(here, list) and last == len(here):
            here.append(value)
        else:
            here[last] = value
    return made


def found(report: Report) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in report.problems]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``bad_case`` runs over the bad corpus, ``good_line`` over the good one."""
    if "bad_case" in metafunc.fixturenames:
        metafunc.parametrize("bad_case", BAD, ids=[case["case"] for case in BAD])
    if "good_line" in metafunc.fixturenames:
        metafunc.parametrize("good_line", good_lines(), ids=list(GOOD))


@pytest.fixture(scope="session")
def corpus() -> Path:
    return CORPUS


@pytest.fixture(scope="session")
def good() -> dict[str, Json]:
    return GOOD


@pytest.fixture(scope="session")
def change() -> Callable[[Json, Json], Json]:
    return changed


@pytest.fixture(scope="session")
def bad_text() -> Callable[[Json], str]:
    return text_of


@pytest.fixture(scope="session")
def base_context() -> Context:
    """The corpus context with all good notices known."""
    context, known = load_context(CORPUS / "context.json")
    for line in good_lines():
        known.add(from_json(line))
    return context


@pytest.fixture(scope="session")
def problems_of() -> Callable[[str, Json], list[tuple[str, str]]]:
    """What stages 1 to 3 find in a good notice after some fields were changed."""

    def check(name: str, changes: Json) -> list[tuple[str, str]]:
        return found(check_text(json.dumps(changed(GOOD[name], changes))))

    return check


@pytest.fixture(scope="session")
def check_among() -> Callable[..., list[tuple[str, str]]]:
    """Check a notice among given known ones, with the directory, groups and clock of the corpus."""
    directory, _known = load_context(CORPUS / "context.json")

    def check(notice: Json, *known: Json) -> list[tuple[str, str]]:
        memory = MemoryNotices(from_json(one) for one in known)
        context = Context(directory.now, directory.agencies, directory.groups, memory)
        return found(check_text(json.dumps(notice), context))

    return check

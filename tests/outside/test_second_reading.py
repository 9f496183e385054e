# SPDX-License-Identifier: Apache-2.0
"""A second implementation, written from the pages alone, runs the test kit: what differs is a bug."""

from __future__ import annotations

import ast
from pathlib import Path

import frompage
import pytest
from frompage import Refused
from frompage_kinds import READERS
from frompage_signed import Pending
from vectorkit.case import Case, every

SUPPORT = Path(frompage.__file__).parent
CASES = [case for case in every() if case.kind in READERS]
# It judges what an auditor needs. Out of its reach: ML-DSA-44 and X-Wing, which document follows which, the
# rules of what a document may say, and the notice itself.
BEYOND = {
    "identity": {f"FANAL-E{n:04}" for n in (201, 202, 220, 221, 223, 224, 225, 226)},
    "charter": {f"FANAL-E{n:04}" for n in (202, 212, 213, 214, 221, 240, 242, 243, 244)},
}
BEYOND_ONE = {
    "identity/ml-dsa-flipped",
    "wrap/wrong-seed",
    "wrap/key-not-held",
    "content/fields-root-wrong",
    "content/handling-other-than-notice",
    "invite/letter-changed",
}


def second(case: Case) -> tuple[str, dict[str, str]]:
    """Outcome and facts of the second implementation."""
    try:
        return "accept", READERS[case.kind](case)
    except Pending:
        return "pending", {}
    except (Refused, KeyError):  # a KeyError is a part that is not there
        return "refuse", {}


JUDGED = [c for c in CASES if c.error not in BEYOND.get(c.kind, set()) and c.id not in BEYOND_ONE]


@pytest.mark.parametrize("case", JUDGED, ids=lambda case: case.id)
def test_the_pages_say_what_the_program_does(case: Case) -> None:
    """Same outcome, and every fact that the second implementation finds is the one in the file."""
    outcome, facts = second(case)
    assert outcome == case.outcome
    assert facts.items() <= dict(case.gives).items()


def test_most_of_the_kit_is_judged() -> None:
    """The second implementation is no token: it judges most cases, refusals too, and finds facts."""
    assert len(JUDGED) > 300
    assert sum(case.outcome == "refuse" for case in JUDGED) > 200
    assert sum(bool(second(case)[1]) for case in JUDGED if case.outcome == "accept") > 50


def test_exceptions_are_cases_of_the_kit() -> None:
    """What is left out by name exists, so that the list cannot grow stale."""
    known = {case.id for case in every()}
    assert known >= BEYOND_ONE


@pytest.mark.parametrize(
    "name",
    ["frompage.py", "frompage_forks.py", "frompage_kinds.py", "frompage_signed.py", "frompage_withdrawn.py"],
)
def test_the_second_implementation_imports_nothing_of_ours(name: str) -> None:
    """Neither our packages nor protobuf nor PyNaCl: the pages, hashlib and one other library."""
    found = set()
    for node in ast.walk(ast.parse((SUPPORT / name).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    standard = {
        "__future__",
        "base64",
        "collections",
        "datetime",
        "hashlib",
        "hmac",
        "pathlib",
        "re",
        "typing",
    }
    assert found - standard <= {"cryptography", "frompage", "frompage_forks", "frompage_signed", "vectorkit"}

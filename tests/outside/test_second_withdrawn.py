# SPDX-License-Identifier: Apache-2.0
"""Whether a bundle proves a withdrawal: a reader written from the page alone, beside the program."""

from __future__ import annotations

import io
import zipfile

import pytest
from frompage_withdrawn import Pending, Refused, withdrawn
from vectorkit.case import Case, every

from fanal.proof.evidence.verify import verify_bundle

CASES = [case for case in every() if case.kind == "bundle" and b"withdrawal/manifest.bin" in case.data]
CASES += [
    case for case in every() if case.id in ("bundle/good", "bundle/erased", "bundle/withdrawn-unproven")
]


def second(case: Case) -> tuple[str, str]:
    """Status and words of the second reader."""
    with zipfile.ZipFile(io.BytesIO(case.data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    try:
        deletion, at = withdrawn(files)
    except Pending:
        return "undecided", ""
    except (Refused, KeyError):  # a KeyError is a part that is not there
        return "failed", ""
    return ("passed" if deletion else ""), f"{deletion} {at}".strip()


def program(case: Case) -> tuple[str, str]:
    """Status and words of ours: failed when anything of the withdrawal is."""
    report = verify_bundle(case.data, bytes.fromhex(case.given["network"]))
    mine = [one for one in report.checks if one.name.startswith("withdrawal.")]
    if any(one.status.value == "failed" for one in mine):
        return "failed", ""
    [names] = [one for one in mine if one.name == "withdrawal.names"] or [None]
    if names is None or names.detail.startswith("No withdrawal is in the bundle"):
        return "", ""
    if names.status.value != "passed":
        return names.status.value, ""
    deletion = "with" if "is asked to delete" in names.detail else "without"
    return "passed", f"{deletion} {names.detail.split(' on ')[1].split(' ')[0]}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_page_says_of_a_withdrawal_what_the_program_says(case: Case) -> None:
    """Same status, same time, with or without deletion."""
    assert second(case) == program(case)


def test_every_answer_is_in_the_kit() -> None:
    """With deletion, without, claimed and not proven, forged, and nothing said."""
    found = {(status, words.split(" ")[0]) for status, words in map(second, CASES)}
    expected = {("passed", "with"), ("passed", "without"), ("undecided", ""), ("failed", ""), ("", "")}
    assert found == expected

# SPDX-License-Identifier: Apache-2.0
"""Every file of the test kit, run on our implementation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from vectorkit import kit, run
from vectorkit.case import CASES, FOLDER, PINNED, SUFFIX, Case, every, read

FILES = sorted(path for path in CASES.rglob("*") if path.is_file())
CASES_READ = every()


@pytest.mark.parametrize("case", CASES_READ, ids=lambda case: case.id)
def test_our_implementation_says_what_the_file_says(case: Case) -> None:
    """Outcome, error id, step and facts are those of the file; a kind without a runner fails."""
    assert run.outcome(case) == (case.outcome, case.error, case.step, dict(case.gives))


def test_the_kit_is_made_the_same_again() -> None:
    """The script makes byte for byte the files that are kept, draws nothing new, and pins nothing unused."""
    cases, pins = kit.again()
    made = {case.path: case.text() for case in cases}
    assert pins.fresh == set()
    assert pins.text() == PINNED.read_text()
    assert sorted(made) == FILES
    assert [path.name for path in FILES if path.read_text() != made[path]] == []


def test_every_kind_has_a_runner_and_every_runner_a_case() -> None:
    """No kind of file is left unread and no reader untried; what can be refused has a refusal."""
    kinds = {case.kind for case in CASES_READ}
    assert kinds == set(run.RUNNERS)
    outcomes = {kind: {case.outcome for case in CASES_READ if case.kind == kind} for kind in kinds}
    only_accepted = {kind for kind, found in outcomes.items() if found == {"accept"}}
    assert only_accepted == {"pae", "join-code", "bundle"}  # computed, or with a verdict
    assert all("accept" in found for found in outcomes.values())


def test_the_kit_is_large_enough() -> None:
    """Hundreds of cases, most of them refusals."""
    outcomes = [case.outcome for case in CASES_READ]
    assert len(outcomes) >= 400
    assert outcomes.count("accept") >= 80
    assert outcomes.count("refuse") >= 250
    assert outcomes.count("pending") >= 7


# --- Forms -----------------------------------------------------------------------------------------------


def test_files_stand_under_their_kind() -> None:
    """The folder is the kind, the file's name the case's."""
    assert [path for path in FILES if path.suffix != SUFFIX or path.parent.name != read(path).kind] == []


def test_the_page_describes_every_kind() -> None:
    """Who takes the kit finds each kind in the table, and no kind that there is not."""
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", (FOLDER / "README.md").read_text(), re.M)
    assert sorted(rows) == sorted(run.RUNNERS)


def test_references_lead_to_accepted_cases() -> None:
    """What a case needs is itself in the kit, and good."""
    known = {case.id: case for case in CASES_READ}
    named = {
        word[1:]
        for case in CASES_READ
        for value in case.given.values()
        for word in value.split(" ")
        if word.startswith("@")
    }
    assert named
    assert [name for name in sorted(named) if known[name].outcome != "accept"] == []


def test_refusals_after_decoding_name_their_step() -> None:
    """What the reader's order judges says where it stopped."""
    ordered = {"envelope", "manifest", "wrap", "content", "neighbour", "read"}
    silent = [
        case.id for case in CASES_READ if case.kind in ordered and case.outcome == "refuse" and not case.step
    ]
    assert silent == []


GOOD = "fanal-vector: 1\nkind: pae\nwhat: A test.\noutcome: accept\ngiven.type: t\n\n00\n"
BAD = {
    "no blank line": GOOD.replace("\n\n", "\n"),
    "other version": GOOD.replace(": 1", ": 2"),
    "unknown line": GOOD.replace("given.type", "taken.type"),
    "line twice": GOOD.replace("given.type: t\n", "given.type: t\ngiven.type: u\n"),
    "capital hex": GOOD.replace("00\n", "AA\n"),
    "odd hex": GOOD.replace("00\n", "0\n"),
    "no final line end": GOOD[:-1],
    "blank line behind": GOOD + "\n",
    "unknown outcome": GOOD.replace("accept", "maybe"),
    "error on accepted": GOOD.replace("given", "error: FANAL-E0101\ngiven", 1),
    "refused without error": GOOD.replace("accept", "refuse"),
    "order of lines": GOOD.replace("kind: pae\nwhat: A test.\n", "what: A test.\nkind: pae\n"),
    "no sentence": GOOD.replace("A test.", "A test"),
}


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """The form that the others below spoil."""
    path = tmp_path / "case.txt"
    path.write_text(GOOD)
    assert read(path).data == b"\0"


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_files_in_another_form_are_refused(tmp_path: Path, text: str) -> None:
    """A file has one spelling: what two readers could read in two ways is not in the kit."""
    path = tmp_path / "case.txt"
    path.write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011
        read(path)


def test_a_kind_without_a_runner_fails() -> None:
    """A new kind cannot be added without somebody who runs it."""
    with pytest.raises(KeyError):
        run.outcome(Case("x", "no-such-kind", "A test.", "accept", b""))

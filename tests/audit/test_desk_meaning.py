# SPDX-License-Identifier: Apache-2.0
"""A failed check tells an auditor what it means and what to do, not two hashes alone."""

from __future__ import annotations

from pathlib import Path

from audited import A, Audited, B
from clikit import Run
from vectorkit.case import FOLDER

from fanal.cli.shown.meaning import meaning
from fanal.proof.evidence.verify import verify_bundle


def test_every_check_of_ledgers_bundles_and_comparisons_is_explained(desk: Audited, run: Run) -> None:
    """By the names that honest ones give; what nobody explained would stay empty."""
    names = set()
    verify = ("verify", desk.folders[A], "--network", desk.network)
    for words in (verify, ("compare", desk.folders[A], desk.folders[B])):
        names |= {one["name"] for one in run("audit", *words, "--json").json["checks"]}
    for kept in ("whole", "withdrawn", "erased", "sealed"):
        network = (FOLDER / f"pinned-{kept}.network").read_text().strip()
        report = verify_bundle((FOLDER / f"pinned-{kept}.zip").read_bytes(), bytes.fromhex(network))
        names |= {one.name for one in report.checks}
    assert len(names) > 50
    assert {name for name in names if not meaning(name)} == set()
    assert meaning("nobody.knows") == ""


def test_a_changed_leaf_is_told_with_what_it_means(desk: Audited, run: Run) -> None:
    """On the screen, under expected and found."""
    ran = run("audit", "verify", desk.folders[A], "--network", "00" * 32)
    assert "another network than the one whose id you gave" in ran.out


def test_the_verdict_is_a_sentence_that_names_what_it_hangs_on(run: Run, tmp_path: Path) -> None:
    """Passed names what is not shown, and a withdrawal; undecided what is open; failed what is false."""
    kept, file = FOLDER / "pinned-withdrawn.zip", tmp_path / "b.zip"
    network = (FOLDER / "pinned-withdrawn.network").read_text().strip()
    *_checks, warned, gone, verdict = run("audit", "verify", kept, "--network", network).out.splitlines()
    assert warned == "Its author has withdrawn this notice (withdrawal.names)."
    assert gone == "Who made this bundle has erased the content (log.erasure)."
    assert verdict.startswith("PASSED: what this bundle shows is proven. What it does not show is named in ")
    assert run("audit", "verify", kept).out.splitlines()[-1].endswith("is open: network")
    file.write_bytes(kept.read_bytes()[:-1])
    assert run("audit", "verify", file).out.splitlines()[-1] == (
        "FAILED: do not rely on this bundle. False: bundle.form"
    )


def test_verdicts_of_ledgers_and_comparisons_name_what_they_hang_on(desk: Audited, run: Run) -> None:
    """Open or false checks by name, ahead of the verdict; whose states were compared, and how many."""
    assert run("audit", "verify", desk.folders[A]).out.splitlines()[-2] == "Open: network"
    ran = run("audit", "verify", desk.folders[A], "--network", "00" * 32)
    assert ran.out.splitlines()[-2].startswith("False: network")
    told = run("audit", "compare", desk.folders[A], desk.folders[B]).out
    assert f"states of the log of {B} that {A} holds lie on the way of that log" in told
    assert f"states of the log of {A} that {B} holds lie on the way of that log" in told

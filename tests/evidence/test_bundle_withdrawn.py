# SPDX-License-Identifier: Apache-2.0
"""A notice that its author took back: one bundle says so, and no other does."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from bundlescript import Run, lines
from evidencekit import Scene, failed, repacked, scene, statuses
from nodenet import some_notice
from restating import restated

from fanal.node.desk import takenback
from fanal.notices import answers
from fanal.proof.audit import Status
from fanal.proof.evidence import container
from fanal.proof.evidence.findings import EvidenceReport
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

pytestmark = pytest.mark.process

AUTHOR, READER, OTHER = "GE-CUS", "TR-CUS", "AZ-CUS"
TEXT = "The informant at berth nine was named in it"
EXIT = {Status.PASSED: 0, Status.FAILED: 6, Status.UNDECIDED: 7}
Change = Callable[[dict[str, bytes]], object]
Judge = Callable[..., tuple[EvidenceReport, str]]


def withdraw(at: Scene, author: str, ref: str, delete: bool, *manifests: bytes) -> str:
    """The officer of ``author`` takes ``ref`` back; the ref of the withdrawal."""
    host = at.host(author)
    shown = host.show(ref)
    draft = answers.withdraw(
        Notice.FromString(shown.notice), author, WithdrawalReason.COURT_ORDER, int(at.net.now), os.urandom,
        delete_required=delete, manifests=manifests or shown.manifests, forwarded_to=shown.restated_to,
    )  # fmt: skip
    draft.texts.add(lang="en", text=TEXT, original=True)
    sent = host.send(draft)
    at.net.run(200)
    return sent.ref


@pytest.fixture(scope="module")
def gone() -> Scene:
    """A notice that was withdrawn with deletion, and its withdrawal erased at the reader too."""
    at = scene((READER, OTHER), seed=41)
    withdrawal = withdraw(at, AUTHOR, at.ref, delete=True)
    host = at.host(READER)
    host.desk.erase(host.officer, api.EraseRequest(notice=withdrawal, basis="COURT_ORDER"))
    at.net.run(120)
    return at


@pytest.fixture
def judge(run: Run) -> Judge:
    """Both programs on one bundle: they come to one verdict, and agree about the withdrawal."""

    def go(at: Scene, bundle: bytes, verdict: Status) -> tuple[EvidenceReport, str]:
        report, ran = at.report(bundle), run(bundle, at.network.hex())
        assert report.verdict is verdict, report
        assert (ran.returncode, ran.stderr) == (EXIT[verdict], ""), ran.stdout
        mine = {n: s for n, s in statuses(report).items() if n in ("withdrawal.names", "log.withdrawal")}
        words = (("passed", "passed"), ("FAILED", "failed"), ("undecided", "undecided"))
        theirs = {name: said for word, said in words for name in lines(ran, word) if name in mine}
        assert mine == theirs, ran.stdout
        return report, ran.stdout

    return go


def said(report: EvidenceReport, name: str) -> str:
    [check] = [one for one in report.checks if one.name == name]
    return f"{check.found} {check.detail}"


@pytest.mark.parametrize("prover", [AUTHOR, READER, OTHER])
def test_an_erased_notice_says_that_its_author_took_it_back(gone: Scene, judge: Judge, prover: str) -> None:
    """Content gone at all, the withdrawal's too at one: who signed it, when and why, and who complied."""
    report, told = judge(gone, gone.bundle(prover), Status.PASSED)
    assert {
        "withdrawal.manifest",
        "withdrawal.statement",
        "withdrawal.names",
        "log.withdrawal",
        "log.erasure",
    } <= {name for name, status in statuses(report).items() if status == "passed"}
    words = said(report, "withdrawal.names")
    assert "WITHDRAWN by its author GE-CUS on 2027-01-15T" in words
    assert words.endswith("(COURT_ORDER). Every holder is asked to delete it.")
    assert "WITHDRAWN by its author GE-CUS on 2027-01-15T" in told
    assert "(COURT_ORDER), every holder is asked to delete it" in told
    assert "passed     log.erasure: the prover erased the content on 2027-01-15T" in told
    for reader in (READER, OTHER) if prover == AUTHOR else (prover,):
        assert "COMPLIED 2027-01-15T" in said(report, f"withdrawal.recall.{reader}")
        assert f"passed     withdrawal.recall.{reader}: COMPLIED 2027-01-15T" in told


@pytest.mark.parametrize("prover", [AUTHOR, READER])
def test_nothing_of_the_withdrawals_text_is_in_it(gone: Scene, prover: str) -> None:
    """What is shown of it are its own few fields; nothing at all is opened of the notice."""
    files = container.read(gone.bundle(prover))
    shown = [line.split()[1] for line in files["withdrawal/fields.txt"].decode().splitlines()[1:]]
    assert sorted(shown) == [
        "withdrawal.delete_required",
        "withdrawal.notice_ids[0]",
        "withdrawal.reason",
        "withdrawal.with_deletion[0]",
    ]
    assert not any(TEXT.encode() in data for data in files.values())
    assert {name for name in files if name.startswith("notice/")} == {
        "notice/manifest.bin",
        "notice/manifest.sig",
    }


def test_a_notice_taken_back_without_deletion_says_so_in_every_bundle(judge: Judge) -> None:
    """Without content, with fields and whole; a newcomer to whom it was forwarded answers too."""
    kept = scene((READER, OTHER, "KZ-CUS"), seed=42)
    sender = kept.host(AUTHOR)
    sent = sender.send(some_notice(AUTHOR), [READER])
    kept.net.run(30)
    sender.hand_in(restated(sender, sender.show(sent.ref), "KZ-CUS"))
    kept.net.run(30)
    withdraw(kept, AUTHOR, sent.ref, delete=False)
    at = Scene(kept.net, sent.ref)
    for request in ({}, {"fields": ["originator"]}, {"content": True}):
        report, told = judge(at, at.bundle(**request), Status.PASSED)
        assert "Deletion is not asked" in said(report, "withdrawal.names")
        assert "deletion is not asked" in told
        assert "COMPLIED" in said(report, "withdrawal.recall.KZ-CUS")
    newcomers, _told = judge(at, at.bundle("KZ-CUS"), Status.PASSED)
    assert statuses(newcomers)["withdrawal.names"] == "passed"


def test_attack_a_withdrawal_left_out_is_no_proof_of_one(
    gone: Scene, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left out before the export: the log says withdrawn, nobody else does, so it is undecided. Taken out
    afterwards: the export leaf shows that something is missing."""
    whole = gone.bundle(READER)
    with monkeypatch.context() as patch:
        patch.setattr(takenback, "withdrawal_of", lambda *_arguments: None)
        without = gone.bundle(READER)
    report, told = judge(gone, without, Status.UNDECIDED)
    assert "is the prover's word alone" in said(report, "withdrawal.names")
    assert "WITHDRAWN" not in told
    assert failed(report) == set()

    def take_out(files: dict[str, bytes]) -> None:
        for name in [name for name in files if name.startswith("withdrawal/")]:
            del files[name]

    report, _told = judge(gone, repacked(whole, take_out), Status.FAILED)
    assert "log.export" in failed(report)


def _leaves_but(kind: bytes) -> Change:
    """Every leaf but those of this type, numbered anew."""

    def change(files: dict[str, bytes]) -> None:
        names = sorted(name for name in files if name.endswith(".leaf"))
        pairs = [(files.pop(name), files.pop(name.replace(".leaf", ".tlog-proof"))) for name in names]
        kept = [(leaf, proof) for leaf, proof in pairs if leaf.split()[1] != kind]
        for number, (leaf, proof) in enumerate(kept, 1):
            files[f"log/{number:04}.leaf"], files[f"log/{number:04}.tlog-proof"] = leaf, proof

    return change


@pytest.mark.parametrize("prover", [AUTHOR, READER])
def test_attack_an_erasure_cannot_be_taken_out_by_who_passes_a_bundle_on(
    gone: Scene, judge: Judge, prover: str
) -> None:
    """Its leaf dropped, the others numbered anew, the sums right: the export vouched for all of them."""
    whole = gone.bundle(prover)
    assert statuses(gone.report(whole))["log.leaves"] == "passed"
    report, told = judge(gone, repacked(whole, _leaves_but(b"erasure")), Status.FAILED)
    assert failed(report) == {"log.leaves", "bundle.seal"}
    assert "taken out" in said(report, "log.leaves")
    assert "FAILED     log.leaves: entries of the log were added, taken out or changed" in told


def _only(*paths: str) -> Change:
    """Show these fields of the withdrawal only."""

    def change(files: dict[str, bytes]) -> None:
        head, *rest = files["withdrawal/fields.txt"].decode().splitlines()
        kept = [line for line in rest if line.split()[1].startswith(paths)]
        files["withdrawal/fields.txt"] = "\n".join([head, *kept, ""]).encode()

    return change


def test_attack_a_demand_for_deletion_cannot_be_hidden(gone: Scene, run: Run) -> None:
    """The line that ties the withdrawal to the notice says itself that deletion is asked."""
    change = _only("withdrawal.with_deletion")
    bundle = repacked(gone.bundle(READER), change, seed=gone.seed(READER))
    report, told = gone.report(bundle), run(bundle, gone.network.hex()).stdout
    assert failed(report) == {"log.export"}
    assert "Every holder is asked to delete it" in said(report, "withdrawal.names")
    assert "every holder is asked to delete it" in told
    bundle = repacked(gone.bundle(READER), _only("withdrawal.notice_ids", "withdrawal.reason"))
    report, ran = gone.report(bundle), run(bundle, gone.network.hex())
    assert statuses(report)["withdrawal.names"] == "undecided"
    assert "withdrawal.names" in lines(ran, "undecided")


def test_attack_a_forged_target_is_not_under_the_officers_root(gone: Scene, judge: Judge) -> None:
    """The hash of another manifest, or another number, written into the fields that are shown."""
    for bundle, path in ((gone.bundle(READER), b"with_deletion[0] "), (gone.bundle(), b"notice_ids[0] ")):

        def forge(files: dict[str, bytes], path: bytes = path) -> None:
            words = files["withdrawal/fields.txt"].split(path)[1].split(b" ")
            forged = words[2][:-2] + (b"A=" if words[2].endswith(b"=") else b"AA")
            files["withdrawal/fields.txt"] = files["withdrawal/fields.txt"].replace(words[2], forged)

        report, _told = judge(gone, repacked(bundle, forge), Status.FAILED)
        assert "withdrawal.fields" in failed(report)


def test_attack_another_withdrawal_withdraws_nothing_here(judge: Judge) -> None:
    """Grafted in: the author's withdrawal of another notice; another agency's, though it names this very
    manifest; the author's one that names this manifest under the number of another notice."""
    at = scene((READER, OTHER), seed=43)
    others = at.host(OTHER).send(some_notice(OTHER), [AUTHOR, READER])
    second, third = (at.host(AUTHOR).send(some_notice(AUTHOR), [READER, OTHER]) for _ in range(2))
    at.net.run(30)
    mine = at.host(AUTHOR).show(at.ref).manifest_sha256
    withdraw(at, AUTHOR, second.ref, delete=True)
    withdraw(at, OTHER, others.ref, True, at.host(OTHER).show(others.ref).manifest_sha256, mine)
    withdraw(at, AUTHOR, third.ref, True, at.host(AUTHOR).show(third.ref).manifest_sha256, mine)
    bundle = at.bundle(fields=["notice_id"])
    assert statuses(at.report(bundle))["withdrawal.names"] == "undecided"
    for ref, prover in ((second.ref, AUTHOR), (others.ref, OTHER), (third.ref, AUTHOR)):
        files = container.read(Scene(at.net, ref).bundle(prover))
        graft = {name: data for name, data in files.items() if name.startswith("withdrawal/")}
        assert graft

        def put_in(into: dict[str, bytes], graft: dict[str, bytes] = graft) -> None:
            into |= graft

        report, _told = judge(at, repacked(bundle, put_in), Status.FAILED)
        assert {"withdrawal.names", "log.withdrawal", "log.export"} <= failed(report)

# SPDX-License-Identifier: Apache-2.0
"""What a bundle still proves when content, keys or the agency itself are gone: the program and verify.sh."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from agencies import MemoryReservations
from bundlescript import Run, lines
from evidencekit import Scene, failed, scene, statuses
from newlog import new_log

from fanal.errors import FanalError
from fanal.keys import charter as charters
from fanal.keys.revocation import sign_revocation
from fanal.node.errors import CONTENT_GONE
from fanal.notices import answers
from fanal.proof.audit import Status
from fanal.proof.evidence.findings import EvidenceReport
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

pytestmark = pytest.mark.process

AUTHOR, READER = "GE-CUS", "TR-CUS"
DAY = 86_400
EXIT = {Status.PASSED: 0, Status.FAILED: 6, Status.UNDECIDED: 7}


@dataclass
class Judged:
    """One bundle under both readers; they must come to one verdict, and both call nothing false."""

    report: EvidenceReport
    passed: set[str]
    undecided: set[str]

    def words(self, name: str) -> str:
        """Detail and finding of a check, the last of that name."""
        [*_others, one] = [check for check in self.report.checks if check.name == name]
        return f"{one.detail} {one.found}"


Judge = Callable[..., Judged]


@pytest.fixture
def judge(run: Run) -> Judge:
    """Verify what an agency hands out now with the program and with the script in it."""

    def go(at: Scene, prover: str, verdict: Status, **request: object) -> Judged:
        bundle = at.bundle(prover, **request)
        report, ran = at.report(bundle), run(bundle, at.network.hex())
        assert (report.verdict, failed(report)) == (verdict, set()), report
        assert (ran.returncode, ran.stderr, lines(ran, "FAILED")) == (EXIT[verdict], "", set()), ran.stdout
        return Judged(report, lines(ran, "passed"), lines(ran, "undecided"))

    return go


def fresh(seed: int) -> Scene:
    return scene((READER, "AZ-CUS"), seed=seed)


def decide(at: Scene, **changes: object) -> None:
    """The governor's next charter, at every node."""
    governor = at.host(AUTHOR)
    draft = charters.draft_next(
        governor.node.directory.newest,
        charters.Changes(created=int(at.net.now), **changes),  # type: ignore[arg-type]
    )
    document = charters.sign_charter(governor.agency.root, draft, MemoryReservations())
    for host in at.net.nodes.values():
        host.desk.apply_charter(host.officer, api.ApplyCharterRequest(charter=document))
    at.net.run(200)


def revoke(at: Scene, name: str, key: bytes, cut_off: int) -> None:
    """A root of the agency revokes a key of its own, from ``cut_off`` on."""
    root = at.host(name).agency.root
    document = sign_revocation(root, name, 1, key, cut_off, "compromised", int(at.net.now))
    decide(at, revocations=(document,))


@pytest.mark.parametrize("days", [0, 61])
def test_an_erased_notice_is_proven_with_the_basis_of_its_erasure(judge: Judge, days: int) -> None:
    """Signature, receipts and log stand; the content is gone, on which basis and how far is said in words;
    content and fields cannot be had any more, and the refusal says how to go on."""
    gone = fresh(21)
    host = gone.host(READER)
    host.desk.erase(host.officer, api.EraseRequest(notice=gone.ref, basis="COURT_ORDER"))
    for later in (days, 0) if days else ():
        gone.net.now += later * DAY
        for one in gone.net.nodes.values():
            one.desk.confirm(one.officer, api.ConfirmRequest(what="clock"))
            one.host.start()
        gone.net.run(120)
    gone.net.run(120)
    found = judge(gone, READER, Status.PASSED)
    assert {"notice.manifest", "log.notice", "log.erasure", "log.export"} <= found.passed
    assert "order-court-order" in found.words("log.erasure")
    state, words = ("final", "no key to it") if days else ("pending", "destroyed later")
    assert found.words("log.erasure").endswith(state)
    assert words in found.words("log.erasure")
    assert statuses(found.report)["notice.statement"] == "undecided"
    for request in ({"content": True}, {"fields": ["originator"]}):
        with pytest.raises(FanalError) as refused:
            gone.bundle(READER, **request)
        assert refused.value.kind is CONTENT_GONE


def test_a_holder_that_held_and_then_complied_is_not_left_as_holding(judge: Judge) -> None:
    """The bundle of the withdrawal tells every answer in order, each with its reason and time."""
    gone = fresh(29)
    sender, holder = gone.host(AUTHOR), gone.host(READER)
    notice = Notice.FromString(sender.show(gone.ref).notice)
    hold = api.SetHoldRequest(notice=gone.ref, hold=True, reason="COURT_ORDER")
    holder.desk.set_hold(holder.officer, hold)
    draft = answers.withdraw(
        notice, AUTHOR, WithdrawalReason.ERROR, int(gone.net.now), os.urandom, delete_required=True
    )
    sent = sender.send(draft)
    gone.net.run(60)
    holder.desk.set_hold(holder.officer, api.SetHoldRequest(notice=gone.ref, hold=False))
    gone.net.run(120)
    found = judge(Scene(gone.net, sent.ref), AUTHOR, Status.PASSED, fields=["originator"])
    [held, complied] = found.words(f"recall.{READER}").strip().split(", ")
    assert held.startswith("HELD COURT_ORDER 20")
    assert complied.startswith("COMPLIED 20")
    assert f"recall.{READER}" in found.passed


def test_a_node_key_revoked_from_later_on_takes_nothing_back(judge: Judge) -> None:
    """Witnesses saw the notice before the cut-off: it stays proven."""
    late = fresh(23)
    late.net.run(60)
    revoke(late, AUTHOR, late.host(AUTHOR).agency.node_key_id, int(late.net.now))
    found = judge(late, READER, Status.PASSED)
    assert "notice.key" in found.passed
    assert found.words("notice.key").strip() == "revoked"


def test_a_node_key_revoked_from_before_leaves_it_undecided(judge: Judge) -> None:
    """Nobody but the thief may have signed: undecided, and the reason names cut-off and first witness."""
    early = fresh(24)
    revoke(early, AUTHOR, early.host(AUTHOR).agency.node_key_id, int(early.net.now) - 3600)
    found = judge(early, READER, Status.UNDECIDED)
    assert "notice.key" in found.undecided
    assert "revoked since, and no witness saw the notice before the cut-off" in found.words("notice.key")


def test_a_revoked_officers_key_leaves_the_statement_undecided(judge: Judge) -> None:
    """The node's signature and the log stand; that the officer said it is open, when it is shown at all."""
    left = fresh(25)
    revoke(left, AUTHOR, left.host(AUTHOR).agency.officer_key_id, int(left.net.now))
    found = judge(left, READER, Status.UNDECIDED, fields=["originator"])
    assert "notice.manifest" in found.passed
    assert "officer's key has been revoked" in found.words("notice.statement")
    bare = judge(left, READER, Status.PASSED)
    assert "notice.key" in bare.passed


def test_a_changed_key_takes_nothing_back(judge: Judge) -> None:
    """The author's node signs under another key since; the notice is proven under the retired one."""
    old = fresh(26)
    sender = old.host(AUTHOR)
    sender.agency.now = int(old.net.now)
    document = sender.new_node_key()
    old.net.run(30)
    for name in (READER, "AZ-CUS"):
        old.host(name).node.take_documents((), (document,))
    old.net.run(200)
    for prover in (AUTHOR, READER):
        assert judge(old, prover, Status.PASSED).words("notice.key").strip() == "retired"


def test_a_new_log_takes_nothing_back(judge: Judge) -> None:
    """The prover goes on in log 2, the same tree under another name: who cosigned log 1 still dates it."""
    old = fresh(28)
    new_log(old.host(AUTHOR))
    old.net.run(200)
    assert "->" in judge(old, AUTHOR, Status.PASSED).words("log.consistency")


@pytest.mark.parametrize("leaver", ["TR-CUS", "AZ-CUS"])
def test_it_verifies_after_an_agency_has_left_the_network(judge: Judge, leaver: str) -> None:
    """A reader that signed receipts is no member any more: what it signed then still counts, for the author
    and for the reader who stayed."""
    gone = fresh(27)
    decide(gone, remove=(leaver,))
    found = judge(gone, AUTHOR, Status.PASSED)
    assert f"stored.{leaver}" in found.passed
    stayed = next(name for name in (READER, "AZ-CUS") if name != leaver)
    judge(gone, stayed, Status.PASSED)


def test_it_verifies_after_its_author_has_left_the_network(judge: Judge) -> None:
    """The author was a member when it signed; the readers go on proving what it sent."""
    gone = fresh(28)
    decide(gone, governors=(AUTHOR, READER), threshold=1)
    reader = gone.host(READER)
    draft = charters.draft_next(
        reader.node.directory.newest,
        charters.Changes(created=int(gone.net.now), remove=(AUTHOR,), governors=(READER,)),
    )
    document = charters.sign_charter(reader.agency.root, draft, MemoryReservations())
    for host in gone.net.nodes.values():
        host.desk.apply_charter(host.officer, api.ApplyCharterRequest(charter=document))
    gone.net.run(200)
    found = judge(gone, READER, Status.PASSED, fields=["originator"])
    assert {"notice.manifest", "notice.statement", "log.notice"} <= found.passed

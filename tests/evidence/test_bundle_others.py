# SPDX-License-Identifier: Apache-2.0
"""What else an agency holds of a notice: a bundle of one envelope names the others, in both programs."""

from __future__ import annotations

import hashlib
import os

import pytest
from bundlescript import Run, lines
from evidencekit import Scene, scene, statuses

from fanal.notices import answers
from fanal.notices.compose import revise
from fanal.proof.audit import Status
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

pytestmark = pytest.mark.process
AUTHOR, READER = "GE-CUS", "TR-CUS"


def withdraw(at: Scene, shown: api.ShowReply, delete: bool) -> bytes:
    author = at.host(AUTHOR)
    draft = answers.withdraw(
        Notice.FromString(shown.notice), AUTHOR, WithdrawalReason.ERROR, int(at.net.now), os.urandom,
        delete_required=delete, manifests=shown.manifests,
    )  # fmt: skip
    sent = author.send(draft)
    at.net.run(100)
    return author.show(sent.ref).manifest_sha256


def detail(at: Scene, bundle: bytes, name: str) -> str:
    return next(one.detail for one in at.report(bundle).checks if one.name == name)


def test_of_two_withdrawals_the_demand_for_deletion_is_shown_and_the_other_named(run: Run) -> None:
    """A notice taken back without deletion, and with it a day later: one is proven, the other named."""
    at = scene((READER, "AZ-CUS"), seed=51)
    shown = at.host(AUTHOR).show(at.ref)
    made = {delete: withdraw(at, shown, delete) for delete in (False, True)}
    bundle = at.bundle(READER)
    assert at.report(bundle).verdict is Status.PASSED
    assert "Every holder is asked to delete it" in detail(at, bundle, "withdrawal.names")
    assert f"{made[False].hex()} withdrawal" in detail(at, bundle, "notice.others")
    ran = run(bundle, at.network.hex())
    assert (ran.returncode, "notice.others" in lines(ran, "undecided")) == (0, True)
    assert f"{made[False].hex()} withdrawal" in ran.stdout


def test_each_revision_names_the_other_and_its_state(run: Run) -> None:
    """By the number of one revision the bundle is of the newest; an erased one is called so."""
    at = scene((READER, "AZ-CUS"), seed=52)
    author = at.host(AUTHOR)
    old = author.show(at.ref)
    previous = hashlib.sha256(old.statement).hexdigest()
    author.send(revise(Notice.FromString(old.notice), AUTHOR, previous, "A second lorry", int(at.net.now)))
    at.net.run(100)
    bundle = at.bundle(READER)
    assert f"{old.manifest_sha256.hex()} revision 1 replaced" in detail(at, bundle, "notice.others")
    assert at.report(bundle).verdict is Status.PASSED
    ran = run(bundle, at.network.hex())
    assert (ran.returncode, f"{old.manifest_sha256.hex()} revision 1 replaced" in ran.stdout) == (0, True)
    host = at.host(READER)
    host.desk.erase(host.officer, api.EraseRequest(notice=at.ref, basis="COURT_ORDER"))
    assert "revision 1 erased" in detail(at, at.bundle(READER), "notice.others")


def test_a_notice_alone_names_nothing() -> None:
    """Without revisions and withdrawals the line is not there."""
    at = scene((READER, "AZ-CUS"), seed=53)
    assert "notice.others" not in statuses(at.report(at.bundle()))

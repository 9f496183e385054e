# SPDX-License-Identifier: Apache-2.0
"""Acknowledging, replying, amending and withdrawing: each a notice of its own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from clikit import FakeNode, Run, a_notice, showing

from fanal.config.home import Home
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice


def test_ack_answers_the_originator_alone(run: Run, sending: FakeNode) -> None:
    """An acknowledgement goes to who asked, in the same conversation, with status and note."""
    parent = a_notice("GE-CUS")
    showing(sending, parent, outgoing=False)
    done = run("notice", "ack", "0190", "--status", "rejected", "--note", "not ours")
    assert done.code == 0, done.err
    sent = Notice.FromString(sending.requests("Send")[0].notice)
    assert (sent.in_reply_to, list(sent.recipients), sent.ack.reason) == (
        parent.notice_id,
        ["GE-CUS"],
        "not ours",
    )
    assert run("notice", "ack", "0190", "--status", "maybe").code == 2
    assert sending.requests("MarkRead") == []


def test_reply_makes_a_draft_and_then_sends_it(run: Run, sending: FakeNode, tmp_path: Path) -> None:
    """The draft is of the fitting kind; sent with --file it points at its question."""
    parent = a_notice("GE-CUS")
    showing(sending, parent, outgoing=False)
    answer = tmp_path / "answer.json"
    assert run("notice", "reply", "0190", "-o", answer).code == 0
    assert run("notice", "reply", "0190", "-o", answer).code == 1  # never over a file that is there
    assert json.loads(answer.read_text())["in_reply_to"] == parent.notice_id
    done = run("notice", "reply", "0190", "--file", answer, "--yes")
    assert done.code == 0, done.err
    sent = Notice.FromString(sending.requests("Send")[0].notice)
    assert (sent.WhichOneof("body"), sent.in_reply_to) == ("shipment_feedback", parent.notice_id)


def test_amend_continues_the_notice_whatever_the_file_says(
    run: Run, sending: FakeNode, tmp_path: Path
) -> None:
    """Revision, id, ref and the hash of the statement before come from the node, not from the edited file."""
    notice = a_notice()
    showing(sending, notice, outgoing=True, statement=b"statement")
    path = tmp_path / "next.json"
    assert run("notice", "amend", "0190", "-o", path).code == 0
    edited = json.loads(path.read_text()) | {"notice_id": "", "revision": 9, "legal_basis": "new"}
    path.write_text(json.dumps(edited))
    done = run("notice", "amend", "0190", "--file", path, "--note", "why", "--yes")
    assert done.code == 0, done.err
    sent = Notice.FromString(sending.requests("Send")[0].notice)
    assert (sent.notice_id, sent.revision, sent.ref) == (notice.notice_id, 2, notice.ref)
    assert sent.previous_sha256 == hashlib.sha256(b"statement").hexdigest()
    assert (sent.change_note, sent.legal_basis) == ("why", "new")


def test_withdraw_tells_everybody_who_got_it(run: Run, sending: FakeNode) -> None:
    """The withdrawal names the notice and goes to its recipients; another agency's cannot be withdrawn."""
    notice = a_notice()
    showing(sending, notice, outgoing=True)
    done = run("notice", "withdraw", "0190", "--reason", "error", "--delete", "--yes")
    assert done.code == 0, done.err
    sent = Notice.FromString(sending.requests("Send")[0].notice)
    assert (list(sent.withdrawal.notice_ids), sent.withdrawal.delete_required) == ([notice.notice_id], True)
    assert f"fanal notice track {notice.ref}\n" in done.out
    sending.answers["Show"].sent_to.append("TR-CUS")
    assert run("notice", "withdraw", "0190", "--reason", "error", "--yes").code == 0
    wider = Notice.FromString(sending.requests("Send")[1].notice)
    assert list(wider.recipients) == [*notice.recipients, "TR-CUS"]


def test_a_withdrawal_from_some_says_before_it_is_signed_who_keeps_the_notice(
    run: Run, sending: FakeNode
) -> None:
    """Whom nobody asks is named, in JSON too; who was never sent it is not told that it is there."""
    showing(sending, a_notice(), outgoing=True)
    track = sending.answers["Track"]
    track.deliveries.add(recipient="TR-CUS", state="READ")
    track.deliveries.add(recipient="KZ-CUS", state="STORED", reason="RECALL_SILENT")
    track.deliveries.add(recipient="UZ-CUS", state="WITHDRAWN", reason="COMPLIED")
    asked = ("notice", "withdraw", "0190", "--reason", "error", "--to", "GE-CUS")
    line = "Not asked by this, and still holds the notice: TR-CUS\n"
    assert line in run(*asked, "--dry-run").out
    assert run(*asked, "--dry-run", "--json").json["not_asked"] == ["TR-CUS"]
    assert line in run(*asked, "--yes").err
    assert "Not asked" not in run(*asked, "--to", "TR-CUS", "--dry-run").out
    wrong = run(*asked, "--to", "AM-CUS", "--yes")
    assert (wrong.code, "FANAL-E0984" in wrong.err) == (8, True)
    assert len(sending.requests("Send")) == 1


def test_a_notice_whose_text_is_gone_is_withdrawn_from_one_more_reader(run: Run, sending: FakeNode) -> None:
    """What the text would tell is taken from the withdrawal before; the others are not asked again."""
    notice, before = a_notice(), a_notice()
    before.legal_basis = "as it was"
    showing(sending, before, outgoing=True)
    earlier = api.ShowReply.FromString(sending.answers["Show"].SerializeToString())
    showing(sending, notice, outgoing=True)
    gone = sending.answers["Show"]
    gone.notice, gone.withdrawn_by = b"", before.ref
    sending.answers["Show"] = lambda request: earlier if request.notice == before.ref else gone
    done = run("notice", "withdraw", "0190", "--reason", "error", "--delete", "--to", "GE-CUS", "--yes")
    assert done.code == 0, done.err
    sent = Notice.FromString(sending.requests("Send")[0].notice)
    assert (list(sent.withdrawal.notice_ids), list(sent.recipients)) == ([notice.notice_id], ["GE-CUS"])
    assert sent.legal_basis == "as it was"
    assert run("notice", "withdraw", "0190", "--reason", "whim", "--yes").code == 2
    showing(sending, a_notice("GE-CUS"), outgoing=False)
    assert run("notice", "withdraw", "0190", "--reason", "error", "--yes").code == 4


def test_notice_whose_text_is_gone_cannot_be_answered(run: Run, sending: FakeNode) -> None:
    """An erased notice is still shown, and answering it is refused with exit 9."""
    showing(sending, a_notice("GE-CUS"), outgoing=False)
    sending.answers["Show"].notice = b""
    assert "not kept any more" in run("notice", "show", "0190").out
    sending.answers["Show"].officer = sending.answers["Show"].summary.tlp = ""
    sending.answers["Show"].summary.urgency, sending.answers["Show"].summary.issued_at = "", 0
    told = run("notice", "show", "0190").out
    assert not any(gone in told for gone in ("officer", "TLP", "handling", "issued"))
    for command in (("ack", "0190", "--status", "ACCEPTED"), ("reply", "0190"), ("amend", "0190")):
        assert run("notice", *command).code == 9


def test_new_lists_kinds_and_makes_each(run: Run, home: Home) -> None:
    """Every kind the list names can be made, in the name of this agency, and parses again."""
    kinds = run("notice", "new", "--json").json["kinds"]
    assert len(kinds) > 25
    for kind in kinds:
        made = run("notice", "new", kind, "--json").json
        assert (made["kind"], made["draft"]["originator"]) == (kind, "AZ-CUS")
    assert run("notice", "new", "SHIPMNT_WARNING").code == 2

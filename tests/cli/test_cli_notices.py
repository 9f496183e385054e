# SPDX-License-Identifier: Apache-2.0
"""Sending, reading, tracking, answering, against a node of canned answers that verifies each call."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from clikit import FakeNode, Run, identity_of, misfits

from fanal.cli import shapes
from fanal.config.home import Home
from fanal.envelope import statement as statements
from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.keys.charter import Changes, FileReservations, draft_next, member_of, sign_charter, view_of
from fanal.keys.documents import decode_document, encode_document
from fanal.keys.pae import READ, STATEMENT, pae
from fanal.keys.root import generate, load
from fanal.keys.secret import read_key_file
from fanal.node.errors import NOTICE_UNKNOWN
from fanal.notices.compose import make_ref, new_draft, stamp
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Audience, ReadStatement
from fanal.v1.identity_pb2 import SignedDocument
from fanal.v1.notice_pb2 import Notice

REF = make_ref("AZ-CUS", 2026, 17)


@pytest.fixture
def charters(home: Home) -> list[SignedDocument]:
    """Two charters: the founder's, and one with GE-CUS and TR-CUS in the channel."""
    first = decode_document(home.charter_file(1).read_bytes())
    root = load(home.root, read_key_file(home.unlock_key))
    newcomers = tuple(member_of(agency, generate().public) for agency in ("GE-CUS", "TR-CUS"))
    changes = Changes(created=int(time.time()), add=newcomers, join={"CASPIAN": ("GE-CUS", "TR-CUS")})
    second = sign_charter(root, draft_next(view_of(first), changes), FileReservations(home.root))
    return [first, second]


@pytest.fixture
def sending(node: FakeNode, charters: list[SignedDocument]) -> FakeNode:
    """A node that prepares for whoever is named and takes whatever is sent."""

    def prepare(request: Any) -> api.PrepareReply:
        notice = Notice.FromString(request.notice)
        view = view_of(charters[-1])
        if notice.group:
            audience, readers = Audience(channel=notice.group), ["AZ-CUS", "GE-CUS", "TR-CUS"]
        else:
            readers = sorted({"AZ-CUS", *notice.recipients})
            audience = Audience(agencies=readers)
        return api.PrepareReply(
            ref="" if request.dry_run else REF,
            readers=[api.Reader(agency=one, has_key=one == "GE-CUS") for one in readers if one != "AZ-CUS"],
            network=view.network,
            charter_version=view.version,
            charter_sha256=view.sha256,
            audience=audience,
            now=int(time.time()),
            carriers=["TN-CGD"],
        )

    identity = identity_of(node.home).document
    node.answers |= {
        "Prepare": prepare,
        "GetCharter": api.GetCharterReply(charters=charters, identities=[identity]),
        "Send": api.SendReply(notice_id="0190", ref=REF, envelope_id=b"\1" * 16, leaf_index=7),
    }
    return node


@pytest.fixture
def draft(run: Run, tmp_path: Path) -> Path:
    """An acknowledgement, which has the smallest body."""
    path = tmp_path / "draft.json"
    assert run("notice", "new", "ack", "--originator", "AZ-CUS", "-o", path).code == 0
    return path


def warned(code: str, severity: str) -> Any:
    problem = api.CheckProblem(code=code, field="group", severity=severity, stage="CONTEXT", message="m")

    def add(reply: api.PrepareReply) -> api.PrepareReply:
        reply.problems.append(problem)
        return reply

    return add


def a_notice(originator: str = "AZ-CUS") -> Notice:
    made = new_draft("SHIPMENT_WARNING", originator, int(time.time()), os.urandom)
    made.recipients.append("GE-CUS" if originator == "AZ-CUS" else "AZ-CUS")
    return stamp(made, make_ref(originator, 2026, 3), int(time.time()), os.urandom)


def showing(node: FakeNode, notice: Notice, outgoing: bool, statement: bytes = b"") -> None:
    """Lets the node show this notice."""
    summary = api.NoticeSummary(
        notice_id=notice.notice_id, ref=notice.ref, revision=1, kind="SHIPMENT_WARNING", outgoing=outgoing
    )
    summary.originator, summary.tlp = notice.originator, "AMBER"
    node.answers["Show"] = api.ShowReply(
        summary=summary,
        notice=notice.SerializeToString(deterministic=True),
        statement=statement,
        manifest_sha256=b"\2" * 32,
        officer="officer-1",
    )
    node.answers["MarkRead"] = api.MarkReadReply(first=True)


# --- Sending ---------------------------------------------------------------------------------------------


def test_send_signs_here_what_was_shown(run: Run, sending: FakeNode, draft: Path) -> None:
    """The statement that reaches the node is the officer's, over the notice and the audience shown before."""
    sent = run("notice", "send", draft, "--to", "GE-CUS", "--yes")
    assert sent.code == 0, sent.err
    assert "GE-CUS       gets its key" in sent.err
    assert "Carried sealed by: TN-CGD" in sent.err
    assert REF in sent.out
    request = sending.requests("Send")[0]
    statement = statements.decode(request.statement)
    officer = identity_of(sending.home).officer(statement.officer_key_id)
    ed25519.verify(officer.public, pae(STATEMENT, request.statement), request.officer_signature)
    notice = Notice.FromString(request.notice)
    assert (notice.ref, list(notice.recipients), notice.group) == (REF, ["GE-CUS"], "")
    assert list(statement.audience.agencies) == ["AZ-CUS", "GE-CUS"]
    assert len({request.notice_salt, request.field_salt, request.content_salt}) == 3


def test_send_json_has_its_shape(run: Run, sending: FakeNode, draft: Path) -> None:
    """With --json stdout is one object, and nothing else is written."""
    sent = run("notice", "send", draft, "--to", "GE-CUS,TR-CUS", "--yes", "--json")
    assert misfits(sent.json, shapes.SendAnswer) == []
    assert [row["agency"] for row in sent.json["readers"]] == ["GE-CUS", "TR-CUS"]
    assert sent.err == ""


def test_dry_run_shows_readers_and_sends_nothing(run: Run, sending: FakeNode, draft: Path) -> None:
    """--dry-run reserves no ref, needs no confirmation, and never calls Send."""
    shown = run("notice", "send", draft, "--to", "group:CASPIAN", "--dry-run")
    assert shown.code == 0
    assert "TR-CUS       gets no key yet" in shown.out
    assert "Nothing was sent" in shown.out
    assert sending.requests("Prepare")[0].dry_run
    assert sending.requests("Send") == []
    assert (
        misfits(run("notice", "send", draft, "--to", "GE-CUS", "--dry-run", "--json").json, shapes.SendAnswer)
        == []
    )


def test_nothing_is_signed_without_a_confirmation(
    run: Run, sending: FakeNode, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal --yes is asked for; a no on the terminal ends it; only y goes on."""
    refused = run("notice", "send", draft, "--to", "GE-CUS")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    for typed, code in (("n\n", 1), ("\n", 1), ("", 1), ("y\n", 0)):
        monkeypatch.setattr("sys.stdin", _Terminal(typed))
        assert run("notice", "send", draft, "--to", "GE-CUS").code == code
    assert len(sending.requests("Send")) == 1


class _Terminal:
    """A terminal on which one line is typed."""

    def __init__(self, line: str) -> None:
        self._line = line

    def isatty(self) -> bool:
        return True

    def readline(self, _limit: int = -1) -> str:
        return self._line


def test_error_of_the_check_stops_before_signing(run: Run, sending: FakeNode, draft: Path) -> None:
    """An ERROR is refused with exit 8 and told with its field; --dry-run shows it and ends with 8 too."""
    prepare = sending.answers["Prepare"]
    sending.answers["Prepare"] = lambda request: warned("UNKNOWN_GROUP", "ERROR")(prepare(request))
    stopped = run("notice", "send", draft, "--to", "GE-CUS", "--yes")
    assert (stopped.code, "UNKNOWN_GROUP at group" in stopped.err) == (8, True)
    assert run("notice", "send", draft, "--to", "GE-CUS", "--dry-run").code == 8
    assert sending.requests("Send") == []


def test_warning_needs_a_reason_that_is_signed(run: Run, sending: FakeNode, draft: Path) -> None:
    """A WARN without a reason is refused; with one it goes into the officer's statement."""
    prepare = sending.answers["Prepare"]
    sending.answers["Prepare"] = lambda request: warned("UNKNOWN_RECIPIENT", "WARN")(prepare(request))
    assert run("notice", "send", draft, "--to", "GE-CUS", "--yes").code == 8
    assert run("notice", "send", draft, "--to", "GE-CUS", "--yes", "--reason", "soon").code == 2
    reason = "UNKNOWN_RECIPIENT=joins on Monday"
    assert run("notice", "send", draft, "--to", "GE-CUS", "--yes", "--reason", reason).code == 0
    statement = statements.decode(sending.requests("Send")[0].statement)
    assert [(one.code, one.text) for one in statement.reasons] == [("UNKNOWN_RECIPIENT", "joins on Monday")]


def test_node_that_names_other_readers_is_not_believed(run: Run, sending: FakeNode, draft: Path) -> None:
    """The readers shown are those of the audience under the charter verified here, or nothing is signed."""
    prepare = sending.answers["Prepare"]

    def widened(request: Any) -> api.PrepareReply:
        reply: api.PrepareReply = prepare(request)
        reply.audience.agencies.append("TR-CUS")
        return reply

    sending.answers["Prepare"] = widened
    assert run("notice", "send", draft, "--to", "GE-CUS", "--yes").code == 6
    assert sending.requests("Send") == []


def test_node_of_another_network_is_not_believed(
    run: Run, sending: FakeNode, draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chain that does not begin with our charter 1 is refused before anything is signed."""
    other = tmp_path / "other"
    assert run("init", "AZ-CUS", "--key-file", "--home", other).code == 0
    assert run("network", "create", "evil", "--home", other).code == 0
    foreign = decode_document((other / "charter" / "0001.doc").read_bytes())
    sending.answers["GetCharter"] = api.GetCharterReply(charters=[foreign])
    assert run("notice", "send", draft, "--to", "GE-CUS", "--yes").code == 6
    assert run("network", "charter").code == 6
    assert sending.requests("Send") == []


def test_charter_seen_once_is_remembered(
    run: Run, sending: FakeNode, draft: Path, charters: list[SignedDocument]
) -> None:
    """A node rolled back to an older charter is found out by what this side has kept."""
    assert run("notice", "send", draft, "--to", "GE-CUS", "--yes").code == 0
    assert sending.home.charter_file(2).read_bytes() == encode_document(charters[1])
    prepare = sending.answers["Prepare"]

    def older(request: Any) -> api.PrepareReply:
        reply: api.PrepareReply = prepare(request)
        reply.charter_version, reply.charter_sha256 = 1, view_of(charters[0]).sha256
        return reply

    sending.answers["Prepare"] = older
    sending.answers["GetCharter"] = api.GetCharterReply(charters=charters[:1])
    assert run("notice", "send", draft, "--to", "GE-CUS", "--yes").code == 6


def test_draft_that_is_no_notice_is_refused_before_the_node_is_asked(
    run: Run, sending: FakeNode, tmp_path: Path
) -> None:
    """Wrong JSON, a wrong field, binary: a sentence and no call."""
    for number, data in enumerate((b"{", b'{"colour": "red"}', b"\xff\xfe\x00", b"[]", b"")):
        path = tmp_path / f"{number}.json"
        path.write_bytes(data)
        refused = run("notice", "send", path, "--to", "GE-CUS", "--yes")
        assert refused.code in (1, 2), refused
        assert "FANAL-E01" in refused.err
    assert sending.calls == []


# --- Reading ---------------------------------------------------------------------------------------------


def test_show_sends_a_read_receipt_for_a_person_only(run: Run, sending: FakeNode) -> None:
    """Text: a receipt signed here. --json or --no-receipt: none. --mark-read: one. An own notice: none."""
    showing(sending, a_notice("GE-CUS"), outgoing=False)
    assert run("notice", "show", "0190", "--json").json["read_receipt"] is False
    assert "receipt goes" not in run("notice", "show", "0190", "--no-receipt").out
    assert sending.requests("MarkRead") == []
    assert "A READ receipt goes to GE-CUS" in run("notice", "show", "0190").out
    assert run("notice", "show", "0190", "--json", "--mark-read").json["read_receipt"] is True
    body, signature = (request := sending.requests("MarkRead")[0]).body, request.officer_signature
    said = ReadStatement.FromString(body)
    assert (said.reader, said.manifest_sha256) == ("AZ-CUS", b"\2" * 32)
    ed25519.verify(identity_of(sending.home).officer(said.officer_key_id).public, pae(READ, body), signature)
    showing(sending, a_notice(), outgoing=True)
    run("notice", "show", "0190")
    assert len(sending.requests("MarkRead")) == 2


def test_show_json_and_text_tell_the_same(run: Run, sending: FakeNode) -> None:
    """The JSON form has its shape, and the text names ref, originator and every field of the body."""
    notice = a_notice("GE-CUS")
    showing(sending, notice, outgoing=False)
    data = run("notice", "show", "0190", "--json").json
    assert misfits(data, shapes.NoticeShown) == []
    text = run("notice", "show", "0190").out
    assert notice.ref in text
    assert "shipment_warning:" in text


def test_text_of_others_cannot_move_the_cursor(run: Run, sending: FakeNode) -> None:
    """Control and bidirectional characters of a notice are spelled out on the screen."""
    notice = a_notice("GE-CUS")
    notice.legal_basis = "clean\x1b[2J\u202eevil\x07"
    showing(sending, notice, outgoing=False)
    text = run("notice", "show", "0190").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\u001b[2J\\u202eevil" in text


def test_own_signature_is_verified_on_this_machine(run: Run, sending: FakeNode, draft: Path) -> None:
    """A statement that verifies is told with officer and custody; a changed one is NOT VERIFIED."""
    run("notice", "send", draft, "--to", "GE-CUS", "--yes")
    sent = sending.requests("Send")[0]
    notice = Notice.FromString(sent.notice)
    for signature, words in (
        (sent.officer_signature, "officer officer-1 of AZ-CUS verified"),
        (b"\0" * 64, "NOT VERIFIED"),
    ):
        showing(sending, notice, outgoing=True, statement=sent.statement)
        sending.answers["Show"].officer_signature = signature
        assert words in run("notice", "show", "0190").out


def test_notice_that_is_not_ours_is_not_found(run: Run, sending: FakeNode) -> None:
    """A non-reader's node says so with exit 9, and the id of the error crosses the socket."""
    sending.answers["Show"] = FanalError(NOTICE_UNKNOWN, notice="0190")
    gone = run("notice", "show", "0190")
    assert (gone.code, NOTICE_UNKNOWN.id in gone.err, "0190" in gone.err) == (9, True, True)
    assert run("notice", "show", "0190", "--json").json["error"]["id"] == NOTICE_UNKNOWN.id


def test_list_asks_what_was_asked_and_has_its_shape(run: Run, node: FakeNode) -> None:
    """Every filter reaches the node; the table and the JSON name the notice; the cursor is told."""
    row = api.NoticeSummary(
        notice_id="0190", ref=REF, kind="ACK", originator="GE-CUS", title="T", issued_at=1
    )
    node.answers["List"] = api.ListReply(notices=[row], next_cursor="c2")
    shown = run(
        "notice", "list", "--kind", "shipment-warning", "--query", "q", "--identifier", "i", "--unread"
    )
    assert (REF in shown.out, "--cursor c2" in shown.err) == (True, True)
    request = node.requests("List")[0]
    asked = (request.folder, request.kind, request.query, request.identifier, request.unread, request.limit)
    assert asked == ("inbox", "SHIPMENT_WARNING", "q", "i", True, 50)
    data = run("notice", "list", "--json").json
    assert misfits(data, shapes.NoticeList) == []
    assert data["notices"][0]["issued_at"] == "1970-01-01T00:00:01Z"
    node.answers["List"] = api.ListReply()
    assert run("notice", "list").out == "No notice.\n"


def test_track_says_state_reason_and_next_step(run: Run, node: FakeNode) -> None:
    """Each recipient has a row; an error id as a reason is told in words; no placeholder is left."""
    node.answers["Track"] = api.TrackReply(
        summary=api.NoticeSummary(ref=REF, outgoing=True),
        deliveries=[
            api.Delivery(recipient="GE-CUS", state="STORED", since=5),
            api.Delivery(recipient="TR-CUS", state="QUEUED", since=5, reason="FANAL-E0821"),
            api.Delivery(recipient="IT-CGD", state="HELD", reason="NO_KEY", facts={"x": "y"}),
            api.Delivery(recipient="XX-NEW", state="LEVITATING"),
        ],
    )
    rows = run("notice", "track", REF, "--json").json
    assert misfits(rows, shapes.Tracked) == []
    queued = rows["deliveries"][1]
    assert "Nothing listens at its address" in queued["reason"]
    assert queued["next"]
    assert "{" not in json.dumps(rows["deliveries"]).replace('{"recipient"', "")
    text = run("notice", "track", REF).out
    assert all(word in text for word in ("GE-CUS", "STORED", "QUEUED", "HELD", "LEVITATING"))


# --- Answering and changing --------------------------------------------------------------------------------


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
    assert run("notice", "withdraw", "0190", "--reason", "whim", "--yes").code == 2
    showing(sending, a_notice("GE-CUS"), outgoing=False)
    assert run("notice", "withdraw", "0190", "--reason", "error", "--yes").code == 4


def test_notice_whose_text_is_gone_cannot_be_answered(run: Run, sending: FakeNode) -> None:
    """An erased notice is still shown, and answering it is refused with exit 9."""
    showing(sending, a_notice("GE-CUS"), outgoing=False)
    sending.answers["Show"].notice = b""
    assert "not kept any more" in run("notice", "show", "0190").out
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

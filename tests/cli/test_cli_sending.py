# SPDX-License-Identifier: Apache-2.0
"""Sending, against a node of canned answers that verifies each call: what is shown is what is signed."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from clikit import REF, FakeNode, Run, identity_of, misfits

from fanal.cli.shown import shapes
from fanal.envelope import statement as statements
from fanal.keys import ed25519
from fanal.keys.charter import Changes, FileReservations, RelayView, draft_next, sign_charter, view_of
from fanal.keys.documents import decode_document, encode_document
from fanal.keys.pae import STATEMENT, pae
from fanal.keys.root import load
from fanal.keys.secret import read_key_file
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Audience, WarnReason
from fanal.v1.identity_pb2 import SignedDocument
from fanal.v1.notice_pb2 import Notice


def warned(code: str, severity: str) -> Any:
    problem = api.CheckProblem(code=code, field="group", severity=severity, stage="CONTEXT", message="m")

    def add(reply: api.PrepareReply) -> api.PrepareReply:
        reply.problems.append(problem)
        return reply

    return add


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


def test_node_that_adds_a_reader_and_shows_it_gets_no_signature(
    run: Run, sending: FakeNode, draft: Path
) -> None:
    """A group and an agency: whoever is neither is not signed for, even when nobody is asked to look."""
    prepare = sending.answers["Prepare"]

    def widened(request: Any) -> api.PrepareReply:
        reply: api.PrepareReply = prepare(request)
        readers = ["AZ-CUS", "GE-CUS", "TR-CUS", "XX-EVIL"]
        reply.audience.CopyFrom(Audience(agencies=readers))
        reply.readers.add(agency="XX-EVIL", has_key=True)
        return reply

    sending.answers["Prepare"] = widened
    assert run("notice", "send", draft, "--to", "group:CASPIAN,GE-CUS", "--yes").code == 6
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


def test_sending_a_draft_twice_is_told_as_what_it_is(run: Run, sending: FakeNode, draft: Path) -> None:
    """The id is taken: the officer is not told to raise the alarm, but how to go on; nothing is signed."""
    prepare = sending.answers["Prepare"]

    def known(request: Any) -> api.PrepareReply:
        reply: api.PrepareReply = prepare(request)
        reply.problems.add(code="EQUIVOCATION", field="revision", severity="ERROR", message="Alarm.")
        return reply

    sending.answers["Prepare"] = known
    again = run("notice", "send", draft, "--to", "GE-CUS", "--yes", "--json")
    assert (again.code, again.json["error"]["id"]) == (8, "FANAL-E0957")
    assert "fanal notice amend" in again.json["error"]["hint"]
    assert sending.requests("Send") == []


@pytest.fixture
def watched(sending: FakeNode, charters: list[SignedDocument], draft: Path) -> FakeNode:
    """A third charter, in which TR-CUS carries explicit lanes for GE-CUS; the draft is TLP:RED."""
    root = load(sending.home.root, read_key_file(sending.home.unlock_key))
    relay = RelayView("TR-CUS", direct=True, serves=("GE-CUS",))
    changes = Changes(created=int(time.time()), relays={"TR-CUS": relay})
    charters.append(
        sign_charter(root, draft_next(view_of(charters[-1]), changes), FileReservations(sending.home.root))
    )
    sending.answers["GetCharter"].charters.append(charters[-1])
    edited = json.loads(draft.read_text())
    edited["handling"] |= {"tlp": "RED", "onward": "NONE"}
    draft.write_text(json.dumps(edited))
    return sending


def test_red_over_a_direct_relay_is_not_signed_unless_it_is_allowed_by_name(
    run: Run, watched: FakeNode, draft: Path
) -> None:
    """Judged by the charter that this side has verified, whatever the node says of carriers; the consent is
    signed and nothing else is."""
    plain = ("notice", "send", draft, "--to", "GE-CUS")
    stopped = run(*plain, "--yes")
    assert (stopped.code, "FANAL-E0329" in stopped.err) == (8, True)
    assert "--allow-relay TR-CUS" in stopped.err
    assert run(*plain, "--yes", "--allow-relay", "TN-CGD").code == 8
    assert watched.requests("Send") == []
    sent = run(*plain, "--yes", "--allow-relay", "TR-CUS", "--allow-relay", "TN-CGD")
    assert sent.code == 0
    assert "TR-CUS carries it for GE-CUS" in sent.err
    statement = statements.decode(watched.requests("Send")[0].statement)
    assert [(one.code, one.text) for one in statement.reasons] == [("RED_BY_RELAY", "TR-CUS")]


def test_a_dry_run_names_the_direct_relays_of_a_red_notice(run: Run, watched: FakeNode, draft: Path) -> None:
    """With exit 8 until they are allowed; a notice that no relay carries has none."""
    dry = ("notice", "send", draft, "--dry-run", "--json", "--to")
    shown = run(*dry, "GE-CUS")
    assert (shown.code, misfits(shown.json, shapes.SendAnswer)) == (8, [])
    assert shown.json["red_relays"] == [{"relay": "TR-CUS", "serves": ["GE-CUS"]}]
    assert run(*dry, "GE-CUS", "--allow-relay", "TR-CUS").code == 0
    to_itself = run(*dry, "TR-CUS")
    assert (to_itself.code, to_itself.json["red_relays"]) == (0, [])


def test_forwarding_a_red_notice_needs_a_consent_of_its_own(run: Run, watched: FakeNode, draft: Path) -> None:
    """What was allowed for the first audience is not taken over, and the newcomer's relay is named."""
    assert run("notice", "send", draft, "--to", "TR-CUS", "--yes").code == 0
    sent = watched.requests("Send")[0]
    watched.answers["Show"] = api.ShowReply(
        summary=api.NoticeSummary(ref=REF, revision=1),
        notice=sent.notice,
        statement=sent.statement,
        reasons=[WarnReason(code="RED_BY_RELAY", text="XX-OLD")],
    )
    prepare = watched.answers["Prepare"]

    def restating(request: Any) -> api.PrepareReply:
        notice = Notice.FromString(request.notice)
        del notice.recipients[:]
        notice.recipients.extend(request.to)
        request.notice = notice.SerializeToString()
        reply: api.PrepareReply = prepare(request)
        return reply

    watched.answers["Prepare"] = restating
    stopped = run("notice", "forward", REF, "--to", "GE-CUS", "--yes")
    assert (stopped.code, "FANAL-E0329" in stopped.err) == (8, True)
    assert len(watched.requests("Send")) == 1
    assert run("notice", "forward", REF, "--to", "GE-CUS", "--yes", "--allow-relay", "TR-CUS").code == 0
    statement = statements.decode(watched.requests("Send")[1].statement)
    assert [(one.code, one.text) for one in statement.reasons] == [("RED_BY_RELAY", "TR-CUS")]
    assert statement.restates == hashlib.sha256(sent.statement).digest()

# SPDX-License-Identifier: Apache-2.0
"""Inviting, comparing codes, approving, changing the charter: what the root signs, and when it does not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from clikit import FakeNode, Run, identity_of, misfits

from fanal.cli.shown import shapes
from fanal.config.home import Home
from fanal.keys.charter import update_charter, view_of
from fanal.keys.documents import decode_document, encode_document
from fanal.keys.joining import decode_invite
from fanal.v1 import officer_pb2 as api

CODE = "1234 5678 9012 3456 7890 1234"


@pytest.fixture
def governing(run: Run, node: FakeNode, tmp_path: Path) -> FakeNode:
    """A node with one charter, to which GE-CUS asks to be let in; it takes any charter."""
    newcomer = tmp_path / "ge"
    assert run("init", "GE-CUS", "--key-file", "--home", newcomer).code == 0
    identity = identity_of(Home(newcomer)).document
    join = api.PendingJoin(token_id=b"\3" * 16, agency="GE-CUS", identity=identity, code=CODE, arrived=5)
    charters = [decode_document(node.home.charter_file(1).read_bytes())]

    def apply(request: Any) -> api.ApplyCharterReply:
        update_charter(view_of(charters[-1]), request.charter)
        charters.append(request.charter)
        return api.ApplyCharterReply(version=len(charters))

    node.answers |= {
        "PendingJoins": api.PendingJoinsReply(joins=[join]),
        "GetCharter": lambda _request: api.GetCharterReply(charters=charters),
        "ApplyCharter": apply,
        "RefuseJoin": api.RefuseJoinReply(),
    }
    return node


def test_invitation_is_a_private_file_or_one_line(run: Run, node: FakeNode, tmp_path: Path) -> None:
    """The token names network, both agencies and the pinned listener; its file is for the owner only."""
    charter = decode_document(node.home.charter_file(1).read_bytes())
    node.answers["Invite"] = api.InviteReply(
        token_id=b"\1" * 16, secret=b"\2" * 32, address="127.0.0.1:7444", tls_spki_sha256=b"\3" * 32,
        charter=charter, expires=int(time.time()) + 7200, certificate=identity_of(node.home).certificate,
    )  # fmt: skip
    path = tmp_path / "ge.token"
    assert run("network", "invite", "GE-CUS", "-o", path, "--hours", "2").code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    invite = decode_invite(path.read_text())
    assert (invite.inviter, invite.agency, invite.network) == ("AZ-CUS", "GE-CUS", view_of(charter).network)
    assert node.requests("Invite")[0].valid_seconds == 7200
    assert run("network", "invite", "GE-CUS", "-o", path).code == 1
    shown = run("network", "invite", "GE-CUS")
    assert shown.out.startswith("fanal-invite-1:")
    assert run("network", "invite", "GE-CUS", "--json").json["token"] == shown.out.strip()


def test_nobody_is_let_in_under_another_code(run: Run, governing: FakeNode) -> None:
    """A code that differs in one digit signs nothing, exit 6; who asks is listed with its code."""
    listed = run("network", "approve", "--json").json
    assert misfits(listed, shapes.PendingList) == []
    wrong = run("network", "approve", "GE-CUS", "--code", CODE.replace("1234", "1235", 1))
    assert (wrong.code, "in between" in wrong.err) == (6, True)
    assert run("network", "approve", "GE-CUS").code == 2  # nobody to ask
    assert run("network", "approve", "TR-CUS", "--code", CODE).code == 9
    assert governing.requests("ApplyCharter") == []


def test_approval_signs_the_next_charter_with_the_root(run: Run, governing: FakeNode) -> None:
    """The newcomer is a member and in its channel; the charter follows by the rules; the token is named."""
    done = run("network", "approve", "GE-CUS", "--code", CODE.replace(" ", "-"), "--channel", "CASPIAN")
    assert done.code == 0, done.err
    request = governing.requests("ApplyCharter")[0]
    view = view_of(request.charter)
    assert (view.version, request.token_id) == (2, b"\3" * 16)
    assert view.members_of("CASPIAN") == ("AZ-CUS", "GE-CUS")
    assert governing.home.charter_file(2).read_bytes() == encode_document(request.charter)
    assert list(governing.home.root.glob("*.reserved"))


def test_relay_carries_channels_it_does_not_read(run: Run, governing: FakeNode) -> None:
    """--relay makes a carrier, never a reader; --direct and --serves belong to it only."""
    refused = run("network", "approve", "GE-CUS", "--code", CODE, "--direct")
    assert refused.code == 2
    arguments = ("--relay", "--direct", "--serves", "AZ-CUS", "--channel", "CASPIAN")
    done = run("network", "approve", "GE-CUS", "--code", CODE, *arguments)
    assert done.code == 0, done.err
    view = view_of(governing.requests("ApplyCharter")[0].charter)
    assert (view.members_of("CASPIAN"), view.relays_of("CASPIAN")) == (("AZ-CUS",), ("GE-CUS",))
    relay = view.relay("GE-CUS")
    assert relay is not None
    assert (relay.direct, relay.serves) == (True, ("AZ-CUS",))


def test_request_can_be_turned_down(run: Run, governing: FakeNode) -> None:
    """--refuse needs no code and signs nothing."""
    assert run("network", "approve", "GE-CUS", "--refuse", "--json").json["admitted"] is False
    assert governing.requests("RefuseJoin")[0].token_id == b"\3" * 16
    assert governing.requests("ApplyCharter") == []


def test_charter_is_shown_exported_edited_and_applied(run: Run, governing: FakeNode, tmp_path: Path) -> None:
    """The export is edited by hand; changes are told before the root signs; no change is refused."""
    data = run("network", "charter", "--json").json
    assert misfits(data, shapes.CharterAnswer) == []
    assert "CASPIAN: AZ-CUS" in run("network", "charter").out
    path = tmp_path / "charter.json"
    assert run("network", "charter", "--export", path).code == 0
    assert run("network", "charter", "--export", path).code == 1
    assert run("network", "charter", "--apply", path, "--yes").code == 2
    edited = json.loads(path.read_text())
    edited["channels"] = [{"name": "PROLIFERATION", "members": ["AZ-CUS"], "relays": []}]
    path.write_text(json.dumps(edited))
    done = run("network", "charter", "--apply", path, "--yes")
    assert done.code == 0, done.err
    assert "channel CASPIAN: removed" in done.err
    assert sorted(view_of(governing.requests("ApplyCharter")[0].charter).channels) == ["PROLIFERATION"]
    assert (
        run("network", "charter", "--apply", path, "--yes").code == 2
    )  # made from charter 1, now 2 is in force


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"channels": 3}',
        '{"channels": [{"name": 1}]}',
        '{"relays": [{"agency": "A", "direct": 1}]}',
        "{}",
    ],
)
def test_file_that_is_no_charter_is_refused(run: Run, governing: FakeNode, tmp_path: Path, text: str) -> None:
    """Every malformed edit is a sentence, and nothing is signed."""
    path = tmp_path / "c.json"
    path.write_text(text)
    assert run("network", "charter", "--apply", path, "--yes").code == 2
    assert governing.requests("ApplyCharter") == []


def test_token_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    """A cut, foreign or empty token is refused before anything is dialled."""
    folder = tmp_path / "ge"
    assert run("init", "GE-CUS", "--key-file", "--home", folder).code == 0
    for text in ("", "hello", "fanal-invite-1:AAAA", "\x00\xff"):
        token = tmp_path / "token"
        token.write_text(text)
        ran = run("network", "join", token, "--home", folder)
        assert (ran.code, "invitation" in ran.err) == (2, True)
    assert run("network", "join", "-", "--code", "-", "--home", folder).code == 2

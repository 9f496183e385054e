# SPDX-License-Identifier: Apache-2.0
"""Status, doctor, peers, unlocking, and who is calling, against a node of canned answers."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from clikit import REF, FakeNode, Run, identity_of, misfits

from fanal.cli.shown import shapes
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.node.errors import LOCKED
from fanal.node.service.errors import NOT_PERMITTED
from fanal.v1 import officer_pb2 as api


def test_status_and_whoami_have_their_shapes(run: Run, answering: FakeNode) -> None:
    """Both say the same to a person and to a program; a finding is told in words with its remedy."""
    data = run("status", "--json").json
    assert misfits(data, shapes.StatusAnswer) == []
    assert "/x" in data["findings"][0]["sentence"]
    assert "up 1 min" in run("status").out
    assert misfits(run("whoami", "--json").json, shapes.WhoAmI) == []
    assert "officer-1 of AZ-CUS: AUTHOR" in run("whoami").out


def test_peers_say_why_and_what_next(run: Run, answering: FakeNode) -> None:
    """An unreachable peer has a reason in words with its address, and a next step."""
    data = run("peer", "list", "--json").json
    assert misfits(data, shapes.PeerList) == []
    unreachable = data["peers"][1]
    assert "192.0.2.7:7443" in unreachable["reason"]
    assert unreachable["next"]
    assert "TR-CUS" in run("peer", "list").out
    assert "3 sent, 0 received" in run("peer", "show", "GE-CUS").out
    assert run("peer", "ping", "GE-CUS").out == "GE-CUS: 1.50 ms there and back\n"
    assert run("peer", "show", "georgia").code == 2


@pytest.mark.parametrize(("ours", "theirs", "older"), [("1", "2-3", "AZ-CUS"), ("2-3", "1", "GE-CUS")])
def test_another_peer_protocol_is_told_alike_wherever_somebody_looks(
    run: Run, answering: FakeNode, ours: str, theirs: str, older: str
) -> None:
    """In peer list, peer show, doctor and track, at either side: both versions, and whom to upgrade."""
    facts = {"agency": "GE-CUS", "ours": ours, "theirs": theirs, "older": older}
    peer = api.Peer(agency="GE-CUS", state="UNREACHABLE", since=5, reason="FANAL-E0825", facts=facts)
    delivery = api.Delivery(recipient="GE-CUS", state="QUEUED", since=5, reason="FANAL-E0825", facts=facts)
    answering.answers["Peers"] = api.PeersReply(peers=[peer])
    answering.answers["Track"] = api.TrackReply(
        summary=api.NoticeSummary(ref=REF, outgoing=True), deliveries=[delivery]
    )
    for command in (("peer", "list"), ("peer", "show", "GE-CUS"), ("doctor",), ("notice", "track", REF)):
        told = run(*command).out
        assert f"GE-CUS speaks peer protocol {theirs}, this node {ours}:" in told
        assert f"Upgrade the node of {older}," in told


def test_doctor_checks_this_machine_the_node_and_its_peers(run: Run, answering: FakeNode) -> None:
    """Each check is a row; what is not well names the command that mends it."""
    data = run("doctor", "--json").json
    assert misfits(data, shapes.DoctorAnswer) == []
    rows = {row["subject"]: row for row in data["checks"]}
    assert {
        "folder",
        "permissions",
        "identity",
        "certificate",
        "clock",
        "disk",
        "charter",
        "node",
        "peers",
        "peer",
    } <= set(rows)
    assert all(row["next"] for row in data["checks"] if row["level"] in ("warning", "problem")), data
    assert [row["level"] for row in data["checks"] if row["subject"] == "peers"] == ["ok"]


def test_doctor_says_that_the_own_line_is_thin(
    run: Run, answering: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the settings do, with what it carries; else there is no such row."""
    found = {one["subject"]: one["sentence"] for one in run("doctor", "--json").json["checks"]}
    assert "line" not in found
    monkeypatch.setenv("FANAL_LIMITS_LINE_KBIT_PER_S", "64")
    found = {one["subject"]: one["sentence"] for one in run("doctor", "--json").json["checks"]}
    assert "64 kbit/s" in found["line"]


def test_doctor_finds_each_broken_thing(run: Run, answering: FakeNode, tmp_path: Path) -> None:
    """Open permissions, a foreign certificate and a missing file are problems, and doctor ends with 1."""
    home = answering.home
    home.tls_key.chmod(0o644)
    assert run("init", "AZ-CUS", "--key-file", "--home", tmp_path / "other").code == 0
    assert run("doctor", "--home", tmp_path / ("x" * 300)).code == 1
    shutil.copy(tmp_path / "other" / "tls.crt", home.tls_certificate)
    ran = run("doctor")
    assert ran.code == 1
    assert f"chmod 600 {home.tls_key}" in ran.out
    assert "not in the identity document" in ran.out
    home.node_keys.unlink()
    home.unlock_key.unlink()
    told = run("doctor").out
    assert "node.keys is missing" in told
    assert f"{home.unlock_key.name} is missing" in told


def test_doctor_goes_on_without_a_node_or_an_agency(run: Run, home: Home, tmp_path: Path) -> None:
    """No node is one problem among the rows; no agency ends the list with how to make one."""
    data = run("doctor", "--json").json
    assert [row["level"] for row in data["checks"] if row["subject"] == "node"] == ["problem"]
    [row] = run("doctor", "--json", "--home", tmp_path / "none").json["checks"]
    assert "fanal init" in row["next"]


def test_doctor_asks_who_of_several_officers_it_speaks_for(run: Run, answering: FakeNode) -> None:
    """An officer more is no problem: what needs one is left unchecked, with the way to check it."""
    home = answering.home
    shutil.copy(home.officer_file("officer-1"), home.officer_file("auditor-1"))
    checks = run("doctor", "--json").json["checks"]
    [row] = [row for row in checks if (row["subject"], row["level"]) == ("node", "unchecked")]
    assert ("auditor-1, officer-1" in row["sentence"], row["next"]) == (True, "fanal doctor --officer ID")
    assert run("doctor").code == 0


def test_doctor_counts_links_for_an_officer_who_may_not_see_each(run: Run, answering: FakeNode) -> None:
    """Without the right to list peers it is no problem of the node: how many are linked is known."""
    refused = FanalError(NOT_PERMITTED, officer="auditor-1", action="Peers", right="RELEASE")
    answering.answers["Peers"] = refused
    answering.answers["Status"].peers_connected, answering.answers["Status"].peers_trusted = 1, 2
    ran = run("doctor", "--json")
    rows = {row["subject"]: row for row in ran.json["checks"]}
    assert (ran.code, rows["peers"]["level"], rows["peers"]["sentence"]) == (0, "ok", "1 of 2 linked")


def test_doctor_tells_a_clock_that_is_behind(
    run: Run, answering: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock before the agency's own documents is a problem; so is one that differs from the node's."""
    answering.answers["Status"].now -= 600
    assert "node's clock differs" in run("doctor").out
    monkeypatch.setattr("fanal.cli.session.Session.now", lambda _self: 1_000_000_000)
    assert "before the identity document" in run("doctor").out


def test_doctor_prints_the_command_that_settles_an_incident_and_counts_the_settled(
    run: Run, answering: FakeNode
) -> None:
    """The key stands in the very command; settled ones are a count, or named with who, when and why, and are
    no problem."""
    facts = {"agency": "AZ-CUS", "where": "ab" * 32, "number": "4"}
    forked = api.Finding(level="problem", subject="ledger", id="FANAL-E0725", facts=facts, key="fork-3f9a")
    now = answering.answers["Status"].now
    settled = api.Settled(finding=forked, officer="officer-1", at=now, reason="Sunday's backup")

    def answer(request: api.StatusRequest, done: bool) -> api.StatusReply:
        shown = [settled] if done and request.settled else []
        found = [] if done else [forked]
        return api.StatusReply(
            agency="AZ-CUS", now=int(time.time()), findings=found, settled_count=int(done), settled=shown
        )

    answering.answers["Status"] = lambda request: answer(request, False)
    ran = run("doctor")
    assert ran.code == 1
    assert "fanal node settle fork-3f9a --reason TEXT" in ran.out
    assert run("status", "--json").json["findings"][0]["key"] == "fork-3f9a"
    answering.answers["Settle"] = api.SettleReply()
    assert "Settled" in run("node", "settle", "fork-3f9a", "--reason", "Sunday's backup").out
    [sent] = answering.requests("Settle")
    assert (sent.finding, sent.reason) == ("fork-3f9a", "Sunday's backup")
    answering.answers["Settle"] = api.SettleReply(was_settled=True)
    assert run("node", "settle", "fork-3f9a", "--reason", "x", "--json").json["was_settled"] is True
    answering.answers["Status"] = lambda request: answer(request, True)
    data = run("doctor", "--json").json
    assert data["ok"] is True
    assert [row["sentence"] for row in data["checks"] if row["subject"] == "settled"] == [
        "1 settled finding(s)"
    ]
    data = run("doctor", "--all", "--json").json
    [row] = [row for row in data["checks"] if row["level"] == "settled"]
    assert data["ok"] is True
    assert "officer-1: Sunday's backup" in row["sentence"]
    assert "fork-3f9a" in row["sentence"]


def test_unlock_hands_the_secret_over_and_nowhere_else(run: Run, answering: FakeNode) -> None:
    """The key file's bytes reach the node; the answer says whether it was locked."""
    home = answering.home
    assert run("unlock").out == "The node is open.\n"
    request = answering.requests("Unlock")[0]
    assert (request.secret, request.is_key) == (home.unlock_key.read_bytes(), True)
    other = home.path / "other.key"
    other.write_bytes(b"k" * 31)
    other.chmod(0o600)
    assert run("unlock", "--key-file", other).code == 1


def test_locked_node_is_told_with_the_way_out(run: Run, answering: FakeNode) -> None:
    """The refusal of a locked node names fanal unlock."""
    answering.answers["List"] = FanalError(LOCKED)
    ran = run("notice", "list")
    assert (ran.code, "fanal unlock" in ran.err) == (4, True)


def test_officer_is_named_found_or_asked_for(
    run: Run, answering: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only officer here speaks; of several one must be named; a path, an id and FANAL_OFFICER all do."""
    home = answering.home
    second = home.officer_file("officer-2")
    shutil.copy(home.officer_file("officer-1"), second)
    ran = run("whoami")
    assert (ran.code, "officer-1, officer-2" in ran.err) == (2, True)
    assert run("whoami", "--officer", "officer-2").code == 0
    assert run("whoami", "--officer", second).code == 0
    monkeypatch.setenv("FANAL_OFFICER", "officer-1")
    assert run("whoami").code == 0
    assert run("whoami", "--officer", "nobody").code == 9
    for name in home.officers():
        home.officer_file(name).unlink()
    monkeypatch.delenv("FANAL_OFFICER")
    assert run("whoami").code == 9


def test_officers_keys_that_others_can_read_are_refused(run: Run, answering: FakeNode) -> None:
    """A key file of mode 0644 is not used, and the refusal says how to mend it."""
    answering.home.officer_file("officer-1").chmod(0o644)
    ran = run("whoami")
    assert (ran.code, "chmod 600" in ran.err) == (4, True)


def test_unknown_answers_of_a_node_stay_sentences(run: Run, node: FakeNode) -> None:
    """A status without an id, an id of a newer version, a call unknown there: each has words and a code."""
    import grpc

    wanted = {
        grpc.StatusCode.UNAVAILABLE: 5,
        grpc.StatusCode.DEADLINE_EXCEEDED: 124,
        grpc.StatusCode.UNIMPLEMENTED: 1,
        grpc.StatusCode.RESOURCE_EXHAUSTED: 1,
    }
    for status, code in wanted.items():
        node.answers["WhoAmI"] = status
        ran = run("whoami")
        assert (ran.code, "FANAL-E0903" in ran.err) == (code, False)
    newer = type("Newer", (), {"id": "FANAL-E0777"})()
    node.answers["WhoAmI"] = FanalError(LOCKED)
    node.answers["WhoAmI"].kind = newer
    ran = run("whoami")
    assert (ran.code, "FANAL-E0777" in ran.err) == (1, True)


def test_doctor_finds_an_address_that_nobody_is_told(run: Run, home: Home) -> None:
    """The port was changed after the identity document was signed: others dial the old one."""
    rows = {row["subject"]: row for row in run("doctor", "--json").json["checks"]}
    assert rows["address"]["level"] == "ok"
    text = home.settings_file.read_text()
    home.settings_file.write_text(text.replace("127.0.0.1:7443", "127.0.0.1:7999"))
    rows = {row["subject"]: row for row in run("doctor", "--json").json["checks"]}
    assert rows["address"]["level"] == "warning"
    assert "127.0.0.1:7443" in rows["address"]["next"]


def test_an_agency_that_moves_tells_others_its_new_address(run: Run, home: Home) -> None:
    """With its next certificate, as doctor says, or none when it listens nowhere; other keys leave the
    address as it was, and what leads nobody there is not told."""
    text = home.settings_file.read_text()
    for listen in ("127.0.0.1:0", "0.0.0.0:7443"):
        home.settings_file.write_text(text.replace("127.0.0.1:7443", listen))
        assert run("key", "rotate", "TLS").code == 0
        assert identity_of(home).endpoints == ("127.0.0.1:7443",)
    home.settings_file.write_text(text.replace("127.0.0.1:7443", "127.0.0.2:7999"))
    assert run("key", "rotate", "WITNESS").code == 0
    assert identity_of(home).endpoints == ("127.0.0.1:7443",)
    [row] = [one for one in run("doctor", "--json").json["checks"] if one["subject"] == "address"]
    assert "fanal key rotate TLS" in row["next"]
    assert "127.0.0.2:7999" in run("key", "rotate", "TLS").out
    assert identity_of(home).endpoints == ("127.0.0.2:7999",)
    [row] = [one for one in run("doctor", "--json").json["checks"] if one["subject"] == "address"]
    assert row["level"] == "ok"
    home.settings_file.write_text(text.replace("127.0.0.1:7443", ""))
    assert run("key", "rotate", "TLS").code == 0
    assert identity_of(home).endpoints == ()

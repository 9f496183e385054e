# SPDX-License-Identifier: Apache-2.0
"""Commands about neighbours that flood or misbehave, and about room on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from clikit import FakeNode, Run, misfits

from fanal.cli.shown import shapes
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.node.quotas.errors import NOT_A_MEMBER
from fanal.node.quotas.room import reserve_file
from fanal.v1 import officer_pb2 as api

GE = "GE-CUS"
MIB = 1024 * 1024


def flooding() -> api.PeersReply:
    """GE-CUS is over its notices and has misbehaved; this agency has used a little."""
    deed = api.Deed(id="FANAL-E0705", facts={"peer": GE, "limit": "50"}, count=7, first=1, last=1_700_000_000)
    used = [
        api.Use(limit="routine_per_hour", used=600, most=600, waiting=3, until=1_700_003_600),
        api.Use(limit="flash_per_hour", used=9, most=10),
        api.Use(limit="lanes_per_author", used=0, most=1000),
    ]
    peer = api.Peer(agency=GE, state="CONNECTED", used=used, conduct=[deed])
    return api.PeersReply(peers=[peer], own=[api.Use(limit="flash_per_hour", used=1, most=10)])


def test_quota_shows_use_against_limits_with_the_remedy(run: Run, node: FakeNode) -> None:
    """A row for each limit that was used; what waits says until when, and what ends it."""
    node.answers["Peers"] = flooding()
    data = run("quota", "--json").json
    assert misfits(data, shapes.QuotaAnswer) == []
    rows = {(row["agency"], row["limit"]): row for row in data["uses"]}
    assert set(rows) == {("AZ-CUS", "flash_per_hour"), (GE, "routine_per_hour"), (GE, "flash_per_hour")}
    over = rows[GE, "routine_per_hour"]
    assert (over["percent"], over["waiting"], over["until"]) == (100, 3, "2023-11-14T23:13:20Z")
    assert "raise routine_per_hour under [limits]" in over["next"]
    assert f"fanal peer block {GE} --reason FLOODING" in over["next"]
    assert rows[GE, "flash_per_hour"]["next"] == "if that is right, raise flash_per_hour under [limits]"
    assert rows["AZ-CUS", "flash_per_hour"]["next"] == ""


def test_quota_of_one_agency_shows_also_what_it_has_not_used(run: Run, node: FakeNode) -> None:
    """One agency in full, this one too; a name that is none is refused."""
    node.answers["Peers"] = flooding()
    assert "lanes_per_author" in run("quota", GE).out
    assert node.requests("Peers")[-1].agency == GE
    [own] = run("quota", "AZ-CUS", "--json").json["uses"]
    assert (own["agency"], own["used"]) == ("AZ-CUS", 1)
    assert run("quota", "georgia").code == 2
    node.answers["Peers"] = api.PeersReply()
    assert run("quota").out == "Nobody has used anything of a limit yet.\n"


def test_peer_show_and_doctor_say_what_a_peer_did(run: Run, node: FakeNode) -> None:
    """In a sentence, with number and time; a program gets the error id."""
    node.answers["Peers"] = flooding()
    data = run("peer", "show", GE, "--json").json
    assert misfits(data, shapes.PeerRow) == []
    assert [(one["id"], one["count"]) for one in data["conduct"]] == [("FANAL-E0705", 7)]
    out = run("peer", "show", GE).out
    assert "sends requests faster than 50 a second" in out
    assert "7 time(s), last 2023-11-14T22:13:20Z" in out


@pytest.mark.parametrize(
    ("reason", "sentence", "step"),
    [
        ("", "good until 2023-11-14T22:13:20Z", ""),
        ("FANAL-E0750", "The reading key of GE-CUS has ended", "Tell its operator, there: fanal key rotate"),
        ("FANAL-E0751", "ends on 2023-11-14T22:13:20Z", "Remind its operator, there: fanal key rotate"),
    ],
)
def test_peer_show_says_until_when_notices_can_be_sealed_for_it(
    run: Run, node: FakeNode, reason: str, sentence: str, step: str
) -> None:
    """The time, what is wrong and the next step, for a person and for a program."""
    peer = api.Peer(
        agency=GE, state="CONNECTED", reading_key_not_after=1_700_000_000, reading_key_reason=reason
    )
    node.answers["Peers"] = api.PeersReply(peers=[peer])
    out, data = " ".join(run("peer", "show", GE).out.split()), run("peer", "show", GE, "--json").json
    assert misfits(data, shapes.PeerRow) == []
    assert sentence in out
    assert step in out
    assert step in data["next"]
    assert (data["reading_key_not_after"], data["reading_key_reason_id"]) == ("2023-11-14T22:13:20Z", reason)


def test_peer_show_says_what_a_linked_peer_speaks(run: Run, node: FakeNode) -> None:
    """The version that is spoken, those that it knows, its software; what it calls itself moves no cursor."""
    peer = api.Peer(agency=GE, state="CONNECTED", protocol=1, protocols="1-2", software="fanal/9\x1b[2J")
    node.answers["Peers"] = api.PeersReply(peers=[peer])
    assert "protocol 1 (it knows 1-2), fanal/9\\u001b[2J" in run("peer", "show", GE).out
    data = run("peer", "show", GE, "--json").json
    assert (data["protocol"], data["protocols"], data["software"]) == (1, "1-2", "fanal/9\x1b[2J")
    node.answers["Peers"] = api.PeersReply(peers=[api.Peer(agency=GE, state="UNREACHABLE")])
    assert "not known: not linked" in run("peer", "show", GE).out


def test_the_preview_names_a_reader_whose_key_has_ended(run: Run, sending: FakeNode, draft: Path) -> None:
    """Before anything is signed, in a sentence."""
    usual = sending.answers["Prepare"]

    def prepare(request: object) -> api.PrepareReply:
        reply: api.PrepareReply = usual(request)
        [other] = [one for one in reply.readers if one.agency == "TR-CUS"]
        other.held_reason = "FANAL-E0750"
        return reply

    sending.answers["Prepare"] = prepare
    shown = run("notice", "send", draft, "--to", "GE-CUS,TR-CUS", "--dry-run").out
    assert "TR-CUS       gets no key yet; held: The reading key of TR-CUS has ended" in shown


def test_block_asks_for_a_reason_and_says_what_it_did(run: Run, node: FakeNode) -> None:
    """Without a reason nothing is sent; with one the node gets it, and a script gets what was before."""
    node.answers["BlockPeer"] = api.BlockPeerReply(was_blocked=False)
    assert run("peer", "block", GE).code == 2
    assert node.requests("BlockPeer") == []
    assert run("peer", "block", GE, "--reason", "FLOODING").out == f"{GE} is blocked (FLOODING).\n"
    [sent] = node.requests("BlockPeer")
    assert (sent.agency, sent.reason, sent.unblock) == (GE, "FLOODING", False)
    data = json.loads(run("peer", "block", GE, "--reason", "FLOODING", "--json").out)
    assert data == {"agency": GE, "blocked": True, "reason": "FLOODING", "was_blocked": False}


def test_unblock_lets_in_again_and_a_refusal_names_the_next_step(run: Run, node: FakeNode) -> None:
    """The node's refusal keeps its id, its exit code and its hint; a name that is none is not even sent."""
    node.answers["BlockPeer"] = api.BlockPeerReply(was_blocked=True)
    assert run("peer", "unblock", GE).out == f"{GE} is not blocked any more.\n"
    assert node.requests("BlockPeer")[-1].unblock
    node.answers["BlockPeer"] = FanalError(NOT_A_MEMBER, agency=GE)
    ran = run("peer", "block", GE, "--reason", "FLOODING")
    assert ran.code == 9
    assert "FANAL-E0795" in ran.err
    assert "fanal peer list" in ran.err
    assert run("peer", "unblock", "georgia").code == 2


def test_the_reserve_is_given_up_and_made_again_without_a_node(run: Run, home: Home) -> None:
    """No node runs, no key is asked for: the bytes come free at once, and come back when there is room."""
    home.settings_file.write_text(home.settings_file.read_text() + f"\n[limits]\nreserve_bytes = {2 * MIB}\n")
    file = reserve_file(Path(home.path / "data"))
    assert run("node", "free-reserve").out == "There was no reserve file.\n"
    assert run("node", "free-reserve", "--restore").out == "The reserve is there: 2 MiB.\n"
    assert file.stat().st_size == 2 * MIB
    freed = run("node", "free-reserve", "--json").json
    assert freed["freed"] >= 2 * MIB
    assert not file.exists()


def test_a_reserve_without_room_is_a_failure_with_the_next_step(
    run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at the second try: exit 1, and what to do before the next."""
    from fanal.node.quotas import room

    def full(_file: int, _start: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room.os, "posix_fallocate", full)
    ran = run("node", "free-reserve", "--restore")
    assert ran.code == 1
    assert "FANAL-E0791" in ran.err
    assert "fanal node free-reserve --restore" in ran.err

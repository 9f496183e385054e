# SPDX-License-Identifier: Apache-2.0
"""Listing, showing and tracking: receipts of persons only, and text of others made harmless."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from clikit import REF, FakeNode, Run, a_notice, identity_of, misfits, showing

from fanal.cli.shown import shapes
from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.keys.pae import READ, pae
from fanal.node.errors import NOTICE_UNKNOWN
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import ReadStatement
from fanal.v1.notice_pb2 import Notice


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
    assert f"\n  - list: {notice.code_lists[0].list}\n    version: {notice.code_lists[0].version}\n" in text


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


@pytest.mark.parametrize(
    ("delivery", "words", "step"),
    [
        (
            api.Delivery(state="QUEUED", reason="FANAL-E0821", facts={"address": "192.0.2.7:7443"}),
            "Nothing listens at 192.0.2.7:7443",
            "ask its operator",
        ),
        (
            api.Delivery(state="QUEUED", reason="FANAL-E0822", facts={"address": "192.0.2.7:7443"}),
            "192.0.2.7:7443 closed the connection",
            "fanal network charter shows its relays",
        ),
        (
            api.Delivery(state="QUEUED", reason="FANAL-E0828", facts={"agency": "GE-CUS"}),
            "GE-CUS is not on this node's trust list",
            "add GE-CUS to peers in fanal.toml",
        ),
        (
            api.Delivery(state="HELD", reason="NOT_A_MEMBER"),
            "not a member of the network",
            "fanal network invite GE-CUS",
        ),
        (
            api.Delivery(state="SENT"),
            "stored by the node of GE-CUS, not yet signed for",
            "its operator runs fanal unlock",
        ),
        (
            api.Delivery(state="SENT", via="TN-CGD"),
            "TN-CGD has stored it; the recipient has not signed for it yet",
            "wait; TN-CGD passes it on",
        ),
        (api.Delivery(state="RELAYED", via="TN-CGD"), "TN-CGD carries it on as a relay", "wait"),
        (
            api.Delivery(
                state="STORED", reason="RECALL_NOT_NAMED", facts={"notice": REF, "how": "--reason ERROR"}
            ),
            "no withdrawal names it: it still holds the notice",
            f"fanal notice withdraw {REF} --to GE-CUS --reason ERROR",
        ),
        (
            api.Delivery(state="STORED", reason="RECALL_OUT_OF_REACH"),
            "no withdrawal reaches it: it still holds the notice",
            "speak to GE-CUS",
        ),
    ],
)
def test_track_names_the_cause_and_what_mends_it(
    run: Run, node: FakeNode, delivery: api.Delivery, words: str, step: str
) -> None:
    """Stopped, not trusting, not trusted, no member, locked, behind a relay, not named by a withdrawal: each
    its cause and next step."""
    delivery.recipient, delivery.since = "GE-CUS", 5
    summary = api.NoticeSummary(ref=REF, outgoing=True)
    node.answers["Track"] = api.TrackReply(summary=summary, deliveries=[delivery])
    row = run("notice", "track", REF, "--json").json["deliveries"][0]
    assert words in (row["reason"] or row["meaning"])
    assert step in row["next"]
    assert "{" not in json.dumps(row)[1:]


@pytest.mark.parametrize(
    ("reason", "days", "named"),
    [
        ("FANAL-E0821", 2, True),
        ("CONNECTING", 2, True),
        ("FANAL-E0821", 0.5, False),
        ("FANAL-E0828", 2, False),
        ("FANAL-E0788", 2, False),
        ("", 2, False),
    ],
)
def test_after_a_day_without_a_line_a_courier_file_is_named(
    run: Run, node: FakeNode, reason: str, days: float, named: bool
) -> None:
    """Not before, and not when what stands in the way is no missing line."""
    since = int(time.time() - days * 86_400)
    waiting = api.Delivery(recipient="GE-CUS", state="QUEUED", reason=reason, since=since)
    summary = api.NoticeSummary(ref=REF, outgoing=True)
    node.answers["Track"] = api.TrackReply(summary=summary, deliveries=[waiting])
    row = run("notice", "track", REF, "--json").json["deliveries"][0]
    assert ("or by file: fanal courier export --to GE-CUS FILE" in row["next"]) == named


@pytest.mark.parametrize(("state", "days", "named"), [
    ("UNREACHABLE", 2, True), ("UNREACHABLE", 0.5, False), ("CONNECTED", 2, False), ("NOT_TRUSTED", 2, False),
])  # fmt: skip
def test_peer_list_names_the_courier_for_a_peer_that_is_long_away(
    run: Run, node: FakeNode, state: str, days: float, named: bool
) -> None:
    """By its last contact, or by when it was first missed."""
    at = int(time.time() - days * 86_400)
    node.answers["Peers"] = api.PeersReply(peers=[api.Peer(agency="GE-CUS", state=state, last_contact=at)])
    [row] = run("peer", "list", "--json").json["peers"]
    assert ("fanal courier export --to GE-CUS FILE" in row["next"]) == named


def test_a_legal_hold_at_a_holder_is_not_told_as_a_missing_key(run: Run, node: FakeNode) -> None:
    """HELD with the token of whoever ordered it: kept by law; no fresh key is promised."""
    held = api.Delivery(recipient="GE-CUS", state="HELD", reason="COURT_ORDER", since=5)
    node.answers["Track"] = api.TrackReply(
        summary=api.NoticeSummary(ref=REF, outgoing=True, status="WITHDRAWN"), deliveries=[held]
    )
    row = run("notice", "track", REF, "--json").json["deliveries"][0]
    assert "legal hold" in row["meaning"]
    assert row["reason"] == "COURT_ORDER"
    assert "key" not in row["next"]
    assert "GE-CUS answers again when the hold ends" in row["next"]


def test_a_revoked_officers_key_is_told_in_words(run: Run, sending: FakeNode) -> None:
    """In the list, in full and in JSON: suspect or vouched for, since when, and what to do."""
    notice = a_notice("GE-CUS")
    showing(sending, notice, outgoing=False)
    summary = sending.answers["Show"].summary
    summary.status, summary.revoked_key, summary.revoked_from = "SUSPECT", "OFFICER", 1_800_000_000
    sending.answers["List"] = api.ListReply(notices=[summary])
    assert "SUSPECT: signed under a key that was revoked since" in run("notice", "list").err
    [row] = run("notice", "list", "--json").json["notices"]
    assert (row["revoked_key"], row["revoked_from"]) == ("OFFICER", "2027-01-15T08:00:00Z")
    text = run("notice", "show", "0190", "--no-receipt").out
    assert "the key of GE-CUS's officer was revoked from 2027-01-15T08:00:00Z on" in text
    assert "Ask GE-CUS by another way" in text
    summary.status = "ISSUED"
    stands = run("notice", "show", "0190", "--no-receipt").out
    assert "it stands" in stands
    assert "SUSPECT" not in stands

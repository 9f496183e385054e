# SPDX-License-Identifier: Apache-2.0
"""Retention on whole nodes: what is erased on its day, what a hold keeps, and whose clock counts."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from nodenet import NodeNet, some_notice
from recalling import TEXT, body_of, hold, leaves, release, sent_to, three, withdraw
from waiting import later

from fanal.errors import FanalError
from fanal.keys.charter import RelayView
from fanal.node.desk import condition
from fanal.node.retention import trusted
from fanal.node.retention.errors import (
    HELD_BY_LAW,
    STILL_ISSUED,
    STILL_TAKES_BACK,
)
from fanal.notices import answers
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

DAY = 86_400


@pytest.fixture
def net() -> NodeNet:
    return three()


def test_an_expired_notice_leaves_search_and_is_kept_until_its_delete_by(net: NodeNet) -> None:
    """EXPIRED: not found by words any more, shown by its ref, content still here."""
    sent = sent_to(net, "TR-CUS")
    reader = net.nodes["TR-CUS"]
    search = api.ListRequest(folder="inbox", query="lorry")
    assert [one.ref for one in reader.desk.list(reader.officer, search).notices] == [sent.ref]
    expires = Notice.FromString(reader.show(sent.ref).notice).expires_at.seconds
    later(net, (expires - net.now) / DAY + 1)
    assert list(reader.desk.list(reader.officer, search).notices) == []
    assert reader.show(sent.ref).summary.status == "EXPIRED"
    assert body_of(reader, sent) is not None


def test_a_relay_lets_go_of_its_ciphertext_on_expiry() -> None:
    """The relay cannot read delete_by; the header's expiry is enough for it."""
    net = NodeNet(
        "GE-CUS",
        "UZ-CUS",
        "XX-RLY",
        relays={"XX-RLY": RelayView("XX-RLY", direct=True, serves=("UZ-CUS",))},
        trust={"UZ-CUS": ("XX-RLY",)},
    )
    net.run(1)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["UZ-CUS"])
    net.run(30)
    relay = net.nodes["XX-RLY"]
    assert body_of(relay, sent) is not None
    row = relay.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    later(net, (row.expires - net.now) / DAY + 1)
    assert body_of(relay, sent) is None
    assert any(b"basis=expired" in one and b"state=final" in one for one in leaves(relay, "erasure"))


def test_a_legal_hold_outlasts_delete_by_and_is_a_finding(net: NodeNet) -> None:
    """Held: not erased a year later and shown as a finding; lifted: the job takes it the next day."""
    sent = sent_to(net, "TR-CUS")
    reader = net.nodes["TR-CUS"]
    hold(reader, sent.ref)
    later(net, 366)
    assert body_of(reader, sent) is not None
    found = reader.desk.status(reader.officer, api.StatusRequest()).findings
    assert "FANAL-E0666" in [one.id for one in found]
    release(reader, sent.ref)
    later(net, 1.1)
    assert body_of(reader, sent) is None


def test_a_clock_that_jumps_erases_nothing_until_an_operator_confirms(net: NodeNet) -> None:
    """Two years ahead without a witness: nothing goes, a finding says so; confirmed, it goes."""
    sent = sent_to(net, "TR-CUS")
    reader = net.nodes["TR-CUS"]
    net.now += 700 * DAY
    reader.host.start()
    net.run(20)
    assert body_of(reader, sent) is not None
    found = reader.desk.status(reader.officer, api.StatusRequest()).findings
    assert "FANAL-E0665" in [one.id for one in found]
    later(net, 0)
    assert body_of(reader, sent) is None


def test_a_clock_ahead_of_every_witness_is_named(net: NodeNet) -> None:
    """Nothing is erased by it; doctor names it after a day, and not while the clock is right."""
    sent_to(net, "TR-CUS")
    net.run(120)
    node = net.nodes["TR-CUS"].node
    named = lambda: {one.id: one.facts["days"] for one in condition.findings(node) if one.subject == "clock"}  # noqa: E731
    assert named() == {}
    node.clock = lambda: net.now + 3 * DAY
    assert named() == {"FANAL-E0664": "3"}


def test_trusted_time_is_the_smaller_of_clock_and_witness_plus_a_day() -> None:
    """With a witness the clock may run a day ahead; without one a longer jump stands still."""
    assert trusted.trusted_time(10 * DAY, None).time == 10 * DAY
    assert trusted.trusted_time(10 * DAY, 9 * DAY).time == 10 * DAY
    assert trusted.trusted_time(10 * DAY + 1, 9 * DAY) == trusted.Trusted(9 * DAY, waits=True)
    assert trusted.trusted_time(50 * DAY, 9 * DAY, witnessed=20 * DAY).time == 21 * DAY
    assert trusted.trusted_time(5 * DAY, 9 * DAY).time == 5 * DAY


# --- an operator's order, keys ----------------------------------------------------------------------


def test_an_operators_order_erases_at_once_and_becomes_final_with_the_lane_key(net: NodeNet) -> None:
    """PENDING while the lane key is here; 60 days later the key is destroyed and the log says FINAL."""
    sent = sent_to(net, "TR-CUS")
    reader = net.nodes["TR-CUS"]
    request = api.EraseRequest(notice=sent.ref, basis="DATA_SUBJECT_RIGHTS")
    reply = reader.desk.erase(reader.officer, request)
    assert (reply.envelopes, reply.state) == (1, "PENDING")
    assert reader.show(sent.ref).erasure_basis == "order-data-subject-rights"
    assert reader.show(sent.ref).summary.status == "ERASED"
    later(net, 61)
    assert reader.show(sent.ref).erasure_state == "FINAL"
    row = reader.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    assert reader.vault.lane_key(key_manifest_sha256=row.key_envelope) is None
    assert reader.ledger.entries.wraps(row.key_envelope) == []
    assert reader.desk.erase(reader.officer, request).state == "FINAL"


def test_an_order_is_refused_under_a_hold_and_for_an_own_notice_in_force(net: NodeNet) -> None:
    """The law comes first; and others rely on what we issued until we take it back."""
    sent = sent_to(net, "TR-CUS")
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    hold(reader, sent.ref)
    for host, kind in ((reader, HELD_BY_LAW), (sender, STILL_ISSUED)):
        with pytest.raises(FanalError) as refused:
            host.desk.erase(host.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
        assert refused.value.kind is kind


def test_the_author_is_told_until_when_its_withdrawal_stays(net: NodeNet) -> None:
    """Nobody can withdraw a withdrawal, so the refusal names the day; then the order is carried out."""
    sent = sent_to(net, "TR-CUS")
    sender = net.nodes["GE-CUS"]
    withdraw(net, sent, delete=False)
    own = next(one for one in sender.inbox("sent") if one.kind == "WITHDRAWAL")
    order = api.EraseRequest(notice=own.ref, basis="COURT_ORDER")
    with pytest.raises(FanalError) as refused:
        sender.desk.erase(sender.officer, order)
    assert refused.value.kind is STILL_TAKES_BACK
    expires = Notice.FromString(sender.show(own.ref).notice).expires_at.seconds
    day = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%d")
    assert str(refused.value.facts["until"]).startswith(day)
    later(net, int(expires - net.now) // DAY + 1)
    assert sender.desk.erase(sender.officer, order).envelopes == 1


def test_an_erased_body_is_neither_taken_in_again_nor_served(net: NodeNet) -> None:
    """A peer that missed the order still has the content; offered again, it stays out."""
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    reader = net.nodes["TR-CUS"]
    reader.desk.erase(reader.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    for host in net.nodes.values():
        host.crash()
    for host in net.nodes.values():
        host.start()
    net.run(60)
    assert body_of(reader, sent) is None
    assert body_of(net.nodes["AZ-CUS"], sent) is not None


def test_a_manifest_without_its_content_is_not_taken_early_and_others_are_asked(net: NodeNet) -> None:
    """AZ-CUS was away; the one peer it meets first has erased the body; it waits and gets it from another."""
    net.nodes["AZ-CUS"].crash()
    sent = sent_to(net, "TR-CUS", "AZ-CUS")
    reader, late = net.nodes["TR-CUS"], net.nodes["AZ-CUS"]
    reader.desk.erase(reader.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    net.nodes["GE-CUS"].crash()
    late.start()
    net.run(60)
    assert late.ledger.entries.get(envelope_id=sent.envelope_id) is None
    net.nodes["GE-CUS"].start()
    net.run(120)
    assert TEXT.encode() in late.show(sent.ref).notice


def test_a_deletion_is_confirmed_by_a_signed_notice(net: NodeNet) -> None:
    """Made of what stays after the erasure; it reaches the originator without a problem."""
    sent = sent_to(net, "TR-CUS")
    withdraw(net, sent, delete=True)
    reader = net.nodes["TR-CUS"]
    shown = reader.show(sent.ref)
    draft = answers.deletion_confirmation(
        shown.summary.notice_id,
        shown.statement_sha256,
        "GE-CUS",
        "TR-CUS",
        shown.erased_at,
        int(net.now),
        os.urandom,
        legal_basis=shown.erasure_basis,
    )
    confirmed = reader.send(draft)
    net.run(20)
    got = net.nodes["GE-CUS"].show(confirmed.ref)
    assert (got.summary.kind, list(got.problems)) == ("DELETION_CONFIRMATION", [])

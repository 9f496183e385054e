# SPDX-License-Identifier: Apache-2.0
"""A reading key that has ended, or ends soon: who sends, tracks or looks after the node is told whose."""

from __future__ import annotations

import os
from typing import Any

import pytest
import sealing
from nodenet import NodeHost, NodeNet, some_notice
from sealing import Delivery, sealed, sealed_content

from fanal.keys import xwing
from fanal.keys.identity import ENCRYPT_EPOCH, encrypt_entry, sign_identity
from fanal.keys.revocation import sign_revocation
from fanal.keys.rotation import draft_rotated
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.desk import condition
from fanal.node.lanes import readingkeys
from fanal.node.lanes.errors import READING_KEY_ENDED, READING_KEY_ENDS
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

HOUR, YEAR = 3_600, 365 * 86_400
A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"


def later(net: NodeNet, seconds: int) -> None:
    """The date that every node reads."""
    for one in net.nodes.values():
        one.node.steady, one.node.clock = (lambda: net.now), (lambda: net.now + seconds)


def renewed(net: NodeNet, name: str) -> None:
    """As `fanal key rotate ENCRYPT` and the running node do it, and every peer has heard of it."""
    host, seed = net.nodes[name], xwing.generate()
    host.more_keys["encrypt-2"] = seed
    now = host.node.now
    entry = encrypt_entry(xwing.public_of(seed), 2, now)
    document = sign_identity(host.agency.root, draft_rotated(host.node.identity, entry, now))
    for one in net.nodes.values():
        assert one.node.take_documents((), [document])
    host.node.replace_keys(host.keys())
    host.host.roster_changed()


def one_ended() -> NodeNet:
    """B alone has not made its next reading key."""
    net = NodeNet(A, B, C)
    net.run(1)
    later(net, ENCRYPT_EPOCH - HOUR)
    renewed(net, A)
    renewed(net, C)
    later(net, ENCRYPT_EPOCH + HOUR)
    return net


def told(host: NodeHost) -> dict[str, str]:
    """Error id -> agency, of what the operator reads about reading keys."""
    ids = (READING_KEY_ENDED.id, READING_KEY_ENDS.id)
    return {one.id: one.facts["agency"] for one in condition.findings(host.node) if one.id in ids}


def test_it_is_good_then_ends_soon_then_has_ended() -> None:
    """A week ahead, and from the second on in which nothing can be sealed any more; a new one ends it."""
    net = NodeNet(A, B, linked=False)
    directory, end = net.nodes[A].node.directory, net.nodes[B].node.now + ENCRYPT_EPOCH
    week = readingkeys.SOON
    for now, kind in ((end - week - 1, None), (end - 1, READING_KEY_ENDS), (end, READING_KEY_ENDED)):
        found = readingkeys.of(directory, B, now)
        assert (found.ends, found.finding.kind if found.finding else None) == (end, kind)
        assert found.ended == (directory.encryption_keys([B], now) == {})
    later(net, ENCRYPT_EPOCH)
    renewed(net, B)
    assert readingkeys.of(net.nodes[A].node.directory, B, end).finding is None


def test_nothing_is_said_of_an_agency_that_is_not_known() -> None:
    """Its document has not come: that is told elsewhere."""
    directory = NodeNet(A, B, linked=False).nodes[A].node.directory
    assert readingkeys.of(directory, "XX-NEW", 0) == readingkeys.Reading()


def test_a_revoked_key_has_ended() -> None:
    """Whatever its dates say."""
    net = NodeNet(A, B, linked=False)
    agency, node = net.nodes[B].agency, net.nodes[A].node
    revoked = sign_revocation(agency.root, B, 1, agency.encrypt_key_id, node.now, "compromised", node.now)
    assert not readingkeys.of(node.directory, B, node.now).ended
    assert node.take_documents((), [revoked])
    assert readingkeys.of(node.directory, B, node.now).ended


def test_the_operator_is_told_whose_reading_key_has_ended() -> None:
    """In the findings that `status` and `doctor` show; not of those who made a new one."""
    net = one_ended()
    assert told(net.nodes[A]) == {READING_KEY_ENDED.id: B}
    renewed(net, B)
    assert told(net.nodes[A]) == {}


def test_who_sends_is_shown_before_signing_that_the_key_has_ended() -> None:
    """The reader without a key carries the cause; the other gets its key."""
    author = one_ended().nodes[A]
    data = some_notice(A, now=author.node.now).SerializeToString(deterministic=True)
    reply = author.desk.prepare(author.officer, api.PrepareRequest(to=[B, C], notice=data, dry_run=True))
    assert {one.agency: (one.has_key, one.held_reason) for one in reply.readers} == {
        B: (False, READING_KEY_ENDED.id),
        C: (True, ""),
    }


def test_track_names_the_ended_key_until_there_is_a_new_one_which_then_opens_it() -> None:
    """While it is on the way and once it is there; what was sealed for the old key before is not accused."""
    net = one_ended()
    author, reader = net.nodes[A], net.nodes[B]
    later(net, ENCRYPT_EPOCH - HOUR)
    before = author.send(some_notice(A, "before", author.node.now), [B])
    later(net, ENCRYPT_EPOCH + HOUR)
    sent = author.send(some_notice(A, "after", author.node.now), [B, C])

    def tracked(ref: str) -> dict[str, tuple[str, str]]:
        reply = author.desk.track(author.officer, api.TrackRequest(notice=ref))
        return {one.recipient: (one.state, one.reason) for one in reply.deliveries}

    assert tracked(before.ref)[B] == ("QUEUED", "")
    assert tracked(sent.ref) == {B: ("QUEUED", READING_KEY_ENDED.id), C: ("QUEUED", "")}
    net.run(60)
    assert tracked(sent.ref) == {B: ("STORED", READING_KEY_ENDED.id), C: ("STORED", "")}
    assert tracked(before.ref)[B] == ("STORED", "")
    renewed(net, B)
    assert len(reader.inbox()) == 1
    author.host.open_arrived(everything=True)
    net.run(60)
    assert tracked(sent.ref)[B] == ("STORED", "")
    assert len(reader.inbox()) == 2


def took(net: NodeNet, *deliveries: Delivery) -> NodeHost:
    """A has taken what B sealed past its own checks, and opened it as far as it could."""
    reader = net.nodes[A]
    for one in deliveries:
        outcome = incoming.receive(reader.node, B, one.envelopes, one.wraps)
        assert not outcome.refused
        opening.open_arrived(reader.node, [wrap.key_manifest_sha256 for wrap in outcome.wraps])
    return reader


def incidents(host: NodeHost, what: str) -> int:
    return sum(b"what=" + what.encode() in leaf for leaf in host.ledger.log.leaves(0, 1000))


def spoil(notice: Notice) -> None:
    notice.ref = notice.ref[:-2] + "00"


def years_behind() -> NodeNet:
    """By A's clock no reading key is good yet, its own neither."""
    net = NodeNet(A, B, C)
    net.run(1)
    net.nodes[A].node.clock = lambda: net.now - 10 * YEAR
    return net


def right_again(net: NodeNet) -> None:
    net.nodes[A].node.clock = lambda: net.now
    net.nodes[A].host.open_arrived(everything=True)  # as the daemon does when the clock jumps
    net.run(20)


def test_what_no_key_is_good_to_answer_waits_until_the_clock_is_right() -> None:
    """A notice against the rules, while the reader's clock is years behind: that is no fault of the entry. It
    is filed and answered REJECTED when the clock is put right."""
    net = years_behind()
    reader = took(net, sealed(net.nodes[B], (A,), some_notice(B), spoil))
    assert (reader.inbox(), incidents(reader, "entry-set-aside")) == ([], 0)
    assert [one.reason for one in reader.node.vault.pending(10)] == [opening.WAITS_FOR_READER]
    right_again(net)
    assert [one.status for one in reader.inbox()] == ["REJECTED"]


def test_what_is_wrong_inside_and_cannot_be_answered_stops_nothing_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It waits, and is an incident when it is answered; what came behind it is looked at as ever."""
    net = years_behind()

    def elsewhere(*before: Any) -> Delivery:
        return sealed_content(*before[:-1], os.urandom(16))

    monkeypatch.setattr(sealing, "sealed_content", elsewhere)
    wrong = sealed(net.nodes[B], (A,), some_notice(B))
    monkeypatch.undo()
    reader = took(net, wrong, sealed(net.nodes[C], (A,), some_notice(C)))
    assert reader.node.vault.cursor() == reader.ledger.head().entries
    assert incidents(reader, "not-opened") == 0
    right_again(net)
    assert incidents(reader, "not-opened") == 1
    assert [one.originator for one in reader.inbox()] == [C]
    assert reader.node.vault.pending(10) == []


def test_a_reading_that_no_key_is_good_to_tell_of_is_told_when_the_notice_is_shown_again() -> None:
    """The officer sees it all the same; it stays unread until the clock is right."""
    net = NodeNet(A, B, C)
    net.run(1)
    sent = net.nodes[B].send(some_notice(B), [A])
    net.run(10)
    reader = net.nodes[A]
    reader.node.clock = lambda: net.now + 10 * YEAR
    assert not reader.read(sent.ref)
    assert not reader.show(sent.ref).summary.read
    right_again(net)
    assert net.nodes[B].states(sent.ref) == {A: "STORED"}
    assert reader.read(sent.ref)
    net.run(10)
    assert net.nodes[B].states(sent.ref) == {A: "READ"}

# SPDX-License-Identifier: Apache-2.0
"""The two stories end to end on whole nodes in memory: sent, received, opened, answered."""

from __future__ import annotations

import hashlib
import itertools
import os

import pytest
from memnet import Faults
from nodenet import NodeHost, NodeNet, some_notice

from fanal.errors import FanalError
from fanal.keys.charter import RelayView
from fanal.node.errors import LOCKED
from fanal.notices import answers
from fanal.notices.compose import revise
from fanal.proof.leaf import decode
from fanal.v1.notice_pb2 import AckStatus, Notice, WithdrawalReason


def test_a_notice_reaches_its_readers_who_open_it() -> None:
    """What GE-CUS sends to two agencies is in both inboxes, word for word, and nowhere else."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", "KZ-CUS")
    net.run(1)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS", "Lorry with a false floor"), ["TR-CUS", "AZ-CUS"])
    net.run(30)
    for name in ("TR-CUS", "AZ-CUS"):
        assert [one.ref for one in net.nodes[name].inbox()] == [sent.ref]
        assert b"Lorry with a false floor" in net.nodes[name].show(sent.ref).notice
    assert net.nodes["KZ-CUS"].inbox() == []


def test_the_sender_sees_stored_at_every_reader() -> None:
    """STORED comes from a signed receipt of each reader."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "QUEUED", "AZ-CUS": "QUEUED"}
    net.run(2)
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "SENT", "AZ-CUS": "SENT"}
    net.run(30)
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "STORED", "AZ-CUS": "STORED"}


RELAYED = {
    "relays": {"XX-RLY": RelayView("XX-RLY", direct=True, serves=("UZ-CUS",))},
    "trust": {"UZ-CUS": ("XX-RLY",)},
}


def relayed(seed: int = 0) -> NodeNet:
    """GE-CUS and TR-CUS linked to each other and to the relay, UZ-CUS to the relay alone."""
    return NodeNet("GE-CUS", "TR-CUS", "UZ-CUS", "XX-RLY", seed=seed, **RELAYED)


def test_a_relay_carries_what_it_cannot_read() -> None:
    """UZ-CUS hears GE-CUS only through the relay, which has no key, no plaintext and an empty inbox."""
    net = relayed()
    net.run(1)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS", "Seen at Alat"), ["UZ-CUS", "TR-CUS"])
    net.run(40)
    assert b"Seen at Alat" in net.nodes["UZ-CUS"].show(sent.ref).notice
    relay = net.nodes["XX-RLY"]
    assert relay.inbox("all") == []
    assert relay.vault.pending(10) == []
    assert relay.ledger.entries.get(envelope_id=sent.envelope_id) is not None
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "STORED", "UZ-CUS": "STORED"}


def test_the_relays_signed_word_is_shown_while_the_reader_is_away() -> None:
    """SENT when the relay has committed it, RELAYED when the relay has signed so, STORED by the reader."""
    net = relayed()
    net.run(1)
    net.nodes["UZ-CUS"].crash()
    sender = net.nodes["GE-CUS"]
    sent = sender.send(some_notice("GE-CUS"), ["UZ-CUS"])
    net.run(2)
    assert sender.states(sent.ref) == {"UZ-CUS": "SENT"}
    net.run(20)
    assert sender.states(sent.ref) == {"UZ-CUS": "RELAYED"}
    net.nodes["UZ-CUS"].start()
    net.run(60)
    assert sender.states(sent.ref) == {"UZ-CUS": "STORED"}


def test_a_reader_killed_between_commit_and_receipt_still_signs_once() -> None:
    """Killed after the commit, before the receipt: STORED follows the restart, from one leaf and notice."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run_until(lambda: sender.states(sent.ref) == {"TR-CUS": "SENT"})
    reader.crash()
    net.run(30)
    assert sender.states(sent.ref) == {"TR-CUS": "SENT"}
    reader.start()
    net.run(60)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}
    assert len(reader.inbox()) == 1
    leaves = [leaf for leaf in reader.ledger.log.leaves(0, 1000) if b" envelope-in " in leaf]
    assert sum(sent.envelope_id.hex().encode() in leaf for leaf in leaves) == 1


def test_a_killed_sender_goes_on_where_it_committed() -> None:
    """No number is used twice and nothing committed is lost when the sender dies right after the commit."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    sender = net.nodes["GE-CUS"]
    first = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    sender.crash()
    net.run(5)
    sender.start()
    second = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(60)
    assert {one.ref for one in net.nodes["TR-CUS"].inbox()} == {first.ref, second.ref}
    assert net.nodes["TR-CUS"].ledger.entries.forks() == []


def test_a_reader_away_for_a_thousand_notices_catches_up() -> None:
    """After an outage the reader has every notice, in bounded batches."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    net.nodes["TR-CUS"].crash()
    sent = [net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"]).ref for _ in range(60)]
    net.nodes["TR-CUS"].start()
    net.run(60)
    assert {one.ref for one in net.nodes["TR-CUS"].inbox()} == set(sent)


def test_reading_is_a_receipt_signed_by_the_officer() -> None:
    """READ appears at the sender after the officer signed it, and only the first reading counts."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    assert reader.read(sent.ref)
    assert not reader.read(sent.ref)
    net.run(20)
    assert sender.states(sent.ref) == {"TR-CUS": "READ"}


def test_a_reply_makes_the_question_answered() -> None:
    """An ACK of the recipient is a notice of its own and moves the asker's track to ANSWERED."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    asker, answerer = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = asker.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    answerer.send(acknowledge(answerer, sent.ref))
    net.run(20)
    assert asker.states(sent.ref) == {"TR-CUS": "ANSWERED"}


def test_a_withdrawal_takes_effect_on_arrival_and_is_seen_at_each_reader() -> None:
    """The reader shows WITHDRAWN; the sender sees WITHDRAWN there; a late revision does not revive it."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    notice = Notice.FromString(sender.show(sent.ref).notice)
    sender.send(answers.withdraw(notice, "GE-CUS", WithdrawalReason.ERROR, int(net.now), os.urandom))
    net.run(20)
    assert reader.show(sent.ref).summary.status == "WITHDRAWN"
    assert sender.states(sent.ref) == {"TR-CUS": "WITHDRAWN"}


def test_a_revision_replaces_the_notice_in_the_list() -> None:
    """One line in the inbox, revision 2, marked UPDATED."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    shown = sender.show(sent.ref)
    previous = hashlib.sha256(shown.statement).hexdigest()
    sender.send(
        revise(Notice.FromString(shown.notice), "GE-CUS", previous, "Colour of the lorry", int(net.now))
    )
    net.run(20)
    assert [(one.ref, one.revision, one.status) for one in reader.inbox()] == [(sent.ref, 2, "UPDATED")]


def test_a_reply_that_outruns_its_parent_is_parked_and_joined() -> None:
    """AZ-CUS gets TR-CUS's answer before GE-CUS's question: PARKED, then ISSUED."""
    net = NodeNet("AZ-CUS", "GE-CUS", "TR-CUS")
    net.run(1)
    net.partition(("GE-CUS", "TR-CUS"), ("AZ-CUS",))
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    net.run(20)
    net.nodes["GE-CUS"].crash()
    net.heal()
    reply = acknowledge(net.nodes["TR-CUS"], sent.ref)
    reply.recipients.append("AZ-CUS")
    answer = net.nodes["TR-CUS"].send(reply)
    net.run(10)
    assert [(one.ref, one.status) for one in net.nodes["AZ-CUS"].inbox()] == [(answer.ref, "PARKED")]
    net.nodes["GE-CUS"].start()
    net.run(60)
    states = {one.ref: one.status for one in net.nodes["AZ-CUS"].inbox()}
    assert states == {sent.ref: "ISSUED", answer.ref: "ISSUED"}


def test_a_locked_node_stores_and_relays_but_signs_nothing() -> None:
    """Restarted without its keys a reader commits what comes; the receipt follows when it is unlocked."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    sender, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    reader.crash()
    reader.start(locked=True)
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(40)
    assert sender.states(sent.ref) == {"TR-CUS": "SENT"}
    with pytest.raises(FanalError) as refused:
        reader.inbox()
    assert refused.value.kind is LOCKED
    reader.node.unlock(reader.keys())
    reader.host.start()
    net.run(20)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}
    assert len(reader.inbox()) == 1


def test_a_channel_is_one_lane_for_all_its_members() -> None:
    """A notice to the group reaches every member and nobody else."""
    members = ("AZ-CUS", "GE-CUS", "KZ-CUS")
    net = NodeNet(*members, "TR-CUS", channels={"CASPIAN": members})
    net.run(1)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["group:CASPIAN"])
    net.run(30)
    assert net.nodes["GE-CUS"].states(sent.ref) == {"AZ-CUS": "STORED", "KZ-CUS": "STORED"}
    assert net.nodes["TR-CUS"].ledger.entries.get(envelope_id=sent.envelope_id) is None


def test_everything_arrives_once_over_bad_lines() -> None:
    """Lost connections, duplicates and reordering: every reader files every notice exactly once."""
    net = NodeNet("AZ-CUS", "GE-CUS", "TR-CUS", seed=7)
    for link in net.links.values():
        link.faults = Faults(delay=0.3, jitter=0.2, duplicate=0.2, unordered=True, drop_link=0.02)
    sent = [net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"]).ref for _ in range(20)]
    net.run(300)
    for link in net.links.values():
        link.faults = Faults()
    net.run(120)
    for name in ("TR-CUS", "AZ-CUS"):
        assert sorted(one.ref for one in net.nodes[name].inbox()) == sorted(sent)
    assert set(net.nodes["GE-CUS"].states(sent[0]).values()) == {"STORED"}


def acknowledge(host: NodeHost, ref: str) -> Notice:
    """The draft of an ACK that accepts a notice."""
    parent = Notice.FromString(host.show(ref).notice)
    return answers.ack(parent, host.name, AckStatus.ACCEPTED, int(host.net.now), os.urandom)


def test_an_entry_and_its_leaf_bear_one_time_when_the_clock_moves_between_two_looks() -> None:
    """Whoever audits the ledger compares them."""
    net = NodeNet("GE-CUS", "TR-CUS")
    peer, looks = net.nodes["TR-CUS"], itertools.count()
    peer.node.steady, peer.node.clock = (lambda: net.now), (lambda: net.now + 3600 * (next(looks) % 2))
    net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(10)
    came = [row for row in peer.ledger.entries.since(0, 100) if row.author == "GE-CUS"]
    assert came
    for row in came:
        assert row.leaf is not None
        assert decode(peer.ledger.log.leaves(row.leaf, row.leaf + 1)[0])["time"] == row.arrived

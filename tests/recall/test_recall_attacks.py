# SPDX-License-Identifier: Apache-2.0
"""What others can make `track` say of a notice that was withdrawn."""

from __future__ import annotations

import pytest
from nodenet import NodeHost, NodeNet
from recalling import sent_to, three, tracked, withdrawal
from sealing import sealed_receipts

from fanal.envelope import receipts as wire
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.ledger.rows import EntryRow
from fanal.node.receipts import issuing
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import RecallAnswer, RecallOutcome, Receipts

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"


@pytest.fixture
def net() -> NodeNet:
    return three()


def row_of(host: NodeHost, sent: api.SendReply) -> EntryRow:
    row = host.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    return row


def told(net: NodeNet, by: str, receipts: Receipts) -> None:
    """`by` signs these receipts, and the author takes them in."""
    host = net.nodes[by]
    host._announce(issuing.issue(host.node, A, receipts))
    net.run(20)


def incidents(host: NodeHost) -> int:
    return sum(b"what=receipt-does-not-fit" in leaf for leaf in host.ledger.log.leaves(0, 1000))


def test_attack_a_holder_that_says_held_is_still_named_as_not_asked(net: NodeNet) -> None:
    """Whatever token it gives, that it is no member included: a receipt is no answer to a withdrawal."""
    for reason in ("NO_KEY", "LATER", "NOT_A_MEMBER"):
        sent = sent_to(net, B, C)
        told(net, C, Receipts(held=[wire.held(row_of(net.nodes[A], sent).manifest_sha256, reason)]))
        net.nodes[A].send(withdrawal(net, sent, delete=False), (B,))
        net.run(20)
        assert tracked(net.nodes[A], sent.ref)[C][1] == "RECALL_NOT_NAMED", reason


def test_attack_a_holder_cannot_say_that_it_was_never_asked(net: NodeNet) -> None:
    """That an agency is no member only its author can know: the word of the holder itself is an incident, and
    its silence is named."""
    sent = sent_to(net, B, C)
    net.partition((A, B), (C,))
    asked = net.nodes[A].send(withdrawal(net, sent, delete=False))
    net.run(20)
    word = Receipts(held=[wire.held(row_of(net.nodes[A], asked).manifest_sha256, "NOT_A_MEMBER")])
    made = sealed_receipts(net.nodes[C], A, word)
    outcome = incoming.receive(net.nodes[A].node, C, made.envelopes, made.wraps)
    opening.open_arrived(net.nodes[A].node, [one.key_manifest_sha256 for one in outcome.wraps])
    assert tracked(net.nodes[A], sent.ref)[C] == ("STORED", "RECALL_SILENT")
    assert incidents(net.nodes[A]) == 1


def test_attack_an_answer_to_a_withdrawal_that_was_never_sent_to_it_says_nothing(net: NodeNet) -> None:
    """C holds the notice and is not asked: it cannot have complied, whichever envelope of ours it names."""
    sent = sent_to(net, B, C)
    asked = net.nodes[A].send(withdrawal(net, sent, delete=False), (B,))
    for one in (sent, asked):
        manifest = row_of(net.nodes[A], one).manifest_sha256
        answer = RecallAnswer(
            manifest_sha256=manifest, notice_id=sent.notice_id, outcome=RecallOutcome.COMPLIED, at=1
        )
        told(net, C, Receipts(recalls=[answer]))
    assert tracked(net.nodes[A], sent.ref)[C] == ("STORED", "RECALL_NOT_NAMED")
    assert incidents(net.nodes[A]) == 2


def test_who_never_was_sent_a_notice_is_not_named_among_its_holders(net: NodeNet) -> None:
    """C is asked to give back what only B was sent; it answers like everybody, and holds nothing."""
    sent = sent_to(net, B)
    net.nodes[A].send(withdrawal(net, sent, delete=False), (B, C))
    net.run(20)
    assert tracked(net.nodes[A], sent.ref) == {B: ("WITHDRAWN", "COMPLIED")}


def test_a_notice_whose_text_is_gone_is_taken_back_from_all_who_were_sent_it(net: NodeNet) -> None:
    """Not only from those whom the withdrawal before named, of which alone the text is still there."""
    sent = sent_to(net, B, C)
    net.nodes[A].send(withdrawal(net, sent, delete=True), (B,))
    net.run(20)
    net.nodes[A].send(withdrawal(net, sent, delete=True))
    net.run(20)
    assert tracked(net.nodes[A], sent.ref) == dict.fromkeys((B, C), ("WITHDRAWN", "COMPLIED"))

# SPDX-License-Identifier: Apache-2.0
"""An officer's client that got no answer offers the same signed bytes again: one notice, one answer."""

from __future__ import annotations

import pytest
from nodenet import NodeHost, NodeNet, some_notice

from fanal.envelope.statement import SignedDraft
from fanal.errors import FanalError
from fanal.node.errors import ENVELOPE_TAKEN
from fanal.v1 import officer_pb2 as api


def request_of(draft: SignedDraft) -> api.SendRequest:
    return api.SendRequest(
        statement=draft.statement,
        officer_signature=draft.signature,
        notice=draft.notice,
        notice_salt=draft.notice_salt,
        field_salt=draft.field_salt,
        content_salt=draft.content_salt,
    )


def prepared(node: NodeHost, text: str = "Seen at Alat") -> api.SendRequest:
    return request_of(node.draft(some_notice(node.name, text), ["TR-CUS"]))


def test_the_same_bytes_sent_twice_are_one_notice_with_one_answer() -> None:
    """The second answer names the same envelope and leaf, and nothing more is in ledger or vault."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    ge = net.nodes["GE-CUS"]
    request = prepared(ge)
    first = ge.desk.send(ge.officer, request)
    size = ge.ledger.head().size
    assert ge.desk.send(ge.officer, request) == first
    assert ge.ledger.head().size == size
    net.run(30)
    assert ge.desk.send(ge.officer, request) == first
    assert len(ge.inbox("sent")) == 1
    assert len(net.nodes["TR-CUS"].inbox()) == 1


def test_a_notice_committed_before_a_kill_is_answered_when_it_is_offered_again() -> None:
    """Killed between the commit and the own copy: the same bytes get the answer that was never heard."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    ge = net.nodes["GE-CUS"]
    request, file = prepared(ge), ge.vault.file

    def killed(_filing: object) -> None:
        raise KeyboardInterrupt

    ge.vault.file = killed  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        ge.desk.send(ge.officer, request)
    ge.vault.file = file  # type: ignore[method-assign]
    ge.crash()
    ge.start()
    reply = ge.desk.send(ge.officer, request)
    assert [one.ref for one in ge.inbox("sent")] == [reply.ref]


def test_an_answer_is_repeated_under_a_newer_charter() -> None:
    """What was sent under the charter of its time is sent: a newer charter refuses only what is new."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    ge = net.nodes["GE-CUS"]
    request = prepared(ge)
    first = ge.desk.send(ge.officer, request)
    ge.next_charter()
    assert ge.desk.send(ge.officer, request) == first


def test_another_notice_under_a_used_envelope_id_is_refused() -> None:
    """An envelope id stands for one statement; a client that signs a second one with it is told so."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    ge = net.nodes["GE-CUS"]
    draws = iter([bytes(16), bytes(16)])
    rng = net.rng
    net.rng = lambda count: next(draws, rng(count)) if count == 16 else rng(count)  # type: ignore[method-assign]
    one, other = prepared(ge, "first"), prepared(ge, "second")
    net.rng = rng  # type: ignore[method-assign]
    ge.desk.send(ge.officer, one)
    with pytest.raises(FanalError) as refused:
        ge.desk.send(ge.officer, other)
    assert refused.value.kind is ENVELOPE_TAKEN

# SPDX-License-Identifier: Apache-2.0
"""Answers of a witness that come twice, or late: its line goes onto the checkpoint before the next one."""

from __future__ import annotations

import pytest
from nodenet import NodeHost, NodeNet, some_notice

from fanal.node.witness import ownlog
from fanal.proof import note as notes
from fanal.proof.checkpoint import parse_text
from fanal.v1 import peer_pb2

A, B = "GE-CUS", "AZ-CUS"


def cosigners(host: NodeHost) -> set[str]:
    newest = host.ledger.head().checkpoint
    assert newest is not None
    return set(ownlog.quorum_of(host.node, newest.note).cosigned)


def test_an_answer_that_comes_twice_hides_no_cosignature(monkeypatch: pytest.MonkeyPatch) -> None:
    """The witness says twice where it stands; its line, which comes after that, goes onto the checkpoint, and
    does not wait for the next one, an hour later."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(130.0)
    once = a.frame

    def twice(peer: str, frame: peer_pb2.Frame) -> None:
        once(peer, frame)
        if frame.WhichOneof("frame") == "cosigned" and not frame.cosigned.lines:
            net.at(0.002, lambda: once(peer, frame))

    monkeypatch.setattr(a, "frame", twice)
    a.host.exchange._peers[B].holds = 0  # as after a disk that was full when the last line came
    a.send(some_notice(A), [B])
    net.run(200.0)
    assert cosigners(a) == {B}


def test_an_answer_to_an_earlier_offer_ends_no_wait_for_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The witness is asked from two places, and answers the first of them last: the other is asked again."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(130.0)
    state, once = a.host.exchange._peers[B], a.frame

    def confused(peer: str, frame: peer_pb2.Frame) -> None:
        if frame.WhichOneof("frame") == "cosigned" and not frame.cosigned.lines:
            stands = parse_text(notes.parse(frame.cosigned.holds).text).size
            state.offered = state.holds = stands  # as if the offer from there were on its way
        once(peer, frame)

    monkeypatch.setattr(a, "frame", confused)
    state.holds = 0
    a.send(some_notice(A), [B])
    net.run(200.0)
    assert cosigners(a) == {B}


def test_lines_that_are_there_already_are_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A witness, or its courier file, says them again and again; nothing is written for it."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(130.0)
    newest = a.ledger.head().checkpoint
    assert newest is not None
    lines = notes.parse(newest.note).signatures
    said = peer_pb2.Cosigned(size=newest.size, lines=[one.line().decode() for one in lines])
    commits: list[object] = []
    monkeypatch.setattr(a.node.ledger, "append", commits.append)
    assert ownlog.merge(a.node, B, said) == newest.size
    assert commits == []
    assert cosigners(a) == {B}

# SPDX-License-Identifier: Apache-2.0
"""An incident that an operator has looked into is told apart: no problem any more, and nothing of it gone."""

from __future__ import annotations

import dataclasses
import os

import pytest
from backups import backup, restore
from nodenet import NodeHost, NodeNet, some_notice
from sealing import sealed

from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.node import incoming
from fanal.node.desk import condition
from fanal.node.errors import LOCKED, NO_SUCH_FINDING, SETTLE_REASON
from fanal.node.forks import kept
from fanal.node.witness import attending
from fanal.node.witness.names import newest_origin
from fanal.proof import checkpoint as checkpoints
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.note_key import Ed25519Signer
from fanal.v1 import officer_pb2 as api
from fanal.v1.peer_pb2 import CheckpointOffer, RootFork

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"
REASON = "restored the backup of Sunday, nothing else runs"


def problems(host: NodeHost) -> dict[str, str]:
    """Error id -> key of what can be settled and is not."""
    return {one.id: one.key for one in condition.findings(host.node) if one.key}


def settle(host: NodeHost, finding: str, reason: str = REASON) -> bool:
    return host.desk.settle(host.officer, api.SettleRequest(finding=finding, reason=reason)).was_settled


def told(host: NodeHost) -> list[api.Settled]:
    return list(host.desk.status(host.officer, api.StatusRequest(settled=True)).settled)


def leaves(host: NodeHost, word: str) -> int:
    return sum(f" what={word} ".encode() in leaf for leaf in host.ledger.log.leaves(0, 10_000))


def note(author: NodeHost, size: int, root: bytes) -> bytes:
    origin = newest_origin(author.node.directory, author.name)
    signer = Ed25519Signer(origin, author.agency.log, ed25519.public_of(author.agency.log))
    return checkpoints.sign(Checkpoint(origin, size, root), signer)


def two_roots(author: NodeHost, size: int) -> RootFork:
    return RootFork(note_a=note(author, size, os.urandom(32)), note_b=note(author, size, os.urandom(32)))


def twice_written(net: NodeNet) -> NodeHost:
    """A goes on from a backup that lacks what B got: its lane goes on twice and its own entries come back."""
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(200)
    old = backup(a)
    a.send(some_notice(A, "only B has this one"), [B])
    net.run(2)
    a.crash()
    restore(a, old)
    net.partition([A], [B])
    a.send(some_notice(A, "from the older end"), [B])
    net.heal()
    net.run(200)
    return a


def test_a_restored_node_is_clean_again_once_its_operator_settled_what_it_found() -> None:
    """Both findings are gone from doctor's problems; who, when and why is told on request; the incidents and
    both branches stay, and one admin leaf each tells that it was settled."""
    net = NodeNet(A, B)
    a = twice_written(net)
    before = problems(a)
    assert {"FANAL-E0725", "FANAL-E0726"} <= set(before)
    size, kept_before = a.ledger.entries.since(0, 10_000), kept.known(a.node)
    incidents = [leaf for leaf in a.ledger.log.leaves(0, 10_000) if b" incident " in leaf]
    for key in before.values():
        assert settle(a, key) is False
    assert problems(a) == {}
    status = a.desk.status(a.officer, api.StatusRequest())
    assert (status.settled_count, list(status.settled)) == (len(before), [])
    assert {one.finding.key for one in told(a)} == set(before.values())
    assert {(one.officer, one.reason) for one in told(a)} == {("duty-1", REASON)}
    assert all(0 < one.at <= net.now for one in told(a))
    assert kept.known(a.node) == kept_before
    assert a.ledger.entries.since(0, 10_000) == size
    assert [leaf for leaf in a.ledger.log.leaves(0, 10_000) if b" incident " in leaf] == incidents
    assert leaves(a, "finding-settled") == len(before)
    a.crash()
    a.start()
    assert problems(a) == {}, "a restart keeps it"


def test_the_reason_is_in_the_vault_and_nowhere_in_the_ledger() -> None:
    """Free text about people does not enter a log that is handed to auditors."""
    net = NodeNet(A, B)
    a = twice_written(net)
    settle(a, next(iter(problems(a).values())), "Ivanov pulled the wrong disk")
    assert b"Ivanov" not in b"".join(a.ledger.log.leaves(0, 10_000))
    assert b"Ivanov" not in repr(vars(a.ledger._tables)).encode()
    a.crash()
    a.start(locked=True)
    [one] = told(a)
    assert (one.officer, one.reason) == ("", "")
    assert one.finding.key


def test_settling_twice_is_settled_once() -> None:
    """The first reason stands, and there is one leaf."""
    net = NodeNet(A, B)
    a = twice_written(net)
    key = problems(a)["FANAL-E0725"]
    assert [settle(a, key), settle(a, key, "something else")] == [False, True]
    assert [one.reason for one in told(a)] == [REASON]
    assert leaves(a, "finding-settled") == 1


def test_what_cannot_be_settled_is_refused_with_what_to_do() -> None:
    """An unknown key, no reason, a reason over many lines or too long, and a locked node."""
    net = NodeNet(A, B)
    a = twice_written(net)
    key = problems(a)["FANAL-E0725"]
    for finding, reason, kind in (
        ("fork-0000000000000000", REASON, NO_SUCH_FINDING),
        ("", REASON, NO_SUCH_FINDING),
        (key, " ", SETTLE_REASON),
        (key, "two\nlines", SETTLE_REASON),
        (key, "x" * 501, SETTLE_REASON),
    ):
        with pytest.raises(FanalError) as refused:
            settle(a, finding, reason)
        assert refused.value.kind is kind
    a.crash()
    a.start(locked=True)
    with pytest.raises(FanalError) as refused:
        settle(a, key)
    assert refused.value.kind is LOCKED
    assert leaves(a, "finding-settled") == 0


def test_a_settled_proof_gives_its_room_to_a_new_one_and_never_comes_back() -> None:
    """Of an agency that forked 16 times the seventeenth is told of once one was settled; the settled one,
    told again by a peer, is nothing new; its incident stays in the log."""
    net = NodeNet(A, B)
    reader, author = net.nodes[B], net.nodes[A]
    forks = [two_roots(author, size) for size in range(1, kept.MOST + 1)]
    for fork in forks:
        assert kept.of_root(reader.node, fork)
    assert kept.of_root(reader.node, two_roots(author, 50)) == [], "full"
    oldest = kept.known(reader.node)[0]
    settle(reader, kept.finding_key(oldest.key))
    assert kept.of_root(reader.node, two_roots(author, 51))
    numbers = [one.number for one in kept.known(reader.node)]
    assert numbers == [*range(2, kept.MOST + 1), 51]
    assert kept.proof(reader.node, oldest.key) is None
    assert kept.of_root(reader.node, forks[0]) == []
    assert kept.of_root(reader.node, two_roots(author, 52)) == [], "full again"
    assert [one.finding.facts["number"] for one in told(reader)] == ["1"]


def test_a_new_proof_against_an_agency_is_a_new_finding() -> None:
    """What was settled covers its own place alone."""
    net = NodeNet(A, B)
    reader = net.nodes[B]
    kept.of_root(reader.node, two_roots(net.nodes[A], 7))
    settle(reader, problems(reader)["FANAL-E0722"])
    assert problems(reader) == {}
    kept.of_root(reader.node, two_roots(net.nodes[A], 8))
    assert "FANAL-E0722" in problems(reader)


def test_an_inconsistent_log_is_settled_until_it_offers_the_next_contradiction() -> None:
    """The witness keeps both checkpoints; another one that does not go on either is a new finding."""
    net = NodeNet(A, B)
    net.run(200)
    reader, author = net.nodes[B], net.nodes[A]

    def offer(size: int) -> None:
        held = attending.held_row(reader.node, newest_origin(reader.node.directory, A))
        assert held is not None
        forged = note(author, size, os.urandom(32))
        offered = CheckpointOffer(note=forged, old_size=held.size, consistency=[bytes(32)])
        attending.attend(reader.node, A, offered)

    offer(1000)
    first = problems(reader)["FANAL-E0733"]
    offer(1001)
    assert problems(reader)["FANAL-E0733"] == first, "the first evidence stays while it is open"
    settle(reader, first)
    assert problems(reader) == {}
    offer(1002)
    assert problems(reader)["FANAL-E0733"] != first
    assert leaves(reader, "log-inconsistent") == 3


def test_another_incarnation_that_comes_back_is_a_new_finding() -> None:
    """Settled once, a node that is restored again is told again."""
    net = NodeNet(A, B)
    a = twice_written(net)
    first = problems(a)["FANAL-E0726"]
    settle(a, first)
    old = backup(a)
    a.crash()
    a.start()
    a.send(some_notice(A, "lost once more"), [B])
    net.run(5)
    restore(a, old)
    net.run(200)
    assert problems(a)["FANAL-E0726"] != first


def test_what_has_a_remedy_of_its_own_has_no_key() -> None:
    """A log that was rolled back, a forked charter or a full disk is mended, not settled."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(100)
    old = backup(a)
    a.send(some_notice(A), [B])
    net.run(100)
    restore(a, old)
    net.run(100)
    keys = {one.id: one.key for one in condition.findings(a.node)}
    assert keys["FANAL-E0730"] == ""
    assert dataclasses.asdict(old), "the backup was one"


def test_entries_of_one_author_alone_do_not_settle_anothers() -> None:
    """Two forks of one lane are two findings, each with its key."""
    net = NodeNet(A, B, linked=False)
    reader = net.nodes[B]
    for _ in range(2):
        incoming.receive(reader.node, A, sealed(net.nodes[A], (B,), some_notice(A)).envelopes)
    keys = [one.key for one in condition.findings(reader.node) if one.id == "FANAL-E0720"]
    assert len(set(keys)) == len(keys) == 2
    settle(reader, keys[0])
    assert [one.key for one in condition.findings(reader.node) if one.id == "FANAL-E0720"] == keys[1:]

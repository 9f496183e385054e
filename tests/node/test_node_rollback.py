# SPDX-License-Identifier: Apache-2.0
"""A node put back to an earlier state, or whose past was rewritten: noticed on first contact, by honest peers
and by itself; nothing is signed twice, and what was lost comes back from those who have it."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict

import pytest
from backups import backup, restore
from newlog import new_log
from nodenet import NodeHost, NodeNet, some_notice

from fanal.node import checkpoints
from fanal.node.desk import condition
from fanal.node.lanes.rows import header_of, successor_of
from fanal.node.ledger.rows import Batch, LeafRow
from fanal.node.witness import attending, ownlog, standing
from fanal.node.witness.names import newest_origin
from fanal.proof import note as notes
from fanal.proof.checkpoint import parse_text
from fanal.proof.leaf import Leaf, LeafType, decode
from fanal.v1.envelope_pb2 import EnvelopeClass

A, B, C = "GE-CUS", "AZ-CUS", "TR-CUS"


def found_by(host: NodeHost) -> dict[str, dict[str, str]]:
    return {finding.id: dict(finding.facts) for finding in condition.findings(host.node)}


def incidents(host: NodeHost, what: str) -> list[Leaf]:
    found = [decode(data) for data in host.ledger.log.leaves(0, host.ledger.head().size)]
    return [leaf for leaf in found if leaf.type is LeafType.INCIDENT and leaf["what"] == what]


def send_and_settle(net: NodeNet, a: NodeHost, count: int = 3, to: str = B) -> list[str]:
    sent = []
    for number in range(count):
        sent.append(a.send(some_notice(a.name, f"number {number} at {net.now}"), [to]).ref)
        net.run(70.0)
    return sent


def places(*hosts: NodeHost) -> dict[tuple[bytes, bytes, int], set[bytes]]:
    """Every manifest that any node holds at each place, forks included."""
    found: dict[tuple[bytes, bytes, int], set[bytes]] = defaultdict(set)
    for host in hosts:
        for row in host.ledger.entries.since(0, 10_000):
            found[row.lane, row.incarnation, row.seq].add(row.manifest_sha256)
        for fork in host.ledger.entries.forks():
            found[fork.kept.lane, fork.kept.incarnation, fork.kept.seq].add(fork.offered.manifest_sha256)
    return found


@pytest.mark.parametrize("reason", ["", "rolled-back"])
def test_a_restored_node_learns_from_its_witness_what_it_lost(reason: str) -> None:
    """The witness holds a larger checkpoint: no more are signed, doctor says so, traffic goes on."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    send_and_settle(net, a)
    old = backup(a)
    send_and_settle(net, a)
    seen = net.nodes[B].ledger.facts.peer_checkpoints()[0]
    restore(a, old, reason)
    net.run(30.0)
    facts = found_by(a)["FANAL-E0730"]
    assert (facts["size"], facts["root"], facts["witness"]) == (str(seen.size), seen.root.hex(), B)
    assert int(facts["restored"]) < seen.size
    (leaf,) = incidents(a, "log-rolled-back")
    assert (leaf["size"], leaf["root"], leaf["peer"]) == (seen.size, seen.root, B)
    before = a.ledger.head().checkpoint
    send_and_settle(net, a)
    net.run(7200.0)
    assert a.ledger.head().checkpoint == before
    assert net.nodes[B].inbox()[0].originator == A
    assert not a.ledger.entries.forks()


@pytest.mark.parametrize("reason", ["", "rolled-back"])
def test_lost_notices_come_back_from_those_who_have_them(reason: str) -> None:
    """Own lanes are fetched like others', also when the node wrote before the link was up."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    send_and_settle(net, a)
    old = backup(a)
    send_and_settle(net, a)
    own = {row.manifest_sha256 for row in a.ledger.entries.since(0, 1000) if row.author == A}
    a.crash()
    net.partition([A], [B])
    restore(a, old, reason)
    a.send(some_notice(A, "written at once"), [B])
    net.heal()
    net.run(200.0)
    held = {row.manifest_sha256 for row in a.ledger.entries.since(0, 1000) if row.author == A}
    assert own <= held
    assert all(len(manifests) == 1 for manifests in places(a, net.nodes[B]).values())
    a.crash()
    net.run(5.0)
    a.start()
    net.run(130.0)
    clocks = net.frames[A, B, "clock"] + net.frames[B, A, "clock"]
    net.run(300.0)
    assert net.frames[A, B, "clock"] + net.frames[B, A, "clock"] == clocks


def test_no_number_is_signed_twice_over_many_restores() -> None:
    """Restored to random moments, linked or not, with and without a marker: one manifest a place."""
    net = NodeNet(A, B, seed=11)
    a, b = net.nodes[A], net.nodes[B]
    dice = random.Random(7)
    saved = [backup(a)]
    for turn in range(40):
        a.send(some_notice(A, f"turn {turn}"), [B])
        net.run(dice.choice([0.01, 3.0, 70.0]))
        saved.append(backup(a))
        if dice.random() < 0.5:
            net.partition([A], [B])
        restore(a, dice.choice(saved[-6:]), dice.choice(["", "rolled-back"]))
        a.send(some_notice(A, f"after {turn}"), [B])
        net.run(dice.choice([0.01, 3.0]))
        net.heal()
        net.run(10.0)
    net.run(300.0)
    twice = [place for place, manifests in places(a, b).items() if len(manifests) > 1]
    assert twice == []
    assert "FANAL-E0730" in found_by(a)


def test_a_run_begins_its_incarnation_with_its_first_own_entry() -> None:
    """A run that writes nothing begins none; one that writes goes on from the head, under the same lane key,
    and nobody has anything to say about it."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    send_and_settle(net, a)
    before = a.ledger.head().incarnation
    for _ in range(3):
        restore(a, backup(a))
        net.run(30.0)
        assert a.ledger.head().incarnation == before
    send_and_settle(net, a)
    after = a.ledger.head().incarnation
    assert [row.reason for row in a.ledger.facts.incarnations()] == ["created", "started"]
    own = [row for row in b.ledger.entries.since(0, 1000) if row.author == A]
    first = next(row for row in own if row.incarnation == after)
    assert (first.seq, first.klass) == (0, EnvelopeClass.NOTICE), "no new lane key because of a restart"
    assert successor_of(header_of(first)) == a.ledger.lanes.successors(first.lane, before)[0]
    assert not {found for host in (a, b) for found in found_by(host) if found.startswith("FANAL-E07")}


def test_restarts_leave_nothing_behind_in_the_live_clock() -> None:
    """Fifty runs of one node: one live row a lane at both, no clock row crosses the line, one lane key."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    for _ in range(50):
        a.send(some_notice(A), [B])
        net.run(3.0)
        a.crash()
        net.run(1.0)
        a.start()
    net.run(130.0)
    assert len(a.ledger.facts.incarnations()) == 50
    clocks = net.frames[A, B, "clock"] + net.frames[B, A, "clock"]
    net.run(600.0)
    assert net.frames[A, B, "clock"] + net.frames[B, A, "clock"] == clocks
    for host in (a, b):
        live = host.ledger.lanes.clock()
        assert len(live) == len(host.ledger.lanes.infos()) == 2
        assert len(host.ledger.lanes.clock(closed=True)) >= 50
        assert host.ledger.lanes.open_ends() == []
    own = [row for row in b.ledger.entries.since(0, 1000) if row.author == A]
    assert sum(row.klass == EnvelopeClass.KEY for row in own) == 1


def test_without_an_answer_the_lanes_go_on_and_no_checkpoint_is_signed() -> None:
    """The lane asks nobody; the first link brings all across, and then the log goes on too."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    send_and_settle(net, a)
    before, point = a.ledger.head().incarnation, a.ledger.head().checkpoint
    net.partition([A], [B])
    restore(a, backup(a))
    a.send(some_notice(A, "alone"), [B])
    net.run(30.0)
    assert a.ledger.head().incarnation != before
    assert a.ledger.facts.incarnations()[-1].reason == "started"
    assert a.ledger.head().checkpoint == point
    net.heal()
    net.run(130.0)
    assert len(b.inbox()) == 4
    assert a.ledger.head().checkpoint != point


def test_log_two_begins_with_what_log_one_lost() -> None:
    """The root registers log 2: its first leaf names what the witnesses hold and what was restored, and
    witnesses cosign it; status is clean again."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    send_and_settle(net, a)
    old = backup(a)
    send_and_settle(net, a)
    seen = b.ledger.facts.peer_checkpoints()[0]
    restore(a, old)
    net.run(30.0)
    restored = int(found_by(a)["FANAL-E0730"]["restored"])
    new_log(a)
    net.run(130.0)
    (leaf,) = incidents(a, "log-continued")
    assert (leaf["size"], leaf["root"], leaf["restored"]) == (seen.size, seen.root, restored)
    newest = a.ledger.head().checkpoint
    assert newest is not None
    assert parse_text(notes.parse(newest.note).text).origin.endswith("/log2")
    assert set(ownlog.quorum_of(a.node, newest.note).cosigned) == {B}
    assert "FANAL-E0730" not in found_by(a)
    assert len(b.ledger.facts.peer_checkpoints()) == 2
    send_and_settle(net, a)
    assert len(incidents(a, "log-continued")) == 1


def test_a_new_log_that_goes_on_from_the_old_one_alarms_nobody() -> None:
    """Nothing was lost: witnesses are shown that log 2 leads on from what they hold of log 1."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    send_and_settle(net, a)
    new_log(a)
    net.run(130.0)
    assert newest_origin(b.node.directory, A).endswith("/log2")
    assert len(b.ledger.facts.peer_checkpoints()) == 2
    assert incidents(b, "log-began-anew") == []
    assert "FANAL-E0735" not in found_by(b)


def test_a_log_that_is_given_up_after_a_loss_is_told_at_every_witness() -> None:
    """Log 2 of a restored node does not lead on from log 1: each witness logs so, and its operator is told
    once, with what is held of log 1, until it is settled."""
    net = NodeNet(A, B, C)
    a = net.nodes[A]
    send_and_settle(net, a)
    old = backup(a)
    send_and_settle(net, a)
    origin = newest_origin(a.node.directory, A)
    held = {name: net.nodes[name].ledger.facts.peer_checkpoints(origin)[0] for name in (B, C)}
    restore(a, old)
    net.run(30.0)
    new_log(a)
    net.run(130.0)
    send_and_settle(net, a)
    for name, before in held.items():
        host = net.nodes[name]
        (leaf,) = incidents(host, "log-began-anew")
        assert (leaf["peer"], leaf["size"], leaf["root"]) == (A, before.size, before.root)
        facts = found_by(host)["FANAL-E0735"]
        assert (facts["agency"], facts["size"], facts["before"]) == (A, str(before.size), before.origin)


def test_a_past_that_is_rewritten_behind_a_new_log_is_told_at_its_witness() -> None:
    """The cheat has its root register log 2 over another history, and offers it as if there were no log 1:
    the witness says that it does not lead on from what it holds."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    send_and_settle(net, a)
    held = b.ledger.facts.peer_checkpoints()[0]
    rewrite(a, 2)
    a.node.standing.lost = None
    new_log(a)
    a.node.standing.answered = True
    net.run(130.0)
    (leaf,) = incidents(b, "log-began-anew")
    assert (leaf["peer"], leaf["size"], leaf["root"]) == (A, held.size, held.root)
    assert found_by(b)["FANAL-E0735"]["origin"].endswith("/log2")


def rewrite(a: NodeHost, index: int) -> None:
    """An agency as root over its own files: another leaf in the place of one it signed for."""
    leaves = a.ledger.log.leaves(0, a.ledger.head().size)
    leaves[index] = leaves[index].replace(b"time=2", b"time=1", 1)
    saved = backup(a)
    empty = type(a.ledger)(now=int(a.net.now), random=a.net.rng)
    for leaf in leaves:
        empty.append(Batch(leaves=(LeafRow(leaf),)))
    for name in ("leaves", "nodes"):
        setattr(saved.tables, name, getattr(empty._tables, name))
    saved.tables.checkpoints = {}
    restore(a, type(saved)(saved.tables, empty._frontier))


@pytest.mark.parametrize("grown", [False, True])
def test_a_rewritten_past_is_caught_by_the_first_honest_peer(grown: bool) -> None:
    """The cheat shuts its ears and signs anew: the witness keeps both notes and logs an incident."""
    net = NodeNet(A, B, C)
    a, b = net.nodes[A], net.nodes[B]
    send_and_settle(net, a)
    rewrite(a, 2)
    head = a.ledger.head()
    if not grown:
        seen = b.ledger.facts.peer_checkpoints(newest_origin(a.node.directory, A))[0].size
        assert seen <= head.size
    a.node.standing.answered = True
    a.host.exchange.link_up = lambda peer: None  # type: ignore[method-assign]
    checkpoints.sign_newest(a.node)
    origin = newest_origin(a.node.directory, A)
    held = b.ledger.facts.peer_checkpoints(origin)[0]
    offer = ownlog.offer_for(a.node, B, held.size, True)
    assert offer is not None
    attended = attending.attend(b.node, A, offer)
    assert attended.answer is None
    assert attended.fork is not None
    assert attended.fork.note_a == held.note
    (leaf,) = incidents(b, "log-inconsistent")
    evidence = attended.fork.SerializeToString(deterministic=True)
    assert (leaf["peer"], leaf["evidence"]) == (A, hashlib.sha256(evidence).digest())
    assert found_by(b)["FANAL-E0733"]["agency"] == A
    assert attending.conflict(b.node, origin) == attended.fork
    assert b.ledger.facts.peer_checkpoints(origin)[0] == held


def test_a_rewritten_past_is_told_to_an_honest_operator_too() -> None:
    """When the operator did not know, its own node says what the witness holds."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    send_and_settle(net, a)
    rewrite(a, 2)
    net.run(30.0)
    assert found_by(a)["FANAL-E0730"]["witness"] == B
    assert standing.lost_now(a.node) is not None


def test_what_a_closed_incarnation_owes_is_not_forgotten() -> None:
    """The receiver dies before its receipt, the sender goes on in a new incarnation: both are covered."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A, "first"), [B])
    net.run(70.0)
    second = a.send(some_notice(A, "second"), [B]).ref
    net.run(1.0)
    b.crash()
    restore(a, backup(a))
    third = a.send(some_notice(A, "third"), [B]).ref
    b.start()
    net.run(30.0)
    b.crash()
    net.run(1.0)
    b.start()
    net.run(130.0)
    assert a.ledger.facts.incarnations()[-1].reason == "started"
    assert [a.states(ref) for ref in (second, third)] == [{B: "STORED"}] * 2


def test_a_receipt_is_owed_over_the_receivers_restart_too() -> None:
    """The new incarnation closed the old one before the receiver's receipt went out, and then it died."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    net.run(70.0)
    restore(a, backup(a), away=0.0)
    first = a.send(some_notice(A, "old incarnation"), [B]).ref
    net.run_until(lambda: len(b.ledger.entries.since(0, 100)) >= 2)
    restore(a, backup(a), away=0.0)
    last = a.send(some_notice(A, "new incarnation"), [B]).ref
    net.run_until(lambda: any(row.closed for row in b.ledger.lanes.clock(closed=True)))
    b.crash()
    net.run(5.0)
    b.start()
    net.run(130.0)
    assert [a.states(ref) for ref in (first, last)] == [{B: "STORED"}] * 2


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_stranded_in_a_closed_incarnation(seed: int) -> None:
    """Sender and receivers die again and again under load: whatever each restart closed is still delivered,
    also when the receiver knew of it only by the entry that closed it."""
    net, dice = NodeNet(A, B, C, seed=seed), random.Random(seed)
    a, sent = net.nodes[A], []
    net.run(10.0)
    for turn in range(12):
        for _ in range(dice.randint(1, 4)):
            notice = some_notice(A, f"turn {turn}, number {len(sent)}")
            sent.append(a.send(notice, dice.choice([[B], [B, C]])).ref)
            net.run(dice.choice([0.001, 0.01, 0.1]))
        killed = net.nodes[dice.choice([A, B])]
        killed.crash()
        net.run(dice.choice([0.01, 0.5, 3.0]))
        killed.start()
        net.run(dice.choice([0.0, 0.01, 0.3, 6.0]))
    net.run(130.0)
    assert {state for ref in sent for state in a.states(ref).values()} == {"STORED"}
    assert len(a.ledger.facts.incarnations()) > 2

# SPDX-License-Identifier: Apache-2.0
"""Nodes as each other's witnesses: cosignatures over links, quorum, what a locked or idle node does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from rival import Turn

from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.node import checkpoints
from fanal.node.desk import condition
from fanal.node.errors import DISK_FULL
from fanal.node.gossip import events
from fanal.node.ledger.rows import Appended, Batch
from fanal.node.node import Node
from fanal.node.witness import attending, names, ownlog
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint, parse_text, sign
from fanal.proof.leaf import LeafType, decode
from fanal.proof.note_key import Ed25519Signer
from fanal.proof.witness import read_offer
from fanal.v1 import peer_pb2

A, B, C = "GE-CUS", "AZ-CUS", "TR-CUS"
DAY = 86_400


def leaves(host: NodeHost, kind: LeafType) -> list[dict[str, object]]:
    found = [decode(data) for data in host.ledger.log.leaves(0, host.ledger.head().size)]
    return [
        {"what": leaf["what"]} if kind is LeafType.INCIDENT else {"peer": leaf["peer"], "size": leaf["size"]}
        for leaf in found
        if leaf.type is kind
    ]


def cosigners(host: NodeHost) -> set[str]:
    newest = host.ledger.head().checkpoint
    assert newest is not None
    return set(ownlog.quorum_of(host.node, newest.note).cosigned)


def stored(host: NodeHost) -> notes.Note:
    newest = host.ledger.head().checkpoint
    assert newest is not None
    return notes.parse(newest.note)


def found_by(host: NodeHost) -> set[str]:
    return {finding.id for finding in condition.findings(host.node)}


def test_a_checkpoint_comes_back_with_the_lines_of_its_witnesses() -> None:
    """Both other members check, store and cosign; the quorum of the charter is met by agencies."""
    net = NodeNet(A, B, C)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(130.0)
    assert cosigners(a) == {B, C}
    newest = a.ledger.head().checkpoint
    assert newest is not None
    assert ownlog.quorum_of(a.node, newest.note).passed
    for other in (B, C):
        (row,) = net.nodes[other].ledger.facts.peer_checkpoints(names.newest_origin(a.node.directory, A))
        assert (row.size, row.root, row.agency) == (newest.size, newest.root, A)
        assert parse_text(notes.parse(row.note).text).root == newest.root
        assert {leaf["peer"] for leaf in leaves(net.nodes[other], LeafType.PEER_CHECKPOINT)} >= {A}


def test_checkpoints_that_follow_fast_are_cosigned_once_a_minute() -> None:
    """A busy log costs each witness one signature and one commit a minute, not one a second."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    sent: list[tuple[str, int]] = []
    net.watchers.append(
        lambda sender, _to, frame: (
            sent.append((sender, frame.cosigned.size)) if frame.cosigned.lines else None
        )
    )
    net.run(30.0)
    sent.clear()
    for _ in range(12):
        a.send(some_notice(A), [B])
        net.run(10.0)
    of_b = [size for sender, size in sent if sender == B]
    assert 1 <= len(of_b) <= 3
    net.run(120.0)
    newest = a.ledger.head().checkpoint
    assert newest is not None
    assert cosigners(a) == {B}
    assert b.ledger.facts.peer_checkpoints()[0].size == newest.size


def test_an_anchor_is_cosigned_at_once() -> None:
    """An export does not wait for the minute: the witness's line is there within two seconds."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    net.run(30.0)
    a.send(some_notice(A), [B])
    net.run(8.0)
    note = notes.parse(checkpoints.anchor_now(a.node))
    (anchor,) = notes.verify(note, names.anchor_keys(a.node.directory, A))
    assert anchor.name.endswith(f"/{A}/anchor")
    net.run(2.0)
    assert cosigners(a) == {B}
    assert [line.name.rpartition("/")[2] for line in stored(a).signatures] == ["log1", "anchor", "witness"]


def test_idle_nodes_do_not_answer_each_other_for_ever() -> None:
    """Records of checkpoints, cosignatures and receipts cause no checkpoint: a day costs one an hour."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [B])
    net.run(600.0)
    sizes = a.ledger.head().size, b.ledger.head().size
    offers = net.frames[A, B, "checkpoint"] + net.frames[B, A, "checkpoint"]
    net.run(DAY)
    assert a.ledger.head().size - sizes[0] <= 25
    assert b.ledger.head().size - sizes[1] <= 25
    assert net.frames[A, B, "checkpoint"] + net.frames[B, A, "checkpoint"] - offers <= 60


def test_every_day_the_newest_checkpoint_is_anchored() -> None:
    """ML-DSA-44 covers the log daily, also when nothing happens."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(2 * DAY)
    made = a.ledger.facts.meta("anchor.made")
    assert made is not None
    assert net.now - int(made.split()[0]) <= DAY + 3600


def test_a_new_key_is_anchored_at_once() -> None:
    """A change of the agency's documents is in an anchored, cosigned checkpoint within seconds."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    net.run(60.0)
    before = a.ledger.facts.meta("anchor.made")
    a.crash()
    net.run(5.0)
    a.new_node_key()
    net.run(30.0)
    after = a.ledger.facts.meta("anchor.made")
    assert (before or b"").split()[1] == b"1"
    assert (after or b"").split()[1] == b"2"


def test_a_locked_node_cosigns_nothing() -> None:
    """Without its keys it holds no opinion; once unlocked it is asked again."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    net.run(30.0)
    b.crash()
    net.run(5.0)
    b.start(locked=True)
    net.run(60.0)
    before = net.frames[B, A, "cosigned"]
    a.send(some_notice(A), [B])
    net.run(130.0)
    assert net.frames[B, A, "cosigned"] == before
    assert cosigners(a) == set()
    b.node.unlock(b.keys())
    b.host.start()
    net.run(130.0)
    assert cosigners(a) == {B}


def test_before_a_witness_has_spoken_no_checkpoint_is_signed_and_nothing_waits() -> None:
    """Alone, a node sends, logs and shows that it waits; the first link settles it."""
    net = NodeNet(A, B, linked=False)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    net.run(300.0)
    assert a.ledger.head().checkpoint is None
    assert "FANAL-E0731" in found_by(a)
    net.connect(A, B)
    net.run(130.0)
    assert cosigners(a) == {B}
    assert "FANAL-E0731" not in found_by(a)


def test_a_lone_member_waits_for_nobody() -> None:
    """With nobody to ask, checkpoints are signed from the first second."""
    net = NodeNet(A)
    net.run(30.0)
    assert net.nodes[A].ledger.head().checkpoint is not None


def test_missing_witnesses_are_named_after_a_while() -> None:
    """The quorum of three members is two: with one linked, status says so and notices travel."""
    net = NodeNet(A, B, C)
    a = net.nodes[A]
    net.nodes[C].crash()
    a.send(some_notice(A), [B])
    net.run(1200.0)
    assert cosigners(a) == {B}
    (finding,) = [one for one in condition.findings(a.node) if one.id == "FANAL-E0732"]
    assert (finding.facts["found"], finding.facts["expected"]) == ("1", "2")
    net.nodes[C].start()
    net.run(130.0)
    assert "FANAL-E0732" not in found_by(a)


def forged(host: NodeHost, size: int) -> bytes:
    """A checkpoint of this node's log by somebody who has not got its key."""
    seed = ed25519.generate()
    name = names.newest_origin(host.node.directory, host.name)
    signer = Ed25519Signer(name, seed, ed25519.public_of(seed))
    return sign(Checkpoint(name, size, bytes(32)), signer)


def test_a_lying_witness_cannot_stop_a_log() -> None:
    """Only what our own key signed counts as seen: an invented head is no rollback, and no answer either."""
    net = NodeNet(A, B, linked=False)
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    assert ownlog.told(a.node, B, forged(a, 1000)) is None
    assert ownlog.told(a.node, B, b"garbage") is None
    assert ownlog.told(a.node, "XX-FAKE", b"") is None
    assert not a.node.standing.answered
    assert a.node.standing.lost is None
    assert ownlog.told(a.node, B, b"") == 0
    assert checkpoints.sign_newest(a.node)


def test_garbage_about_checkpoints_changes_nothing() -> None:
    """Invented notes, foreign lines and impossible sizes: nothing is stored, cosigned or raised."""
    net = NodeNet(A, B, C)
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [B])
    net.run(130.0)
    before = a.ledger.head().checkpoint
    origin = names.newest_origin(a.node.directory, A)
    assert before is not None
    line = stored(a).signatures[-1].line().decode()
    frames = [
        peer_pb2.Frame(checkpoint=peer_pb2.CheckpointOffer(note=note, old_size=old, at_once=True))
        for note in (b"", b"x", forged(b, 5), forged(a, 5), before.note)
        for old in (0, 3, 2**64 - 1)
    ]
    frames += [
        peer_pb2.Frame(cosigned=peer_pb2.Cosigned(origin=origin, size=size, lines=lines))
        for size in (0, before.size, 2**64 - 1)
        for lines in ([], ["x"], [line], [line, line], ["— a b\n"])
    ]
    frames += [peer_pb2.Frame(witnessed=peer_pb2.WitnessedHead(note=note)) for note in (b"x", forged(a, 9))]
    for frame in frames:
        for offered in (None, 0):
            a.host.exchange._peers[B].offered = offered
            a.host.handle(events.Received(B, frame))
            net.run(1.0)
    net.run(130.0)
    assert a.cuts == []
    newest = a.ledger.head().checkpoint
    assert newest is not None
    assert set(ownlog.quorum_of(a.node, newest.note).cosigned) == {B, C}
    assert {row.agency for row in a.ledger.facts.peer_checkpoints()} == {B, C}
    assert a.node.standing.lost is None


def test_no_cosignature_leaves_before_the_head_is_durable() -> None:
    """When the witness's ledger cannot store, it answers nothing at all."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [B])
    net.run(130.0)
    a.send(some_notice(A), [B])
    checkpoints.sign_newest(a.node)
    offer = ownlog.offer_for(a.node, B, b.ledger.facts.peer_checkpoints()[0].size, True)
    assert offer is not None
    b.ledger.close()
    with pytest.raises(FanalError):
        attending.attend(b.node, A, offer)


def test_a_race_of_two_offers_never_rolls_the_witness_back() -> None:
    """The comparison is made again where the head is stored (c2sp.org/tlog-witness, the race)."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    net.run(130.0)
    start = b.ledger.facts.peer_checkpoints()[0].size
    offers = []
    for number in range(2):
        a.send(some_notice(A, f"{number}"), [B])
        checkpoints.sign_newest(a.node)
        offers.append(ownlog.offer_for(a.node, B, start, True))
    late, early = offers[0], offers[1]
    assert late is not None
    assert early is not None
    row = attending.held_row(b.node, names.newest_origin(a.node.directory, A))
    claim = read_offer(A, late.note, names.log_keys(b.node.directory, A))
    assert attending.attend(b.node, A, early).cosigned
    with pytest.raises(FanalError):
        attending._store(b.node, A, claim, row)
    assert b.ledger.facts.peer_checkpoints()[0].size > claim.checkpoint.size


def test_attack_of_two_histories_that_are_offered_at_one_moment_one_is_cosigned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over a link and in a courier file, say: each goes on from the head held, and not from the other."""
    net = NodeNet(A, B, linked=False)
    a, b = net.nodes[A], net.nodes[B]
    name, public = names.newest_origin(a.node.directory, A), ed25519.public_of(a.agency.log)
    signer = Ed25519Signer(name, a.agency.log, public)
    told = [sign(Checkpoint(name, size, bytes([size]) * 32), signer) for size in (5, 6)]
    offers = [peer_pb2.CheckpointOffer(note=note, old_size=0) for note in told]
    turn = b.node.cosigning = Turn()  # type: ignore[assignment]
    judge, attended = attending.judge, list[attending.Attended]()

    def judged(*given: Any) -> Any:
        monkeypatch.setattr(attending, "judge", judge)
        found = judge(*given)
        turn.meanwhile(lambda: attended.append(attending.attend(b.node, A, offers[1])))
        return found

    monkeypatch.setattr(attending, "judge", judged)
    attended.append(attending.attend(b.node, A, offers[0]))
    turn.over()
    assert sorted(one.cosigned for one in attended) == [False, True]
    assert len(b.ledger.facts.peer_checkpoints()) == 1


@pytest.mark.parametrize("full", [A, B])
def test_a_disk_that_was_full_on_either_side_costs_no_cosignature(full: str) -> None:
    """The log could not store the line, or the witness the head: with room again it is cosigned."""
    net = NodeNet(A, B)
    a = net.nodes[A]
    net.run(130.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(net.nodes[full].ledger, "append", _refuse_checkpoints(net.nodes[full]))
        a.send(some_notice(A), [B])
        net.run(200.0)
        assert B not in cosigners(a)
    net.run(300.0)
    assert cosigners(a) == {B}


@pytest.mark.parametrize("what", ["an older line", "a line that does not verify"])
def test_a_witness_makes_no_work_without_end(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """It answers every offer at once, with a line that it gave before or with one that is none."""
    net = NodeNet(A, B)
    a, merged, answers = net.nodes[A], [], []
    once, transmit, merge = a.frame, a.transmit, ownlog.merge

    def counted(node: Node, peer: str, reply: peer_pb2.Cosigned) -> int | None:
        merged.append(reply.size)
        return merge(node, peer, reply)

    def heard(peer: str, frame: peer_pb2.Frame) -> None:
        answers.extend([frame.cosigned] if frame.WhichOneof("frame") == "cosigned" else [])
        once(peer, frame)

    def answered(peer: str, frame: peer_pb2.Frame, priority: int) -> None:
        if frame.WhichOneof("frame") != "checkpoint":
            return transmit(peer, frame, priority)
        old = next(one for one in answers if one.lines)
        if what != "an older line":
            size = parse_text(notes.parse(frame.checkpoint.note).text).size
            old = peer_pb2.Cosigned(size=size, lines=old.lines)
        for turn in range(1, 20):
            net.at(0.1 * turn, lambda: once(B, peer_pb2.Frame(cosigned=old)))
        return None

    monkeypatch.setattr(a, "frame", heard)
    a.send(some_notice(A), [B])
    net.run(130.0)
    monkeypatch.setattr(ownlog, "merge", counted)
    monkeypatch.setattr(a, "transmit", answered)
    a.send(some_notice(A), [B])
    net.run(200.0)
    assert len(merged) <= 2


def _refuse_checkpoints(host: NodeHost) -> Callable[[Batch], Appended]:
    """The store takes everything but lines and heads of witnesses."""
    whole = host.ledger.append

    def append(batch: Batch) -> Appended:
        newest = host.ledger.head().checkpoint
        line = batch.checkpoint is not None and newest is not None and batch.checkpoint.size == newest.size
        if line or batch.peer_checkpoints:
            raise FanalError(DISK_FULL, path="ledger.db")
        return whole(batch)

    return append

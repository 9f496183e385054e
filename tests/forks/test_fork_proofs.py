# SPDX-License-Identifier: Apache-2.0
"""Whoever signs two things where only one may be is known to everybody, by a proof that a stranger checks."""

from __future__ import annotations

import os

import pytest
from backups import backup, restore
from nodenet import NodeHost, NodeNet, some_notice
from sealing import sealed

from fanal.errors import VerificationError
from fanal.keys import ed25519
from fanal.keys.errors import IDENTITY_UNKNOWN, UnknownIdentity
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.desk import condition
from fanal.node.forks import kept
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.retention import restored
from fanal.node.witness.names import newest_origin
from fanal.proof import checkpoint as checkpoints
from fanal.proof import forks
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.errors import NOT_A_FORK
from fanal.proof.forks import Proven
from fanal.proof.note_key import Ed25519Signer
from fanal.v1.envelope_pb2 import Envelope
from fanal.v1.peer_pb2 import DocumentFork, EntryFork, ForkProof, Frame, RootFork

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"


def sealed_twice(author: NodeHost, to: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Two different envelopes of one author at one place."""
    one, other = (sealed(author, to, some_notice(author.name)).envelopes[-1] for _ in range(2))
    return one, other


def entry_proof(one: bytes, other: bytes) -> ForkProof:
    a, b = Envelope.FromString(one), Envelope.FromString(other)
    return ForkProof(
        entry=EntryFork(
            manifest_a=a.manifest, signature_a=a.signature, manifest_b=b.manifest, signature_b=b.signature
        )
    )


def note(author: NodeHost, size: int, root: bytes) -> bytes:
    """A checkpoint that the agency's own log key signed."""
    origin = newest_origin(author.node.directory, author.name)
    signer = Ed25519Signer(origin, author.agency.log, ed25519.public_of(author.agency.log))
    return checkpoints.sign(Checkpoint(origin, size, root), signer)


def found(host: NodeHost) -> set[str]:
    return {one.id for one in condition.findings(host.node)}


def unknown(_proof: ForkProof, _trust: object) -> Proven:
    raise UnknownIdentity(IDENTITY_UNKNOWN, agency=A, key_id="")


def incidents(host: NodeHost, word: str) -> int:
    return sum(f" what={word} ".encode() in leaf for leaf in host.ledger.log.leaves(0, 10_000))


def equivocate(net: NodeNet) -> None:
    """The author gives B one branch and C another, through its own cheating."""
    author = net.nodes[A]
    for reader in (B, C):
        delivery = sealed(author, (B, C), some_notice(A))
        outcome = incoming.receive(net.nodes[reader].node, A, delivery.envelopes, delivery.wraps)
        assert not outcome.refused
        opening.open_arrived(net.nodes[reader].node)


def test_two_peers_of_an_equivocating_author_find_it_out_when_they_meet() -> None:
    """Both branches are kept at both, all three know with one incident each, and the lane goes on."""
    net = NodeNet(A, B, C, linked=False)
    equivocate(net)
    a, b, c = (net.nodes[name] for name in (A, B, C))
    for host in (b, c):
        net.hosts[host.name].start()
    before = a.ledger.head().incarnation
    net.connect(B, C)
    net.run(120)
    for host in (b, c):
        branches = [
            {fork.kept.manifest_sha256, fork.offered.manifest_sha256} for fork in host.ledger.entries.forks()
        ]
        assert len(branches) == 2, "the KEY envelope and the notice"
        assert "FANAL-E0720" in found(host)
    assert [len(one.ledger.entries.forks()) for one in (b, c)] == [2, 2]
    net.connect(A, B)
    net.run(60)
    assert "FANAL-E0721" in found(a)
    assert a.ledger.head().incarnation != before
    assert {one.key for one in kept.known(a.node)} == {one.key for one in kept.known(b.node)}
    for host in (a, b, c):
        assert incidents(host, "fork") == len(kept.known(host.node)) == 2
    sent = a.send(some_notice(A), [B, C])
    net.run(60)
    for host in (b, c):
        row = host.ledger.entries.get(envelope_id=sent.envelope_id, author=A)
        assert row is not None
        assert row.incarnation == a.ledger.head().incarnation
        assert any(one.notice_id == sent.notice_id for one in host.inbox())


def test_a_proof_reaches_who_may_not_hold_the_lane() -> None:
    """C has no part in the lane of A and B, and knows of the fork all the same; a late comer too."""
    net = NodeNet(A, B, C, linked=False)
    one, other = sealed_twice(net.nodes[A], (B,))
    net.connect(B, C)
    net.run(5)
    assert kept.keep(net.nodes[B].node, entry_proof(one, other)) is not None
    net.nodes[B].host.forks.found(kept.known(net.nodes[B].node))
    net.run(5)
    assert "FANAL-E0720" in found(net.nodes[C])
    net.connect(A, C)
    net.run(5)
    assert "FANAL-E0721" in found(net.nodes[A])


def test_a_proof_is_kept_once_however_often_it_comes() -> None:
    """The same place again, from either side and in either order, is nothing new."""
    net = NodeNet(A, B)
    node = net.nodes[B].node
    one, other = sealed_twice(net.nodes[A], (B,))
    assert kept.keep(node, entry_proof(one, other)) is not None
    assert kept.keep(node, entry_proof(one, other)) is None
    assert kept.keep(node, entry_proof(other, one)) is None
    assert len(kept.known(node)) == incidents(net.nodes[B], "fork") == 1


def test_what_is_kept_of_one_agency_is_bounded() -> None:
    """An agency that forks without end fills nobody's ledger."""
    net = NodeNet(A, B)
    node = net.nodes[B].node
    roots = [
        (note(net.nodes[A], n, os.urandom(32)), note(net.nodes[A], n, os.urandom(32))) for n in range(1, 30)
    ]
    for a, b in roots:
        kept.of_root(node, RootFork(note_a=a, note_b=b))
    assert len(kept.known(node)) == kept.MOST


def test_two_roots_at_one_size_prove_a_fork_and_two_sizes_do_not() -> None:
    """Who grew honestly between two sizes cannot be told from who did not, by two notes alone."""
    net = NodeNet(A, B)
    directory, author = net.nodes[B].node.directory, net.nodes[A]
    first, second, larger = (
        note(author, size, root * 32) for size, root in ((7, b"x"), (7, b"y"), (8, b"z"))
    )
    proven = forks.verify_root_fork(first, second, directory)
    assert (proven.kind, proven.agency, proven.number) == (forks.ROOT, A, 7)
    for pair in ((first, first), (first, larger)):
        with pytest.raises(VerificationError) as refused:
            forks.verify_root_fork(*pair, directory)
        assert refused.value.kind is NOT_A_FORK
    origin = newest_origin(directory, A)
    seed = os.urandom(32)
    thief = Ed25519Signer(origin, seed, ed25519.public_of(seed))
    stranger = checkpoints.sign(Checkpoint(origin, 7, b"w" * 32), thief)
    with pytest.raises(VerificationError):
        forks.verify_root_fork(first, stranger, directory)


def test_two_identity_documents_of_one_serial_are_a_proof() -> None:
    """The root signed two: every node that is told keeps both and shows it."""
    net = NodeNet(A, B)
    net.run(5)
    author, reader = net.nodes[A], net.nodes[B]
    drafts = [author.agency.next_draft() for _ in range(2)]
    drafts[1].names.add(lang="fr", name="Douanes")
    a, b = (author.agency.sign(draft) for draft in drafts)
    proof = ForkProof(document=DocumentFork(a=a, b=b))
    line = kept.take(reader.node, proof, A)
    assert line is not None
    assert (line.kind, line.agency) == (forks.IDENTITY_FORK, A)
    assert "FANAL-E0723" in found(reader)
    with pytest.raises(VerificationError):
        forks.verify_document_fork(a, a, reader.node.directory)


@pytest.mark.parametrize("spoil", ["signature", "same", "places", "empty"])
def test_what_proves_nothing_is_a_strike_and_goes_no_further(spoil: str) -> None:
    """A made-up proof is neither kept nor told on, and counts against who sent it."""
    net = NodeNet(A, B, C)
    net.run(5)
    one, other = sealed_twice(net.nodes[A], (B,))
    proof = entry_proof(one, other)
    if spoil == "signature":
        proof.entry.signature_b = bytes(64)
    elif spoil == "same":
        proof = entry_proof(one, one)
    elif spoil == "places":
        rows = net.nodes[A].send(some_notice(A), [C]) and net.nodes[A].ledger.entries.since(0, 9)
        proof = entry_proof(*(envelope_bytes(row) for row in rows[:2]))
    else:
        proof = ForkProof()
    reader = net.nodes[B]
    for _ in range(reader.settings.limits.bad_signatures):
        reader.frame(C, Frame(fork=proof))
        net.run(0.1)
    assert kept.known(reader.node) == []
    assert [peer for peer, _ in reader.cuts] == [C]
    assert kept.known(net.nodes[A].node) == []


def test_a_fork_found_before_a_crash_is_proven_at_the_next_start() -> None:
    """The ledger keeps both branches: what was not told yet is told then."""
    net = NodeNet(A, B, linked=False)
    reader = net.nodes[B]
    held = []
    original, kept.of_entries = kept.of_entries, lambda node, found: held.append(found) or []
    try:
        for envelope in sealed_twice(net.nodes[A], (B,)):
            incoming.receive(reader.node, A, [envelope])
    finally:
        kept.of_entries = original
    assert reader.ledger.entries.forks()
    assert not kept.known(reader.node)
    reader.start()
    net.run(5)
    assert [one.kind for one in kept.known(reader.node)] == [forks.ENTRY]


def test_a_start_verifies_no_fork_that_an_earlier_start_has_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An author forks ten times: the next start looks at each, for the run before may have died; later ones
    at none."""
    net = NodeNet(A, B, linked=False)
    reader, looked = net.nodes[B], list[ForkProof]()
    for _ in range(10):
        for envelope in sealed_twice(net.nodes[A], (B,)):
            incoming.receive(reader.node, A, [envelope])
    stored = len(reader.ledger.entries.forks())
    assert stored >= 10
    true = kept.keep
    monkeypatch.setattr(kept, "keep", lambda *a, **more: looked.append(a[1]) or true(*a, **more))
    for verified in (stored, 0):
        looked.clear()
        reader.start()
        net.run(1)
        assert len(looked) == verified


def test_a_fork_that_a_start_cannot_judge_is_proven_at_a_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run before died, and the disk has the author's identity damaged at the next start: the fork is not
    forgotten with that, and is proven when the identity is back."""
    net = NodeNet(A, B, linked=False)
    reader = net.nodes[B]
    with monkeypatch.context() as dying:
        dying.setattr(kept, "of_entries", lambda _node, _found: [])
        for envelope in sealed_twice(net.nodes[A], (B,)):
            incoming.receive(reader.node, A, [envelope])
    with monkeypatch.context() as lost:
        lost.setattr(kept.forks, "verify", unknown)
        reader.start()
        net.run(1)
    assert (len(reader.ledger.entries.forks()), kept.known(reader.node)) == (1, [])
    reader.start()
    net.run(1)
    assert [one.kind for one in kept.known(reader.node)] == [forks.ENTRY]


@pytest.mark.parametrize("kind", ["entry", "root"])
def test_a_pair_under_a_revoked_key_accuses_nobody(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A thief makes as many as he likes: none is kept, and who hands one on in good faith gets no strike."""
    net = NodeNet(A, B, C)
    net.run(5)
    reader = net.nodes[B]
    if kind == "entry":
        proof = entry_proof(*sealed_twice(net.nodes[A], (B,)))
    else:
        notes = (note(net.nodes[A], 9, os.urandom(32)) for _ in range(2))
        proof = ForkProof(root=RootFork(note_a=next(notes), note_b=next(notes)))
    monkeypatch.setattr(reader.node.directory, "revoked", lambda _agency, _key: 1)
    for _ in range(reader.settings.limits.bad_signatures):
        reader.frame(C, Frame(fork=proof))
        net.run(0.1)
    assert kept.known(reader.node) == []
    assert reader.cuts == []


def test_after_a_fork_digests_agree_and_a_restored_inbox_opens_by_itself() -> None:
    """Two keep different branches at the end of one stream. Once each has seen the other's, no rows are sent
    again, and a reader restored to an older state finds out that it has caught up."""
    net = NodeNet(A, B, C, linked=False)
    equivocate(net)
    b, c = net.nodes[B], net.nodes[C]
    for host in (b, c):
        net.hosts[host.name].start()
    net.connect(B, C)
    net.run(120)
    heads = [{(row.next, row.head) for row in host.ledger.lanes.clock()} for host in (b, c)]
    assert heads[0] != heads[1], "each keeps its own branch in the lane"
    assert b.host.core.caught_up
    assert c.host.core.caught_up
    before = net.frames[B, C, "clock"] + net.frames[C, B, "clock"]
    net.run(1200)
    assert net.frames[B, C, "clock"] + net.frames[C, B, "clock"] == before
    restore(b, backup(b), "rolled-back")
    assert restored.closed(b.node)
    net.run(120)
    assert restored.closed(b.node) == ""

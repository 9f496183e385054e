# SPDX-License-Identifier: Apache-2.0
"""A node's key is rotated again and again; who stole the one before gets nothing accepted under it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from courierkit import carry
from evidencekit import failed, scene
from nodenet import NodeHost, NodeNet, some_notice
from sealing import sealed

from fanal.keys import ed25519
from fanal.keys.identity import DAY, key_entry, sign_identity
from fanal.keys.rotation import KEY_DAYS, draft_rotated
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.arrival.suspects import SUSPECT
from fanal.node.courier.gather import Gathering
from fanal.node.desk import provenlog
from fanal.node.ledger.rows import Checkpoint
from fanal.node.witness import names
from fanal.v1.identity_pb2 import KeyUse
from fanal.v1.peer_pb2 import Frame

A, B = "GE-CUS", "TR-CUS"
ROUNDS = 4


def later(net: NodeNet, days: int) -> None:
    """The date that every node reads."""
    for one in net.nodes.values():
        one.node.steady, one.node.clock = (lambda: net.now), (lambda: net.now + days * DAY)


def rotate(host: NodeHost, epoch: int) -> None:
    """As `fanal key rotate NODE_SIGN` and the running node do it together."""
    seed, now = ed25519.generate(), host.node.now
    host.more_keys[f"node-sign-{epoch}"] = seed
    entry = key_entry(KeyUse.NODE_SIGN, ed25519.public_of(seed), epoch, now, now + KEY_DAYS * DAY)
    document = sign_identity(host.agency.root, draft_rotated(host.node.identity, entry, now))
    assert host.node.take_documents((), [document])
    host.documents.append(document)
    host.node.replace_keys(host.keys())
    host.host.roster_changed()


def thief_of(host: NodeHost) -> NodeHost:
    """Another machine with all the keys that the agency has now. Nobody links with it."""
    thief = NodeHost(host.agency, host.net, host.documents[0], host.documents[1:])
    thief.more_keys = dict(host.more_keys)
    thief.start(locked=True)
    thief.node.clock = host.node.clock
    thief.node.unlock(thief.keys())
    assert thief.node.keys.signer.key_id == host.node.keys.signer.key_id
    return thief


def slip_in(thief: NodeHost, reader: NodeHost) -> bytes:
    """A fresh notice under the stolen key, as if a peer had it from the author; its envelope id."""
    delivery = sealed(thief, (B,), some_notice(A, "All is well", thief.node.now))
    outcome = incoming.receive(reader.node, B, delivery.envelopes, delivery.wraps)
    assert not outcome.strikes
    opening.open_arrived(reader.node, [one.key_manifest_sha256 for one in outcome.wraps])
    return reader.ledger.entries.since(0, 1000)[-1].manifest_sha256


def test_attack_nothing_is_accepted_under_a_key_that_was_retired_by_a_rotation() -> None:
    """While the old key is good it signs; from the end of its overlap on what it signs waits, SUSPECT."""
    net = NodeNet(A, B)
    author, reader = net.nodes[A], net.nodes[B]
    refs, late = [], set()
    for number in range(ROUNDS):
        later(net, 8 * number)
        refs.append(author.send(some_notice(A, "Seen at Alat", author.node.now), [B]).ref)
        net.run(10)
        thief = thief_of(author)
        rotate(author, number + 2)
        net.run(10)
        later(net, 8 * number + 8)
        thief.node.clock = author.node.clock
        late.add(slip_in(thief, reader))
    refs.append(author.send(some_notice(A, "Seen at Alat", author.node.now), [B]).ref)
    net.run(60)
    assert [one.ref for one in reversed(reader.inbox())] == refs
    waiting = {one.manifest_sha256 for one in reader.vault.pending(100) if one.reason == SUSPECT}
    assert waiting >= late
    assert len(late) == ROUNDS
    slip_in(thief_of(author), reader)  # with the key of today it does get through: theft needs a revocation
    assert len(reader.inbox()) == len(refs) + 1


def test_a_key_is_checked_once_however_many_documents_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may cosign is asked for with every document that comes: it must not cost a check of every key in
    every document there ever was."""
    net, checked = NodeNet(A, B), list[bytes]()
    host = net.nodes[A]
    for number in range(ROUNDS):
        rotate(host, number + 2)
    validate = ed25519.validate_public
    monkeypatch.setattr(ed25519, "validate_public", lambda key: checked.append(key) or validate(key))
    keys = [key.public_key for one in names.witnesses(host.node.directory).values() for key in one]
    assert len(keys) == 2
    assert sorted(checked) == sorted(keys)


def test_a_bundle_is_signed_by_the_key_on_its_cover_though_another_is_taken_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The node's key is rotated while the bundle waits for witnesses: it is found whole."""
    at, wait = scene((B,)), provenlog.cosigned_in_time

    def waited(*given: Any) -> Checkpoint:
        rotate(at.host(A), 2)
        return wait(*given)

    monkeypatch.setattr(provenlog, "cosigned_in_time", waited)
    report = at.report(at.bundle(A))
    assert failed(report) == set()
    assert len(at.host(A).node.directory.identities(A)) == 2


def test_a_courier_file_is_signed_by_the_key_in_its_header_though_another_is_taken_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The node's key is rotated when the frames are written and the signature is not: the file is taken."""
    net = NodeNet(A, B, linked=False)
    a, frames = net.nodes[A], Gathering.frames

    def written(*given: Any) -> Iterator[Frame]:
        yield from frames(*given)
        rotate(a, 2)

    monkeypatch.setattr(Gathering, "frames", written)
    sent = a.send(some_notice(A), [B])
    assert carry(net, A, B).entries == 2
    assert [one.ref for one in net.nodes[B].inbox()] == [sent.ref]

# SPDX-License-Identifier: Apache-2.0
"""A revocation and the identity document it comes with reach every node, over others too, and count there."""

from __future__ import annotations

from nodenet import NodeHost, NodeNet, some_notice

from fanal.keys import ed25519
from fanal.keys.identity import DAY, key_entry, sign_identity
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.revocation import sign_revocation
from fanal.keys.rotation import draft_revoked
from fanal.keys.trust import KeyStatus
from fanal.node import documents
from fanal.node.arrival.revoked import is_suspect
from fanal.node.ledger.document_rows import document_of
from fanal.node.ledger.heard import heard
from fanal.v1.identity_pb2 import KeyUse, SignedDocument


def revoked_node_key(host: NodeHost, cut_off: int, created: int = 0) -> tuple[SignedDocument, SignedDocument]:
    """The node's key is revoked and replaced, as `fanal key revoke` does it; its new seed is at hand."""
    agency, view, now = host.agency, host.node.identity, created or int(host.net.now)
    seed = ed25519.generate()
    host.more_keys["node-sign-2"] = seed
    entry = key_entry(KeyUse.NODE_SIGN, ed25519.public_of(seed), 2, now - 1, now + 400 * DAY)
    revocation = sign_revocation(agency.root, agency.name, 1, agency.node_key_id, cut_off, "compromised", now)
    identity = sign_identity(agency.root, draft_revoked(view, agency.node_key_id, cut_off, now, entry))
    return revocation, identity


def take_up(host: NodeHost, *found: SignedDocument) -> None:
    """As the daemon does when it finds them in the folder."""
    assert host.node.take_documents((), found)
    host.node.replace_keys(host.keys())
    host.host.roster_changed()


def test_a_revocation_reaches_every_node_and_the_successor_signs_at_once() -> None:
    """The neighbour's neighbour has it too; what is sent then is under the new key and is read."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    host = net.nodes["GE-CUS"]
    net.run(5)
    take_up(host, *revoked_node_key(host, int(net.now) - DAY))
    net.run(5)
    for node in net.nodes.values():
        known = node.node.directory.signing_key("GE-CUS", host.agency.node_key_id, KeyUse.NODE_SIGN)
        assert (known.status, known.cut_off) == (KeyStatus.REVOKED, int(net.now) - DAY - 5)
        stored = node.ledger.facts.documents(documents.REVOCATION)
        assert [(row.agency, row.serial) for row in stored] == [("GE-CUS", 1)]
        assert [document_of(row).body for row in stored]
    host.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(30)
    assert len(net.nodes["TR-CUS"].inbox()) == 1
    assert host.node.keys.signer.key_id == key_id(
        ed25519_key(ed25519.public_of(host.more_keys["node-sign-2"]))
    )


def later(net: NodeNet, days: int) -> None:
    """The date that every node reads."""
    for one in net.nodes.values():
        one.node.steady, one.node.clock = (lambda: net.now), (lambda: net.now + days * DAY)


def standing(host: NodeHost, key: bytes) -> tuple[KeyStatus, int | None]:
    known = host.node.directory.signing_key("GE-CUS", key, KeyUse.NODE_SIGN, host.node.now)
    return known.status, known.cut_off


def test_a_revocation_reaches_a_node_that_was_away_for_a_month() -> None:
    """It is taken however old it has become, counts as at the others, and the next one is taken after it."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    host, away = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    net.run(3700)  # an hour: the clock was trusted, and checkpoints were cosigned
    away.crash()
    cut_off = int(net.now) - DAY
    take_up(host, *revoked_node_key(host, cut_off))
    net.run(10)
    away.start()
    later(net, 30)
    net.run(120)
    first = host.agency.node_key_id
    assert {standing(one, first) for one in net.nodes.values()} == {(KeyStatus.REVOKED, cut_off)}
    second = key_id(ed25519_key(ed25519.public_of(host.more_keys["node-sign-2"])))
    now, view = host.node.now, host.node.identity
    again = sign_revocation(host.agency.root, host.name, 2, second, now, "lost", now)
    take_up(host, again, sign_identity(host.agency.root, draft_revoked(view, second, now, now)))
    net.run(10)
    assert {standing(one, second) for one in net.nodes.values()} == {(KeyStatus.REVOKED, now)}


def test_attack_backdated_revocation_takes_back_seven_days_and_no_more() -> None:
    """The author writes a date of a month ago on it: what was here seven days before it came stays vouched
    for, after a restart and for the auditor too."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    host, peer = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    host.send(some_notice("GE-CUS", now=int(net.now)), ["TR-CUS"])
    net.run(3700)
    old = int(net.now)
    later(net, 30)
    net.run(3700)
    take_up(host, *revoked_node_key(host, old - DAY, created=old))
    net.run(10)
    status, cut_off = standing(peer, host.agency.node_key_id)
    assert status is KeyStatus.REVOKED
    assert cut_off is not None
    assert cut_off >= peer.node.now - 8 * DAY  # a trusted clock may be a day behind
    [row] = [one for one in peer.ledger.entries.since(0, 100) if one.author == "GE-CUS"][:1]
    assert not is_suspect(peer.node, row)
    rows = peer.ledger.facts.documents()
    stored = [documents.decode_document(one.document) for one in rows]
    again = documents.Directory.restore(peer.node.network, [*peer.documents, *stored], heard(rows, peer.name))
    assert again.revoked("GE-CUS", host.agency.node_key_id) == cut_off


def test_a_revocation_too_far_back_is_not_taken_but_its_identity_is() -> None:
    """Without the governors the root cannot disown what it signed a month ago; the key is retired though."""
    net = NodeNet("GE-CUS", "TR-CUS")
    host, peer = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    net.run(5)
    take_up(host, *revoked_node_key(host, int(net.now) - 30 * DAY))
    net.run(5)
    assert peer.node.directory.revocations("GE-CUS") == []
    now = int(net.now)
    known = peer.node.directory.signing_key("GE-CUS", host.agency.node_key_id, KeyUse.NODE_SIGN, now)
    assert known.status is KeyStatus.RETIRED


def test_a_revocation_that_was_taken_is_there_after_a_restart() -> None:
    """It comes from the ledger again, however old it has become."""
    net = NodeNet("GE-CUS", "TR-CUS")
    host, peer = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    net.run(5)
    take_up(host, *revoked_node_key(host, int(net.now) - DAY))
    net.run(5)
    restored = documents.Directory.restore(
        peer.node.network,
        [
            *peer.documents,
            *(documents.decode_document(row.document) for row in peer.ledger.facts.documents()),
        ],
    )
    assert [one.number for one in restored.revocations("GE-CUS")] == [1]

# SPDX-License-Identifier: Apache-2.0
"""To whom a lane key is given, and to whom never: members come, go, and ask."""

from __future__ import annotations

from agencies import MemoryReservations
from nodenet import NodeHost, NodeNet, some_notice

from fanal.envelope import receipts as wire
from fanal.keys import charter as charters
from fanal.keys import xwing
from fanal.keys.identity import encrypt_entry
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.arrival.opened import Opened
from fanal.node.damage import soundwraps
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.ledger.rows import EntryRow
from fanal.node.receipts import issuing
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Receipts, WrapProof


def told(net: NodeNet, author: str, asker: str, manifest: bytes) -> None:
    """The asker says HELD(NO_KEY) about one manifest of the author."""
    bring(net, author, asker, *said(net, author, asker, manifest))


def said(net: NodeNet, author: str, asker: str, manifest: bytes) -> tuple[list[bytes], list[WrapProof]]:
    """What the asker sends for it: envelopes and wraps."""
    host = net.nodes[asker]
    before = host.ledger.head().entries
    issuing.issue(host.node, author, Receipts(held=[wire.held(manifest)]))
    rows = host.ledger.entries.since(before, 10)
    proofs = [
        WrapProof(key_manifest_sha256=w.key_manifest_sha256, index=w.index, wrap=w.wrap, path=w.path)
        for row in rows
        for w in host.ledger.entries.wraps(row.manifest_sha256)
    ]
    return [envelope_bytes(row) for row in rows], proofs


def bring(net: NodeNet, author: str, asker: str, envelopes: list[bytes], proofs: list[WrapProof]) -> None:
    node = net.nodes[author].node
    outcome = incoming.receive(node, asker, envelopes, proofs)
    assert outcome.refused == outcome.strikes == []
    opening.open_arrived(node)


def given(host: NodeHost) -> list[set[str]]:
    """To whom each KEY envelope of a node's own lanes is wrapped, in order."""
    rows = [row for row in host.ledger.entries.since(0, 1000) if row.klass == 3 and row.author == host.name]
    return [{wrap.recipient for wrap in host.ledger.entries.wraps(row.manifest_sha256)} for row in rows]


def changed(net: NodeNet, changes: charters.Changes) -> None:
    """The governor's next charter reaches every node."""
    governor = net.nodes["GE-CUS"]
    draft = charters.draft_next(governor.node.directory.newest, changes)
    document = charters.sign_charter(governor.agency.root, draft, MemoryReservations())
    for host in net.nodes.values():
        host.desk.apply_charter(host.officer, api.ApplyCharterRequest(charter=document))


def test_a_new_member_of_a_channel_that_asks_gets_no_earlier_key() -> None:
    """It may hold the old ciphertext; were the old key wrapped for whoever asks, it would read it all."""
    net = NodeNet("GE-CUS", "TR-CUS", "XX-NEW", channels={"BLACKSEA": ("GE-CUS", "TR-CUS")}, linked=False)
    author = net.nodes["GE-CUS"]
    old = author.send(some_notice("GE-CUS", "before it came"), ["group:BLACKSEA"])
    everybody = charters.ChannelView("BLACKSEA", ("GE-CUS", "TR-CUS", "XX-NEW"))
    changed(net, charters.Changes(created=int(net.now), channels={"BLACKSEA": everybody}))
    manifest = author.ledger.entries.get(envelope_id=old.envelope_id).manifest_sha256
    told(net, "GE-CUS", "XX-NEW", manifest)
    assert given(author) == [{"GE-CUS", "TR-CUS"}]
    told(net, "GE-CUS", "TR-CUS", manifest)
    assert given(author) == [{"GE-CUS", "TR-CUS"}, {"TR-CUS"}]


def test_a_reader_of_a_list_from_which_another_has_left_the_network_still_gets_its_key() -> None:
    """The list is fixed; who has left is given nothing and keeps nobody else from the key."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    author = net.nodes["GE-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    changed(net, charters.Changes(created=int(net.now), remove=("AZ-CUS",)))
    told(net, "GE-CUS", "TR-CUS", author.ledger.entries.get(envelope_id=sent.envelope_id).manifest_sha256)
    assert given(author) == [{"GE-CUS", "TR-CUS", "AZ-CUS"}, {"TR-CUS"}]


def test_a_reader_that_asks_again_and_again_costs_one_wrap_each() -> None:
    """The key is announced to who asked, not to the whole audience."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    author = net.nodes["GE-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    manifest = author.ledger.entries.get(envelope_id=sent.envelope_id).manifest_sha256
    for _ in range(3):
        told(net, "GE-CUS", "TR-CUS", manifest)
    assert given(author)[1:] == [{"TR-CUS"}] * 3


def test_a_reader_whose_key_has_run_out_gets_the_lane_key_with_its_next_document() -> None:
    """It asks before the author has heard of its newer key: nothing is set aside, and the answer follows."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    row = author.ledger.entries.get(envelope_id=sent.envelope_id)
    asked = said(net, "GE-CUS", "TR-CUS", row.manifest_sha256)
    net.now += 91 * 86_400
    bring(net, "GE-CUS", "TR-CUS", *asked)
    assert given(author) == [{"GE-CUS", "TR-CUS"}]
    draft = reader.agency.next_draft()
    draft.keys.append(encrypt_entry(xwing.public_of(xwing.generate()), 2, int(net.now)))
    assert author.node.take_documents((), (reader.agency.sign(draft),))
    opening.open_arrived(author.node, everything=True)
    assert given(author) == [{"GE-CUS", "TR-CUS"}, {"TR-CUS"}]
    assert not [one for one in author.ledger.log.leaves(0, 1000) if b" incident " in one]


def test_a_key_that_is_announced_again_to_one_reader_keeps_nobody_else_waiting() -> None:
    """Its envelope comes to every reader with a wrap for who asked: author and others wait for no wrap."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    author, other = net.nodes["GE-CUS"], net.nodes["AZ-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    opened = [carried(author, other)]
    told(net, "GE-CUS", "TR-CUS", author.ledger.entries.get(envelope_id=sent.envelope_id).manifest_sha256)
    assert given(author)[1:] == [{"TR-CUS"}]
    opened += [carried(author, other), opening.open_arrived(author.node, everything=True)]
    assert [len(list(host.vault.pending(10))) for host in (author, other)] == [0, 0]
    assert [one.wraps_missing for one in opened] == [()] * 3


def of_author(host: NodeHost) -> list[EntryRow]:
    return [row for row in host.ledger.entries.since(0, 100) if row.author == host.name]


def carried(source: NodeHost, target: NodeHost) -> Opened:
    """What one node wrote comes to another, each entry with the wraps that it has for it."""
    rows = of_author(source)
    proofs = [
        soundwraps.proof_of(one)
        for row in rows
        for one in source.ledger.entries.wraps(row.manifest_sha256, [target.name])
    ]
    outcome = incoming.receive(target.node, source.name, [envelope_bytes(row) for row in rows], proofs)
    assert outcome.refused == outcome.strikes == []
    return opening.open_arrived(target.node)


def test_what_was_announced_to_another_reader_waits_no_longer_than_for_the_key() -> None:
    """It came first, when the key might have been in it; with the key from elsewhere nothing is pending, and
    the author is not asked for it once more."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    author, other = net.nodes["GE-CUS"], net.nodes["AZ-CUS"]
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    manifest = author.ledger.entries.get(envelope_id=sent.envelope_id).manifest_sha256
    told(net, "GE-CUS", "TR-CUS", manifest)
    bring(net, "AZ-CUS", "GE-CUS", [envelope_bytes(row) for row in of_author(author)], [])
    assert [one.reason for one in other.node.vault.pending(10)] == ["NO_KEY"] * 3
    told(net, "GE-CUS", "AZ-CUS", manifest)
    assert given(author)[1:] == [{"TR-CUS"}, {"AZ-CUS"}]
    carried(author, other)
    assert list(other.node.vault.pending(10)) == []
    assert len(other.inbox()) == 1


def test_readers_without_a_key_ask_once_each_whatever_is_announced_to_the_others() -> None:
    """Over links, with the waits of a running node."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    author, readers = net.nodes["GE-CUS"], [net.nodes["TR-CUS"], net.nodes["AZ-CUS"]]
    for one in readers:
        one.node.keys.decrypt.clear()
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    net.run(20)
    for one in readers:
        one.node.replace_keys(one.keys())
    net.run(120)
    assert [len(one.inbox()) for one in readers] == [1, 1]
    assert [list(one.node.vault.pending(10)) for one in readers] == [[], []]
    assert len(given(author)) == 3, given(author)
    assert author.states(sent.ref) == {"TR-CUS": "STORED", "AZ-CUS": "STORED"}

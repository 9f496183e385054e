# SPDX-License-Identifier: Apache-2.0
"""To whom a lane key is given, and to whom never: members come, go, and ask."""

from __future__ import annotations

from agencies import MemoryReservations
from nodenet import NodeHost, NodeNet, some_notice

from fanal.envelope import receipts as wire
from fanal.keys import charter as charters
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.receipts import issuing
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Receipts, WrapProof


def told(net: NodeNet, author: str, asker: str, manifest: bytes) -> None:
    """The asker says HELD(NO_KEY) about one manifest of the author."""
    host, node = net.nodes[asker], net.nodes[author].node
    before = host.ledger.head().entries
    issuing.issue(host.node, author, Receipts(held=[wire.held(manifest)]))
    rows = host.ledger.entries.since(before, 10)
    proofs = [
        WrapProof(key_manifest_sha256=w.key_manifest_sha256, index=w.index, wrap=w.wrap, path=w.path)
        for row in rows
        for w in host.ledger.entries.wraps(row.manifest_sha256)
    ]
    outcome = incoming.receive(node, asker, [envelope_bytes(row) for row in rows], proofs)
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

# SPDX-License-Identifier: Apache-2.0
"""Charters and identity documents go ahead of everything and reach everybody."""

from memrosters import FOUR, LANE_A, mesh, pair, roster_of

from fanal.keys.charter_rules import MAX_CHARTER
from fanal.node.gossip import actions, events
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.events import Heads
from fanal.v1 import identity_pb2, peer_pb2

NOW = 1_800_000_000.0
ME, PEER, THIRD = FOUR[:3]


def up(core: GossipCore, peer: str, heads: Heads) -> list[actions.Action]:
    return core.handle(events.LinkUp(peer, b"s" * 16, heads), NOW)


def core_with(heads: Heads) -> GossipCore:
    return GossipCore(ME, roster_of(*FOUR), heads)


def loads(out: list[actions.Action]) -> list[tuple[str, int | None, tuple[str, ...]]]:
    return [(a.peer, a.charters_after, a.identities_of) for a in out if isinstance(a, actions.LoadDocuments)]


def wants(out: list[actions.Action]) -> list[tuple[str, int, list[str]]]:
    frames = [(a.peer, a.frame.want_documents) for a in out if isinstance(a, actions.Send)]
    return [
        (peer, frame.charters_after, list(frame.identities_of))
        for peer, frame in frames
        if frame.ByteSize() or frame.charters_after
    ]


def test_a_peer_that_is_behind_is_sent_what_it_lacks_without_asking():
    """Hello tells what the peer has; charters above its own and newer identities follow."""
    core = core_with(Heads(3, b"c" * 32, {"AA-A": (2, b"a"), "CC-C": (5, b"c")}))
    out = up(core, PEER, Heads(1, b"x" * 32, {"AA-A": (1, b"o"), "CC-C": (5, b"c")}))
    assert loads(out) == [(PEER, 1, ("AA-A",))]


def test_peers_with_the_same_documents_exchange_none():
    """Equal heads cost nothing."""
    heads = Heads(3, b"c" * 32, {"AA-A": (2, b"a")})
    out = up(core_with(heads), PEER, heads)
    assert (loads(out), wants(out)) == ([], [])


def test_two_charters_of_one_version_are_asked_for():
    """The fork proof needs both; the driver makes it."""
    out = up(core_with(Heads(3, b"c" * 32)), PEER, Heads(3, b"d" * 32))
    assert wants(out) == [(PEER, 2, [])]


def test_two_identities_of_one_serial_are_asked_for():
    """As with charters."""
    mine = Heads(3, b"c" * 32, {"CC-C": (2, b"1" * 32)})
    theirs = Heads(3, b"c" * 32, {"CC-C": (2, b"2" * 32)})
    assert wants(up(core_with(mine), PEER, theirs)) == [(PEER, 3, ["CC-C"])]


def test_documents_are_the_first_thing_on_a_new_link():
    """Before FLASH, digest and clock, because everything is judged by them."""
    core = core_with(Heads(2, b"c" * 32))
    out = up(core, PEER, Heads(1, b"o" * 32))
    kinds = [type(a).__name__ for a in out if not isinstance(a, actions.WakeAt)]
    assert kinds[0] == "LoadDocuments"


def test_a_new_document_is_passed_on_to_all_but_its_source():
    """And only once."""
    old = Heads(1, b"c" * 32, {"DD-D": (1, b"1")})
    core = core_with(old)
    for peer in (PEER, THIRD):
        up(core, peer, old)
    new = Heads(2, b"n" * 32, {"DD-D": (2, b"2")})
    out = core.handle(events.DocumentsTaken(new, PEER, 1), NOW)
    assert loads(out) == [(THIRD, 1, ("DD-D",))]
    assert loads(core.handle(events.DocumentsTaken(new), NOW)) == []


def test_an_envelope_that_waits_for_a_charter_has_it_asked_of_who_is_ahead():
    """Of the peers whose Hello named a newer one; without any, of a few."""
    core = core_with(Heads(1, b"c" * 32))
    up(core, PEER, Heads(1, b"c" * 32))
    up(core, THIRD, Heads(4, b"d" * 32))
    assert wants(core.handle(events.DocumentsMissing(charter=True), NOW)) == [(THIRD, 1, [])]
    out = core.handle(events.DocumentsMissing(agencies=("DD-D",)), NOW)
    assert [want[0] for want in wants(out)] == [PEER, THIRD]


def test_documents_are_sent_charters_first_in_frames_of_bounded_size():
    """Two charters of 200 kB and an identity: three frames, none over the limit of a message."""
    core = core_with(Heads(4, b"c" * 32))
    out = up(core, PEER, Heads(1, b"o" * 32))
    (load,) = [a for a in out if isinstance(a, actions.LoadDocuments)]
    charters = tuple(identity_pb2.SignedDocument(type="c", body=bytes(200_000)) for _ in range(4))
    identity = identity_pb2.SignedDocument(type="i", body=b"x")
    out = core.handle(events.LoadedDocuments(PEER, load.request, charters, (identity,)), NOW)
    frames = [a.frame.documents for a in out if isinstance(a, actions.Send)]
    assert [(len(f.charters), len(f.identities)) for f in frames] == [(2, 0), (2, 1)]
    assert all(f.ByteSize() < 1024 * 1024 for f in frames)


def test_a_request_for_documents_is_read_and_answered():
    """Every charter above the version named, and the identities named, each once."""
    core = core_with(Heads(4, b"c" * 32))
    up(core, PEER, Heads(4, b"c" * 32))
    want = peer_pb2.WantDocuments(charters_after=2, identities_of=["CC-C", "AA-A", "CC-C"])
    out = core.handle(events.Received(PEER, peer_pb2.Frame(want_documents=want)), NOW)
    assert loads(out) == [(PEER, 2, ("AA-A", "CC-C"))]


def test_a_charter_signed_at_one_node_reaches_all_over_a_chain_of_links():
    """Each node takes it, judges by it, and passes it on."""
    net = mesh()
    for a, b in (("AA-A", "CC-C"), ("AA-A", "DD-D"), ("BB-B", "DD-D")):
        net.down(net.link(a, b), "test")
        del net.links[frozenset((a, b))]
    net.rosters[2] = roster_of(*FOUR)
    author = net.hosts["AA-A"]
    author.store.serials["AA-A"] = 7
    author.sign_charter(2)
    net.run(1.0)
    assert [host.store.charter for host in net.hosts.values()] == [2, 2, 2, 2]
    assert [host.store.serials.get("AA-A") for host in net.hosts.values()] == [7, 7, 7, 7]
    frames = [count for (_, _, kind), count in net.frames.items() if kind == "documents"]
    assert sum(frames) == 3


def test_a_node_that_was_away_gets_every_charter_it_missed_in_order():
    """From 1 to 5 over one link, then the entries."""
    net = pair()
    net.hosts["BB-B"].crash()
    for version in range(2, 6):
        net.rosters[version] = roster_of(*FOUR[:2])
    net.hosts["AA-A"].sign_charter(5)
    net.hosts["AA-A"].write(LANE_A, 3)
    net.hosts["BB-B"].start()
    net.run_until(net.converged, 10.0)
    assert net.hosts["BB-B"].store.charter == 5


def test_a_charter_of_five_hundred_members_passes_between_nodes():
    """As large as the rules of a charter allow: no link is cut for it."""
    core = core_with(Heads(1, b"c" * 32))
    up(core, PEER, Heads(2, b"d" * 32))
    charter = identity_pb2.SignedDocument(body=b"x" * MAX_CHARTER)
    frame = peer_pb2.Frame(documents=peer_pb2.Documents(charters=[charter]))
    out = core.handle(events.Received(PEER, frame), NOW + 1)
    assert [type(action) for action in out if not isinstance(action, actions.WakeAt)] == [
        actions.TakeDocuments
    ]

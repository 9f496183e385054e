# SPDX-License-Identifier: Apache-2.0
"""Copies of lane keys reach the readers they are for: early, on request, and by detours."""

from itertools import pairwise

from memnet import MemNet
from memrosters import CASPIAN, FOUR, LANE_A, RELAY, mesh, pair, roster_of
from memspread import Setting, Spread
from memstore import FLASH, ROUTINE, meta_of

from fanal.node.gossip import actions, events
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.entitlement import RelayView
from fanal.node.gossip.events import Heads, WrapMeta

NOW = 1_800_000_000.0


def wraps_at(net: MemNet, agency: str) -> set[str]:
    return {recipient for _, recipient in net.hosts[agency].store.wraps}


def line() -> MemNet:
    """AA-A - BB-B - CC-C - DD-D, all readers, no relay."""
    net = MemNet(FOUR, roster_of(*FOUR))
    for a, b in pairwise(FOUR):
        net.connect(a, b)
    net.run(2.0)
    return net


def test_the_key_envelope_and_the_own_wrap_come_before_the_first_notice():
    """In this order on the wire, at the priority of the notice."""
    net = pair()
    order = []

    def note(sender, receiver, frame):
        order.extend(meta_of(data).klass for data in frame.entries.envelopes)
        order.extend("wrap" for _ in frame.wraps.wraps)

    net.watchers.append(note)
    net.hosts["AA-A"].write(LANE_A, 2, FLASH)
    net.run(1.0)
    assert order == [3, "wrap", 1, 1]


def test_in_a_full_mesh_a_reader_stores_its_own_wrap_only():
    """Everybody has a direct link to the author, so nobody carries for others."""
    net = mesh()
    net.hosts["AA-A"].write(LANE_A, 5)
    net.run(5.0)
    assert [wraps_at(net, agency) for agency in FOUR[1:]] == [{agency} for agency in FOUR[1:]]


def test_readers_in_a_line_get_their_wraps_through_each_other():
    """Who has no link to the giver gets its wrap through those who have."""
    net = line()
    net.hosts["AA-A"].write(LANE_A, 2, FLASH)
    net.run(1.0)
    assert "CC-C" in wraps_at(net, "CC-C")
    assert "DD-D" in wraps_at(net, "DD-D")


def test_a_new_lane_key_costs_a_line_only_the_wraps_that_must_pass_it():
    """Each reader's own, from whoever has it towards whoever asks: of 24 that each node once got, three."""
    run = Spread(Setting(24, authors=2, degree=6, keyed=True))
    run.write(1, wait=20.0)
    assert len(run.readable()) == 2 * 23
    assert max(run.readable()) < 2.0
    assert sum(run.seen.wrap_bytes.values()) / (2 * 24) < 3 * 1400


def test_a_reader_who_was_away_gets_its_wrap_from_whom_it_trusts():
    """Also when the author is gone by then."""
    net = MemNet(FOUR[:3], roster_of(*FOUR[:3]))
    for a, b in pairwise(FOUR[:3]):
        net.connect(a, b)
    net.run(2.0)
    net.hosts["CC-C"].crash()
    net.hosts["AA-A"].write(LANE_A)
    net.run(10.0)
    net.hosts["AA-A"].crash()
    net.hosts["CC-C"].start()
    net.run(30.0)
    assert "CC-C" in wraps_at(net, "CC-C")


def test_a_wrap_that_did_not_come_is_asked_for_across_several_hops():
    """DD-D asks CC-C, which asks BB-B, which asks the author; each passes it on."""
    net = line()
    for host in net.hosts.values():
        host.loses_wraps = True
    net.hosts["AA-A"].write(LANE_A, 1)
    net.run(0.5)
    assert wraps_at(net, "DD-D") == set()
    for host in net.hosts.values():
        host.loses_wraps = False
    net.run(60.0)
    assert "DD-D" in wraps_at(net, "DD-D")
    assert "BB-B" in wraps_at(net, "BB-B")


def test_a_holder_that_does_not_answer_is_passed_over_for_the_next():
    """Asked one after the other, with growing pauses, a bounded number of times."""
    core = GossipCore("DD-D", roster_of(*FOUR), Heads(1, b"c" * 32))
    meta = _key_meta()
    core.handle(events.Committed((meta,)), NOW)
    for peer in FOUR[:3]:
        core.handle(events.LinkUp(peer, b"s" * 16, Heads(1, b"c" * 32)), NOW)
    core.handle(events.WrapsMissing((WrapMeta(meta.manifest_sha256, LANE_A.lane, "DD-D"),)), NOW)
    asked = []
    for second in range(1, 59):
        for action in core.handle(events.Tick(), NOW + second):
            if isinstance(action, actions.Send) and "DD-D" in action.frame.want_wraps.recipients:
                asked.append(action.peer)
    assert asked[:3] == list(FOUR[:3])
    assert 3 < len(asked) <= 6


def test_a_missing_wrap_is_asked_for_again_when_a_link_comes_up():
    """What nobody had stays remembered."""
    net = pair()
    net.hosts["BB-B"].loses_wraps = True
    net.hosts["AA-A"].write(LANE_A, 1)
    net.run(500.0)
    assert wraps_at(net, "BB-B") == set()
    net.hosts["BB-B"].loses_wraps = False
    net.drop("AA-A", "BB-B")
    net.run(10.0)
    assert wraps_at(net, "BB-B") == {"BB-B"}


def test_a_missing_wrap_is_asked_for_anew_when_the_driver_still_lacks_it():
    """A store that failed while every answer came has it soon after it is well, before the next round."""
    net = pair()
    net.hosts["BB-B"].loses_wraps = True
    net.hosts["AA-A"].write(LANE_A, 1)
    net.run(500.0)
    net.hosts["BB-B"].loses_wraps = False
    key = next(m for m, _ in net.hosts["AA-A"].store.entries.values() if m.klass == 3)
    lacking = WrapMeta(key.manifest_sha256, LANE_A.lane, "BB-B")
    net.hosts["BB-B"].feed(events.WrapsMissing((lacking,)))
    net.run(5.0)
    assert wraps_at(net, "BB-B") == {"BB-B"}


def test_a_key_already_queued_at_routine_is_promoted_for_a_flash_notice():
    """The reader cannot open an alert without it."""
    net = pair()
    order = []
    net.watchers.append(
        lambda a, b, frame: order.extend(meta_of(d).place.seq for d in frame.entries.envelopes)
    )
    host = net.hosts["AA-A"]
    host.write(LANE_A, 5, ROUTINE)
    host.write(LANE_A, 1, FLASH)
    net.run(1.0)
    assert order[:2] == [0, 6]


def _key_meta():
    net = pair()
    net.hosts["AA-A"].write(LANE_A, 1)
    return next(m for m, _ in net.hosts["AA-A"].store.entries.values() if m.klass == 3)


def test_an_author_that_lost_a_wrap_asks_who_still_has_it():
    """Found by the simulator (seed 287): put back, it had its entries again but no wraps."""
    relay = RelayView(RELAY, frozenset({CASPIAN}), True, frozenset(FOUR[:2]))
    net = MemNet((*FOUR[:2], RELAY), roster_of(*FOUR[:2], relay=relay))
    net.connect("AA-A", RELAY)
    net.run(2.0)
    net.hosts["AA-A"].write(LANE_A)
    net.run(10.0)
    net.hosts["AA-A"].crash()
    net.hosts["AA-A"].store.wraps.clear()
    net.hosts["AA-A"].start()
    net.connect("AA-A", "BB-B")
    net.run(60.0)
    assert any(reader == "BB-B" for _, reader in net.hosts["BB-B"].store.wraps)


def test_what_was_asked_of_everybody_in_vain_is_asked_again_once_a_minute():
    """The links stand, and who had nothing may have it now; of many, some at a time."""
    net = pair()
    reader = net.hosts["BB-B"]
    reader.loses_wraps = True
    net.hosts["AA-A"].write(LANE_A)
    net.run(300.0)
    before = net.frames["BB-B", "AA-A", "want_wraps"]
    net.run(300.0)
    assert 4 <= net.frames["BB-B", "AA-A", "want_wraps"] - before <= 6
    reader.loses_wraps = False
    net.run(180.0)
    assert "BB-B" in wraps_at(net, "BB-B")

# SPDX-License-Identifier: Apache-2.0
"""Links: comparing cheaply, pacing, and not waiting for anybody who is slow, dead or silent."""

from memnet import Faults, MemNet
from memrosters import FOUR, LANE_A, mesh, pair, roster_of
from memstore import BULK, FLASH, NOTICE, ROUTINE, channel_lane, explicit_lane

from fanal.node.gossip.entitlement import Roster
from fanal.node.gossip.limits import GossipLimits


def clocks(net: MemNet) -> int:
    return sum(count for (_, _, kind), count in net.frames.items() if kind == "clock")


def test_peers_that_hold_the_same_exchange_32_bytes_and_no_clock_rows():
    """A link that comes back between equals costs one digest each way."""
    net = pair()
    net.hosts["AA-A"].write(LANE_A, 100)
    net.run_until(net.converged)
    net.run(1.0)
    net.frames.clear()
    digests = []
    net.watchers.append(lambda a, b, frame: digests.append(frame.digest.sha256))
    net.drop("AA-A", "BB-B")
    net.run(3.0)
    assert set(net.frames) == {("AA-A", "BB-B", "digest"), ("BB-B", "AA-A", "digest")}
    assert all(len(digest) == 32 for digest in digests)


def test_after_a_difference_only_changed_lanes_are_told():
    """Of ten lanes that were equal before, the clock names the one that grew while the link was down."""
    net = pair()
    lanes = [explicit_lane("AA-A", "BB-B", f"X{n}-X") for n in range(10)]
    net.rosters[1] = roster_of(*FOUR[:2])
    for lane in lanes:
        net.hosts["AA-A"].write(lane)
    net.run_until(net.converged)
    net.run(100.0)
    net.down(net.link("AA-A", "BB-B"), "test")
    net.hosts["AA-A"].write(lanes[3])
    rows = []
    net.watchers.append(lambda a, b, frame: rows.extend((a, row.lane) for row in frame.clock.rows))
    net.run_until(net.converged, 10.0)
    assert rows == [("AA-A", lanes[3].lane)]


def test_a_dead_peer_delays_nobody():
    """Entries to the living take the same virtual time with and without a dead peer."""
    times = []
    for dead in (False, True):
        net = mesh()
        if dead:
            net.hosts["DD-D"].crash()
        net.hosts["AA-A"].write(LANE_A, 500)
        living = [net.hosts[name].store for name in FOUR[:3]]
        times.append(net.run_until(lambda living=living: all(len(s.entries) == 501 for s in living)))
    assert times[1] <= times[0]


def test_a_peer_that_never_reads_delays_nobody_and_bounds_what_waits_for_it():
    """At most a window of bytes is written to it; the rest stays names."""
    net = mesh()
    net.hosts["DD-D"].reading = False
    net.hosts["AA-A"].write(LANE_A, 2000, size=2000)
    living = [net.hosts[name].store for name in FOUR[:3]]
    assert net.run_until(lambda: all(len(s.entries) == 2001 for s in living)) < 5.0
    for name in FOUR[:3]:
        assert net.link(name, "DD-D").queued_bytes("DD-D") < 700_000
        waiting, unacknowledged, _ = net.hosts[name].core.outstanding("DD-D")
        assert waiting + unacknowledged <= 2001
        assert unacknowledged <= 256


def test_the_window_is_bounded_in_bytes_too():
    """A hundred large entries: half a megabyte is unacknowledged, not three."""
    net = pair()
    net.hosts["BB-B"].reading = False
    net.hosts["AA-A"].write(LANE_A, 100, size=30_000)
    net.run(5.0)
    assert net.hosts["AA-A"].core.outstanding("BB-B")[2] <= (512 + 64 + 32) * 1024


def test_a_slow_peer_gets_everything_and_the_others_do_not_notice():
    """One line of 8 kB/s beside fast ones."""
    net = mesh()
    slow = Faults(delay=0.3, bytes_per_second=8_000)
    for name in FOUR[:3]:
        net.link(name, "DD-D").faults = slow
    net.hosts["AA-A"].write(LANE_A, 200)
    fast = [net.hosts[name].store for name in FOUR[:3]]
    assert net.run_until(lambda: all(len(s.entries) == 201 for s in fast)) < 1.0
    net.run_until(net.converged, 300.0)
    net.check_safety()


def test_flash_passes_a_full_window_of_routine():
    """A peer that does not acknowledge still gets the alert."""
    net = pair()
    net.hosts["BB-B"].commit_delay = 50.0
    net.hosts["AA-A"].write(LANE_A, 1000)
    net.run(1.0)
    assert net.hosts["AA-A"].core.outstanding("BB-B")[0] > 0
    seen = []
    net.watchers.append(lambda a, b, frame: seen.extend(frame.entries.envelopes))
    net.hosts["AA-A"].write(channel_lane("AA-A", "CASPIAN"), 1, FLASH)
    net.run(0.1)
    assert len(seen) == 1


def test_routine_passes_a_full_window_of_bulk():
    """What a peer catches up with leaves room for what is said now."""
    net = pair()
    net.hosts["BB-B"].commit_delay = 50.0
    net.hosts["AA-A"].write(LANE_A, 1000, BULK, size=3000)
    net.run(1.0)
    seen = []
    net.watchers.append(lambda a, b, frame: seen.extend(frame.entries.envelopes))
    net.hosts["AA-A"].write(channel_lane("AA-A", "CASPIAN"), 1, ROUTINE)
    net.run(0.1)
    assert len(seen) == 1


def test_a_line_of_64_kbit_is_given_what_it_can_carry_and_nothing_twice():
    """A megabyte over it takes two minutes; no entry is given up as lost on the way and sent again."""
    net = pair()
    net.link("AA-A", "BB-B").faults = Faults(delay=0.15, bytes_per_second=8_000)
    for _ in range(300):  # a trickle makes no promise about the line
        net.hosts["AA-A"].write(LANE_A, 1, ROUTINE, size=2_000)
        net.run(1.0)
    counts, under_way = [], []
    net.watchers.append(lambda a, b, frame: counts.append(len(frame.entries.envelopes)))
    net.watchers.append(lambda a, b, frame: under_way.append(net.hosts["AA-A"].core.outstanding("BB-B")[2]))
    net.hosts["AA-A"].write(LANE_A, 100, BULK, size=10_000)
    net.run_until(lambda: len(net.hosts["BB-B"].store.entries) == 401, 300.0)
    assert sum(counts) == 100
    assert max(under_way) <= (96 + 64) * 1024


def test_flash_of_the_last_hour_goes_first_when_a_link_comes_up():
    """Before any clock is compared."""
    net = pair()
    net.down(net.link("AA-A", "BB-B"), "test")
    net.hosts["AA-A"].write(LANE_A, 300)
    net.hosts["AA-A"].write(explicit_lane("AA-A", "BB-B"), 1, FLASH)
    order = []
    net.watchers.append(lambda a, b, frame: order.append(frame.WhichOneof("frame")) if a == "AA-A" else None)
    net.run_until(net.converged, 10.0)
    assert "entries" in order
    assert order.index("entries") < order.index("clock")


def test_what_a_peer_has_committed_is_told_to_the_driver_once():
    """SENT: from acknowledgements, and own lanes only."""
    net = mesh()
    net.hosts["AA-A"].write(LANE_A, 10)
    net.run(100.0)
    for name in FOUR[1:]:
        spans = net.hosts["AA-A"].held_facts[name]
        assert sorted(seq for span in spans for seq in range(span.start, span.stop)) == list(range(11))
        assert "AA-A" not in net.hosts[name].held_facts


def test_an_entry_refused_for_good_is_neither_sent_nor_asked_for_again():
    """The refusal reaches the author's driver with its token."""
    net = pair()
    stubborn = net.hosts["BB-B"]
    take = stubborn.ingest

    def refuse_seq_2(host, peer, envelopes, wraps):
        outcome = take(host, peer, envelopes, wraps)
        for meta in [meta for meta in outcome.entries if meta.place.seq == 2]:
            outcome.entries.remove(meta)
            del host.store.entries[meta.place]
            outcome.refused.append((meta.place, "QUOTA"))
        return outcome

    stubborn.ingest = refuse_seq_2
    net.hosts["AA-A"].write(LANE_A, 5)
    net.run(300.0)
    refusals = [(fact.place.seq, fact.reason) for fact in net.hosts["AA-A"].refused_facts]
    assert refusals == [(2, "QUOTA")]
    assert stubborn.ingested == 6
    assert len(stubborn.store.entries) == 5


def test_an_entry_that_is_neither_taken_nor_refused_is_offered_again_later():
    """An envelope of a charter not yet known waits; the window does not leak."""
    net = pair(GossipLimits(acknowledge_after=10.0))
    host = net.hosts["BB-B"]
    take = host.ingest
    host.ingest = lambda h, peer, envelopes, wraps: take(h, peer, (), wraps)
    net.hosts["AA-A"].write(LANE_A, 3)
    net.run(200.0)
    assert net.hosts["AA-A"].core.outstanding("BB-B")[1] <= 4
    host.ingest = take
    net.run_until(net.converged, 120.0)


def test_a_quiet_link_costs_heartbeats_and_a_digest_a_minute():
    """Two idle nodes do not chatter."""
    net = pair()
    net.hosts["AA-A"].write(LANE_A, 10)
    net.run(60.0)
    net.bytes.clear()
    net.run(600.0)
    assert net.bytes["AA-A", "BB-B"] < 2_000
    assert not net.hosts["AA-A"].cuts


def test_a_removed_member_gets_nothing_from_the_moment_its_removal_is_known():
    """The link is cut, queued entries go nowhere, and no link comes up again."""
    net = mesh()
    without_d = Roster(frozenset(FOUR[:3]), {"CASPIAN": frozenset(FOUR)})
    net.rosters[2] = without_d
    net.hosts["DD-D"].commit_delay = 30.0
    net.hosts["AA-A"].write(LANE_A, 500)
    net.run(0.1)
    for name in FOUR[:3]:
        net.hosts[name].take_charter(2)
        assert {cut.error.kind.id for cut in net.hosts[name].cuts} == {"FANAL-E0704"}
        assert "DD-D" not in net.hosts[name].core.linked
    sent = []
    net.watchers.append(lambda a, b, frame: sent.append(frame) if b == "DD-D" else None)
    net.hosts["AA-A"].write(LANE_A, 5)
    net.run(300.0)
    assert sent == []


def test_an_agency_that_leaves_a_channel_keeps_its_link_and_gets_no_more_of_it():
    """Other lanes go on."""
    net = mesh()
    members = frozenset(FOUR)
    net.rosters[2] = Roster(members, {"CASPIAN": members - {"DD-D"}})
    for host in net.hosts.values():
        host.take_charter(2)
    net.hosts["AA-A"].write(LANE_A, 5)
    net.hosts["AA-A"].write(explicit_lane("AA-A", "DD-D"), 5)
    net.run(100.0)
    lanes = {meta.place.lane for meta, _ in net.hosts["DD-D"].store.entries.values() if meta.klass == NOTICE}
    assert lanes == {explicit_lane("AA-A", "DD-D").lane}


def test_a_withholding_peer_is_passed_over_for_one_that_delivers():
    """Who promises entries and does not send them loses its turn after the patience of a fetch."""
    net = mesh()
    net.hosts["DD-D"].crash()
    net.hosts["AA-A"].write(LANE_A, 50)
    net.run(1.0)
    for name in FOUR[:2]:
        net.hosts[name].withholds = True
    net.hosts["DD-D"].start()
    assert net.run_until(net.converged, 120.0) < 90.0

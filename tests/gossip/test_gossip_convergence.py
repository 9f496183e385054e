# SPDX-License-Identifier: Apache-2.0
"""Everyone entitled ends up with every entry, whatever the network does, and nobody else with any."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memnet import Faults, MemNet
from memrosters import FOUR, LANE_A, LANE_B, RELAY, mesh, pair, relayed, roster_of
from memstore import FLASH, KEY, ROUTINE, channel_lane, explicit_lane

from fanal.node.gossip.limits import GossipLimits


def finish(net: MemNet, at_most: float = 600.0) -> None:
    net.heal()
    net.run_until(net.converged, at_most)
    net.check_safety()


def can_read_everything(net: MemNet, agency: str) -> bool:
    """Has the agency its own wrap of every KEY envelope it holds and did not write?"""
    store = net.hosts[agency].store
    keys = [m for m, _ in store.entries.values() if m.klass == KEY and m.view.author != agency]
    return all((meta.manifest_sha256, agency) in store.wraps for meta in keys)


def test_a_routine_entry_reaches_all_within_its_batching_delay_and_one_hop():
    """20 ms of waiting for company, a line of 10 ms, a little reading and writing."""
    net = mesh()
    net.hosts["AA-A"].write(LANE_A)
    assert net.run_until(net.converged) < 0.050


def test_flash_does_not_wait_for_company():
    """FLASH costs the line and the disk only."""
    net = mesh()
    net.hosts["AA-A"].write(LANE_A, priority=FLASH)
    assert net.run_until(net.converged) < 0.020


def test_an_answer_is_not_answered_however_long_the_line_takes():
    """Four seconds there and back: digests come to an end (once, each was answered by the other for ever)."""
    net = MemNet(FOUR[:2], roster_of(*FOUR[:2]), 3)
    net.connect(*FOUR[:2], Faults(delay=2.0))
    net.hosts["AA-A"].write(LANE_A)
    net.run(30.0)
    assert net.converged()
    before = sum(count for frame, count in net.frames.items() if frame[2] == "digest")
    net.run(240.0)
    digests = sum(count for frame, count in net.frames.items() if frame[2] == "digest") - before
    assert 0 < digests <= 20


FAULTS = {
    "jitter": Faults(jitter=0.5),
    "duplicates": Faults(duplicate=0.5),
    "reordering": Faults(jitter=0.3, unordered=True),
    "breaking links": Faults(drop_link=0.05),
    "slow lines": Faults(delay=0.3, bytes_per_second=8_000),
    "all at once": Faults(0.1, 0.4, 0.2, True, 0.02),
}


@pytest.mark.parametrize("name", FAULTS)
def test_everyone_converges_and_can_read_under(name):
    """Each fault alone, and all together: complete, once each, with the wraps to read it."""
    net = mesh(seed=7, faults=FAULTS[name])
    for turn in range(5):
        net.hosts["AA-A"].write(LANE_A, 4, priority=FLASH if turn == 2 else ROUTINE)
        net.hosts["BB-B"].write(LANE_B, 3)
        net.run(1.0)
    finish(net)
    net.run(120.0)
    assert all(can_read_everything(net, agency) for agency in FOUR)
    net.check_safety()


def test_a_partition_heals_within_three_rounds():
    """Both halves write; after healing each has the other's entries soon."""
    net = mesh()
    net.partition(FOUR[:2], FOUR[2:])
    net.hosts["AA-A"].write(LANE_A, 30)
    lane_c = channel_lane("CC-C", "CASPIAN")
    net.hosts["CC-C"].write(lane_c, 30)
    net.run(200.0)
    assert not net.converged()
    net.heal()
    assert net.run_until(net.converged) < 10.0
    net.check_safety()


def test_a_partition_shorter_than_the_silence_limit_loses_nothing():
    """The connection survives; what was on its way arrives."""
    net = mesh()
    net.partition(FOUR[:2], FOUR[2:])
    net.hosts["AA-A"].write(LANE_A, 30)
    net.run(10.0)
    finish(net, 10.0)


def test_a_one_way_cut_is_noticed_and_healed():
    """Silence in one direction ends the link; nothing is lost for good."""
    net = pair()
    net.cut_one_way("AA-A", "BB-B")
    net.hosts["AA-A"].write(LANE_A, 10)
    net.run(200.0)
    assert "FANAL-E0703" in {cut.error.kind.id for host in net.hosts.values() for cut in host.cuts}
    finish(net, 20.0)


def test_a_lost_link_is_caught_up_when_it_is_back():
    """Unacknowledged entries are asked for again after the digests were compared."""
    net = pair()
    net.hosts["AA-A"].write(LANE_A, 10)
    net.run(0.022)
    net.drop("AA-A", "BB-B")
    finish(net, 5.0)


def test_a_crash_between_commit_and_acknowledgement_has_one_effect():
    """The resent entry is acknowledged again and changes nothing."""
    net = pair()
    net.hosts["BB-B"].crash_after_commits = 1
    net.hosts["AA-A"].write(LANE_A, 10)
    net.run(1.0)
    assert not net.hosts["BB-B"].alive
    held_before = len(net.hosts["BB-B"].store.entries)
    assert held_before > 0
    net.hosts["BB-B"].start()
    finish(net, 5.0)
    net.run(70.0)
    spans = net.hosts["AA-A"].held_facts["BB-B"]
    assert {seq for span in spans for seq in range(span.start, span.stop)} == set(range(11))


def test_an_outage_of_a_thousand_entries_is_caught_up_in_bounded_batches():
    """Each reading and each frame stays within a batch, the window bounds what is unacknowledged."""
    net = mesh()
    net.hosts["DD-D"].crash()
    net.hosts["AA-A"].write(LANE_A, 1000, size=2000)
    net.run(5.0)
    sizes: list[int] = []
    counts: list[int] = []

    def measure(sender, receiver, frame):
        if receiver == "DD-D" and frame.HasField("entries"):
            sizes.append(frame.ByteSize())
            counts.append(len(frame.entries.envelopes))
            _, unacknowledged, size = net.hosts[sender].core.outstanding("DD-D")
            assert unacknowledged <= 256
            assert size <= 512 * 1024 + 64 * 1024

    net.watchers.append(measure)
    net.hosts["DD-D"].start()
    net.run_until(net.converged, 60.0)
    assert max(sizes) <= 66 * 1024
    assert max(counts) <= 64
    assert sum(counts) == 1001
    assert max(host.largest_load for host in net.hosts.values()) <= 64 * 1024 + 2500


def test_everything_reaches_those_linked_to_a_relay_only():
    """Channel and explicit lanes, entries and wraps, through a relay that reads nothing."""
    net = relayed()
    net.hosts["AA-A"].write(LANE_A, 5)
    net.hosts["AA-A"].write(explicit_lane("AA-A", "CC-C"), 5)
    net.hosts["CC-C"].write(explicit_lane("CC-C", "AA-A"), 5)
    net.run_until(net.converged, 5.0)
    net.run(5.0)
    net.check_safety()
    assert all(can_read_everything(net, agency) for agency in FOUR[:3])
    assert len(net.hosts["BB-B"].store.entries) == 6
    assert not any(recipient == RELAY for _, recipient in net.hosts[RELAY].store.wraps)


def test_a_relay_that_serves_neither_side_never_hears_of_an_explicit_lane():
    """Every frame is watched; the relay's store stays empty of it."""
    net = relayed(serves=("BB-B",))
    net.hosts["AA-A"].write(explicit_lane("AA-A", "CC-C"), 5)
    net.run(120.0)
    assert net.hosts[RELAY].store.entries == {}


def test_a_store_that_was_lost_is_filled_again_from_the_beginning():
    """Another run in Hello: nothing that was known of the peer counts any more."""
    net = mesh()
    net.hosts["AA-A"].write(LANE_A, 50)
    net.run(130.0)
    net.hosts["BB-B"].crash()
    net.hosts["BB-B"].lose_store()
    net.hosts["BB-B"].start()
    assert not net.converged()
    finish(net, 2.5)


def test_a_hole_that_the_digest_cannot_show_is_named_and_filled():
    """A lost row in the middle: next and head are equal, the holder of the hole asks."""
    net = pair()
    net.hosts["AA-A"].write(LANE_A, 10)
    net.run_until(net.converged)
    host = net.hosts["BB-B"]
    host.crash()
    lost = next(place for place in host.store.entries if place.seq == 5)
    del host.store.entries[lost], host.store.effects[lost]
    host.start()
    finish(net, 3.0)


def test_a_new_incarnation_is_complete_before_the_old_one_leaves_the_clock():
    """An agency without the old incarnation learns of it from the new one's first entry and gets it."""
    net = mesh()
    net.hosts["DD-D"].crash()
    net.hosts["AA-A"].write(LANE_A, 20)
    net.run_until(net.converged)
    author = net.hosts["AA-A"]
    author.incarnation = hashlib.sha256(b"restored").digest()[:16]
    author.write(LANE_A, 20)
    net.run_until(net.converged)
    net.hosts["DD-D"].start()
    finish(net, 10.0)
    net.run(200.0)
    digests = {frame for frame in net.frames if frame[2] == "clock"}
    before = {frame: net.frames[frame] for frame in digests}
    net.run(200.0)
    assert before == {frame: net.frames[frame] for frame in digests}


def test_the_same_seed_gives_the_same_trace_twice():
    """Every frame at the same time with the same bytes; another seed gives another trace."""

    def run(seed: int) -> str:
        net = mesh(seed, FAULTS["all at once"])
        net.hosts["AA-A"].write(LANE_A, 20)
        net.run(5.0)
        net.hosts["CC-C"].crash()
        net.run(5.0)
        net.hosts["CC-C"].start()
        net.run(60.0)
        return net.fingerprint()

    assert run(3) == run(3)
    assert run(3) != run(4)


STEPS = ["write", "flash", "partition", "heal", "crash", "commit-crash", "start", "drop", "cut"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**16), st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=14))
def test_any_schedule_of_faults_is_safe_and_converges_after_healing(seed, steps):
    """Safety while faults run (every frame is watched), liveness once they are over."""
    net = MemNet(FOUR, roster_of(*FOUR), seed, GossipLimits(silent_after=20.0, heartbeat_every=8.0))
    net.mesh(Faults(jitter=0.05, duplicate=0.05, drop_link=0.01))
    net.run(1.0)
    for step, at in steps:
        _play(net, step, FOUR[at], FOUR[(at + 1) % 4])
        net.run(0.3 + 5 * net.random.random())
        net.check_safety()
    for host in net.hosts.values():
        host.crash_after_commits = 0
        if not host.alive:
            host.start()
    finish(net)


def _play(net: MemNet, step: str, agency: str, other: str) -> None:
    host = net.hosts[agency]
    if step in ("write", "flash") and host.alive:
        priority = FLASH if step == "flash" else ROUTINE
        host.write(channel_lane(agency, "CASPIAN"), 3, priority)
        host.write(explicit_lane(agency, other), 2, priority)
    elif step == "partition":
        net.partition([agency, other], [name for name in FOUR if name not in (agency, other)])
    elif step == "heal":
        net.heal()
    elif step == "crash" and host.alive:
        host.crash()
    elif step == "commit-crash" and host.alive:
        host.crash_after_commits = 1
    elif step == "start" and not host.alive:
        host.start()
    elif step == "drop":
        net.drop(agency, other)
    elif step == "cut":
        net.cut_one_way(agency, other)

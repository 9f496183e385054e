# SPDX-License-Identifier: Apache-2.0
"""The tree of a lane, step by step: what is pruned, what is grafted, and what is never given up."""

from __future__ import annotations

import itertools

from memnet import Faults, MemNet
from memrosters import CASPIAN, roster_of
from memstore import FLASH, channel_lane
from memtree import (
    AUTHOR,
    FAR,
    INCARNATION,
    LANE,
    LIMITS,
    ME,
    NAMES,
    NEAR,
    NOW,
    PARENT,
    PEERS,
    SECOND,
    THIRD,
    announced,
    core_of,
    graft,
    loads,
    meta,
    pushed,
    receives,
    sent,
    write,
)

from fanal.node.gossip import actions, events
from fanal.v1 import peer_pb2


def test_the_second_copy_prunes_its_edge_and_the_first_one_stays():
    """Who brought the entry first is kept, whoever comes second is asked to announce only."""
    core = core_of(*PEERS)
    assert sent(pushed(core, NEAR, 0, NOW + 1), "prune") == []
    assert sent(pushed(core, FAR, 0, NOW + 1.1, first=False), "prune") == [FAR]


def test_the_edge_that_last_came_first_is_not_pruned_when_it_comes_second_once():
    """Two copies under way at once do not prune each other's edges: one source is left."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    pushed(core, FAR, 0, NOW + 1.1, first=False)
    pushed(core, FAR, 1, NOW + 1.2)  # sent before it was pruned
    assert sent(pushed(core, NEAR, 1, NOW + 1.3, first=False), "prune") == []


def test_a_faster_edge_takes_the_place_of_the_slower_one():
    """An edge that was not pruned and comes first is the new parent."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    pushed(core, FAR, 1, NOW + 2)
    assert sent(pushed(core, NEAR, 1, NOW + 2.1, first=False), "prune") == [NEAR]


def test_what_was_asked_for_and_comes_twice_prunes_nobody():
    """An answer to Want is no push."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    frame = peer_pb2.Frame(entries=peer_pb2.Entries(envelopes=[b"x"]))
    (ingest,) = [
        a for a in core.handle(events.Received(FAR, frame), NOW + 2) if isinstance(a, actions.Ingest)
    ]
    out = core.handle(events.Committed((), FAR, ingest.request, (meta(0).place,)), NOW + 2)
    assert sent(out, "prune") == []


def test_a_network_of_eight_prunes_nothing():
    """Everything goes to everybody."""
    core = core_of(*PEERS, members=NAMES[:8])
    pushed(core, NEAR, 0, NOW + 1)
    assert sent(pushed(core, FAR, 0, NOW + 1.1, first=False), "prune") == []


def test_a_node_with_three_peers_prunes_nothing():
    """It is worth a few copies not to hang by one line."""
    core = core_of(*PEERS[:3])
    pushed(core, NEAR, 0, NOW + 1)
    assert sent(pushed(core, FAR, 0, NOW + 1.1, first=False), "prune") == []


def test_over_a_pruned_edge_entries_are_announced_and_alerts_at_once():
    """An alert waits for no company and its announcement goes ahead of everything ROUTINE."""
    core = core_of(*PEERS)
    write(core, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    out = write(core, 1, NOW + 3)
    assert (FAR in loads(out), sent(out, "announce")) == (False, [FAR])
    out = core.handle(events.Committed((meta(2, FLASH),)), NOW + 4)
    out += core.handle(events.Tick(), NOW + 4)
    assert FAR not in loads(out)
    (told,) = [a for a in out if isinstance(a, actions.Send) and a.frame.HasField("announce")]
    assert (told.peer, told.priority, told.frame.announce.pushed) == (FAR, actions.Priority.FLASH, True)


def test_a_grafted_alert_is_given_as_an_alert():
    """Ahead of everything ROUTINE."""
    core = core_of(*PEERS)
    write(core, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    write(core, 1, NOW + 3, FLASH)
    (load,) = [
        a for a in receives(core, FAR, NOW + 4, graft=graft(1, 2)) if isinstance(a, actions.LoadEntries)
    ]
    assert (load.peer, load.priority) == (FAR, actions.Priority.FLASH)


def test_what_waits_for_a_peer_is_announced_when_it_prunes():
    """The queue of a slow line empties at once."""
    core = core_of(FAR)
    for seq in range(400):
        core.handle(events.Committed((meta(seq),)), NOW + 1)
    assert core.outstanding(FAR)[0] > 100
    receives(core, FAR, NOW + 1.1, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    assert core.outstanding(FAR)[0] == 0
    assert sent(core.handle(events.Tick(), NOW + 1.2), "announce") == [FAR]


def test_one_frame_announces_what_gathered_to_one_peer():
    """Ten entries, one frame, one run."""
    core = core_of(*PEERS)
    write(core, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    for seq in range(1, 11):
        core.handle(events.Committed((meta(seq),)), NOW + 3)
    out = core.handle(events.Tick(), NOW + 3 + LIMITS.announce_delay)
    (frame,) = [a.frame.announce for a in out if isinstance(a, actions.Send) and a.frame.HasField("announce")]
    assert [(r.start, r.stop) for r in frame.runs[0].ranges] == [(1, 11)]
    assert (frame.pushed, frame.largest) == (True, 100)


def test_an_announced_entry_that_does_not_come_is_grafted():
    """Not at once."""
    core = core_of(*PEERS)
    assert sent(announced(core, FAR, 0, 1, NOW + 1), "graft") == []
    late = NOW + 1 + LIMITS.graft_after
    assert sent(core.handle(events.Tick(), late), "graft") == [FAR]


def test_a_grafted_edge_is_given_the_entry_and_pushed_to_from_then_on():
    """The peer takes its Prune back."""
    core = core_of(*PEERS)
    write(core, 0, NOW + 1)
    receives(core, FAR, NOW + 2, prune=peer_pb2.Prune(lanes=[LANE.lane]))
    (load,) = [
        a for a in receives(core, FAR, NOW + 3, graft=graft(0, 1)) if isinstance(a, actions.LoadEntries)
    ]
    assert (load.peer, load.priority) == (FAR, actions.Priority.ROUTINE)
    core.handle(events.Loaded(FAR, load.request, ()), NOW + 3)
    assert FAR in loads(write(core, 1, NOW + 4))


def test_a_large_entry_is_given_the_time_of_a_slow_line():
    """64 KiB take two seconds at 256 kbit/s: nobody is grafted meanwhile. The announced size is clamped."""
    core = core_of(*PEERS)
    announced(core, FAR, 0, 1, NOW + 1, largest=64 * 1024)
    assert sent(core.handle(events.Tick(), NOW + 3), "graft") == []
    assert sent(core.handle(events.Tick(), NOW + 3.3), "graft") == [FAR]
    announced(core, NEAR, 1, 2, NOW + 4, largest=1 << 60)
    assert NEAR in sent(core.handle(events.Tick(), NOW + 6.4), "graft")


def test_an_announced_entry_that_comes_is_not_asked_for():
    """The tree was a little slower than the announcement."""
    core = core_of(*PEERS)
    announced(core, FAR, 0, 1, NOW + 1)
    pushed(core, NEAR, 0, NOW + 1.1)
    assert sent(core.handle(events.Tick(), NOW + 3), "graft") == []


def test_a_busy_node_does_not_ask_for_what_it_is_committing_and_waits_three_times_at_most():
    """Under load the copy is here and not yet durable: a second one would make the load worse."""
    core = core_of(*PEERS)
    frame = peer_pb2.Frame(entries=peer_pb2.Entries(envelopes=[b"x"], pushed=True))
    core.handle(events.Received(NEAR, frame), NOW + 1)
    announced(core, FAR, 0, 1, NOW + 1)
    asked = [sent(core.handle(events.Tick(), NOW + 1 + turn * 0.21), "graft") for turn in range(1, 5)]
    assert asked == [[], [], [], [FAR]]


def test_who_announced_long_before_another_delivered_is_the_faster_parent():
    """The answer to a graft comes second by a hair: the slow edge is pruned, not the answering one."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, FAR, 1, 2, NOW + 2)
    assert sent(core.handle(events.Tick(), NOW + 2.3), "graft") == [FAR]
    pushed(core, NEAR, 1, NOW + 2.35)
    assert sent(pushed(core, FAR, 1, NOW + 2.4, first=False), "prune") == [NEAR]


def test_a_parent_that_failed_is_not_waited_for_until_it_brings_news():
    """The next announcement of its lanes is followed at once."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, FAR, 1, 2, NOW + 2)
    assert sent(core.handle(events.Tick(), NOW + 2.3), "graft") == [FAR]
    asked_for = peer_pb2.Frame(entries=peer_pb2.Entries(envelopes=[b"x"]))
    (ingest,) = [
        a for a in core.handle(events.Received(FAR, asked_for), NOW + 2.4) if isinstance(a, actions.Ingest)
    ]
    core.handle(events.Committed((meta(1),), FAR, ingest.request), NOW + 2.4)
    announced(core, FAR, 2, 3, NOW + 3)
    assert sent(core.handle(events.Tick(), NOW + 3), "graft") == [FAR]
    pushed(core, NEAR, 2, NOW + 3.1)
    announced(core, FAR, 3, 4, NOW + 4)
    assert sent(core.handle(events.Tick(), NOW + 4), "graft") == []


def test_an_invention_blames_no_parent():
    """What nobody brings was not the parent's to bring."""
    core = core_of(*PEERS)
    pushed(core, NEAR, 0, NOW + 1)
    announced(core, FAR, 7, 8, NOW + 2)
    assert sent(core.handle(events.Tick(), NOW + 2.3), "graft") == [FAR]
    announced(core, THIRD, 1, 2, NOW + 5)
    assert THIRD not in sent(core.handle(events.Tick(), NOW + 5.1), "graft")


def test_a_denied_entry_is_asked_of_the_next_announcer_at_once():
    """NotFound ends the wait."""
    core = core_of(*PEERS)
    for peer in PEERS[:3]:
        announced(core, peer, 0, 1, NOW + 1)
    (asked,) = sent(core.handle(events.Tick(), NOW + 1.3), "graft")
    place = peer_pb2.LaneSeq(lane=LANE.lane, incarnation=INCARNATION, seq=0)
    receives(core, asked, NOW + 1.4, not_found=peer_pb2.NotFound(entries=[place]))
    assert len(sent(core.handle(events.Tick(), NOW + 1.4), "graft")) == 1


def test_a_grafted_peer_whose_link_breaks_is_replaced_at_once():
    """Its patience is not waited for."""
    core = core_of(*PEERS)
    for peer in PEERS[:2]:
        announced(core, peer, 0, 1, NOW + 1)
    (asked,) = sent(core.handle(events.Tick(), NOW + 1.3), "graft")
    core.handle(events.LinkDown(asked), NOW + 1.4)
    assert sent(core.handle(events.Tick(), NOW + 1.4), "graft") == [p for p in PEERS[:2] if p != asked]


def test_the_author_is_not_sent_its_own_entries_and_learns_who_holds_them():
    """Its announcement of what is held is acknowledged, so a delivery by others counts as SENT."""
    core = core_of(AUTHOR, *PEERS)
    assert AUTHOR not in loads(pushed(core, NEAR, 0, NOW + 1) + core.handle(events.Tick(), NOW + 2))
    (ack,) = [
        a.frame.ack
        for a in announced(core, AUTHOR, 0, 1, NOW + 3)
        if isinstance(a, actions.Send) and a.frame.HasField("ack")
    ]
    assert [place.seq for place in ack.stored] == [0]


def test_when_a_parent_crashes_its_children_have_the_next_entry_within_a_second():
    """The announcement of another neighbour is grafted."""
    net = MemNet(NAMES, roster_of(*NAMES), 3)
    for one, other in itertools.combinations(NAMES, 2):
        if one == ME:  # two peers have the author's entries soon, the others late
            net.connect(one, other, Faults(delay=0.01 if other in (PARENT, SECOND) else 0.4))
        else:
            net.connect(one, other, Faults(delay=0.01 if one == PARENT else 0.05))
    net.run(2.0)
    lane = channel_lane(ME, CASPIAN)
    for _ in range(3):
        net.hosts[ME].write_plain(lane)
        net.run(2.0)
    children = [name for name in NAMES[2:] if net.frames[PARENT, name, "entries"]]
    assert len(children) > 3
    net.hosts[PARENT].crash()
    net.hosts[ME].write_plain(lane)
    stores = [net.hosts[name].store for name in children]
    assert net.run_until(lambda: all(len(store.entries) == 4 for store in stores), 10.0) < 1.0

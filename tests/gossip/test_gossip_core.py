# SPDX-License-Identifier: Apache-2.0
"""Single steps of the core: what one event leads to, where a whole network would hide it."""

from dataclasses import replace

from memrosters import FOUR, LANE_A, roster_of

from fanal.errors import ErrorKind
from fanal.node.gossip import actions, events
from fanal.node.gossip.actions import Action
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.entitlement import Roster
from fanal.node.gossip.errors import UNCONFIRMED
from fanal.node.gossip.events import EntryMeta, Heads, LoadedEntry, Place
from fanal.v1 import envelope_pb2, ledger_pb2, peer_pb2

ME, PEER, THIRD = "DD-D", "BB-B", "CC-C"
NOW = 1_800_000_000.0
INCARNATION = b"i" * 16
HEADS = Heads(1, b"c" * 32)


def meta(seq: int) -> EntryMeta:
    return EntryMeta(Place(LANE_A.lane, INCARNATION, seq), LANE_A, 1, 2, bytes(32), 100)


def core_of(*peers: str, held: int = 0) -> GossipCore:
    core = GossipCore(ME, roster_of(*FOUR), HEADS)
    if held:
        core.handle(events.Committed(tuple(meta(seq) for seq in range(held))), NOW)
    for peer in peers:
        core.handle(events.LinkUp(peer, b"s" * 16, HEADS), NOW)
    return core


def received(core: GossipCore, peer: str, at: float = NOW + 1, **frame: object) -> list[Action]:
    return core.handle(events.Received(peer, peer_pb2.Frame(**frame)), at)  # type: ignore[arg-type]


def sends(out: list[Action], kind: str) -> list[actions.Send]:
    return [a for a in out if isinstance(a, actions.Send) and a.frame.WhichOneof("frame") == kind]


def loads(out: list[Action]) -> list[actions.LoadEntries]:
    return [a for a in out if isinstance(a, actions.LoadEntries)]


def place(seq: int) -> peer_pb2.LaneSeq:
    return peer_pb2.LaneSeq(lane=LANE_A.lane, incarnation=INCARNATION, seq=seq)


def row(next_seq: int) -> peer_pb2.Clock:
    clock_row = ledger_pb2.LaneClock(lane=LANE_A.lane, incarnation=INCARNATION, next=next_seq, head=b"h" * 32)
    return peer_pb2.Clock(rows=[clock_row])


def want(start: int, stop: int) -> peer_pb2.Want:
    runs = [envelope_pb2.SeqRange(start=start, stop=stop)]
    return peer_pb2.Want(lane=LANE_A.lane, incarnation=INCARNATION, ranges=runs)


def test_nothing_is_acknowledged_before_its_commit():
    """Received bytes lead to Ingest only; the acknowledgement follows Committed."""
    core = core_of(PEER)
    out = received(core, PEER, entries=peer_pb2.Entries(envelopes=[b"x"]))
    assert sends(out, "ack") == []
    (ingest,) = [a for a in out if isinstance(a, actions.Ingest)]
    out = core.handle(events.Committed((meta(0),), PEER, ingest.request), NOW + 2)
    assert [list(a.frame.ack.stored) for a in sends(out, "ack")] == [[place(0)]]


def test_a_duplicate_is_acknowledged_again_and_goes_no_further():
    """Known places are confirmed to the sender; nobody else hears of them."""
    core = core_of(PEER, THIRD, held=3)
    core.handle(events.Tick(), NOW + 5)
    out = core.handle(events.Committed((), PEER, 1, known=(meta(1).place,)), NOW + 6)
    assert [list(a.frame.ack.stored) for a in sends(out, "ack")] == [[place(1)]]
    assert [a for a in out if isinstance(a, actions.Send) and a.peer == THIRD] == []


def test_a_lane_that_is_left_while_it_is_being_read_is_not_sent():
    """The right is checked again when the store has answered."""
    core = core_of(PEER, held=3)
    (load,) = loads(received(core, PEER, want=want(0, 3)))
    members = frozenset(FOUR)
    core.handle(events.RosterChanged(Roster(members, {"CASPIAN": members - {PEER}})), NOW + 2)
    entry = LoadedEntry(meta(0).place, 1, 2, bytes(32), b"envelope")
    out = core.handle(events.Loaded(PEER, load.request, (entry,)), NOW + 3)
    assert sends(out, "entries") == []
    assert core.outstanding(PEER) == (0, 0, 0)


def test_what_a_peer_asks_for_is_sent_although_it_said_it_had_it():
    """A request outweighs an older acknowledgement: the peer lost a row."""
    core = core_of(PEER, held=3)
    received(core, PEER, ack=peer_pb2.Acknowledgement(stored=[place(n) for n in range(3)]))
    (load,) = loads(received(core, PEER, want=want(1, 2)))
    assert [(w.span.start, w.span.stop) for w in load.wanted] == [(1, 2)]


def test_a_gap_in_what_a_peer_sends_leads_to_a_digest_soon():
    """FLASH may overtake; what stays missing is looked for after two seconds."""
    core = core_of(PEER)
    core.handle(events.Committed((meta(5),), PEER, 1), NOW + 5)
    out = core.handle(events.Tick(), NOW + 7.1)
    assert [a.peer for a in sends(out, "digest")] == [PEER]


def test_a_fetch_moves_to_another_holder_when_its_link_goes_down():
    """At once, without waiting for patience to end."""
    core = core_of(PEER, THIRD)
    out = received(core, PEER, clock=row(10))
    out += received(core, THIRD, clock=row(10))
    assert [a.peer for a in sends(out, "want")] == [PEER]
    assert [a.peer for a in sends(core.handle(events.LinkDown(PEER), NOW + 1.1), "want")] == [THIRD]


def test_a_fetch_moves_to_another_holder_on_not_found():
    """What one has lost, another may have."""
    core = core_of(PEER, THIRD)
    received(core, PEER, clock=row(2))
    received(core, THIRD, clock=row(2))
    out = received(core, PEER, not_found=peer_pb2.NotFound(entries=[place(0), place(1)]))
    assert [a.peer for a in sends(out, "want")] == [THIRD]


def test_streams_beyond_a_peers_turn_wait_and_are_fetched_as_others_finish():
    """Sixty-four at a time from one peer."""
    core = core_of(PEER)
    rows = [
        ledger_pb2.LaneClock(lane=b"L" * 31 + bytes([n]), incarnation=INCARNATION, next=1, head=bytes(32))
        for n in range(100)
    ]
    out = received(core, PEER, clock=peer_pb2.Clock(rows=rows))
    asked = [a.frame.want.lane for a in sends(out, "want")]
    assert len(asked) == 64
    gone = [peer_pb2.LaneSeq(lane=lane, incarnation=INCARNATION, seq=0) for lane in asked]
    out = received(core, PEER, not_found=peer_pb2.NotFound(entries=gone))
    assert len(sends(out, "want")) == 36


def test_an_early_tick_is_told_the_time_again():
    """A timer of the driver may fire a little early; the wake-up is not lost."""
    core = core_of(PEER)
    (wake,) = core.handle(events.Tick(), NOW + 0.1)
    assert core.handle(events.Tick(), NOW + 0.2) == [wake]


def test_what_the_own_store_reads_for_long_is_sent_when_it_is_read():
    """It is not read again each minute, also when something else was not confirmed in time; the peer has its
    time from then on."""
    core = core_of(PEER, held=4)
    entries = tuple(LoadedEntry(meta(seq).place, 1, 2, bytes(32), b"envelope") for seq in range(4))
    (first,) = loads(received(core, PEER, want=want(0, 1)))
    core.handle(events.Loaded(PEER, first.request, entries[:1]), NOW + 1)
    (load,) = loads(received(core, PEER, want=want(1, 4)))
    out = ticks(core, NOW + 130)
    assert (noted(out), core.outstanding(PEER)[1]) == ([UNCONFIRMED], 3)
    out += core.handle(events.Loaded(PEER, load.request, entries[1:]), NOW + 131)
    assert (len(loads(out)), len(sends(out, "entries"))) == (0, 1)
    assert (noted(ticks(core, NOW + 190)), core.outstanding(PEER)[1]) == ([], 3)
    assert (noted(ticks(core, NOW + 230)), core.outstanding(PEER)[1]) == ([UNCONFIRMED], 0)


def noted(out: list[Action]) -> list[ErrorKind]:
    return [one.error.kind for one in out if isinstance(one, actions.Noted)]


def ticks(core: GossipCore, until: float, every: float = 20.0) -> list[Action]:
    """Time passes with the peer saying something now and then."""
    out, at = [], NOW + every
    while at < until:
        out += received(core, PEER, at=at, heartbeat=peer_pb2.Heartbeat(reply=True))
        out += core.handle(events.Tick(), at)
        at += every
    return out


def test_who_lacks_something_of_what_is_closed_and_complete_here_is_told_of_it():
    """It is in no digest of ours, and whoever answered NotFound once is asked again only after a row."""
    core = core_of(PEER, held=3)
    closing = replace(meta(0), place=Place(LANE_A.lane, b"j" * 16, 0), closes=events.Closed(INCARNATION, 3))
    core.handle(events.Committed((closing,)), NOW)
    (told,) = sends(received(core, PEER, clock=row(2)), "clock")
    assert [(one.incarnation, one.next) for one in told.frame.clock.rows] == [(INCARNATION, 3)]
    assert sends(received(core, PEER, NOW + 5, clock=row(3)), "clock") == []


def test_a_row_of_what_is_closed_and_complete_here_is_no_question_of_who_may_not_hold_it():
    """A lane is named to nobody who may not hold it, whatever it says of it."""
    core = core_of(PEER, held=3)
    closing = replace(meta(0), place=Place(LANE_A.lane, b"j" * 16, 0), closes=events.Closed(INCARNATION, 3))
    core.handle(events.Committed((closing,)), NOW)
    core.handle(events.RosterChanged(Roster(frozenset(FOUR), {"CASPIAN": frozenset(FOUR) - {PEER}})), NOW)
    assert sends(received(core, PEER, clock=row(2)), "clock") == []

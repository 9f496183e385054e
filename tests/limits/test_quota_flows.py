# SPDX-License-Identifier: Apache-2.0
"""Quotas between whole nodes: what is over one is neither lost nor acknowledged, and hurts nobody else."""

from __future__ import annotations

import pytest
from limited import HOUR, findings, flood_of_receipts, held, network, notice, refused, send, size_of, tracked
from refusing import ledger_refuses
from sealing import sealed

from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.keys import charter as charters
from fanal.node import incoming
from fanal.node.errors import DISK_FULL
from fanal.node.gossip.events import Place, Received
from fanal.node.lanes.own import LaneBatch
from fanal.node.ledger.rows import Batch
from fanal.node.receipts import issuing
from fanal.node.witness import standing
from fanal.v1.envelope_pb2 import EnvelopeClass
from fanal.v1.peer_pb2 import Deferred, Frame, LaneSeq

GE, TR, AZ = "GE-CUS", "TR-CUS", "AZ-CUS"


def test_over_routine_is_kept_by_its_sender_and_comes_in_the_next_hour() -> None:
    """At the limit and one past it, at a reader: three arrive, the fourth is QUEUED with limit and time at
    its author, named by both operators' doctors, no strike and no cut; an hour later it is there."""
    net = network(GE, TR, small=Limits(routine_per_hour=3), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    replies = send(ge, (TR,), 4)
    net.run(120)
    assert held(tr, GE) == 3
    states = [tracked(ge, one)[TR] for one in replies]
    assert [one.state for one in states] == ["STORED"] * 3 + ["QUEUED"]
    assert states[3].reason == "FANAL-E0788"
    assert {k: v for k, v in states[3].facts.items() if k != "when"} == {
        "agency": TR,
        "limit": "routine_per_hour",
        "most": "3",
    }
    assert findings(ge)["FANAL-E0788"]["limit"] == "routine_per_hour"
    assert findings(tr)["FANAL-E0789"]["author"] == GE
    assert (tr.cuts, ge.cuts, tr.host.node.conduct.counts()) == ([], [], [])
    net.run(HOUR)
    assert held(tr, GE) == 4
    assert tracked(ge, replies[3])[TR].state == "STORED"
    assert "FANAL-E0788" not in findings(ge)


def test_a_backlog_comes_hour_by_hour_and_whole() -> None:
    """What waits counts against the hours in which it was written and that had room; nothing is dropped."""
    net = network(GE, TR, small=Limits(routine_per_hour=2), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    replies = send(ge, (TR,), 9)
    net.run(60)
    assert held(tr, GE) == 2
    net.run_until(lambda: held(tr, GE) == 9, 12 * HOUR)
    net.run(30)
    assert {tracked(ge, one)[TR].state for one in replies} <= {"SENT", "STORED"}


def test_an_alert_over_its_quota_arrives_at_once_all_the_same() -> None:
    """FLASH is demoted, never put off: the third arrives in seconds, and the author's header is untouched."""
    net = network(GE, TR, small=Limits(flash_per_hour=2), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    send(ge, (TR,), 3, flash=True)
    net.run(2)
    assert held(tr, GE) == 3
    assert tr.node.quotas.used()[GE]["flash_per_hour"] == 2
    assert tr.node.quotas.used()[GE]["routine_per_hour"] == 1


def test_one_flood_through_two_relays_spends_only_its_authors_quota() -> None:
    """The flood is stopped at every hop; another author's notices pass the same relays untouched."""
    names = ("AM-REV", GE, TR, "AZ-CUS", "KZ-CUS")
    channels = {"ALL": names}
    relays = {
        name: charters.RelayView(name, True, frozenset({"KZ-CUS", GE, TR})) for name in ("AM-REV", "AZ-CUS")
    }
    trust = {"KZ-CUS": ("AM-REV", "AZ-CUS"), GE: ("AM-REV", "AZ-CUS"), TR: ("AM-REV", "AZ-CUS")}
    net = network(
        *names,
        small=Limits(routine_per_hour=5),
        at=("AM-REV", "AZ-CUS", "KZ-CUS"),
        channels=channels,
        relays=relays,
        trust=trust,
    )
    send(net.nodes[GE], ("KZ-CUS",), 40)
    net.run(5)
    honest = send(net.nodes[TR], ("KZ-CUS",), 5)
    net.run(60)
    for hop in ("AM-REV", "AZ-CUS"):
        assert held(net.nodes[hop], GE) <= 5
        assert held(net.nodes[hop], TR) == 5
    assert held(net.nodes["KZ-CUS"], GE) <= 5
    assert held(net.nodes["KZ-CUS"], TR) == 5
    assert {tracked(net.nodes[TR], one)["KZ-CUS"].state for one in honest} == {"STORED"}


def test_a_relay_over_quota_is_named_to_the_author() -> None:
    """The author sees which node on the way takes it later, although it has no link to the reader."""
    names = ("AM-REV", GE, TR)
    relays = {"AM-REV": charters.RelayView("AM-REV", True, frozenset({GE, TR}))}
    trust = {GE: ("AM-REV",), TR: ("AM-REV",)}
    net = network(*names, small=Limits(routine_per_hour=1), at=("AM-REV",), relays=relays, trust=trust)
    replies = send(net.nodes[GE], (TR,), 2)
    net.run(60)
    assert tracked(net.nodes[GE], replies[1])[TR].facts["agency"] == "AM-REV"


def test_a_new_lane_over_its_quota_waits_and_known_lanes_go_on() -> None:
    """new_lanes_per_hour at the limit and one past it, between nodes."""
    names = (GE, TR, AZ, "AM-REV")
    net = network(*names, small=Limits(new_lanes_per_hour=1), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    send(ge, (TR,))
    net.run(10)
    send(ge, (TR, AZ))
    net.run(10)
    assert held(tr, GE) == 1
    send(ge, (TR,))
    net.run(10)
    assert held(tr, GE) == 2
    net.run_until(lambda: held(tr, GE) == 3, 2 * HOUR)


def test_incarnations_that_nobody_goes_on_from_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that begins anew again and again, without saying what it goes on from, holds two; honest runs
    of a node, each going on from the last, are not counted."""
    net = network(GE, TR, small=Limits(open_incarnations=2), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    for _ in range(6):
        send(ge, (TR,))
        net.run(10)
        ge.crash()
        ge.start()
        net.run(10)
    assert held(tr, GE) == 6
    monkeypatch.setattr(LaneBatch, "_predecessor", lambda _batch, _lane: None)
    deferred = []
    for _ in range(4):
        ge.ledger.append(Batch(incarnation=standing.renewal(ge.node, "started")))
        one = sealed(ge, (TR,), notice(GE))
        deferred += incoming.receive(tr.node, GE, one.envelopes, one.wraps).deferred
    assert {over.limit for _, over in deferred} == {"open_incarnations"}
    assert len(deferred) == 3


def test_a_flood_of_receipts_is_bounded_like_everything_else() -> None:
    """A cheating node sends receipts about nothing: twice what each member may send, and then it waits."""
    net = network(GE, TR, small=Limits(routine_per_hour=2), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    flood_of_receipts(ge, TR, 30)
    net.run(60)
    assert held(tr, GE, EnvelopeClass.RECEIPT) + held(tr, GE, EnvelopeClass.KEY) == 2 * 2 * 2
    assert tr.cuts == []
    send(ge, (TR,))
    net.run(5)
    assert held(tr, GE) == 1


def test_storage_of_an_author_is_bounded_and_erasure_makes_room() -> None:
    """storage_per_author_bytes between nodes; what expires is room again."""
    net = network(GE, TR, small=Limits(storage_per_author_bytes=1024 * 1024), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    tr.node.quotas.freed(GE, -(1024 * 1024 - 6000))
    send(ge, (TR,), 6)
    net.run(30)
    taken = held(tr, GE)
    assert 0 < taken < 6
    assert tr.node.quotas.used()[GE]["storage_per_author_bytes"] <= 1024 * 1024
    assert findings(tr)["FANAL-E0789"]["limit"] == "storage_per_author_bytes"
    tr.node.quotas.freed(GE, 500_000)
    net.run_until(lambda: held(tr, GE) == 6, 2 * HOUR)


def test_a_full_disk_takes_own_and_nothing_of_others_until_there_is_room() -> None:
    """disk_refuse_percent at the limit: own notices go on, others wait at their senders and come by
    themselves when there is room."""
    net = network(GE, TR, small=Limits(), at=())
    ge, tr = net.nodes[GE], net.nodes[TR]
    tr.disk_percent = 95
    net.run(60)
    reply = send(ge, (TR,))[0]
    net.run(30)
    assert held(tr, GE) == 0
    assert tracked(ge, reply)[TR].reason == "FANAL-E0785"
    assert findings(tr)["FANAL-E0790"]["percent"] == "95"
    assert "FANAL-E0789" not in findings(tr), "no author is to blame for a full disk"
    own = send(tr, (GE,))[0]
    net.run(10)
    assert tracked(tr, own)[GE].state in ("SENT", "STORED")
    tr.disk_percent = 94
    net.run_until(lambda: held(tr, GE) == 1, 300)


def test_own_routine_at_the_limit_and_one_past_it_names_limit_and_time() -> None:
    """The officer is told before anything is sealed for good; the draft stays as it is, and goes later."""
    net = network(GE, TR, small=Limits(routine_per_hour=2), at=(GE,))
    ge = net.nodes[GE]
    send(ge, (TR,), 2)
    error = refused(ge, (TR,))
    assert error.kind.id == "FANAL-E0786"
    assert (error.facts["limit"], error.facts["most"]) == ("routine_per_hour", 2)
    assert str(error.facts["when"]).endswith(":00 UTC")
    net.run(HOUR)
    send(ge, (TR,))
    net.run(10)
    assert held(net.nodes[TR], GE) == 3


def test_own_flash_at_the_limit_and_one_past_it_says_how_to_send_it_now() -> None:
    """An alert is not quietly made slower at the desk, where a person can choose: as ROUTINE it goes."""
    net = network(GE, TR, small=Limits(flash_per_hour=1), at=(GE,))
    ge = net.nodes[GE]
    send(ge, (TR,), flash=True)
    error = refused(ge, (TR,), flash=True)
    assert error.kind.id == "FANAL-E0787"
    assert "URGENT" in error.hint
    send(ge, (TR,))
    net.run(10)
    assert held(net.nodes[TR], GE) == 2


def test_a_send_that_fails_on_the_disk_costs_no_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was stored, so nothing is counted: an officer may try again until it works."""
    net = network(GE, TR, small=Limits(routine_per_hour=1), at=(GE,))
    ge = net.nodes[GE]
    draft = ge.draft(notice(GE), (TR,))
    with monkeypatch.context() as patch:

        def full(_batch: object) -> None:
            raise FanalError(DISK_FULL, path="ledger.db")

        patch.setattr(ge.ledger, "append", full)
        for _ in range(3):
            with pytest.raises(FanalError, match="E0605"):
                ge.hand_in(draft)
    ge.hand_in(draft)
    net.run(10)
    assert held(net.nodes[TR], GE) == 1


def test_a_receipt_that_the_disk_refuses_again_and_again_costs_this_node_no_room() -> None:
    """It is owed, and tried until there is room; what was not stored does not fill what is kept of us."""
    net = network(GE, TR, small=Limits(), at=())
    ge, tr = net.nodes[GE], net.nodes[TR]
    send(ge, (TR,))
    net.run(20)
    row = next(row for row in tr.ledger.entries.since(0, 10) if row.author == GE and row.body)
    before = tr.node.quotas.of(TR, tr.node.now)
    for _ in range(3):
        with ledger_refuses(tr.ledger), pytest.raises(FanalError, match="E0605"):
            issuing.issue_rejected(tr.node, row, [("E", "field")])
    assert tr.node.quotas.of(TR, tr.node.now) == before


def test_a_restart_does_not_give_a_flooder_a_new_hour() -> None:
    """Counts are kept with the entries; starting costs one setting per author, whatever the ledger holds."""
    net = network(GE, TR, small=Limits(routine_per_hour=2), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    send(ge, (TR,), 5)
    net.run(30)
    tr.crash()
    tr.start()
    net.run(120)
    assert held(tr, GE) == 2
    net.run_until(lambda: held(tr, GE) == 5, 4 * HOUR)


def test_duplicates_by_many_peers_count_once() -> None:
    """The same envelopes over and over, by every peer: known is known before anything is counted."""
    net = network(GE, TR, small=Limits(), at=())
    ge, tr = net.nodes[GE], net.nodes[TR]
    one = sealed(ge, (TR,), notice(GE))
    for _ in range(20):
        incoming.receive(tr.node, GE, one.envelopes * 3, one.wraps)
    assert tr.node.quotas.used()[GE]["routine_per_hour"] == 1


def test_what_a_peer_says_of_others_deferrals_changes_nothing() -> None:
    """A hostile peer defers what was never sent to it, until the year 9999: nobody is told a tale."""
    net = network(GE, TR, small=Limits(), at=())
    ge = net.nodes[GE]
    replies = send(ge, (TR,))
    net.run(20)
    row = next(row for row in ge.ledger.entries.since(0, 10) if row.klass == EnvelopeClass.NOTICE)
    tale = Deferred(
        entries=[LaneSeq(lane=row.lane, incarnation=row.incarnation, seq=row.seq)],
        limit="routine_per_hour",
        most=1,
        until=1 << 52,
    )
    ge.host.handle(Received(TR, Frame(deferred=tale)))
    assert ge.node.elsewhere.of(TR, ge.node.now) is None
    assert ge.node.elsewhere.about(Place(row.lane, row.incarnation, row.seq), ge.node.now) is None
    assert tracked(ge, replies[0])[TR].state == "STORED"


def test_an_author_who_forks_one_place_without_end_is_bounded_like_everybody() -> None:
    """Every further manifest at a place is kept as a proof, and counted like an entry: what is over a quota
    is neither stored nor given back, and proofs end with the quota of the hour."""
    net = network(GE, TR, small=Limits(routine_per_hour=3), at=(TR,))
    ge, tr = net.nodes[GE], net.nodes[TR]
    deferred = []
    for _ in range(30):
        one = sealed(ge, (TR,), notice(GE))  # never stored at home, so each is at the same two places
        deferred += incoming.receive(tr.node, GE, one.envelopes, one.wraps).deferred
    proofs = [fork.offered.klass for fork in tr.ledger.entries.forks(0, 1000)]
    assert proofs.count(EnvelopeClass.NOTICE) == 3 - 1
    assert proofs.count(EnvelopeClass.KEY) == 3 * 2 * 2 - 1
    assert {over.limit for _, over in deferred} == {"routine_per_hour"}
    used = tr.node.quotas.used()[GE]
    kept = [*tr.ledger.entries.since(0, 1000), *(fork.offered for fork in tr.ledger.entries.forks(0, 1000))]
    assert used["routine_per_hour"] == 3
    assert used["storage_per_author_bytes"] == sum(size_of(row) for row in kept if row.author == GE)


def test_a_fork_that_peers_repeat_spends_its_authors_quota_once() -> None:
    """Whoever holds the second manifest of a place cannot use up its author's quota with it, neither in many
    deliveries nor in one."""
    net = network(GE, TR, small=Limits(), at=())
    ge, tr = net.nodes[GE], net.nodes[TR]
    one, other = (sealed(ge, (TR,), notice(GE)) for _ in range(2))
    incoming.receive(tr.node, GE, one.envelopes, one.wraps)
    for _ in range(20):
        incoming.receive(tr.node, GE, other.envelopes * 3, other.wraps)
    assert tr.node.quotas.used()[GE]["routine_per_hour"] == 2

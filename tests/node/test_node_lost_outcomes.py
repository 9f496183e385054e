# SPDX-License-Identifier: Apache-2.0
"""What was committed and is owed is found in the store, whoever did it and whatever became of the caller."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nodenet import NodeHost, NodeNet, some_notice

from fanal.errors import FanalError
from fanal.node import incoming, mending
from fanal.node.errors import STORE_FAILED
from fanal.node.gossip.events import Span
from fanal.node.lanes.rows import envelope_bytes, place_of
from fanal.node.ledger.rows import Batch, IncarnationRow
from fanal.node.receipts import keyless
from fanal.v1.envelope_pb2 import EnvelopeClass

SOON = 45.0


def pair() -> tuple[NodeNet, NodeHost, NodeHost]:
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    return net, net.nodes["GE-CUS"], net.nodes["TR-CUS"]


def test_gossip_is_told_of_a_run_that_was_closed_by_what_it_never_heard_of() -> None:
    """The last entry of an incarnation and the first of the next were committed and their outcome was lost:
    the mending tells both, though the first stream is closed and complete by then."""
    net, sender, reader = pair()
    sender.send(some_notice("GE-CUS", "heard of"), ["TR-CUS"])
    net.run(10)
    net.partition(["GE-CUS"], ["TR-CUS"])
    known = len(sender.ledger.entries.since(0, 99))
    sender.send(some_notice("GE-CUS", "the last"), ["TR-CUS"])
    before = sender.ledger.head().incarnation
    sender.ledger.append(Batch(incarnation=IncarnationRow(b"n" * 16, before, "run", int(net.now))))
    sender.send(some_notice("GE-CUS", "the first"), ["TR-CUS"])
    lost = [envelope_bytes(row) for row in sender.ledger.entries.since(known, 99) if row.author == "GE-CUS"]
    assert incoming.receive(reader.node, "GE-CUS", lost).entries
    assert [row.closed for row in reader.ledger.lanes.clock(closed=True)].count(True) == 1
    assert untold(reader)
    reader.host.refused(FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error"))
    net.run(SOON)
    assert untold(reader) == []


def untold(host: NodeHost) -> list[bytes]:
    """Incarnations of which the ledger holds what the gossip core does not know of."""
    rows = host.ledger.lanes.clock(closed=True)
    lacking = host.host.core.lacking
    return [row.incarnation for row in rows if list(lacking(row.lane, row.incarnation, [(0, row.next)]))]


@pytest.mark.parametrize("spoiled", [False, True])
def test_what_an_officers_call_opened_on_its_way_is_owed_as_ever(spoiled: bool) -> None:
    """No wrap for us comes with a lane key, and before the node opens it an officer's call does, which may
    then be refused: the author is told of the missing key all the same, after the usual while."""
    net, sender, reader = pair()
    own = reader.draft(some_notice("TR-CUS"), ["GE-CUS"])
    reader.hand_in(own)
    real, called = incoming.receive, [0]

    def receive(node: object, peer: str, envelopes: object, wraps: object = ()) -> object:
        outcome = real(node, peer, envelopes, wraps if node is not reader.node else ())  # type: ignore[arg-type]
        if node is reader.node and any(one.klass != EnvelopeClass.RECEIPT for one in outcome.entries):
            called[0] += 1
            if spoiled:
                with pytest.raises(FanalError):  # the envelope of before with other words
                    reader.hand_in(replace(own, notice_salt=bytes(32)))
            else:
                reader.send(some_notice("TR-CUS"), ["GE-CUS"])
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incoming, "receive", receive)
        sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(keyless.PATIENCE + 5)
    assert called[0]
    told = [leaf for leaf in reader.ledger.log.leaves(0, 999) if leaf.split(b" ")[1] == b"receipt-out"]
    assert any(b"held" in leaf for leaf in told)


def test_a_part_that_fails_stops_neither_the_others_nor_the_clock() -> None:
    """The exchange of checkpoints breaks at every alarm: receipts go out, and the next alarm comes; it comes
    a second later, for what broke is due at once."""
    net, sender, reader = pair()
    ticks: list[float] = []

    def broken(now: float) -> None:
        ticks.append(now)
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.host.exchange, "tick", broken)
        patch.setattr(reader.host.exchange, "next_due", lambda: reader.node.ticks)
        sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(60)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}
    assert 30 < len(ticks) < 200


def test_a_mending_needs_one_commit_however_much_is_untold() -> None:
    """What two peers hold and what one will not take is written down by a disk that never takes two commits
    in a row."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    author = net.nodes["GE-CUS"]
    net.partition(["GE-CUS"], ["TR-CUS"], ["AZ-CUS"])
    taken, refused = (author.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"]) for _ in range(2))
    row = author.ledger.entries.get(envelope_id=taken.envelope_id)
    late = author.ledger.entries.get(envelope_id=refused.envelope_id)
    span = Span(row.lane, row.incarnation, 0, row.seq + 1)
    untold = mending.Untold({"TR-CUS": [span], "AZ-CUS": [span]}, {("TR-CUS", place_of(late)): "refused"})
    real, commits = author.ledger.append, [0]

    def append(batch: Batch) -> object:
        commits[0] += 1
        if commits[0] > 1:
            raise FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error")
        return real(batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(author.ledger, "append", append)
        mending.write_down(author.node, untold)
    assert author.states(taken.ref) == {"TR-CUS": "SENT", "AZ-CUS": "SENT"}
    assert author.states(refused.ref) == {"TR-CUS": "REFUSED", "AZ-CUS": "QUEUED"}

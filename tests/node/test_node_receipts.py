# SPDX-License-Identifier: Apache-2.0
"""Receipts that are owed are signed whatever else lies in the lane, and cost no more for being told twice."""

from __future__ import annotations

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from sealing import sealed_receipts

from fanal.envelope import audience as audiences
from fanal.envelope import receipts as wire
from fanal.envelope.receipts import content_of
from fanal.errors import FanalError
from fanal.node import checkpoints, incoming
from fanal.node.arrival import opening
from fanal.node.errors import FAULT
from fanal.node.inbox.interface import Filing, PendingOpen
from fanal.node.lanes.own import LaneBatch
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.receipts import facts, issuing, keyless
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority, Receipts


def receipts_only(host: NodeHost, to: str, count: int) -> None:
    """So many receipts in the host's lane to one agency, without a notice among them."""
    batch = LaneBatch(host.node, host.node.now)
    told = Receipts(held=[wire.held(bytes(32), "LATER")])
    for _ in range(count):
        batch.content(
            content_of(told),
            EnvelopeClass.RECEIPT,
            audiences.explicit(host.name, [to]),
            host.node.rng(16),
            charter=host.node.directory.newest,
            priority=EnvelopePriority.ROUTINE,
            expires=host.node.now + 86_400,
        )
    host.ledger.append(batch.batch())


def test_a_notice_behind_a_thousand_receipts_is_signed_for() -> None:
    """An agency that answers much and writes little still gets STORED for what it writes."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author = net.nodes["GE-CUS"]
    receipts_only(author, "TR-CUS", 1100)
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS"])
    author.start()
    net.mesh()
    net.run(60)
    assert author.states(sent.ref) == {"TR-CUS": "STORED"}


def test_what_holds_no_notice_is_looked_at_by_one_start_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane of nothing but receipts owes nothing, and the next start does not read it again."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    receipts_only(net.nodes["GE-CUS"], "TR-CUS", 30)
    net.nodes["GE-CUS"].start()
    net.mesh()
    net.run(30)
    reader = net.nodes["TR-CUS"]
    assert issuing.uncovered(reader.node) == []
    read: list[object] = []
    monkeypatch.setattr(reader.ledger.entries, "refs", lambda *where: read.append(where) or [])
    assert issuing.uncovered(reader.node) == []
    assert read == []


def test_an_author_whom_no_receipt_reaches_keeps_none_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails for one author fails for it alone."""
    net = NodeNet("AZ-CUS", "GE-CUS", "TR-CUS")
    true = issuing.issue

    def broken(node: object, author: str, *rest: object, **more: object) -> object:
        if author == "AZ-CUS":
            raise FanalError(FAULT)
        return true(node, author, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(issuing, "issue", broken)
    lost = net.nodes["AZ-CUS"].send(some_notice("AZ-CUS"), ["TR-CUS"])
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(60)
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "STORED"}
    assert net.nodes["AZ-CUS"].states(lost.ref) == {"TR-CUS": "SENT"}


def test_a_checkpoint_that_cannot_be_signed_holds_back_no_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the log has run out: the author is told STORED all the same."""
    net = NodeNet("GE-CUS", "TR-CUS")

    def refused(_node: object) -> bytes:
        raise FanalError(FAULT)

    monkeypatch.setattr(checkpoints, "sign_newest", refused)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(60)
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "STORED"}


def test_a_lane_told_again_and_again_moves_nothing_and_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred times the same coverage in one envelope, and the envelope again: one fact a notice."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author, reader = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    for number in range(5):
        last = author.send(some_notice("GE-CUS", f"No. {number}"), ["TR-CUS"])
    row = author.ledger.entries.get(envelope_id=last.envelope_id)
    item = wire.coverage(row.lane, row.incarnation, [(0, row.seq + 1)], row.manifest_sha256)
    told = sealed_receipts(reader, "GE-CUS", Receipts(stored=[item] * 200))
    made: list[int] = []
    true = facts.notice_facts

    def counted(*given: object) -> list[object]:
        found = true(*given)  # type: ignore[arg-type]
        made.append(len(found))
        return list(found)

    monkeypatch.setattr(facts, "notice_facts", counted)
    incoming.receive(author.node, "TR-CUS", told.envelopes, told.wraps)
    opening.open_arrived(author.node)
    assert author.states(last.ref) == {"TR-CUS": "STORED"}
    assert sum(made) == 5


def test_an_author_with_many_broken_streams_gets_several_receipts() -> None:
    """More ranges than one receipt may hold are told in portions, and every one of them fits."""
    full = tuple((2 * n, 2 * n + 1) for n in range(600))
    owed = [(None, None, full)] * 3 + [(None, None, full[:1])] * 450
    portions = list(issuing._portions(owed))  # type: ignore[arg-type]
    assert [len(one) for one in portions] == [1, 1, 200, 200, 51]
    assert sum(len(one) for one in portions) == len(owed)


def test_a_link_that_comes_up_again_repeats_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The peer holds the whole lane, and says so with every link: nothing is read or written for it twice."""
    net = NodeNet("GE-CUS", "TR-CUS")
    author = net.nodes["GE-CUS"]
    for number in range(20):
        author.send(some_notice("GE-CUS", f"No. {number}"), ["TR-CUS"])
    net.run(120)
    made: list[int] = []
    true = facts.notice_facts

    def counted(*given: object) -> list[object]:
        found = true(*given)  # type: ignore[arg-type]
        made.append(len(found))
        return list(found)

    monkeypatch.setattr(facts, "notice_facts", counted)
    net.down(net.link("GE-CUS", "TR-CUS"), "renewed")
    net.run(120)
    assert author.host.core.linked == ("TR-CUS",)
    assert sum(made) == 0


def test_entries_that_wait_for_ever_do_not_hide_a_missing_key() -> None:
    """Three hundred envelopes of one author lack keys that never were; another author still hears HELD."""
    net = NodeNet("AZ-CUS", "GE-CUS", "TR-CUS", linked=False)
    reader, author = net.nodes["TR-CUS"], net.nodes["GE-CUS"]
    reader.vault.file(
        Filing(pending=tuple(PendingOpen(n.to_bytes(32), n, b"k" * 32, "NO_KEY", 0) for n in range(1, 301)))
    )
    author.restart_without("TR-CUS")
    sent = author.send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    row = author.ledger.entries.get(envelope_id=sent.envelope_id)
    late = PendingOpen(row.manifest_sha256, 400, row.key_envelope, "NO_KEY", 0)
    incoming.receive(
        reader.node, "GE-CUS", [envelope_bytes(one) for one in author.ledger.entries.since(0, 9)]
    )
    reader.vault.file(Filing(pending=(late,)))
    held = keyless.late(reader.node, set())
    assert [one.envelope_id for one in held] == [sent.envelope_id]

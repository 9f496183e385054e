# SPDX-License-Identifier: Apache-2.0
"""Erasures and legal holds that come at one moment, in different threads: one of them comes first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nodenet import NodeHost, NodeNet
from recalling import body_of, hold, sent_to, three, withdraw
from refusing import ledger_refuses
from rival import Turn

from fanal.errors import FanalError
from fanal.node.attachments import tending
from fanal.node.desk import keeping
from fanal.node.ledger.rows import EntryRow
from fanal.node.retention import erasing, job
from fanal.node.retention.errors import BEING_ERASED, HELD_BY_LAW
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

READER = "TR-CUS"


@pytest.fixture
def net() -> NodeNet:
    return three()


def once_after(look: Callable[..., Any], then: Callable[[], None]) -> Callable[..., Any]:
    """The same look; when it is over for the first time, something happens before anybody acts upon it."""
    left = [then]

    def looked(*args: Any, **named: Any) -> Any:
        found = look(*args, **named)
        if left:
            left.pop()()
        return found

    return looked


def test_a_hold_that_is_set_after_an_operator_has_looked_for_one_keeps_the_notice(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was told that the hold is set finds the notice there; the order to erase is refused."""
    sent, reader = sent_to(net, READER), net.nodes[READER]
    look = once_after(keeping.holds.hold_on, lambda: hold(reader, sent.ref))
    monkeypatch.setattr(keeping.holds, "hold_on", look)
    with pytest.raises(FanalError) as refused:
        reader.desk.erase(reader.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    assert refused.value.kind is HELD_BY_LAW
    assert body_of(reader, sent) is not None


def test_a_hold_that_is_set_while_a_recall_is_carried_out_keeps_the_notice(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The withdrawal was found and nothing was held then."""
    sent, reader = sent_to(net, READER), net.nodes[READER]
    notices = reader.vault.notices
    look = once_after(notices.to_delete, lambda: hold(reader, sent.ref))
    monkeypatch.setattr(notices, "to_delete", look)
    withdraw(net, sent, delete=True)
    assert reader.show(sent.ref).hold_reason == "COURT_ORDER"
    assert body_of(reader, sent) is not None


def test_a_hold_that_is_set_while_retention_is_at_work_keeps_the_notice(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its day has come and the job has seen no hold on it."""
    sent, reader = sent_to(net, READER), net.nodes[READER]
    notice = Notice.FromString(reader.show(sent.ref).notice)
    look = once_after(job.holds.hold_on, lambda: hold(reader, sent.ref))
    net.now = notice.retention.delete_by.seconds + 1.0
    reader.desk.confirm(reader.officer, api.ConfirmRequest(what="clock"))
    monkeypatch.setattr(job.holds, "hold_on", look)
    job.run(reader.node)
    assert reader.show(sent.ref).hold_reason == "COURT_ORDER"
    assert body_of(reader, sent) is not None


def started_on(host: NodeHost, files: tuple[Path, ...]) -> None:
    host.crash()
    host.erasure_files = files
    host.start()


def row_of(host: NodeHost, sent: api.SendReply) -> EntryRow:
    row = host.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    return row


@pytest.fixture
def reader(net: NodeNet, tmp_path: Path) -> NodeHost:
    """Its list of erasures is in two files."""
    host = net.nodes[READER]
    started_on(host, (tmp_path / "one", tmp_path / "two"))
    net.run(5)
    return host


def listed_alone(reader: NodeHost, sent: api.SendReply) -> None:
    """It is erased, and the disk is full between the list and the ledger."""
    with ledger_refuses(reader.ledger), pytest.raises(FanalError, match="E0605"):
        erasing.erase(reader.node, [row_of(reader, sent)], "order-court")


def test_an_erasure_that_the_ledger_did_not_take_is_not_covered_by_the_next(
    net: NodeNet, reader: NodeHost
) -> None:
    """The list had its line, a full disk came, another was erased; the next start does what is left."""
    first, second = (sent_to(net, READER) for _ in range(2))
    listed_alone(reader, first)
    erasing.erase(reader.node, [row_of(reader, second)], "order-court")
    started_on(reader, reader.erasure_files)
    assert (body_of(reader, first), body_of(reader, second)) == (None, None)


def test_two_erasures_at_one_moment_are_each_in_the_ledger_when_it_says_so(
    net: NodeNet, reader: NodeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is killed between list and ledger while another is at work: the next start takes it up."""
    first, second = (sent_to(net, READER) for _ in range(2))
    rows, drop = [row_of(reader, one) for one in (first, second)], tending.drop
    turn = reader.node.erasing = Turn()  # type: ignore[assignment]

    def killed(_node: object, _entries: object) -> None:
        monkeypatch.setattr(tending, "drop", drop)
        turn.meanwhile(lambda: erasing.erase(reader.node, rows[1:], "order-court"))
        raise KeyboardInterrupt

    monkeypatch.setattr(tending, "drop", killed)
    with pytest.raises(KeyboardInterrupt):
        erasing.erase(reader.node, rows[:1], "order-court")
    turn.over()
    started_on(reader, reader.erasure_files)
    assert (body_of(reader, first), body_of(reader, second)) == (None, None)


def test_a_hold_on_what_the_list_has_as_erased_is_refused(net: NodeNet, reader: NodeHost) -> None:
    """The ledger did not take the erasure, so the next start does: nobody is told that it is kept."""
    sent = sent_to(net, READER)
    listed_alone(reader, sent)
    with pytest.raises(FanalError) as refused:
        hold(reader, sent.ref)
    assert refused.value.kind is BEING_ERASED
    started_on(reader, reader.erasure_files)
    assert body_of(reader, sent) is None

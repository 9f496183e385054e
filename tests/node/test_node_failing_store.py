# SPDX-License-Identifier: Apache-2.0
"""A store that fails for a while costs a while: then the node takes up by itself what it could not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from nodenet import NodeHost, NodeNet, some_notice

from fanal.errors import FanalError
from fanal.node import host, housekeeping
from fanal.node.errors import DISK_FULL, STORE_FAILED
from fanal.node.ledger.rows import Appended, Batch
from fanal.v1.envelope_pb2 import EnvelopeClass

SOON = 45.0
"""Seconds in which all is well again: less than the minute after which a sender doubts by itself."""


@contextmanager
def failing(host: NodeHost) -> Iterator[None]:
    """The host's ledger stores nothing."""

    def refuse(_batch: Batch) -> None:
        raise FanalError(DISK_FULL, path="ledger.db")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(host.ledger, "append", refuse)
        yield


def pair() -> tuple[NodeNet, NodeHost, NodeHost]:
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    return net, net.nodes["GE-CUS"], net.nodes["TR-CUS"]


def test_what_could_not_be_stored_on_arrival_is_asked_for_again() -> None:
    """The reader's disk is full when the notice comes; with room again the notice is there soon."""
    net, sender, reader = pair()
    with failing(reader):
        sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(5)
    net.run(SOON)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}


def test_a_hole_that_was_asked_for_too_early_is_asked_for_again() -> None:
    """Entries in the middle could not be stored while those around them were; no link breaks for them."""
    net, sender, reader = pair()
    sent = [sender.send(some_notice("GE-CUS", "before"), ["TR-CUS"])]
    net.run(3)
    for _ in range(12):
        with failing(reader):
            sent.append(sender.send(some_notice("GE-CUS", "lost"), ["TR-CUS"]))
            net.run(0.4)
        sent.append(sender.send(some_notice("GE-CUS", "stored"), ["TR-CUS"]))
        net.run(0.3)
    net.run(80)
    assert [sender.states(one.ref) for one in sent] == [{"TR-CUS": "STORED"}] * len(sent)


def test_what_a_peer_told_meanwhile_is_written_down_later() -> None:
    """The sender's disk is full when the reader acknowledges: SENT is noted later, and STORED comes again."""
    net, sender, reader = pair()
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    with failing(sender):
        net.run(5)
        assert sender.states(sent.ref) == {"TR-CUS": "QUEUED"}
    with failing(reader):  # so that it is no receipt that moves the state
        net.run(15)
        assert sender.states(sent.ref) == {"TR-CUS": "SENT"}
    net.run(SOON)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}


def test_a_wrap_that_could_not_be_stored_for_long_is_asked_for_again() -> None:
    """The lane key's envelope was stored, then the disk was full for longer than anybody asks for a wrap."""
    net, sender, reader = pair()
    whole = reader.ledger.append

    def keys_alone(batch: Batch) -> Appended:
        if not any(entry.klass == EnvelopeClass.KEY for entry in batch.entries):
            raise FanalError(DISK_FULL, path="ledger.db")
        return whole(replace(batch, wraps=()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.ledger, "append", keys_alone)
        sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(200)
    net.run(180)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}


def test_a_receipt_that_could_not_be_written_is_written_later() -> None:
    """The reader has the notice and no room for its receipt; the receipt is issued with room again."""
    net, sender, reader = pair()
    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(2)
    assert sender.states(sent.ref) == {"TR-CUS": "SENT"}
    with failing(reader):
        net.run(20)
        assert sender.states(sent.ref) == {"TR-CUS": "SENT"}
    net.run(SOON)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}


def test_what_could_not_be_filed_is_filed_later() -> None:
    """The notice is in the ledger and the vault could not take it: no arrival is needed to try again."""
    net, sender, reader = pair()
    with pytest.MonkeyPatch.context() as patch:

        def refuse(_filing: object) -> None:
            raise FanalError(STORE_FAILED, path="vault.db", reason="disk I/O error")

        patch.setattr(reader.vault, "file", refuse)
        sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(5)
        assert reader.inbox() == []
    net.run(SOON)
    assert [one.ref for one in reader.inbox()] == [sent.ref]


def test_a_disk_that_stays_full_is_tried_ever_less_often() -> None:
    """Tries do not follow each other without end: no more than one every few seconds."""
    net, sender, reader = pair()
    tries = [0]

    def refuse(_batch: Batch) -> None:
        tries[0] += 1
        raise FanalError(DISK_FULL, path="ledger.db")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.ledger, "append", refuse)
        sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(600)
        assert 5 < tries[0] < 600


def test_an_entry_whose_job_failed_after_its_commit_is_told_all_the_same() -> None:
    """A receipt is committed and the next write of the same job is refused: the author gets the receipt."""
    net, sender, reader = pair()
    real, full = reader.ledger.append, [False]

    def append(batch: Batch) -> object:
        if full[0]:
            raise FanalError(DISK_FULL, path="ledger.db")
        full[0] = any(one.klass == EnvelopeClass.RECEIPT for one in batch.entries)
        return real(batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.ledger, "append", append)
        patch.setattr(host, "housekeeping", Forgetful())
        sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(8)
        assert full[0]
        assert sender.states(sent.ref) == {"TR-CUS": "SENT"}
    net.run(SOON)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}


def test_a_notice_that_was_stored_though_its_officer_was_refused_reaches_its_readers() -> None:
    """The sync after the commit fails: the officer tries again, gets the first answer, and it is delivered;
    and so is what follows it in the lane."""
    net, sender, reader = pair()
    real, failed = sender.ledger.append, [False]

    def append(batch: Batch) -> object:
        stored = real(batch)
        if batch.entries and not failed[0]:
            failed[0] = True
            raise FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error")
        return stored

    draft = sender.draft(some_notice("GE-CUS", "first"), ["TR-CUS"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sender.ledger, "append", append)
        with pytest.raises(FanalError):
            sender.hand_in(draft)
    sent = [sender.hand_in(draft), sender.send(some_notice("GE-CUS", "second"), ["TR-CUS"])]
    net.run(SOON)
    assert {one.ref for one in reader.inbox()} == {one.ref for one in sent}
    assert [sender.states(one.ref) for one in sent] == [{"TR-CUS": "STORED"}] * 2


class Forgetful:
    """Housekeeping whose job ends with a refusal after it has written its receipts."""

    def __getattr__(self, name: str) -> object:
        return getattr(housekeeping, name)

    def work(self, node: object, job: object, told: object) -> object:
        housekeeping.work(node, job, told)  # type: ignore[arg-type]
        raise FanalError(DISK_FULL, path="ledger.db")

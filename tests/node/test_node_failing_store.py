# SPDX-License-Identifier: Apache-2.0
"""A store that fails for a while costs a while: then the node takes up by itself what it could not do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from refusing import ledger_refuses

from fanal.errors import FanalError
from fanal.keys.identity import draft_next_identity, sign_identity
from fanal.node import checkpoints, host, housekeeping, incoming, mending
from fanal.node.arrival import opening
from fanal.node.desk import condition
from fanal.node.errors import DISK_FAILS, DISK_FULL, STORE_FAILED
from fanal.node.inbox.interface import Filing
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import Appended, Batch
from fanal.node.receipts import issuing, keyless
from fanal.v1 import peer_pb2
from fanal.v1.envelope_pb2 import EnvelopeClass

SOON = 45.0
"""Seconds in which all is well again: less than the minute after which a sender doubts by itself."""


def pair() -> tuple[NodeNet, NodeHost, NodeHost]:
    net = NodeNet("GE-CUS", "TR-CUS")
    net.run(1)
    return net, net.nodes["GE-CUS"], net.nodes["TR-CUS"]


def test_what_could_not_be_stored_on_arrival_is_asked_for_again() -> None:
    """The reader's disk is full when the notice comes; with room again the notice is there soon."""
    net, sender, reader = pair()
    with ledger_refuses(reader.ledger):
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
        with ledger_refuses(reader.ledger):
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
    with ledger_refuses(sender.ledger):
        net.run(5)
        assert sender.states(sent.ref) == {"TR-CUS": "QUEUED"}
    with ledger_refuses(reader.ledger):  # so that it is no receipt that moves the state
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
    with ledger_refuses(reader.ledger):
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


def test_what_failed_when_it_was_fetched_is_fetched_again_and_nobody_is_blamed() -> None:
    """The store fails at the push and at the first fetch: a comparison fetches again within seconds, and the
    sender, who kept its word, is not said to withhold."""
    net, sender, reader = pair()
    with ledger_refuses(reader.ledger):
        sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(3)
    net.run(6)
    assert [one.ref for one in reader.inbox()] == [sent.ref]
    net.run(SOON)
    assert reader.node.conduct.counts() == []


def test_what_was_opened_before_the_vault_failed_counts() -> None:
    """The vault fails behind a KEY envelope whose wrap is missing: the wrap is asked for all the same."""
    _net, sender, reader = pair()
    sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    key, notice = sender.ledger.entries.since(0, 9)
    incoming.receive(reader.node, "GE-CUS", [envelope_bytes(key), envelope_bytes(notice)])
    real = reader.vault.file

    def file(filing: Filing) -> object:
        if filing.pending and filing.pending[0].manifest_sha256 != key.manifest_sha256:
            raise FanalError(STORE_FAILED, path="vault.db", reason="disk I/O error")
        return real(filing)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.vault, "file", file)
        opened = opening.open_arrived(reader.node)
    assert opened.written.failure is not None
    assert opened.written.failure.kind is STORE_FAILED
    assert [one.key_manifest_sha256 for one in opened.wraps_missing] == [key.manifest_sha256]
    assert (opened.done, opened.waiting) == (1, 1)


def test_a_vault_that_fails_now_and_then_is_tried_again_soon_each_time() -> None:
    """Every second filing fails; since each try gets something done, no wait grows, and all is filed within
    two seconds for each notice."""
    net, sender, reader = pair()
    real, count = reader.vault.file, [0]

    def file(filing: object) -> object:
        count[0] += 1
        if count[0] % 2:
            raise FanalError(STORE_FAILED, path="vault.db", reason="disk I/O error")
        return real(filing)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.vault, "file", file)
        sent = [sender.send(some_notice("GE-CUS", f"number {n}"), ["TR-CUS"]) for n in range(12)]
        net.run(24)
        assert {one.ref for one in reader.inbox()} == {one.ref for one in sent}


def test_an_officer_whose_own_copy_is_not_filed_is_refused_and_readers_are_told_at_once() -> None:
    """The notice is committed and the vault fails: the officer may offer it again, and it is on its way."""
    net, sender, reader = pair()
    draft = sender.draft(some_notice("GE-CUS"), ["TR-CUS"])

    def refuse(_filing: object) -> None:
        raise FanalError(STORE_FAILED, path="vault.db", reason="disk I/O error")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sender.vault, "file", refuse)
        with pytest.raises(FanalError, match="disk I/O error"):
            sender.hand_in(draft)
        with pytest.raises(FanalError, match="disk I/O error"):
            sender.hand_in(draft)
        net.run(0.9)
        [arrived] = reader.inbox()
    assert sender.hand_in(draft).ref == arrived.ref


def test_receipts_written_before_an_anchor_failed_are_told_at_once() -> None:
    """Housekeeping writes a receipt, and its anchor is refused: the author gets the receipt at once."""
    net, sender, reader = pair()

    def refuse(_node: object) -> None:
        raise FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error")

    sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "anchor_now", refuse)
        patch.setattr(checkpoints, "anchor_due", lambda _node: 0.0)
        net.run(0.1)
        [(lane, incarnation)] = issuing.uncovered(reader.node)
        job = housekeeping.Job(streams=frozenset({(lane, incarnation)}), anchor=True)
        written = housekeeping.work(reader.node, job, set())
    assert written.failure is not None
    assert written.entries
    reader.host.announced(written)
    net.run(0.5)
    assert sender.states(sent.ref) == {"TR-CUS": "STORED"}


def test_held_is_told_again_when_it_could_not_be_written() -> None:
    """A HELD that the store refused is issued in a later run; one that was issued is not issued again."""
    net, sender, reader = pair()
    sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    key, notice = sender.ledger.entries.since(0, 9)
    incoming.receive(reader.node, "GE-CUS", [envelope_bytes(key), envelope_bytes(notice)])
    opening.open_arrived(reader.node)
    net.now += keyless.PATIENCE
    told: set[bytes] = set()
    with ledger_refuses(reader.ledger):
        assert not housekeeping.work(reader.node, housekeeping.Job(held=True), told).entries
    first = housekeeping.work(reader.node, housekeeping.Job(held=True), told)
    assert [one.klass for one in first.entries if one.klass != EnvelopeClass.KEY] == [EnvelopeClass.RECEIPT]
    assert housekeeping.work(reader.node, housekeeping.Job(held=True), told) == Written()


def test_documents_that_came_while_the_disk_was_full_are_taken_when_there_is_room() -> None:
    """A charter, and a key that replaces another, without a new link and without an envelope that needs them:
    their sender takes them for delivered, and a revocation comes the same way."""
    net, governor, reader = pair()
    with ledger_refuses(reader.ledger):
        governor.next_charter(channels={"CASPIAN": ("GE-CUS", "TR-CUS")})
        net.run(5)
        draft = draft_next_identity(governor.node.identity, int(net.now))
        document = sign_identity(governor.agency.root, draft)
        assert governor.node.take_documents((), [document])
        governor.host.roster_changed()
        net.run(30)
        assert reader.node.directory.newest.version == 1
    net.run(SOON)
    assert reader.node.directory.newest.version == 2
    assert reader.node.directory.identity("GE-CUS").serial == 2
    assert reader.cuts == governor.cuts == []


def test_an_operator_is_told_for_a_day_that_the_disk_failed() -> None:
    """Refused officers and failed jobs count; the finding names the file and the reason, and ends."""
    net, sender, _ = pair()
    assert [one.id for one in condition.findings(sender.node) if one.subject == "disk"] == []
    with ledger_refuses(sender.ledger), pytest.raises(FanalError):
        sender.send(some_notice("GE-CUS"), ["TR-CUS"])
    sender.host.refused(FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error"))
    [told] = [one for one in condition.findings(sender.node) if one.subject == "disk"]
    assert (told.id, told.level, told.facts["count"]) == (DISK_FAILS.id, "warning", "1")
    assert (told.facts["path"], told.facts["reason"]) == ("ledger.db", "disk I/O error")
    net.now += 86_400
    assert [one for one in condition.findings(sender.node) if one.subject == "disk"] == []


def test_an_entry_whose_commit_lost_its_answer_is_asked_for_once() -> None:
    """The reader's ledger has it and its gossip does not know: the copy that a peer brings again tells it,
    and the peer is not asked for it over and over."""
    net, sender, reader = pair()
    real, lost, wants = reader.ledger.append, [False], [0]

    def append(batch: Batch) -> object:
        stored = real(batch)
        if not lost[0] and any(one.klass == EnvelopeClass.NOTICE for one in batch.entries):
            lost[0] = True
            raise FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error")
        return stored

    def never(*_rest: object) -> None:
        raise FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error")

    def note(_sender: str, _receiver: str, frame: peer_pb2.Frame) -> None:
        wants[0] += frame.WhichOneof("frame") == "want"

    net.watchers.append(note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.ledger, "append", append)
        patch.setattr(mending, "write_down", never)
        sent = sender.send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(10)
    assert lost[0]
    assert wants[0] <= 2
    assert [one.ref for one in reader.inbox()] == [sent.ref]


def test_a_store_proves_that_it_stores_before_gossip_is_told_of_what_it_holds() -> None:
    """After a fault the first thing is a commit: while none succeeds, nothing is read out of it."""
    _, sender, _ = pair()
    with ledger_refuses(sender.ledger), pytest.raises(FanalError):
        mending.write_down(sender.node, mending.Untold({}, {}))


class Forgetful:
    """Housekeeping whose job ends with a refusal after it has written its receipts."""

    def __getattr__(self, name: str) -> object:
        return getattr(housekeeping, name)

    def work(self, node: object, job: object, told: object) -> object:
        housekeeping.work(node, job, told)  # type: ignore[arg-type]
        raise FanalError(DISK_FULL, path="ledger.db")

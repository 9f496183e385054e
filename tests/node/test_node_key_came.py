# SPDX-License-Identifier: Apache-2.0
"""HELD ends when the key has come, and no older receipt ends a HELD that is true."""

from __future__ import annotations

import pytest
from backups import Backup, backup, restore
from nodenet import NodeHost, NodeNet, some_notice
from sealing import Delivery
from wholenode import _copied

from fanal.envelope import receipts as wire
from fanal.node import housekeeping, incoming
from fanal.node.arrival import opening
from fanal.node.damage import soundwraps
from fanal.node.inbox.interface import Vault
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.ledger.rows import EntryRow
from fanal.node.receipts import issuing, keyless
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Receipts

AUTHOR, READER, FORGER = "GE-CUS", "TR-CUS", "AZ-CUS"


def pair() -> tuple[NodeNet, NodeHost, NodeHost, api.SendReply, EntryRow]:
    """An author, a reader without a line, one notice, and its entry."""
    net = NodeNet(AUTHOR, READER, linked=False)
    author, reader = net.nodes[AUTHOR], net.nodes[READER]
    sent = author.send(some_notice(AUTHOR), [READER])
    row = author.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    return net, author, reader, sent, row


def of(host: NodeHost, after: int = 0) -> Delivery:
    """What a node itself wrote since, with its wraps."""
    rows = [row for row in host.ledger.entries.since(after, 1000) if row.author == host.name]
    wraps = [
        soundwraps.proof_of(one) for row in rows for one in host.ledger.entries.wraps(row.manifest_sha256)
    ]
    return Delivery(tuple(envelope_bytes(row) for row in rows), tuple(wraps))


def bring(to: NodeHost, source: NodeHost, what: Delivery) -> None:
    outcome = incoming.receive(to.node, source.name, list(what.envelopes), list(what.wraps))
    assert outcome.refused == outcome.strikes == []
    opening.open_arrived(to.node, {one.key_manifest_sha256 for one in outcome.wraps})


def parts(author: NodeHost) -> tuple[Delivery, Delivery]:
    """The notice before its KEY envelope, and that envelope with its wraps."""
    whole = of(author)
    return Delivery(whole.envelopes[1:], ()), Delivery(whole.envelopes[:1], whole.wraps)


def covered(reader: NodeHost, row: EntryRow) -> Delivery:
    """The reader's STORED of the lane up to the entry, as the first time."""
    before = reader.ledger.head().entries
    streams = [(row.lane, row.incarnation)]
    issuing.issue_coverage(reader.node, streams, row.priority)
    return of(reader, before)


def held(net: NodeNet, reader: NodeHost) -> Delivery:
    """The reader's HELD, when the key was late."""
    before = reader.ledger.head().entries
    net.now += keyless.PATIENCE
    housekeeping.work(reader.node, housekeeping.Job(held=True), set())
    return of(reader, before)


def told_held(net: NodeNet, author: NodeHost, reader: NodeHost, row: EntryRow, notice: Delivery) -> None:
    """The notice came without its key: the author has the reader's STORED, and HELD after it."""
    bring(reader, author, notice)
    bring(author, reader, covered(reader, row))
    bring(author, reader, held(net, reader))


def after_key(reader: NodeHost, author: NodeHost, key: Delivery) -> Delivery:
    """What the reader writes when the key has come."""
    before = reader.ledger.head().entries
    bring(reader, author, key)
    return of(reader, before)


def test_held_ends_when_the_key_has_come() -> None:
    """The reader says STORED once more when it can open what it said HELD of, and `track` shows that."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    told_held(net, author, reader, row, notice)
    assert author.states(sent.ref) == {READER: "HELD"}
    bring(author, reader, after_key(reader, author, key))
    assert author.states(sent.ref) == {READER: "STORED"}
    assert len(reader.inbox()) == 1


def test_who_lacks_its_wrap_says_so_of_a_notice() -> None:
    """The KEY envelope came first and without the reader's wrap: the author is shown that nobody can read."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    bring(reader, author, Delivery(key.envelopes, ()))
    told_held(net, author, reader, row, notice)
    assert author.states(sent.ref) == {READER: "HELD"}
    bring(author, reader, after_key(reader, author, Delivery((), key.wraps)))
    assert author.states(sent.ref) == {READER: "STORED"}


def test_what_was_never_said_to_be_held_is_not_told_twice() -> None:
    """A key that is late by less than the patience costs no receipt."""
    _net, author, reader, _sent, row = pair()
    notice, key = parts(author)
    bring(reader, author, notice)
    covered(reader, row)
    assert after_key(reader, author, key) == Delivery((), ())
    assert len(reader.inbox()) == 1


def test_a_restart_between_held_and_the_key_forgets_nothing() -> None:
    """What HELD was told of stands in the ledger, in the transaction of the receipt."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    told_held(net, author, reader, row, notice)
    reader.crash()
    reader.start()
    bring(author, reader, after_key(reader, author, key))
    assert author.states(sent.ref) == {READER: "STORED"}


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_the_later_of_held_and_stored_counts_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    """By their places in the reader's lane: STORED, HELD, and STORED once more."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    bring(reader, author, notice)
    told = [covered(reader, row), held(net, reader), after_key(reader, author, key)]
    bring(author, reader, Delivery(told[0].envelopes[:1], told[0].wraps))  # the key of the reader's lane
    for at, one in enumerate(order):
        bring(author, reader, told[one])
        newest = max(order[: at + 1])
        assert author.states(sent.ref) == {READER: ("STORED", "HELD", "STORED")[newest]}


def test_a_late_receipt_of_the_run_before_a_restore_does_not_end_held() -> None:
    """The reader had the key, then its folder was put back: the HELD of its next run is the later word."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    told_held(net, author, reader, row, notice)
    saved = backup(reader), _copied(reader.vault)
    late = after_key(reader, author, key)
    reader.vault = saved[1]
    restore(reader, saved[0])
    assert reader.inbox() == []
    bring(author, reader, held(net, reader))
    bring(author, reader, late)
    assert author.states(sent.ref) == {READER: "HELD"}
    bring(author, reader, after_key(reader, author, key))
    assert author.states(sent.ref) == {READER: "STORED"}


def test_what_was_read_stays_read() -> None:
    """A HELD that comes late takes nothing back, and neither does what follows it."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    bring(reader, author, notice)
    told = [covered(reader, row), held(net, reader), after_key(reader, author, key)]
    before = reader.ledger.head().entries
    reader.read(reader.inbox()[0].notice_id)
    bring(author, reader, Delivery(told[0].envelopes[:1], told[0].wraps))
    bring(author, reader, of(reader, before))
    for one in told[::-1]:
        bring(author, reader, one)
        assert author.states(sent.ref) == {READER: "READ"}


@pytest.mark.parametrize(("lie", "shown"), [("held", "STORED"), ("stored", "HELD")])
def test_a_word_under_another_members_envelope_id_is_not_taken_for_that_members(lie: str, shown: str) -> None:
    """A third reader gives its receipt the envelope id of a later one of the reader."""
    net = NodeNet(AUTHOR, READER, FORGER, linked=False)
    author, reader, forger = net.nodes.values()
    sent = author.send(some_notice(AUTHOR), [READER, FORGER])
    row = author.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    notice, key = parts(author)
    for one in (reader, forger):
        bring(one, author, notice)
    told = [covered(reader, row), held(net, reader)]
    told += [after_key(reader, author, key)] if lie == "held" else []
    told.append(beside(author, reader, row))
    taken = reader.ledger.entries.since(reader.ledger.head().entries - 1, 1)[0].envelope_id
    of_notice = wire.coverage(row.lane, row.incarnation, [(row.seq, row.seq + 1)], row.manifest_sha256)
    of_it = wire.held(row.manifest_sha256)
    forge(forger, Receipts(held=[of_it]) if lie == "held" else Receipts(stored=[of_notice]), taken)
    bring(author, forger, of(forger))
    envelopes = tuple(envelope for one in told for envelope in one.envelopes)
    bring(author, reader, Delivery(envelopes, told[0].wraps))
    assert author.states(sent.ref)[READER] == shown


@pytest.mark.parametrize("at_once", [True, False])
def test_what_came_and_is_not_looked_at_yet_hides_no_end_of_held(
    monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """A node that was locked opens the end of HELD in front of more receipts than it may look at."""
    monkeypatch.setattr(keyless, "MOST", 3)
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    told_held(net, author, reader, row, notice)
    later = [after_key(reader, author, key), *(beside(author, reader, row) for _ in range(5))]
    whole = Delivery(tuple(envelope for one in later for envelope in one.envelopes), ())
    for one in [whole] if at_once else later:
        bring(author, reader, one)
    assert author.states(sent.ref) == {READER: "STORED"}


def beside(author: NodeHost, reader: NodeHost, row: EntryRow) -> Delivery:
    """A receipt of the reader that says nothing of the notice."""
    before = reader.ledger.head().entries
    key = author.ledger.entries.refs(row.lane, row.incarnation, 0, 1, 1)[0]
    item = wire.coverage(row.lane, row.incarnation, [(0, 1)], key.manifest_sha256)
    issuing.issue(reader.node, AUTHOR, Receipts(stored=[item]))
    return of(reader, before)


def forge(host: NodeHost, word: Receipts, envelope_id: bytes) -> None:
    """A receipt under an envelope id of its choice."""
    ids, given = iter([envelope_id]), host.node.rng
    host.node.rng = lambda count: next(ids, None) or given(count)
    issuing.issue(host.node, AUTHOR, word)
    host.node.rng = given


def wider(reader: NodeHost, row: EntryRow) -> Delivery:
    """STORED of the lane up to the entry, told again."""
    before = reader.ledger.head().entries
    item = wire.coverage(row.lane, row.incarnation, [(0, row.seq + 1)], row.manifest_sha256)
    issuing.issue(reader.node, AUTHOR, Receipts(stored=[item]))
    return of(reader, before)


def put_back(reader: NodeHost, saved: tuple[Backup, Vault]) -> None:
    reader.vault = _copied(saved[1])
    restore(reader, saved[0])


@pytest.mark.parametrize("first", ["held", "answer"])
def test_held_of_a_run_that_a_restore_lost_ends_when_the_reader_is_given_it_back(first: str) -> None:
    """The reader's next run had the key at once and covered the lane: the HELD of the lost run comes to the
    author after that, and back to the reader, who covers the entry alone."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    bring(reader, author, notice)
    bring(author, reader, covered(reader, row))
    saved = backup(reader), _copied(reader.vault)
    late = held(net, reader)
    put_back(reader, saved)
    bring(reader, author, key)
    bring(author, reader, wider(reader, row))
    assert author.states(sent.ref) == {READER: "STORED"}
    before = reader.ledger.head().entries
    bring(reader, author, late)
    answer = Delivery(of(reader, before).envelopes[len(late.envelopes) :], ())
    for one in (late, answer) if first == "held" else (answer, late):
        bring(author, reader, one)
    assert author.states(sent.ref) == {READER: "STORED"}
    before = reader.ledger.head().entries
    bring(reader, author, late)
    assert of(reader, before) == Delivery((), ()), "told once"


@pytest.mark.parametrize("at", ["before the entry", "before the key"])
def test_held_that_is_given_back_and_true_ends_with_the_key_alone(at: str) -> None:
    """A restored reader gets its HELD back while it still lacks the key, or even the notice: nothing of its
    next run hides it, and it says STORED once more when it can read."""
    net, author, reader, sent, row = pair()
    notice, key = parts(author)
    bring(author, reader, beside(author, reader, row))
    empty = backup(reader), _copied(reader.vault)
    bring(reader, author, notice)
    saved = backup(reader), _copied(reader.vault)
    bring(author, reader, covered(reader, row))
    late = held(net, reader)
    bring(author, reader, late)
    put_back(reader, saved if at == "before the key" else empty)
    before = reader.ledger.head().entries
    bring(reader, author, late)
    bring(reader, author, notice)
    told = [one for one in of(reader, before).envelopes if one not in late.envelopes]
    assert told == []
    assert author.states(sent.ref) == {READER: "HELD"}
    bring(author, reader, after_key(reader, author, key))
    assert author.states(sent.ref) == {READER: "STORED"}


def test_every_notice_that_waits_for_a_key_is_shown_held_and_ends_with_it() -> None:
    """Twenty notices under one lane key that is late, and one more that comes after HELD was told."""
    net, author, reader, sent, _row = pair()
    refs = [sent.ref, *(author.send(some_notice(AUTHOR), [READER]).ref for _ in range(19))]
    notices, key = parts(author)
    bring(reader, author, notices)
    told: set[bytes] = set()
    before = reader.ledger.head().entries
    net.now += keyless.PATIENCE
    housekeeping.work(reader.node, housekeeping.Job(held=True), told)
    assert len(of(reader, before).envelopes) == 3, "the reader's key, and two receipts"
    bring(author, reader, of(reader, before))
    assert {author.states(ref)[READER] for ref in refs} == {"HELD"}
    at = author.ledger.head().entries
    refs.append(author.send(some_notice(AUTHOR), [READER]).ref)
    bring(reader, author, Delivery(of(author, at).envelopes[-1:], ()))
    before = reader.ledger.head().entries
    net.now += keyless.PATIENCE
    housekeeping.work(reader.node, housekeeping.Job(held=True), told)
    bring(author, reader, of(reader, before))
    assert {author.states(ref)[READER] for ref in refs} == {"HELD"}
    ended = after_key(reader, author, key)
    assert len(ended.envelopes) == 2, "a receipt for each page of what waited"
    bring(author, reader, ended)
    assert {author.states(ref)[READER] for ref in refs} == {"STORED"}

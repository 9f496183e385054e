# SPDX-License-Identifier: Apache-2.0
"""What is judged of entries after their commit is judged whatever comes between, and told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from backups import backup, restore
from nodenet import NodeHost, NodeNet, some_notice
from sealing import sealed

from fanal.errors import FanalError
from fanal.node import incoming
from fanal.node.arrival import judging
from fanal.node.desk import condition
from fanal.node.errors import STORE_FAILED
from fanal.node.forks import kept, returned
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.ledger.rows import Appended, Batch, EntryRow
from fanal.node.node import Node
from fanal.proof import forks

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"
Case = tuple[NodeHost, list[bytes], str]
"""Who gets what last, and the incident that follows."""


class Killed(BaseException):
    """The process ends here."""


def carry(host: NodeHost, peer: str, envelopes: list[bytes]) -> None:
    """As a courier file does it: the incoming story, then what follows from it."""
    host.host.carried(incoming.receive(host.node, peer, envelopes))
    host.net.run(1)


def own(host: NodeHost, after: int = 0) -> list[bytes]:
    return [envelope_bytes(row) for row in host.ledger.entries.since(after, 100) if row.author == host.name]


def broken_chain(net: NodeNet) -> Case:
    """Entries 0 and 1 of one history, entry 2 of another."""
    author, reader = net.nodes[A], net.nodes[B]
    carry(reader, A, list(sealed(author, (B,), some_notice(A)).envelopes))
    author.send(some_notice(A), [B])
    return reader, list(sealed(author, (B,), some_notice(A)).envelopes), "chain-broken"


def given_back(net: NodeNet) -> Case:
    """A peer has what a restored database lacks."""
    author = net.nodes[A]
    old = backup(author)
    author.send(some_notice(A), [B])
    lost = own(author)
    restore(author, old, "rolled-back")
    return author, lost, returned.WHAT


def gone_on_twice(net: NodeNet) -> Case:
    """Two incarnations that go on from one place of the one before."""
    author, reader = net.nodes[A], net.nodes[B]
    author.send(some_notice(A), [B])
    old, at = backup(author), author.ledger.head().entries
    carry(reader, A, own(author))
    branches = []
    for _ in range(2):
        restore(author, old, "rolled-back")
        author.send(some_notice(A), [B])
        branches.append(own(author, at))
    carry(reader, A, branches[0])
    return reader, branches[1], f"{forks.SUCCESSOR}-fork"


CASES = (broken_chain, given_back, gone_on_twice)


def incidents(host: NodeHost, word: str) -> int:
    return sum(f" what={word} ".encode() in leaf for leaf in host.ledger.log.leaves(0, 1000))


def at_append(host: NodeHost, number: int, what: Callable[[Callable[[], Appended]], Appended]) -> None:
    """Do something else from the so manieth append of this ledger on, until it is deleted. The first delivery
    of all has been here."""
    host.node.judged.begin()
    append, left = host.ledger.append, [number]

    def instead(batch: Batch) -> Appended:
        left[0] -= 1
        return append(batch) if left[0] > 0 else what(lambda: append(batch))

    host.ledger.append = instead  # type: ignore[method-assign]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_crash_behind_any_commit_of_an_arrival_loses_no_incident(
    case: Callable[[NodeNet], Case], number: int
) -> None:
    """The process dies right after the entries' commit, or after the next ones: the next run tells of what is
    wrong with them, once."""
    host, last, word = case(NodeNet(A, B, linked=False))
    assert incidents(host, word) == 0

    def killed(commit: Callable[[], Appended]) -> Appended:
        commit()
        raise Killed

    at_append(host, number, killed)
    with suppress(Killed):
        carry(host, C, last)
    del host.ledger.append
    host.crash()
    host.start()
    host.net.run(1)
    assert incidents(host, word) == 1
    assert condition.findings(host.node) or word == "chain-broken"
    if word == returned.WHAT:
        assert (found := returned.known(host.node)) is not None
        assert (found.count, found.peer) == (len(last), C)
    if "fork" in word:
        assert [one.kind for one in kept.known(host.node)] == [forks.SUCCESSOR]


@pytest.mark.parametrize("case", CASES)
def test_an_incident_that_the_store_does_not_take_is_told_when_it_is_well(
    case: Callable[[NodeNet], Case],
) -> None:
    """The entries are committed and acknowledged, the next commit fails; the same run tells of it later."""
    host, last, word = case(NodeNet(A, B, linked=False))

    def failed(_commit: Callable[[], Appended]) -> Appended:
        raise FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error")

    at_append(host, 2, failed)
    carry(host, C, last)
    assert incidents(host, word) == 0
    del host.ledger.append
    host.net.run(60)
    assert incidents(host, word) == 1


def test_own_entries_whose_commit_of_the_incident_lost_its_answer_are_counted_once() -> None:
    """The store says that it failed, and has it: the next judging goes on from what the ledger says."""
    author, lost, word = given_back(NodeNet(A, B, linked=False))

    def unheard(commit: Callable[[], Appended]) -> Appended:
        commit()
        raise FanalError(STORE_FAILED, path="ledger.db", reason="disk I/O error")

    at_append(author, 2, unheard)
    carry(author, C, lost)
    del author.ledger.append
    author.net.run(60)
    found = returned.known(author.node)
    assert (found and found.count, incidents(author, word)) == (len(lost), 1)
    assert author.node.judged.at == author.ledger.head().entries


def test_a_delivery_that_was_under_way_has_nothing_counted_twice() -> None:
    """Its batch was made before own entries that came back were judged, and is committed after that: the next
    start counts none of them again."""
    author, lost, _word = given_back(net := NodeNet(A, B, C, linked=False))
    other = list(sealed(net.nodes[B], (A,), some_notice(B)).envelopes)
    incoming.receive(author.node, C, lost)

    def judged_first(commit: Callable[[], Appended]) -> Appended:
        del author.ledger.append
        judging.judge(author.node)
        return commit()

    at_append(author, 1, judged_first)
    incoming.receive(author.node, B, other)
    author.crash()
    author.start()
    net.run(1)
    found = returned.known(author.node)
    assert (found and found.count, author.node.judged.at) == (len(lost), author.ledger.head().entries)


def test_one_entry_that_breaks_judging_is_set_aside_and_the_rest_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fault of our own in the second of three entries: an incident of it, and what is wrong with the others
    is told, once, over a restart."""
    author, lost, word = given_back(net := NodeNet(A, B, linked=False))
    (poison,) = sealed(net.nodes[B], (A,), some_notice(B)).envelopes[:1]
    true = judging.chains.broken

    def broken(node: Node, rows: Sequence[EntryRow]) -> list[EntryRow]:
        if poison in map(envelope_bytes, rows):
            raise ZeroDivisionError
        return true(node, rows)

    monkeypatch.setattr(judging.chains, "broken", broken)
    for one in (lost[0], poison, lost[1]):
        incoming.receive(author.node, C, [one])
    for _ in range(2):
        judging.judge(author.node)
        assert (incidents(author, "entry-set-aside"), incidents(author, word)) == (1, 1)
        found = returned.known(author.node)
        assert (found and found.count, author.node.judged.at) == (2, author.ledger.head().entries)
        author.crash()
        author.start()


def test_an_entry_for_which_there_is_no_memory_is_judged_when_there_is_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two judgings find no memory: nothing is set aside for that, and the third tells what is wrong."""
    reader, last, word = broken_chain(NodeNet(A, B, linked=False))
    true, left = judging.chains.broken, [None] * 2

    def broken(node: Node, rows: Sequence[EntryRow]) -> list[EntryRow]:
        if left:
            left.pop()
            raise MemoryError
        return true(node, rows)

    monkeypatch.setattr(judging.chains, "broken", broken)
    incoming.receive(reader.node, A, last)
    for _ in range(2):
        with suppress(MemoryError):
            judging.judge(reader.node)
    judging.judge(reader.node)
    assert (incidents(reader, "entry-set-aside"), incidents(reader, word)) == (0, 1)


def test_how_far_arrivals_are_judged_is_known_however_many_are_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A node that only sends does not read all that it ever sent at its next start."""
    monkeypatch.setattr(judging, "BEHIND", 8)
    author = NodeNet(A, B, linked=False).nodes[A]
    for _ in range(20):
        author.send(some_notice(A), [B])
    author.net.run(1)
    assert int(author.ledger.facts.meta("arrivals-judged") or 0) > author.ledger.head().entries - 8
    author.crash()
    author.start()
    author.net.run(1)
    assert author.node.judged.at == author.ledger.head().entries


def test_what_one_delivery_finds_broken_is_asked_for_when_its_peer_is_back() -> None:
    """The process dies before anybody was asked for the other branch: the next one asks on the first link."""
    net = NodeNet(A, B, linked=False)
    reader, last, word = broken_chain(net)
    outcome = incoming.receive(reader.node, A, last)
    assert outcome.entries
    reader.crash()
    reader.start()
    net.run(1)
    assert incidents(reader, word) == 1
    net.connect(A, B)
    net.run(3)
    assert reader.ledger.entries.forks()

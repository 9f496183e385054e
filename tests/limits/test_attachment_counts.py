# SPDX-License-Identifier: Apache-2.0
"""Attachments against their author's day and storage: over a restart, once each, bounded, and freed again."""

from __future__ import annotations

from pathlib import Path

import pytest
from attachkit import sealed, send_files, some_bytes, states, upload
from nodenet import NodeNet

from fanal.config.settings import Limits
from fanal.envelope.pieces import PIECE, sealed_length
from fanal.errors import FanalError
from fanal.node.attachments.budget import DAY, DayBudget
from fanal.node.attachments.errors import DAY_FULL
from fanal.node.ledger import settings
from fanal.v1 import officer_pb2 as api

A, B = "AZ-CUS", "BG-CUS"
MIB = 1024 * 1024
STORAGE = "storage_per_author_bytes"


def network(files: Path, small: Limits) -> NodeNet:
    """The reader has the limits, the author has not."""
    net = NodeNet(A, B, files=files, policy={B: small})
    net.run(1)
    return net


def restart(net: NodeNet, name: str) -> None:
    net.nodes[name].crash()
    net.nodes[name].start()
    net.run(5)


def test_a_restart_does_not_begin_a_new_day(tmp_path: Path) -> None:
    """What was taken is read from the ledger: the second file waits until the day has passed."""
    net = network(tmp_path, Limits(attachment_bytes_per_day=3 * PIECE))
    first, _ = send_files(net.nodes[A], [B], some_bytes(2 * PIECE))
    net.run(30)
    assert states(net.nodes[B], first.ref) == ["HERE"]
    used = net.nodes[B].node.budget.used(A, net.now)
    assert used == sealed_length(2 * PIECE)
    restart(net, B)
    assert net.nodes[B].node.budget.used(A, net.now) == used
    second, _ = send_files(net.nodes[A], [B], some_bytes(2 * PIECE, "b"))
    net.run(60)
    assert states(net.nodes[B], second.ref) == ["MISSING"]
    net.partition([A], [B])
    net.run(DAY - 3600)
    net.heal()
    net.run(60)
    assert states(net.nodes[B], second.ref) == ["MISSING"]
    net.run_until(lambda: states(net.nodes[B], second.ref) == ["HERE"], DAY)


def test_files_count_in_the_bytes_kept_of_their_author_once(tmp_path: Path) -> None:
    """A file of two pieces is that many bytes more, at the author too, and no more after a restart."""
    net = network(tmp_path, Limits())
    before = {name: net.nodes[name].node.quotas.of(A, int(net.now))[STORAGE] for name in (A, B)}
    send_files(net.nodes[A], [B], some_bytes(2 * PIECE))
    net.run(30)
    restart(net, B)
    for name in (A, B):
        kept = net.nodes[name].node.quotas.of(A, int(net.now))[STORAGE] - before[name]
        assert sealed_length(2 * PIECE) < kept < sealed_length(2 * PIECE) + 32 * 1024


def test_a_file_beyond_the_authors_storage_waits_and_its_notice_does_not(tmp_path: Path) -> None:
    """storage_per_author_bytes with attachments: the notice is shown, its file comes when there is room."""
    net = network(tmp_path, Limits(storage_per_author_bytes=MIB))
    reader = net.nodes[B]
    reader.node.quotas.freed(A, -(MIB - 2 * PIECE))
    sent, _ = send_files(net.nodes[A], [B], some_bytes(3 * PIECE))
    net.run(60)
    assert states(reader, sent.ref) == ["MISSING"]
    assert [one.over.limit for one in reader.node.quotas.waiting(reader.node.now)] == [STORAGE]
    reader.node.quotas.freed(A, MIB // 2)
    net.run_until(lambda: states(reader, sent.ref) == ["HERE"], 2 * 3600)


def test_erasing_a_notice_gives_its_files_bytes_back(tmp_path: Path) -> None:
    """Of the storage; what was taken in a day stays taken."""
    net = network(tmp_path, Limits())
    reader = net.nodes[B]
    sent, _ = send_files(net.nodes[A], [B], some_bytes(2 * PIECE))
    net.run(30)
    full, day = reader.node.quotas.of(A, int(net.now))[STORAGE], reader.node.budget.used(A, net.now)
    reader.desk.erase(reader.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    assert full - reader.node.quotas.of(A, int(net.now))[STORAGE] >= sealed_length(2 * PIECE)
    assert reader.node.budget.used(A, net.now) == day


def test_an_upload_that_broke_off_is_given_back_to_both(tmp_path: Path) -> None:
    """Day and storage are as before."""
    net = network(tmp_path, Limits())
    author = net.nodes[A]
    one, ciphertext = sealed(some_bytes(100))
    before = author.node.quotas.of(A, int(net.now))[STORAGE]
    with pytest.raises(FanalError):
        upload(author, one, ciphertext[:-1])
    assert author.node.quotas.of(A, int(net.now))[STORAGE] == before
    assert author.node.budget.used(A, net.now) == 0
    upload(author, one, ciphertext)
    assert author.node.budget.used(A, net.now) == one.length


def test_a_day_of_many_small_files_is_one_setting_of_bounded_size() -> None:
    """Two thousand files: a few kilobytes, no byte forgotten, and what is read back counts the same."""
    budget, size = DayBudget(MIB, 10 * MIB), 1000
    for number in range(2000):
        assert budget.take(A, number.to_bytes(32, "little"), size, float(number))
    [(key, row)] = budget.rows(A)
    raw = settings.stored(row)
    assert raw is not None
    assert len(raw) < 16 * 1024
    again = DayBudget(MIB, 10 * MIB, {key: raw}.get)
    assert budget.used(A, 2000.0) == again.used(A, 2000.0) == 2000 * size
    assert not again.take(A, (1999).to_bytes(32, "little"), size, 2000.0)


@pytest.mark.parametrize("raw", [b"", b"{", b"[[1]]", b'[[0,"zz",1]]', b'{"a":1}', b'[[1e999,"",5]]'])
def test_a_setting_that_is_none_counts_as_nothing_taken(raw: bytes) -> None:
    """Damage costs the count of a day, never a file, and raises nothing."""
    budget = DayBudget(MIB, MIB, lambda _key: raw)
    assert budget.used(A, 100.0) == 0
    assert budget.take(A, bytes(32), 1000, 100.0)
    with pytest.raises(FanalError) as caught:
        budget.take(A, b"x" * 32, sealed_length(MIB), 100.0)
    assert caught.value.kind is DAY_FULL

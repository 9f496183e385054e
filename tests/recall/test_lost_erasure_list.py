# SPDX-License-Identifier: Apache-2.0
"""The list of erasures outside the databases is deleted, in whole or while the node runs."""

from __future__ import annotations

import os
from pathlib import Path

from nodenet import NodeHost, NodeNet, some_notice

from fanal.node.retention.outside import read
from fanal.notices import answers
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

A, B = "AZ-CUS", "TR-CUS"


def erase_one(net: NodeNet, title: str) -> None:
    """A notice that A takes back with an order to delete it."""
    a = net.nodes[A]
    sent = a.send(some_notice(A, title), [B])
    net.run(8)
    notice = Notice.FromString(a.show(sent.ref).notice)
    now, reason = int(net.now), WithdrawalReason.ERROR
    a.send(answers.withdraw(notice, A, reason, now, os.urandom, delete_required=True))
    net.run(8)


def started_on(host: NodeHost, files: tuple[Path, ...]) -> None:
    host.crash()
    host.erasure_files = files
    host.start()


def test_a_lost_list_of_erasures_is_written_again_from_the_ledger(tmp_path: Path) -> None:
    """Deleted in both places, also while the node runs on and erases more: the next start has every line, so
    that a backup restored later brings nothing back."""
    net = NodeNet(A, B)
    files = (tmp_path / "one", tmp_path / "two")
    reader = net.nodes[B]
    started_on(reader, files)
    erase_one(net, "first")
    erase_one(net, "second")
    for file in files:
        file.unlink()
    erase_one(net, "third")
    assert len(read(files[0])) == 1
    started_on(reader, files)
    assert [len(read(file)) for file in files] == [3, 3]
    for file in files:
        file.unlink()
    started_on(reader, files)
    lines = [{(one.manifest_sha256, one.basis, one.at) for one in read(file)} for file in files]
    erased = [reader.ledger.facts.erasure(row.manifest_sha256) for row in reader.ledger.entries.since(0, 99)]
    told = {(one.manifest_sha256, one.basis, one.at) for one in erased if one is not None}
    assert lines == [told, told]
    assert len(told) == 3
    net.run(5)
    started_on(reader, files)
    assert [len(read(file)) for file in files] == [3, 3]

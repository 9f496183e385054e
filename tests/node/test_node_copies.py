# SPDX-License-Identifier: Apache-2.0
"""Prints and exports: logged before anything is handed out, and refused where a look is refused."""

from __future__ import annotations

from unittest import mock

import pytest
from nodenet import NodeHost, NodeNet, some_notice

from fanal.errors import FanalError
from fanal.node.desk.actor import person_mac
from fanal.node.errors import COPIES, DISK_FULL, FIELD_SIZE, NOTICE_UNKNOWN, REVISION_MISSING
from fanal.node.ledger.rows import Batch
from fanal.node.retention.errors import INBOX_CLOSED
from fanal.proof.leaf import Leaf, decode
from fanal.v1 import officer_pb2 as api


@pytest.fixture
def net() -> NodeNet:
    return NodeNet("GE-CUS", "TR-CUS")


@pytest.fixture
def officer(net: NodeNet) -> NodeHost:
    """Of TR-CUS, which has two notices of GE-CUS."""
    for text in ("Lorry with a false floor", "Second"):
        net.nodes["GE-CUS"].send(some_notice("GE-CUS", text), ["TR-CUS"])
    net.run(30)
    return net.nodes["TR-CUS"]


def printed(host: NodeHost, notice: str, revision: int = 0) -> api.PrintReply:
    return host.desk.print(host.officer, api.PrintRequest(notice=notice, revision=revision))


def exported(host: NodeHost, *notices: str) -> api.ExportReply:
    return host.desk.export(host.officer, api.ExportRequest(notices=notices))


def since(host: NodeHost, size: int) -> list[Leaf]:
    return [decode(leaf) for leaf in host.ledger.log.leaves(size, size + 100)]


def test_a_print_is_a_leaf_that_the_paper_names(officer: NodeHost) -> None:
    """The leaf's place, time and person are those that the print is handed out with; nobody in the clear."""
    ref = officer.inbox()[0].ref
    size = officer.ledger.head().size
    reply = printed(officer, ref)
    [leaf] = since(officer, size)
    assert (leaf["act"], leaf["actor"], leaf["time"]) == ("print", reply.logged.person, reply.logged.at)
    assert reply.logged.leaf_index == size
    assert reply.logged.person == person_mac(officer.node.keys.person_key, "duty-1")
    assert reply.shown == officer.show(ref)


def test_every_exported_notice_is_a_leaf_of_its_own_in_one_transaction(officer: NodeHost) -> None:
    """Each names its envelope, in the order of the answer."""
    refs = [one.ref for one in officer.inbox()]
    size = officer.ledger.head().size
    with mock.patch.object(officer.ledger, "append", wraps=officer.ledger.append) as append:
        reply = exported(officer, *refs)
    leaves = since(officer, size)
    assert [leaf["act"] for leaf in leaves] == ["export", "export"]
    assert [one.summary.ref for one in reply.shown] == refs
    entries = [officer.ledger.entries.get(manifest_sha256=one.manifest_sha256) for one in reply.shown]
    assert [leaf["envelope"] for leaf in leaves] == [one.envelope_id for one in entries if one]
    assert append.call_count == 1


def test_more_than_fits_in_an_answer_is_neither_handed_out_nor_logged(
    officer: NodeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer ends with the notice that fills it; only what it holds is in the log."""
    monkeypatch.setattr("fanal.node.desk.copies.ANSWER_BYTES", 1)
    refs = [one.ref for one in officer.inbox()]
    size = officer.ledger.head().size
    assert len(exported(officer, *refs).shown) == 1
    assert len(since(officer, size)) == 1


def test_what_cannot_be_logged_is_not_handed_out(officer: NodeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full: neither a print nor an export leaves the node."""
    ref = officer.inbox()[0].ref

    def full(_batch: Batch) -> None:
        raise FanalError(DISK_FULL, path="ledger.db")

    monkeypatch.setattr(officer.ledger, "append", full)
    for attempt in (lambda: printed(officer, ref), lambda: exported(officer, ref)):
        with pytest.raises(FanalError) as caught:
            attempt()
        assert caught.value.kind is DISK_FULL


def test_prints_and_exports_are_refused_where_a_look_is(officer: NodeHost) -> None:
    """Unknown notice, unknown revision, closed inbox, none or too many: nothing is logged of it."""
    ref = officer.inbox()[0].ref
    size = officer.ledger.head().size
    for attempt, kind in (
        (lambda: printed(officer, "GE-CUS-2026-999999-00"), NOTICE_UNKNOWN),
        (lambda: exported(officer, ref, "GE-CUS-2026-999999-00"), NOTICE_UNKNOWN),
        (lambda: printed(officer, ref, 7), NOTICE_UNKNOWN),
        (lambda: exported(officer), COPIES),
        (lambda: exported(officer, *[ref] * 65), COPIES),
    ):
        with pytest.raises(FanalError) as caught:
            attempt()
        assert caught.value.kind in (kind, REVISION_MISSING)
    assert officer.ledger.head().size == size
    officer.ledger.append(Batch(meta=(("inbox.closed", b"restored"),)))
    for attempt in (lambda: printed(officer, ref), lambda: exported(officer, ref)):
        with pytest.raises(FanalError) as caught:
            attempt()
        assert caught.value.kind is INBOX_CLOSED
    assert officer.ledger.head().size == size


def test_an_erased_notice_is_printed_without_its_text(officer: NodeHost) -> None:
    """As on the screen: what is known about it, and not what it said."""
    ref = officer.inbox()[0].ref
    officer.desk.erase(officer.officer, api.EraseRequest(notice=ref, basis="DATA_SUBJECT_RIGHTS"))
    for shown in (printed(officer, ref).shown, *exported(officer, ref).shown):
        assert (shown.summary.status, shown.notice, shown.statement) == ("ERASED", b"", b"")


def test_a_copy_of_the_ledger_is_an_export_with_the_hash_of_the_file(officer: NodeHost) -> None:
    """Person, scope and file are in the leaf; what is no hash is refused."""
    size = officer.ledger.head().size
    reply = officer.desk.log_export(officer.officer, api.LogExportRequest(file=b"\7" * 32))
    [leaf] = since(officer, size)
    assert (leaf["scope"], leaf["file"], leaf["envelope"]) == ("ledger", b"\7" * 32, None)
    assert (leaf["actor"], size) == (reply.logged.person, reply.logged.leaf_index)
    with pytest.raises(FanalError) as caught:
        officer.desk.log_export(officer.officer, api.LogExportRequest(file=b"short"))
    assert caught.value.kind is FIELD_SIZE


def test_a_list_since_a_time_holds_what_came_from_then_on(net: NodeNet, officer: NodeHost) -> None:
    """Earlier ones are left out; the second itself is included."""
    net.run(100)
    then = int(net.now)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS", "Third"), ["TR-CUS"])
    net.run(30)
    request = api.ListRequest(folder="all", since=then)
    assert [one.ref for one in officer.desk.list(officer.officer, request).notices] == [sent.ref]

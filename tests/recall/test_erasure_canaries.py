# SPDX-License-Identifier: Apache-2.0
"""Erased means gone: a search over the raw files, decrypted page by page, before and after."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from rawfiles import on_disk, raw, reopen, spellings

from fanal.errors import FanalError
from fanal.node.ledger.audit import audit_folder
from fanal.node.retention.errors import INBOX_CLOSED
from fanal.v1 import officer_pb2 as api

CANARY = "Zqxvkanarienvogel"
DAY = 86_400


@pytest.fixture
def net() -> NodeNet:
    return NodeNet("GE-CUS", "TR-CUS", linked=True)


def arrived(net: NodeNet, folder: Path) -> tuple[NodeHost, api.SendReply]:
    reader = net.nodes["TR-CUS"]
    on_disk(reader, folder)
    net.run(30)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS", f"{CANARY} at Alat"), ["TR-CUS"])
    net.run(30)
    for number in range(5):  # neighbours in the index and on the pages
        net.nodes["GE-CUS"].send(some_notice("GE-CUS", f"Another lorry, number {number}"), ["TR-CUS"])
    net.run(30)
    return reader, sent


def erase(host: NodeHost, sent: api.SendReply) -> api.EraseReply:
    return host.desk.erase(host.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))


def secrets_of(host: NodeHost, sent: api.SendReply) -> tuple[bytes, bytes, bytes]:
    """Ciphertext, content key and own wrap of a notice that is here."""
    row = host.ledger.entries.get(envelope_id=sent.envelope_id)
    record = host.vault.notices.get(int(host.net.now), envelope_id=sent.envelope_id)
    assert row is not None
    assert record is not None
    assert row.body is not None
    return row.body, record.content_key, row.own_wrap


def test_after_erasure_no_file_holds_text_key_or_ciphertext(net: NodeNet, tmp_path: Path) -> None:
    """Before it the search finds all of them, so it can fail; after it, in no spelling, on no free page."""
    reader, sent = arrived(net, tmp_path)
    body, key, wrap = secrets_of(reader, sent)
    folder = tmp_path / "data"
    before = raw(folder)
    assert all(one in before for one in (body[100:164], key, wrap, CANARY.encode(), CANARY.lower().encode()))
    erase(reader, sent)
    after = raw(folder)
    pieces = [body[at : at + 24] for at in range(0, len(body) - 24, 24)]
    assert [one.hex()[:16] for one in (*pieces, key, wrap, *spellings(CANARY)) if one in after] == []
    assert b"Another lorry, number 3" in after
    reader.ledger.close()
    reader.vault.close()
    assert CANARY.encode() not in raw(folder)


def test_the_lane_key_goes_sixty_days_later(net: NodeNet, tmp_path: Path) -> None:
    """In the vault until then; afterwards neither it nor a wrap of it is in any file."""
    reader, sent = arrived(net, tmp_path)
    row = reader.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    stored = reader.vault.lane_key(key_manifest_sha256=row.key_envelope)
    [wrap, *_] = reader.ledger.entries.wraps(row.key_envelope, ["TR-CUS"])
    assert stored is not None
    before = raw(tmp_path / "data")
    assert stored.key in before
    assert wrap.wrap[-64:] in before
    erase(reader, sent)
    net.now += 61 * DAY
    reader.desk.confirm(reader.officer, api.ConfirmRequest(what="clock"))
    reader.host.start()
    net.run(30)
    after = raw(tmp_path / "data")
    assert (stored.key in after, wrap.wrap[-64:] in after) == (False, False)
    assert reader.show(sent.ref).erasure_state == "FINAL"


def test_every_proof_stays_good(net: NodeNet, tmp_path: Path) -> None:
    """The audit of the folder passes before and after; the leaf of the entry stands where it stood."""
    reader, sent = arrived(net, tmp_path)
    row = reader.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    assert row.leaf is not None
    leaf = reader.ledger.log.leaves(row.leaf, row.leaf + 1)
    erase(reader, sent)
    net.run(10)
    again = reader.ledger.entries.get(envelope_id=sent.envelope_id)
    assert again is not None
    assert (again.leaf, reader.ledger.log.leaves(row.leaf, row.leaf + 1)) == (row.leaf, leaf)
    report = audit_folder(tmp_path / "data", agency="TR-CUS")
    failed = [check.name for check in report.checks if check.status.value == "failed"]
    assert failed == []


def test_a_reader_of_an_older_state_delays_the_word_final(net: NodeNet, tmp_path: Path) -> None:
    """While an auditor holds a snapshot the log cannot be emptied: PENDING; the next commit empties it."""
    from fanal.node.ledger.readonly import open_readonly

    reader, sent = arrived(net, tmp_path)
    body, _key, _wrap = secrets_of(reader, sent)
    view = open_readonly(tmp_path / "data")
    reader.show(sent.ref)  # a commit after the snapshot
    assert erase(reader, sent).state == "PENDING"
    view.close()
    reader.show(sent.ref)
    assert body[100:164] not in raw(tmp_path / "data")


@pytest.mark.parametrize("whole", [True, False])
def test_a_restored_folder_brings_nothing_back(net: NodeNet, tmp_path: Path, whole: bool) -> None:
    """An older copy is put in place, with or without marker and list: what was erased is gone at the start,
    the inbox opens once a peer was caught up with, and nobody gives the content back."""
    reader, sent = arrived(net, tmp_path)
    data, copy = tmp_path / "data", tmp_path / "copy"
    reader.crash()
    reader.ledger.close()
    reader.vault.close()
    shutil.copytree(data, copy)
    reopen(reader, data)
    reader.start()
    net.run(30)
    erase(reader, sent)
    reader.crash()
    reader.ledger.close()
    reader.vault.close()
    for name in ("ledger.db", "vault.db", *(("marker", "erasures") if whole else ())):
        for path in data.glob(name + "*"):
            path.unlink()
        if (copy / name).exists():
            shutil.copy(copy / name, data / name)
    assert CANARY.encode() in raw(data)
    reopen(reader, data)
    reader.start()
    assert CANARY.encode() not in raw(data)
    with pytest.raises(FanalError) as closed:
        reader.inbox()
    assert closed.value.kind is INBOX_CLOSED
    net.run(120)
    assert sent.ref not in [one.ref for one in reader.inbox()]
    assert reader.show(sent.ref).notice == b""
    assert CANARY.encode() not in raw(data)
